use serde_json::Value;
use serde_json::json;

use super::Acme;
use crate::support::sdk;

/// Ana signs in three times; every sign-in owes a second factor.
async fn tell(program: &str, script: &str) {
    let acme = Acme::with(json!({ "mfa_policy": "REQUIRED_FOR_ALL" }), json!({})).await;
    let member = acme
        .create_member(json!({ "email_address": "ana@acme.test" }))
        .await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let asked = acme.start().await;
        let draft = acme.response(&asked, "ana@acme.test");
        let page = acme.post(&draft, &asked.relay_state).await;
        tokens.push(page.parameter("token").unwrap());
    }
    let tokens = tokens.join(",");
    let more = [
        ("STORY_SSO_TOKENS", tokens.as_str()),
        ("STORY_ORGANIZATION", acme.organization_id.as_str()),
        ("STORY_MEMBER", member["member_id"].as_str().unwrap()),
    ];
    sdk::tell(&acme.gateway, (program, script), &more).await;
}

#[actix_web::test]
async fn the_node_sdk_completes_sign_ins_with_a_second_factor() {
    tell(sdk::NODE, "node/second_factors.mjs").await;
}

#[actix_web::test]
async fn the_python_sdk_completes_sign_ins_with_a_second_factor() {
    tell(sdk::PYTHON, "python/second_factors.py").await;
}

#[actix_web::test]
async fn a_code_is_on_its_way_as_soon_as_one_is_owed() {
    let acme = Acme::with(json!({ "mfa_policy": "REQUIRED_FOR_ALL" }), json!({})).await;
    let number = "+15551234567";
    let body = json!({ "email_address": "ana@acme.test", "mfa_phone_number": number });
    acme.create_member(body).await;
    let answer = acme.sign_in("ana@acme.test").await;
    let owed = &answer.body["mfa_required"];
    assert_eq!(
        owed["secondary_auth_initiated"], "sms_otp",
        "{}",
        answer.text
    );
    assert_eq!(owed["member_options"]["mfa_phone_number"], number);
    // The number has just had one: the person asks for another.
    let again = acme.sign_in("ana@acme.test").await;
    let owed = &again.body["mfa_required"];
    assert_eq!(
        owed["secondary_auth_initiated"],
        Value::Null,
        "{}",
        again.text
    );
}
