use chrono::TimeDelta;
use serde_json::json;

use super::Acme;
use super::CHALLENGE;
use super::LOGIN_OR_SIGNUP;
use super::RETURN_URL;
use super::VERIFIER;
use super::WELCOME_URL;
use super::follow;
use super::link_to;
use super::refusal;
use super::refused;
use super::token_to;

const ANA: &str = "ana@acme.test";

#[actix_web::test]
async fn somebody_new_joins_by_a_link_and_comes_back_by_another() {
    let acme = Acme::open().await;
    let signup = acme
        .asked(
            LOGIN_OR_SIGNUP,
            ANA,
            json!({ "signup_redirect_url": WELCOME_URL }),
        )
        .await;
    assert_eq!(signup["member_created"], true);
    assert_eq!(signup["member"]["status"], "pending");
    assert_eq!(signup["member"]["email_address_verified"], false);
    let link = link_to(&acme.gateway, ANA).await;
    let target = follow(&acme.gateway, &link).await;
    assert!(target.starts_with(WELCOME_URL), "{target}");
    let token = token_to(&acme.gateway, ANA).await;
    let more =
        json!({ "session_duration_minutes": 30, "session_custom_claims": { "plan": "pro" } });
    let answer = acme.authenticate(&token, more).await.body;
    assert_eq!(answer["member"]["status"], "active");
    assert_eq!(answer["member"]["email_address_verified"], true);
    assert_eq!(answer["member_authenticated"], true);
    assert_eq!(answer["reset_sessions"], false);
    assert_eq!(answer["intermediate_session_token"], "");
    assert_eq!(answer["member_session"]["custom_claims"]["plan"], "pro");
    let factor = &answer["member_session"]["authentication_factors"][0];
    assert_eq!(factor["type"], "magic_link");
    assert_eq!(factor["delivery_method"], "email");
    assert_eq!(factor["email_factor"]["email_address"], ANA);
    assert_eq!(factor["email_factor"]["email_id"], answer["method_id"]);

    let login = acme
        .asked(LOGIN_OR_SIGNUP, "Ana@ACME.test", json!({}))
        .await;
    assert_eq!(login["member_created"], false);
    assert_eq!(login["member_id"], signup["member_id"]);
    let link = link_to(&acme.gateway, ANA).await;
    assert!(follow(&acme.gateway, &link).await.starts_with(RETURN_URL));
    assert_eq!(
        acme.kinds().await,
        [
            "organization.created",
            "member.created",
            "magic_link.sent",
            "member.updated",
            "session.started",
            "magic_link.sent"
        ]
    );
}

#[actix_web::test]
async fn a_link_works_once_and_for_as_long_as_was_asked() {
    let acme = Acme::open().await;
    let token = acme.login_token(ANA).await;
    assert_eq!(acme.authenticate(&token, json!({})).await.status, 200);
    let spent = refused(401, "unable_to_auth_magic_link");
    assert_eq!(refusal(&acme.authenticate(&token, json!({})).await), spent);

    let asked = json!({ "login_expiration_minutes": 5 });
    acme.asked(LOGIN_OR_SIGNUP, ANA, asked).await;
    let token = token_to(&acme.gateway, ANA).await;
    acme.gateway.wait(TimeDelta::seconds(4 * 60 + 50));
    token_to(&acme.gateway, ANA).await;
    acme.gateway.wait(TimeDelta::seconds(15));
    assert_eq!(refusal(&acme.authenticate(&token, json!({})).await), spent);
}

#[actix_web::test]
async fn a_refusal_uses_no_link_up() {
    let acme = Acme::open().await;
    let asked = json!({ "pkce_code_challenge": CHALLENGE });
    acme.asked(LOGIN_OR_SIGNUP, ANA, asked).await;
    let token = token_to(&acme.gateway, ANA).await;
    let table = [
        (json!({}), "pkce_expected_code_verifier"),
        (json!({ "pkce_code_verifier": CHALLENGE }), "pkce_mismatch"),
        (
            json!({ "pkce_code_verifier": VERIFIER, "session_duration_minutes": 4 }),
            "invalid_session_duration_minutes",
        ),
    ];
    for (more, error_type) in table {
        let answer = acme.authenticate(&token, more).await;
        assert_eq!(refusal(&answer), refused(400, error_type));
    }
    let verified = json!({ "pkce_code_verifier": VERIFIER });
    assert_eq!(acme.authenticate(&token, verified).await.status, 200);
    let plain = acme.login_token(ANA).await;
    let verified = json!({ "pkce_code_verifier": VERIFIER });
    let answer = acme.authenticate(&plain, verified).await;
    assert_eq!(
        refusal(&answer),
        refused(400, "pkce_did_not_expect_code_verifier")
    );
}

#[actix_web::test]
async fn a_link_proves_only_the_address_that_its_member_still_has() {
    let acme = Acme::open().await;
    let ana = acme.member(json!({ "email_address": ANA })).await;
    let token = acme.login_token(ANA).await;
    let path = format!("{}/{ana}", acme.members());
    let moved = json!({ "email_address": "anna@acme.test" });
    acme.gateway.put(&path, moved).await;
    let spent = refused(401, "unable_to_auth_magic_link");
    assert_eq!(refusal(&acme.authenticate(&token, json!({})).await), spent);

    let token = acme.login_token("anna@acme.test").await;
    acme.gateway.call("DELETE", &path, None).await;
    assert_eq!(refusal(&acme.authenticate(&token, json!({})).await), spent);
}

#[actix_web::test]
async fn a_link_joins_a_session_of_the_same_member_and_no_other() {
    let acme = Acme::open().await;
    let first = acme.sign_in(ANA).await;
    let ben = acme.sign_in("ben@acme.test").await;
    let session =
        |answer: &serde_json::Value| answer["member_session"]["member_session_id"].clone();
    let token = acme.login_token(ANA).await;
    let more = json!({ "session_token": first["session_token"] });
    let joined = acme.authenticate(&token, more).await.body;
    assert_eq!(session(&joined), session(&first));
    let token = acme.login_token(ANA).await;
    let more = json!({ "session_token": ben["session_token"] });
    let other = acme.authenticate(&token, more).await.body;
    assert_ne!(session(&other), session(&ben));
    assert_ne!(session(&other), session(&first));
}

#[actix_web::test]
async fn where_links_are_not_allowed_another_method_is_asked_for_first() {
    let acme = Acme::open().await;
    acme.member(json!({ "email_address": ANA })).await;
    acme.change(json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"] }))
        .await;
    let answer = acme.sign_in(ANA).await;
    assert_eq!(answer["member_authenticated"], false);
    assert_eq!(answer["session_token"], "");
    assert_eq!(
        answer["primary_required"]["allowed_auth_methods"],
        json!(["sso"])
    );
    assert_ne!(answer["intermediate_session_token"], "");
}

#[actix_web::test]
async fn a_second_factor_is_asked_for_after_a_link() {
    let acme = Acme::open().await;
    acme.change(json!({ "mfa_policy": "REQUIRED_FOR_ALL" }))
        .await;
    let answer = acme.sign_in(ANA).await;
    assert_eq!(answer["member_authenticated"], false);
    assert_eq!(answer["member_session"], json!(null));
    assert!(answer["mfa_required"].is_object());
    assert_ne!(answer["intermediate_session_token"], "");
    assert_eq!(answer["member"]["status"], "active");
}
