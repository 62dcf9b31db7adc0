use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Ana;
use super::NUMBER;
use super::refusal;
use crate::passwords::BCRYPT;
use crate::passwords::PASSWORD;

async fn guess(ana: &Ana, path: &str, body: Value, times: usize) {
    for _ in 0..times {
        let tried = ana.complete(path, body.clone()).await;
        assert_eq!(tried.status, 401, "{}", tried.text);
    }
}

async fn locked() -> (Ana, String, Vec<String>) {
    let ana = Ana::owing().await;
    let (secret, codes) = ana.enrol().await;
    let wrong = json!({ "code": ana.wrong_code(&secret) });
    guess(&ana, "totp/authenticate", wrong, 6).await;
    assert_eq!(ana.shown().await["is_locked"], false);
    let wrong = json!({ "recovery_code": "aaaa-aaaa-aaaa" });
    guess(&ana, "recovery_codes/recover", wrong, 4).await;
    (ana, secret, codes)
}

#[actix_web::test]
async fn ten_wrong_codes_of_any_kind_lock_a_member_for_an_hour() {
    let (ana, secret, codes) = locked().await;
    let shown = ana.shown().await;
    assert_eq!(shown["is_locked"], true);
    let since = shown["lock_created_at"].as_str().unwrap();
    let until = shown["lock_expires_at"].as_str().unwrap();
    let instant = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
    assert_eq!(instant(until) - instant(since), TimeDelta::hours(1));
    let locked = (400, "user_lock_limit_reached");
    let code = json!({ "code": ana.code(&secret, 0) });
    let right = ana.complete("totp/authenticate", code).await;
    assert_eq!(refusal(&right), locked);
    let code = json!({ "recovery_code": codes[0] });
    let right = ana.complete("recovery_codes/recover", code).await;
    assert_eq!(refusal(&right), locked);
    ana.gateway.wait(TimeDelta::minutes(61));
    let shown = ana.shown().await;
    assert_eq!(shown["is_locked"], false);
    assert_eq!(shown["lock_expires_at"], Value::Null);
    let code = json!({ "code": ana.code(&secret, 0) });
    let right = ana.complete("totp/authenticate", code).await;
    assert_eq!(right.status, 200, "{}", right.text);
}

#[actix_web::test]
async fn a_lock_is_ended_by_a_call_of_the_backend_alone() {
    let (ana, secret, _) = locked().await;
    let (organization, member) = (&ana.organization_id, &ana.member_id);
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}/unlock");
    let admin = ana
        .gateway
        .member_session(organization, &["stytch_admin"])
        .await;
    let acting = ana
        .gateway
        .call_as(&admin, ("POST", &path), Some(json!({})))
        .await;
    assert_eq!(refusal(&acting), (403, "session_authorization_error"));
    for _ in 0..2 {
        let unlocked = ana.gateway.post(&path, json!({})).await;
        assert_eq!(unlocked.status, 200, "{}", unlocked.text);
        assert_eq!(unlocked.body["member"]["is_locked"], false);
    }
    let code = json!({ "code": ana.code(&secret, 0) });
    let right = ana.complete("totp/authenticate", code).await;
    assert_eq!(right.status, 200, "{}", right.text);
}

#[actix_web::test]
async fn a_right_secret_and_an_hour_of_peace_end_the_count() {
    let ana = Ana::owing().await;
    let (secret, _) = ana.enrol().await;
    for ends_it in ["right", "peace", "none"] {
        let wrong = json!({ "code": ana.wrong_code(&secret) });
        guess(&ana, "totp/authenticate", wrong, 9).await;
        match ends_it {
            "right" => {
                let code = json!({ "code": ana.code(&secret, 0) });
                let right = ana.complete("totp/authenticate", code).await;
                assert_eq!(right.status, 200, "{}", right.text);
                ana.gateway.wait(TimeDelta::seconds(60));
            }
            "peace" => ana.gateway.wait(TimeDelta::minutes(60)),
            _ => {}
        }
    }
    assert_eq!(ana.shown().await["is_locked"], false);
    let wrong = json!({ "code": ana.wrong_code(&secret) });
    guess(&ana, "totp/authenticate", wrong, 1).await;
    assert_eq!(ana.shown().await["is_locked"], true);
}

