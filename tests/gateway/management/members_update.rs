use serde_json::Value;
use serde_json::json;

use super::members_acme::Acme;
use super::members_acme::refusal;
use super::members_acme::refused;
use super::members_acme::text;

fn without_time(mut member: Value) -> Value {
    member.as_object_mut().unwrap().remove("updated_at");
    member
}

/// A value of its own for each field that an update may set, with what the member shows then.
fn changes() -> Vec<(Value, Value)> {
    let direct = |role: &str| json!({ "role_id": role, "sources": [{ "type": "direct_assignment", "details": {} }] });
    let same = |body: Value| (body.clone(), body);
    vec![
        same(json!({ "name": "Ann" })),
        same(json!({ "is_breakglass": true })),
        same(json!({ "mfa_enrolled": true })),
        same(json!({ "external_id": "hr-8" })),
        same(json!({ "mfa_phone_number": "+15551234567" })),
        same(json!({ "default_mfa_method": "sms_otp" })),
        (
            json!({ "trusted_metadata": { "a": null, "c": { "d": null } } }),
            json!({ "trusted_metadata": { "b": 2, "c": { "d": null } } }),
        ),
        (
            json!({ "untrusted_metadata": { "theme": "dark" } }),
            json!({ "untrusted_metadata": { "theme": "dark" } }),
        ),
        (
            json!({ "roles": ["viewer", "owner", "viewer"] }),
            json!({ "roles": [direct("owner"), direct("stytch_member"), direct("viewer")] }),
        ),
        (
            json!({ "roles": ["stytch_admin"] }),
            json!({ "roles": [direct("stytch_admin"), direct("stytch_member")], "is_admin": true }),
        ),
        (
            json!({ "roles": [] }),
            json!({ "roles": [direct("stytch_member")], "is_admin": false }),
        ),
        same(json!({ "email_address": "ANA@acme.test" })),
    ]
}

#[actix_web::test]
async fn each_field_changes_alone_with_one_event_and_sent_again_changes_nothing() {
    let acme = Acme::start().await;
    let id = acme
        .member(json!({
            "email_address": "ana@acme.test",
            "trusted_metadata": { "a": 1, "b": 2 },
            "roles": ["editor"],
            "external_id": "hr-7",
        }))
        .await;
    for (body, shown) in changes() {
        let known = acme.journal().await.len();
        let mut expected = without_time(acme.any(&id).await);
        for (field, value) in shown.as_object().unwrap() {
            expected[field] = value.clone();
        }
        let member = acme.updated(&id, body.clone()).await;
        assert_eq!(without_time(member.clone()), expected, "{body}");
        assert_eq!(acme.events_since(known).await, ["member.updated"], "{body}");
        assert_eq!(acme.updated(&id, body.clone()).await, member, "{body}");
        assert_eq!(acme.any(&id).await, member, "{body}");
        assert_eq!(acme.journal().await.len(), known + 1, "{body}");
    }
}

#[actix_web::test]
async fn what_cannot_be_is_refused_and_nothing_of_it_is_written() {
    let acme = Acme::start().await;
    acme.member(json!({
        "email_address": "ben@acme.test",
        "external_id": "ben",
        "mfa_phone_number": "+15550000001",
    }))
    .await;
    let id = acme
        .member(json!({ "email_address": "ana@acme.test", "mfa_phone_number": "+15550000002" }))
        .await;
    let many: Value = (0..21).map(|n| (n.to_string(), json!(n))).collect();
    let before = (acme.any(&id).await, acme.journal().await.len());
    for (mut body, error_type) in [
        (
            json!({ "roles": ["stytch_member"] }),
            "cannot_assign_default_rbac_role_id",
        ),
        (
            json!({ "roles": ["nobody-declared-this"] }),
            "invalid_rbac_role_id",
        ),
        (json!({ "email_address": "nobody" }), "invalid_email"),
        (
            json!({ "email_address": "BEN@acme.test" }),
            "duplicate_member_email",
        ),
        (
            json!({ "external_id": "ben" }),
            "duplicate_member_external_id",
        ),
        (json!({ "external_id": "member-test-1" }), "bad_request"),
        (
            json!({ "mfa_phone_number": "0049" }),
            "invalid_phone_number",
        ),
        (
            json!({ "mfa_phone_number": "+15550000003" }),
            "duplicate_member_phone_number_for_member",
        ),
        (
            json!({ "default_mfa_method": "email" }),
            "invalid_mfa_default_method",
        ),
        (
            json!({ "default_mfa_method": "totp" }),
            "default_mfa_member_missing_factor",
        ),
        (
            json!({ "trusted_metadata": many }),
            "metadata_too_many_keys",
        ),
        (
            json!({ "untrusted_metadata": { "a": "x".repeat(5000) } }),
            "metadata_too_large",
        ),
        (
            json!({ "untrusted_metadata": [] }),
            "metadata_invalid_format",
        ),
        (json!({ "name": "x".repeat(257) }), "bad_request"),
        (json!({ "is_breakglass": "yes" }), "bad_request"),
    ] {
        if body["name"].is_null() {
            body["name"] = json!("Somebody else");
        }
        let answer = acme.update(&id, body.clone()).await;
        assert_eq!(refusal(&answer), refused(400, error_type), "{body}");
    }
    assert_eq!((acme.any(&id).await, acme.journal().await.len()), before);
}

