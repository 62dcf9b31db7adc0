use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::Ana;
use super::NUMBER;
use super::factors;
use super::refusal;
use crate::passwords::BCRYPT;
use crate::passwords::OTHER;
use crate::passwords::PASSWORD;

async fn sent(ana: &Ana) -> String {
    let sent = ana.post("otps/sms/send", json!({})).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    ana.message().await.unwrap().code
}

async fn with_number() -> Ana {
    let settings = json!({ "mfa_policy": "REQUIRED_FOR_ALL" });
    Ana::of(settings, json!({ "mfa_phone_number": NUMBER })).await
}

#[actix_web::test]
async fn a_new_number_is_proven_by_the_code_that_comes_back() {
    let ana = Ana::owing().await;
    let none = ana.post("otps/sms/send", json!({})).await;
    assert_eq!(refusal(&none), (404, "secondary_factor_not_found"));
    let wrong = ana
        .post("otps/sms/send", json!({ "mfa_phone_number": "12" }))
        .await;
    assert_eq!(refusal(&wrong), (400, "invalid_phone_number"));
    let body = json!({ "mfa_phone_number": NUMBER, "locale": "es" });
    let sent = ana.complete("otps/sms/send", body).await;
    assert_eq!(
        sent.body["member"]["mfa_phone_number"], NUMBER,
        "{}",
        sent.text
    );
    assert_eq!(sent.body["member"]["mfa_phone_number_verified"], false);
    let message = ana.message().await.unwrap();
    assert_eq!(
        (message.to.as_str(), message.locale.as_str()),
        (NUMBER, "es")
    );
    assert!(message.text.contains(&message.code) && message.text.contains("Acme"));
    let code = json!({ "code": message.code });
    let proven = ana.complete("otps/sms/authenticate", code).await;
    assert_eq!(proven.status, 200, "{}", proven.text);
    assert_eq!(factors(&proven), ["magic_link", "otp"]);
    let factor = &proven.body["member_session"]["authentication_factors"][1];
    assert_eq!(factor["delivery_method"], "sms");
    assert_eq!(factor["phone_number_factor"]["phone_number"], NUMBER);
    let member = &proven.body["member"];
    assert_eq!(member["mfa_phone_number_verified"], true);
    assert_eq!(member["default_mfa_method"], "sms_otp");
    let other = json!({ "mfa_phone_number": "+15557654321" });
    let other = ana.post("otps/sms/send", other).await;
    assert_eq!(
        refusal(&other),
        (400, "duplicate_member_phone_number_for_member")
    );
}

#[actix_web::test]
async fn a_code_is_good_once_for_two_minutes_and_for_few_tries() {
    let ana = with_number().await;
    let none = ana
        .complete("otps/sms/authenticate", json!({ "code": "000000" }))
        .await;
    assert_eq!(refusal(&none), (404, "otp_code_not_found"));
    let code = json!({ "code": sent(&ana).await });
    let first = ana.complete("otps/sms/authenticate", code.clone()).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let again = ana.complete("otps/sms/authenticate", code).await;
    assert_eq!(refusal(&again), (404, "otp_code_not_found"));

    ana.gateway.wait(TimeDelta::seconds(2));
    let late = json!({ "code": sent(&ana).await });
    ana.gateway.wait(TimeDelta::seconds(121));
    let late = ana.complete("otps/sms/authenticate", late).await;
    assert_eq!(refusal(&late), (404, "otp_code_not_found"));

    let older = sent(&ana).await;
    ana.gateway.wait(TimeDelta::seconds(2));
    let code = sent(&ana).await;
    if older != code {
        let older = ana
            .complete("otps/sms/authenticate", json!({ "code": older }))
            .await;
        assert_eq!(refusal(&older), (401, "unable_to_auth_otp_code"));
    }
    for _ in 0..5 {
        ana.complete("otps/sms/authenticate", json!({ "code": "wrong" }))
            .await;
    }
    let tried = ana
        .complete("otps/sms/authenticate", json!({ "code": code }))
        .await;
    assert_eq!(refusal(&tried), (404, "otp_code_not_found"));
}

#[actix_web::test]
async fn a_number_gets_few_messages_whoever_it_is() {
    let ana = with_number().await;
    sent(&ana).await;
    let soon = ana.post("otps/sms/send", json!({})).await;
    assert_eq!(refusal(&soon), (429, "too_many_requests"));
    for _ in 0..4 {
        ana.gateway.wait(TimeDelta::seconds(2));
        sent(&ana).await;
    }
    ana.gateway.wait(TimeDelta::seconds(2));
    let sixth = ana.post("otps/sms/send", json!({})).await;
    assert_eq!(refusal(&sixth), (429, "too_many_requests"));
    assert!(ana.message().await.is_none());
}

