//! Refusals of passwords, codes and links: what is kept of them, and of whom.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use vestibule::domain::id::RequestId;

use super::ANA;
use super::Acme;
use super::CHALLENGE;
use super::PASSWORD;
use super::VERIFIER;
use super::doors::with_provider;
use super::text;

/// The refusals of the organization, once there are so many.
async fn refusals(acme: &Acme, count: usize) -> Vec<Value> {
    let path = format!(
        "/v1/b2b/organizations/{}/refusals?limit=100",
        acme.organization_id
    );
    let mut found = Vec::new();
    for _ in 0..200 {
        let answer = acme.gateway.get(&path).await;
        found = answer.body["refusals"].as_array().unwrap().clone();
        if found.len() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(found.len(), count, "{found:?}");
    found
}

#[actix_web::test]
async fn a_wrong_password_or_code_of_a_member_is_explained_by_its_request() {
    let acme = Acme::with_ana(json!({})).await;
    let body = json!({
        "organization_id": "acme", "email_address": ANA, "password": "anything else",
    });
    let path = "/v1/b2b/passwords/authenticate";
    let wrong = acme.gateway.post(path, body).await;
    assert_eq!(wrong.status, 401, "{}", wrong.text);
    let kept = &refusals(&acme, 1).await[0];
    assert_eq!(kept["kind"], "sign_in.refused");
    assert_eq!(kept["code"], "wrong_password");
    assert_eq!(kept["request_id"], wrong.body["request_id"]);
    assert_eq!(kept["received"], "wrong ones in a row: 1");
    assert_eq!(kept["email_address"], ANA);
    assert!(!kept.to_string().contains("anything else"), "{kept}");

    let page = acme.open("/o/acme").await;
    let form = page.form_to("/o/acme").with("email", ANA);
    acme.send(&form.with("way", "password").with("password", "x"))
        .await;
    refusals(&acme, 2).await;
    let page = acme.open("/o/acme").await;
    let page = acme.by(&page, ANA, "code").await;
    acme.code(ANA).await;
    acme.send(&page.form_to("/login/code").with("code", "wrong"))
        .await;
    let kept = &refusals(&acme, 3).await[0];
    assert_eq!(kept["code"], "wrong_code");
    assert_eq!(kept["received"], "another code; tries left: 4");
    let body = json!({
        "organization_id": "acme", "email_address": ANA, "code": "000000",
    });
    let path = "/v1/b2b/otps/email/authenticate";
    acme.gateway.post(path, body).await;
    refusals(&acme, 4).await;
}

#[actix_web::test]
async fn a_link_that_comes_too_late_is_explained() {
    let acme = Acme::with_ana(json!({})).await;
    let page = acme.open("/o/acme").await;
    acme.by(&page, ANA, "link").await;
    let link = acme.link(ANA, 1).await;
    acme.gateway.wait(chrono::TimeDelta::minutes(61));
    let body = json!({ "magic_links_token": token_of(&link) });
    let path = "/v1/b2b/magic_links/authenticate";
    let late = acme.gateway.post(path, body).await;
    assert_eq!(late.status, 401, "{}", late.text);
    let kept = &refusals(&acme, 1).await[0];
    assert_eq!(kept["code"], "link_expired");
    assert!(text(&kept["expected"]).starts_with("before "), "{kept}");
    let page = acme
        .browser
        .get(&acme.url(&format!("/login/link?token={}", token_of(&link))))
        .await;
    assert_eq!(page.code(), "magic_link_not_found");
    let kept = &refusals(&acme, 2).await[0];
    assert_eq!(kept["request_id"], page.shown("Request").as_str());
}

#[actix_web::test]
async fn a_link_that_was_used_is_explained_wherever_it_comes_again() {
    let acme = Acme::with_ana(json!({})).await;
    let page = acme.open("/o/acme").await;
    acme.by(&page, ANA, "link").await;
    let token = token_of(&acme.link(ANA, 1).await);
    let path = "/v1/b2b/magic_links/authenticate";
    let body = json!({ "magic_links_token": token });
    assert_eq!(acme.gateway.post(path, body.clone()).await.status, 200);
    assert_eq!(acme.gateway.post(path, body).await.status, 401);
    let kept = &refusals(&acme, 1).await[0];
    assert_eq!(kept["code"], "link_used");
    assert_eq!(kept["email_address"], ANA);
    assert!(text(&kept["received"]).starts_with("one that was used at "));
    assert_eq!(kept["remedy"]["who"], "person", "{kept}");
    let visit = async |path: &str| acme.browser.get(&acme.url(path)).await;
    visit(&format!("/login/link?token={token}")).await;
    refusals(&acme, 2).await;
    let redirect = "/v1/magic_links/redirect?stytch_token_type=multi_tenant_magic_links";
    visit(&format!("{redirect}&token={token}")).await;
    refusals(&acme, 3).await;

    acme.gateway.wait(chrono::TimeDelta::minutes(2));
    let start = json!({
        "organization_id": "acme", "email_address": ANA,
        "reset_password_redirect_url": acme.url("/login/password"),
    });
    let started = acme
        .gateway
        .post("/v1/b2b/passwords/email/reset/start", start)
        .await;
    assert_eq!(started.status, 200, "{}", started.text);
    let path = "/v1/b2b/passwords/email/reset";
    let token = token_of(&acme.link(ANA, 2).await);
    let body = json!({ "password_reset_token": token, "password": "another horse, more staples" });
    assert_eq!(acme.gateway.post(path, body.clone()).await.status, 200);
    assert_eq!(acme.gateway.post(path, body).await.status, 401);
    let kept = &refusals(&acme, 4).await[0];
    assert_eq!(kept["code"], "link_used");

    acme.gateway.wait(chrono::TimeDelta::hours(25));
    let forget = vestibule::use_cases::cleanup::forget_expired;
    let storage = &acme.gateway.storage;
    storage
        .transaction(RequestId::fresh(), forget)
        .await
        .unwrap();
    visit(&format!("/login/link?token={token}")).await;
    refusals(&acme, 4).await;
}

#[actix_web::test]
async fn newcomers_whom_a_rule_keeps_out_are_explained() {
    let acme = Acme::with_ana(json!({ "email_jit_provisioning": "NOT_ALLOWED" })).await;
    let asked = json!({ "organization_id": "acme", "email_address": "bo@acme.test" });
    let path = "/v1/b2b/otps/email/login_or_signup";
    let refused = acme.gateway.post(path, asked).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let kept = &refusals(&acme, 1).await[0];
    assert_eq!(kept["code"], "email_jit_not_allowed");
    assert_eq!(kept["email_address"], "bo@acme.test");
    assert_eq!(kept["request_id"], refused.body["request_id"]);
    assert_eq!(kept["expected"], "email_jit_provisioning: RESTRICTED");
    assert_eq!(kept["others_not_kept"], false);
    // Two of one address; and what Ana, a member, asks for is not refused.
    for (count, email, way) in [
        (2, "bo@acme.test", "code"),
        (2, "bo@acme.test", "link"),
        (2, ANA, "link"),
        (3, "cy@acme.test", "link"),
    ] {
        let page = acme.open("/o/acme").await;
        acme.by(&page, email, way).await;
        refusals(&acme, count).await;
    }
    acme.link(ANA, 1).await;
    let kept = refusals(&acme, 3).await;
    let last_kept = kept.iter().map(|it| it["others_not_kept"] == true);
    assert_eq!(last_kept.collect::<Vec<_>>(), [false, true, false]);
    for number in 0..25 {
        let email = format!("nobody{number}@acme.test");
        let asked = json!({ "organization_id": "acme", "email_address": email });
        assert_eq!(acme.gateway.post(path, asked).await.status, 400);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let kept = refusals(&acme, 20).await;
    assert!(
        kept.iter()
            .any(|it| it["others_not_kept"] == true && it["email_address"] != "bo@acme.test")
    );
}

#[actix_web::test]
async fn a_wrong_verifier_is_explained() {
    let acme = Acme::with_ana(json!({})).await;
    let asked = json!({
        "organization_id": "acme", "email_address": ANA, "pkce_code_challenge": CHALLENGE,
        "login_redirect_url": acme.url("/login/link"),
    });
    let path = "/v1/b2b/magic_links/email/login_or_signup";
    let sent = acme.gateway.post(path, asked).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let token = token_of(&acme.link(ANA, 1).await);
    let path = "/v1/b2b/magic_links/authenticate";
    let body = json!({ "magic_links_token": token, "pkce_code_verifier": CHALLENGE });
    assert_eq!(acme.gateway.post(path, body).await.status, 400);
    let kept = &refusals(&acme, 1).await[0];
    assert_eq!(kept["code"], "wrong_verifier");
    assert_eq!(kept["received"], "another verifier");
    assert_eq!(kept["email_address"], ANA);
    assert!(!kept["member_id"].is_null(), "{kept}");
    // It is not used up, and counts with the right one.
    let body = json!({ "magic_links_token": token, "pkce_code_verifier": VERIFIER });
    assert_eq!(acme.gateway.post(path, body).await.status, 200);
}

fn token_of(link: &str) -> String {
    let link = url::Url::parse(link).unwrap();
    let found = link.query_pairs().find(|(name, _)| name == "token");
    found.unwrap().1.into_owned()
}

#[actix_web::test]
async fn guesses_at_strangers_and_too_many_of_them_fill_no_journal() {
    let acme = Acme::with_ana(json!({})).await;
    let path = "/v1/b2b/passwords/authenticate";
    let attempt = async |email: &str| {
        let body = json!({
            "organization_id": "acme", "email_address": email, "password": "anything else",
        });
        assert_eq!(acme.gateway.post(path, body).await.status, 401);
    };
    for turn in 0..5 {
        attempt(&format!("nobody{turn}@acme.test")).await;
    }
    for _ in 0..25 {
        attempt(ANA).await;
    }
    // Twenty and the lock itself.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let kept = refusals(&acme, 21).await;
    let count = |code: &str| kept.iter().filter(|it| it["code"] == code).count();
    assert!(count("wrong_password") >= 9, "{kept:?}");
    assert!(kept.iter().all(|it| it["code"] != "wrong_code"));
    let body = json!({ "organization_id": "acme", "email_address": ANA, "password": PASSWORD });
    assert_eq!(acme.gateway.post(path, body).await.status, 401);
    refusals(&acme, 21).await;
}

#[actix_web::test]
async fn a_rule_that_refuses_somebody_tells_what_it_wants_and_what_it_saw() {
    let acme = Acme::with(json!({ "sso_jit_provisioning": "NOT_ALLOWED" })).await;
    let (_stub, id) = with_provider(&acme).await;
    let page = acme.open("/o/acme").await;
    let refused = acme.send(&page.form_to(&format!("/login/sso/{id}"))).await;
    assert_eq!(refused.code(), "jit_not_allowed", "{}", refused.text);
    let kept = &refusals(&acme, 1).await[0];
    assert_eq!(
        kept["expected"],
        "sso_jit_provisioning: RESTRICTED or ALL_ALLOWED"
    );
    assert_eq!(kept["received"], "sso_jit_provisioning: NOT_ALLOWED");
}
