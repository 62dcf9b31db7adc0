use chrono::TimeDelta;
use serde_json::json;

use super::Ana;
use super::NUMBER;
use super::factors;
use super::refusal;

#[actix_web::test]
async fn an_application_counts_once_it_has_proven_itself_and_opens_the_session() {
    let ana = Ana::owing().await;
    let created = ana.post("totp", json!({})).await;
    assert_eq!(created.status, 200, "{}", created.text);
    assert_eq!(created.body["member_id"], json!(ana.member_id));
    assert_eq!(created.body["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(created.body["member"]["totp_registration_id"], "");
    let secret = created.body["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 32);

    let code = json!({ "code": ana.code(secret, 0) });
    let proven = ana.complete("totp/authenticate", code).await;
    assert_eq!(proven.status, 200, "{}", proven.text);
    assert_eq!(factors(&proven), ["magic_link", "totp"]);
    let totp = &proven.body["member_session"]["authentication_factors"][1];
    let id = &created.body["totp_registration_id"];
    assert_eq!(totp["delivery_method"], "authenticator_app");
    assert_eq!(&totp["authenticator_app_factor"]["totp_id"], id);
    let member = &proven.body["member"];
    assert_eq!(&member["totp_registration_id"], id);
    assert_eq!(member["default_mfa_method"], "totp");

    let token = json!({ "session_token": proven.body["session_token"] });
    let path = "/v1/b2b/sessions/authenticate";
    assert_eq!(ana.gateway.post(path, token).await.status, 200);
    let again = ana.post("totp", json!({})).await;
    assert_eq!(refusal(&again), (400, "active_totp_exists"));
}

#[actix_web::test]
async fn each_code_is_accepted_once_and_only_around_its_time() {
    let ana = Ana::owing().await;
    let (secret, _) = ana.enrol().await;
    for (steps, expected) in [
        (-2, (401, "unable_to_authenticate_totp")),
        (2, (401, "unable_to_authenticate_totp")),
        (-1, (200, "")),
        (-1, (400, "totp_code_already_authenticated")),
        (1, (200, "")),
        (0, (400, "totp_code_already_authenticated")),
    ] {
        let code = json!({ "code": ana.code(&secret, steps) });
        let tried = ana.complete("totp/authenticate", code).await;
        assert_eq!(refusal(&tried), expected, "{steps}: {}", tried.text);
    }
}

#[actix_web::test]
async fn a_pending_application_ends_and_the_last_one_created_counts() {
    let ana = Ana::owing().await;
    for minutes in [4, 1441, -1] {
        let body = json!({ "expiration_minutes": minutes });
        assert_eq!(ana.post("totp", body).await.status, 400, "{minutes}");
    }
    let none = ana
        .complete("totp/authenticate", json!({ "code": "123456" }))
        .await;
    assert_eq!(refusal(&none), (404, "totp_not_found"));
    let first = ana.post("totp", json!({ "expiration_minutes": 5 })).await;
    let last = ana.post("totp", json!({ "expiration_minutes": 5 })).await;
    let first = first.body["secret"].as_str().unwrap();
    let last = last.body["secret"].as_str().unwrap();
    let code = json!({ "code": ana.code(first, 0) });
    let tried = ana.complete("totp/authenticate", code).await;
    assert_eq!(refusal(&tried), (401, "unable_to_authenticate_totp"));
    ana.gateway.wait(TimeDelta::minutes(6));
    let code = json!({ "code": ana.code(last, 0) });
    let tried = ana.complete("totp/authenticate", code).await;
    assert_eq!(refusal(&tried), (400, "expired_totp"));
}

#[actix_web::test]
async fn a_code_is_looked_at_only_after_a_first_factor_of_the_same_member() {
    let ana = Ana::owing().await;
    let (secret, _) = ana.enrol().await;
    let other = ana
        .gateway
        .member_with_roles(&ana.organization_id, &[])
        .await;
    let others = ana.gateway.session_of(&ana.organization_id, &other).await;
    let own = ana
        .gateway
        .session_of(&ana.organization_id, &ana.member_id)
        .await;
    let code = ana.code(&secret, 0);
    for (more, expected) in [
        (json!({}), (400, "no_session_arguments")),
        (
            json!({ "session_token": "nobody" }),
            (404, "session_not_found"),
        ),
        (
            json!({ "intermediate_session_token": "nobody" }),
            (404, "intermediate_session_not_found"),
        ),
        (
            json!({ "session_token": others }),
            (400, "member_session_member_id_mismatch"),
        ),
        // A session that holds no first factor at all.
        (
            json!({ "session_token": own }),
            (
                400,
                "action_available_only_once_primary_authentication_is_met",
            ),
        ),
    ] {
        let mut body = json!({ "code": code });
        super::merge(&mut body, more);
        let tried = ana.post("totp/authenticate", body).await;
        assert_eq!(refusal(&tried), expected, "{}", tried.text);
    }
    let token = ana.first_factor().await;
    let body = json!({ "code": code, "member_id": other, "intermediate_session_token": token });
    let tried = ana.post("totp/authenticate", body).await;
    let expected = (400, "invalid_intermediate_session_token_for_organization");
    assert_eq!(refusal(&tried), expected);
    let tried = ana
        .complete("totp/authenticate", json!({ "code": code }))
        .await;
    assert_eq!(tried.status, 200, "{}", tried.text);
}

#[actix_web::test]
async fn enrolment_and_default_follow_what_the_call_says() {
    let ana = Ana::of(json!({}), json!({})).await;
    let (secret, _) = ana.enrol().await;
    assert_eq!(ana.shown().await["mfa_enrolled"], false);
    for (asked, expected) in [("enroll", true), ("unenroll", false)] {
        let body = json!({ "code": ana.code(&secret, 0), "set_mfa_enrollment": asked });
        let proven = ana.complete("totp/authenticate", body).await;
        assert_eq!(
            proven.body["member"]["mfa_enrolled"], expected,
            "{}",
            proven.text
        );
        ana.gateway.wait(TimeDelta::seconds(60));
    }
    let body = json!({ "code": ana.code(&secret, 0), "set_mfa_enrollment": "maybe" });
    assert_eq!(ana.complete("totp/authenticate", body).await.status, 400);
}

#[actix_web::test]
async fn an_application_becomes_the_default_only_where_it_is_asked_to_be() {
    let ana = Ana::of(json!({}), json!({ "mfa_phone_number": NUMBER })).await;
    let sent = ana.post("otps/sms/send", json!({})).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let code = json!({ "code": ana.message().await.unwrap().code });
    let proven = ana.complete("otps/sms/authenticate", code).await;
    assert_eq!(proven.body["member"]["default_mfa_method"], "sms_otp");
    let session = proven.body["session_token"].clone();
    let created = json!({ "session_token": session });
    let created = ana.post("totp", created).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let secret = created.body["secret"].as_str().unwrap().to_owned();
    for (asked, expected) in [(json!(false), "sms_otp"), (json!(true), "totp")] {
        let body = json!({ "session_token": session, "code": ana.code(&secret, 0),
            "set_default_mfa": asked });
        let proven = ana.post("totp/authenticate", body).await;
        assert_eq!(
            proven.body["member"]["default_mfa_method"], expected,
            "{}",
            proven.text
        );
        ana.gateway.wait(TimeDelta::seconds(60));
    }
}

#[actix_web::test]
async fn who_is_enrolled_owes_a_second_factor_where_others_do_not() {
    for (is_enrolled, is_in) in [(false, true), (true, false)] {
        let ana = Ana::of(json!({ "mfa_policy": "OPTIONAL" }), json!({})).await;
        ana.change(json!({ "mfa_enrolled": is_enrolled })).await;
        let body = json!({ "intermediate_session_token": ana.first_factor().await,
            "organization_id": "acme" });
        let path = "/v1/b2b/discovery/intermediate_sessions/exchange";
        let answer = ana.gateway.post(path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["member_authenticated"], is_in);
        assert_eq!(answer.body["mfa_required"].is_object(), !is_in);
    }
}

#[actix_web::test]
async fn methods_that_the_organization_does_not_allow_are_for_break_glass_alone() {
    let settings = json!({ "mfa_methods": "RESTRICTED", "allowed_mfa_methods": ["sms_otp"] });
    let restricted = (400, "operation_restricted_by_organization_mfa_methods");
    let ana = Ana::of(settings, json!({})).await;
    let created = ana.post("totp", json!({})).await;
    assert_eq!(refusal(&created), restricted);
    let tried = ana
        .complete("totp/authenticate", json!({ "code": "1" }))
        .await;
    assert_eq!(refusal(&tried), restricted);
    ana.change(json!({ "is_breakglass": true })).await;
    ana.enrol().await;
}

#[actix_web::test]
async fn another_factor_is_for_whoever_proves_the_first_one() {
    let ana = Ana::owing().await;
    let (secret, _) = ana.enrol().await;
    let number = json!({ "mfa_phone_number": NUMBER });
    let alone = ana.post("otps/sms/send", number.clone()).await;
    assert_eq!(refusal(&alone), (400, "insufficient_factors"));
    let with_first = ana.complete("otps/sms/send", number).await;
    assert_eq!(refusal(&with_first), (400, "insufficient_factors"));
    assert_eq!(ana.shown().await["mfa_phone_number"], "");
    let code = json!({ "code": ana.code(&secret, 0) });
    let both = ana.complete("totp/authenticate", code).await;
    let token = &both.body["session_token"];
    let body = json!({ "mfa_phone_number": NUMBER, "session_token": token });
    let sent = ana.post("otps/sms/send", body).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let code = ana.message().await.unwrap().code;
    // Whoever has the number alone does not get it proven.
    let tried = ana
        .complete("otps/sms/authenticate", json!({ "code": code }))
        .await;
    assert_eq!(refusal(&tried), (400, "insufficient_factors"));
    let body = json!({ "code": code, "session_token": token });
    let proven = ana.post("otps/sms/authenticate", body).await;
    assert_eq!(proven.status, 200, "{}", proven.text);
    assert_eq!(factors(&proven), ["magic_link", "totp", "otp"]);
    assert_eq!(proven.body["member"]["default_mfa_method"], "totp");
}

#[actix_web::test]
async fn an_application_from_elsewhere_is_taken_over_as_proven() {
    let ana = Ana::owing().await;
    let secret = "GEZD GNBV gy3tqojqgezdgnbvgy3tqojq";
    for (secret, codes) in [
        ("GEZDGNBV", json!([])),
        ("01", json!([])),
        (secret, json!([""])),
    ] {
        let body = json!({ "secret": secret, "recovery_codes": codes });
        assert_eq!(ana.post("totp/migrate", body).await.status, 400);
    }
    let body = json!({ "secret": secret, "recovery_codes": ["old-code"] });
    let migrated = ana.post("totp/migrate", body.clone()).await;
    assert_eq!(migrated.status, 200, "{}", migrated.text);
    assert_eq!(migrated.body["recovery_codes"], json!(["old-code"]));
    let id = &migrated.body["totp_registration_id"];
    assert_eq!(&migrated.body["member"]["totp_registration_id"], id);
    let again = ana.post("totp/migrate", body).await;
    assert_eq!(refusal(&again), (400, "active_totp_exists"));
    let code = json!({ "code": ana.code(secret, 0) });
    assert_eq!(ana.complete("totp/authenticate", code).await.status, 200);
    let code = json!({ "recovery_code": "OLD CODE" });
    let recovered = ana.complete("recovery_codes/recover", code).await;
    assert_eq!(
        recovered.body["recovery_codes_remaining"], 0,
        "{}",
        recovered.text
    );
}

#[actix_web::test]
async fn an_application_that_is_deleted_takes_its_codes_with_it() {
    let ana = Ana::owing().await;
    let (secret, codes) = ana.enrol().await;
    let (organization, member) = (&ana.organization_id, &ana.member_id);
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}/totp");
    let deleted = ana.gateway.call("DELETE", &path, None).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(deleted.body["member"]["totp_registration_id"], "");
    assert_eq!(deleted.body["member"]["default_mfa_method"], "");
    let code = json!({ "code": ana.code(&secret, 0) });
    let tried = ana.complete("totp/authenticate", code).await;
    assert_eq!(refusal(&tried), (404, "totp_not_found"));
    let code = json!({ "recovery_code": codes[0] });
    let tried = ana.complete("recovery_codes/recover", code).await;
    assert_eq!(refusal(&tried), (404, "recovery_codes_not_found"));
    let again = ana.gateway.call("DELETE", &path, None).await;
    assert_eq!(refusal(&again), (404, "totp_not_found"));
    ana.enrol().await;
}

#[actix_web::test]
async fn members_are_found_by_their_application() {
    let ana = Ana::owing().await;
    ana.gateway
        .member_with_roles(&ana.organization_id, &[])
        .await;
    ana.enrol().await;
    for (wanted, expected) in [(true, 1), (false, 1)] {
        let filter = json!({ "filter_name": "totp_exists", "filter_value": wanted });
        let body = json!({
            "organization_ids": [ana.organization_id],
            "query": { "operator": "AND", "operands": [filter] },
        });
        let found = ana
            .gateway
            .post("/v1/b2b/organizations/members/search", body)
            .await;
        assert_eq!(found.body["members"].as_array().unwrap().len(), expected);
        let is_ana = found.body["members"][0]["member_id"] == json!(ana.member_id);
        assert_eq!(is_ana, wanted, "{}", found.text);
    }
}
