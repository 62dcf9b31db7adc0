//! Refusals of passwords, codes and links: what is kept of them, and of whom.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use super::ANA;
use super::Acme;
use super::PASSWORD;
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