#[actix_web::test]
async fn a_number_that_is_deleted_is_asked_no_more() {
    let ana = with_number().await;
    let code = sent(&ana).await;
    let (organization, member) = (&ana.organization_id, &ana.member_id);
    let path = format!("/v1/b2b/organizations/{organization}/members/mfa_phone_numbers/{member}");
    let deleted = ana.gateway.call("DELETE", &path, None).await;
    assert_eq!(
        deleted.body["member"]["mfa_phone_number"], "",
        "{}",
        deleted.text
    );
    let tried = ana
        .complete("otps/sms/authenticate", json!({ "code": code }))
        .await;
    assert_eq!(refusal(&tried), (404, "otp_code_not_found"));
}

#[actix_web::test]
async fn whoever_sets_a_password_or_changes_the_organization_is_sent_the_code_that_is_owed() {
    let ana = with_number().await;
    let begun = async |path: &str, mut body: Value, locale: &str| {
        ana.gateway.wait(TimeDelta::seconds(61));
        body["locale"] = json!(locale);
        let answer = ana.gateway.post(path, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let owed = &answer.body["mfa_required"]["secondary_auth_initiated"];
        assert_eq!(*owed, "sms_otp", "{path}: {}", answer.text);
        assert_eq!(ana.message().await.unwrap().locale, locale, "{path}");
    };
    let who = json!({ "organization_id": "acme", "email_address": "ana@acme.test" });
    let with = |more: Value| {
        let mut body = who.clone();
        super::merge(&mut body, more);
        body
    };
    let kept = with(json!({ "hash_type": "bcrypt", "hash": BCRYPT }));
    let kept = ana.gateway.post("/v1/b2b/passwords/migrate", kept).await;
    assert_eq!(kept.status, 200, "{}", kept.text);
    let old = with(json!({ "existing_password": PASSWORD, "new_password": OTHER }));
    begun("/v1/b2b/passwords/existing_password/reset", old, "es").await;
    ana.gateway.wait(TimeDelta::seconds(61));
    let path = "/v1/b2b/passwords/email/reset/start";
    assert_eq!(ana.gateway.post(path, who.clone()).await.status, 200);
    let letters = ana.gateway.mails_to("ana@acme.test").await;
    let (_, token) = letters[0].text.split_once("&token=").unwrap();
    let token = token.split_whitespace().next().unwrap();
    let reset = json!({ "password_reset_token": token, "password": PASSWORD });
    begun("/v1/b2b/passwords/email/reset", reset, "pt-br").await;

    let exchange = "/v1/b2b/discovery/intermediate_sessions/exchange";
    let bag = |token: String| json!({ "intermediate_session_token": token });
    let mut chosen = bag(ana.first_factor().await);
    chosen["organization_id"] = json!("acme");
    begun(exchange, chosen, "es").await;
    let globex = json!({ "organization_name": "Globex", "organization_slug": "globex" });
    ana.gateway.organization(globex).await;
    let body = json!({ "email_address": "ana@acme.test" });
    let members = "/v1/b2b/organizations/globex/members";
    assert_eq!(ana.gateway.post(members, body).await.status, 200);
    let mut chosen = bag(ana.first_factor().await);
    chosen["organization_id"] = json!("globex");
    let session = ana.gateway.post(exchange, chosen).await.body["session_token"].clone();
    let other = json!({ "organization_id": "acme", "session_token": session });
    begun("/v1/b2b/sessions/exchange", other, "pt-br").await;
}

#[actix_web::test]
async fn numbers_that_nobody_has_proven_get_few_messages_together() {
    let ana = with_number().await;
    let code = sent(&ana).await;
    let proven = ana.complete("otps/sms/authenticate", json!({ "code": code }));
    assert_eq!(proven.await.status, 200);
    let members = format!("/v1/b2b/organizations/{}/members", ana.organization_id);
    let mut last = None;
    for number in 0..100 {
        let phone = format!("+155500000{number:02}");
        let body = json!({ "email_address": format!("m{number}@acme.test"),
            "mfa_phone_number": phone });
        let member = ana.gateway.post(&members, body).await;
        let body = json!({ "organization_id": ana.organization_id,
            "member_id": member.body["member_id"] });
        let answer = ana.gateway.post("/v1/b2b/otps/sms/send", body.clone());
        let answer = answer.await;
        // Ana's first one counts as well.
        let expected = if number < 99 { 200 } else { 429 };
        assert_eq!(answer.status, expected, "{number}: {}", answer.text);
        last = Some((body, answer));
    }
    let (body, refused) = last.unwrap();
    assert_eq!(refused.body["error_type"], "too_many_requests");
    assert!(refused.headers.contains_key("retry-after"));
    ana.gateway.wait(TimeDelta::seconds(2));
    assert_eq!(ana.post("otps/sms/send", json!({})).await.status, 200);
    ana.gateway.wait(TimeDelta::minutes(61));
    let later = ana.gateway.post("/v1/b2b/otps/sms/send", body).await;
    assert_eq!(later.status, 200, "{}", later.text);
}