#[actix_web::test]
async fn a_default_factor_has_to_be_there() {
    let acme = Acme::start().await;
    let id = acme.at("ana@acme.test").await;
    let sms = json!({ "default_mfa_method": "sms_otp" });
    let missing = refused(400, "default_mfa_member_missing_factor");
    assert_eq!(refusal(&acme.update(&id, sms).await), missing);
    let both = json!({ "default_mfa_method": "sms_otp", "mfa_phone_number": "+15551234567" });
    let member = acme.updated(&id, both).await;
    assert_eq!(member["default_mfa_method"], "sms_otp");
    assert_eq!(member["mfa_phone_number_verified"], false);
}

#[actix_web::test]
async fn a_number_belongs_to_one_live_member_and_goes_with_what_hangs_on_it() {
    let acme = Acme::start().await;
    let number = json!({ "mfa_phone_number": "+15551234567", "default_mfa_method": "sms_otp" });
    let (ana, ben) = (
        acme.at("ana@acme.test").await,
        acme.at("ben@acme.test").await,
    );
    acme.updated(&ana, number.clone()).await;
    let taken = refused(400, "duplicate_member_phone_number");
    assert_eq!(refusal(&acme.update(&ben, number.clone()).await), taken);
    let third = json!({ "email_address": "c@acme.test", "mfa_phone_number": "+15551234567" });
    let created = acme.gateway.post(&acme.members, third).await;
    assert_eq!(refusal(&created), taken);

    let known = acme.journal().await.len();
    for _ in 0..2 {
        let answer = acme
            .call("DELETE", &format!("mfa_phone_numbers/{ana}"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let member = &answer.body["member"];
        assert_eq!(answer.body["member_id"], *ana);
        assert_eq!(member["mfa_phone_number"], "");
        assert_eq!(member["default_mfa_method"], "");
    }
    assert_eq!(acme.events_since(known).await, ["member.updated"]);
    acme.updated(&ben, number).await;
}

#[actix_web::test]
async fn an_external_id_names_its_member_until_it_is_taken_away() {
    let acme = Acme::start().await;
    let id = acme
        .member(json!({ "email_address": "ana@acme.test", "external_id": "hr-7" }))
        .await;
    let member = acme.updated("hr-7", json!({ "external_id": "hr|8" })).await;
    assert_eq!(
        (&member["member_id"], &member["external_id"]),
        (&json!(id), &json!("hr|8"))
    );
    let known = acme.journal().await.len();
    let answer = acme.call("DELETE", "hr%7C8/external_id").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.body["member"]["external_id"].is_null());
    assert_eq!(acme.events_since(known).await, ["member.updated"]);
    let gone = acme.call("DELETE", "hr%7C8/external_id").await;
    assert_eq!(refusal(&gone), refused(404, "member_not_found"));
    let again = acme.call("DELETE", &format!("{id}/external_id")).await;
    assert_eq!(again.status, 200);
    assert_eq!(acme.journal().await.len(), known + 1);
    let other = json!({ "email_address": "ben@acme.test", "external_id": "hr|8" });
    acme.member(other).await;
}

#[actix_web::test]
async fn factors_that_nobody_has_are_not_found() {
    let acme = Acme::start().await;
    let id = acme.at("ana@acme.test").await;
    for (path, error_type) in [
        (format!("{id}/totp"), "totp_not_found"),
        (
            "passwords/member-password-test-1".to_owned(),
            "member_password_not_found",
        ),
        ("member-test-1/totp".to_owned(), "member_not_found"),
        (
            "mfa_phone_numbers/member-test-1".to_owned(),
            "member_not_found",
        ),
    ] {
        let answer = acme.call("DELETE", &path).await;
        assert_eq!(refusal(&answer), refused(404, error_type), "{path}");
    }
}

#[actix_web::test]
async fn a_member_of_another_organization_is_out_of_reach() {
    let acme = Acme::start().await;
    let id = acme.at("ana@acme.test").await;
    let globex = acme
        .gateway
        .organization(json!({ "organization_name": "Globex" }))
        .await;
    let before = acme.any(&id).await;
    let base = format!(
        "/v1/b2b/organizations/{}/members",
        text(&globex["organization_id"])
    );
    for (method, path) in [
        ("PUT", format!("{base}/{id}")),
        ("DELETE", format!("{base}/{id}")),
        ("DELETE", format!("{base}/{id}/external_id")),
        ("DELETE", format!("{base}/{id}/totp")),
        ("DELETE", format!("{base}/mfa_phone_numbers/{id}")),
        ("POST", format!("{base}/{id}/unlink_retired_email")),
    ] {
        let body = json!({ "name": "Eve", "email_address": "ana@acme.test" });
        let answer = acme.gateway.call(method, &path, Some(body)).await;
        assert_eq!(
            refusal(&answer),
            refused(404, "member_not_found"),
            "{method} {path}"
        );
    }
    assert_eq!(acme.any(&id).await, before);
}