/// What is said of Ana's password, beside her organization and address.
fn of_password(field: &str, value: &str) -> Value {
    let mut body = json!({ "organization_id": "acme", "email_address": "ana@acme.test" });
    body[field] = json!(value);
    body
}

async fn ana_has_a_password(ana: &Ana) {
    let mut migrated = of_password("hash", BCRYPT);
    migrated["hash_type"] = json!("bcrypt");
    let migrated = ana.gateway.post("/v1/b2b/passwords/migrate", migrated);
    assert_eq!(migrated.await.status, 200);
}

#[actix_web::test]
async fn whoever_knows_the_password_guesses_no_oftener_at_the_second_factor() {
    let ana = Ana::owing().await;
    let (secret, _) = ana.enrol().await;
    ana_has_a_password(&ana).await;
    let wrong = json!({ "code": ana.wrong_code(&secret) });
    guess(&ana, "totp/authenticate", wrong.clone(), 9).await;
    let path = "/v1/b2b/passwords/authenticate";
    let known = ana
        .gateway
        .post(path, of_password("password", PASSWORD))
        .await;
    assert_eq!(known.body["member_authenticated"], false, "{}", known.text);
    let mut tenth = wrong;
    tenth["intermediate_session_token"] = known.body["intermediate_session_token"].clone();
    let tenth = ana.post("totp/authenticate", tenth).await;
    assert_eq!(tenth.status, 401, "{}", tenth.text);
    assert_eq!(ana.shown().await["is_locked"], true);
}

#[actix_web::test]
async fn wrong_codes_by_sms_lock_a_member_who_is_sent_no_more_of_them() {
    let settings = json!({ "mfa_policy": "REQUIRED_FOR_ALL" });
    let ana = Ana::of(settings, json!({ "mfa_phone_number": NUMBER })).await;
    for _ in 0..2 {
        ana.gateway.wait(TimeDelta::seconds(2));
        let sent = ana.post("otps/sms/send", json!({})).await;
        assert_eq!(sent.status, 200, "{}", sent.text);
        let wrong = json!({ "code": "wrong" });
        guess(&ana, "otps/sms/authenticate", wrong, 5).await;
    }
    assert_eq!(ana.shown().await["is_locked"], true);
    ana.gateway.wait(TimeDelta::seconds(2));
    let sent = ana.post("otps/sms/send", json!({})).await;
    assert_eq!(refusal(&sent), (400, "user_lock_limit_reached"));
    let tried = ana.complete("otps/sms/authenticate", json!({ "code": "wrong" }));
    assert_eq!(refusal(&tried.await), (400, "user_lock_limit_reached"));
}

#[actix_web::test]
async fn guesses_at_a_password_hold_up_no_second_factor_and_the_other_way_round() {
    let ana = Ana::owing().await;
    let (secret, _) = ana.enrol().await;
    ana_has_a_password(&ana).await;
    let path = "/v1/b2b/passwords/authenticate";
    let password = async |tried: &str| {
        let body = of_password("password", tried);
        ana.gateway.post(path, body).await.status
    };
    for _ in 0..10 {
        assert_eq!(password("anything else").await, 401);
    }
    assert_eq!(password(PASSWORD).await, 401);
    assert_eq!(ana.shown().await["is_locked"], true);
    // Whoever has come by something that cannot be guessed goes on, and that opens no password.
    let code = json!({ "code": ana.code(&secret, 0) });
    let right = ana.complete("totp/authenticate", code).await;
    assert_eq!(right.status, 200, "{}", right.text);
    assert_eq!(password(PASSWORD).await, 401);

    ana.gateway.wait(TimeDelta::minutes(61));
    let wrong = json!({ "code": ana.wrong_code(&secret) });
    guess(&ana, "totp/authenticate", wrong, 10).await;
    let code = json!({ "code": ana.code(&secret, 0) });
    let refused = ana.complete("totp/authenticate", code).await;
    assert_eq!(refusal(&refused), (400, "user_lock_limit_reached"));
    assert_eq!(password(PASSWORD).await, 200);
}
