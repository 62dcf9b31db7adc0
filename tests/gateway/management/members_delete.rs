use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::domain::secret::SecretHash;
use vestibule::storage::error::StorageError;
use vestibule::storage::one_time_tokens;
use vestibule::storage::one_time_tokens::TokenKind;

use super::members_acme::Acme;
use super::members_acme::refusal;
use super::members_acme::refused;

/// Keeps a token that works once and stands for this member.
async fn keep_token(acme: &Acme, token: &'static str, member: &str) {
    let (scope, content) = (acme.scope(), json!({ "member_id": member }));
    let kept = acme
        .gateway
        .storage
        .transaction::<_, StorageError>(RequestId::fresh(), move |tx| {
            tx.enter(scope.organization_id)?;
            let expires_at = tx.now + TimeDelta::minutes(10);
            let place = (&scope, TokenKind::Intermediate);
            one_time_tokens::insert(tx, place, &SecretHash::of(token), &content, expires_at)
        });
    kept.await.unwrap();
}

async fn is_token(acme: &Acme, token: &'static str) -> bool {
    let found = acme
        .gateway
        .storage
        .read::<_, StorageError>(RequestId::fresh(), move |tx| {
            let hash = SecretHash::of(token);
            one_time_tokens::find::<Value>(tx, TokenKind::Intermediate, &hash)
        });
    found.await.unwrap().is_some()
}

#[actix_web::test]
async fn a_deleted_member_is_out_at_once_and_its_address_is_free() {
    let acme = Acme::start().await;
    let body = json!({ "email_address": "ana@acme.test", "external_id": "hr-7", "roles": ["editor"],
        "mfa_phone_number": "+15551234567" });
    let (ana, ben) = (
        acme.member(body.clone()).await,
        acme.at("ben@acme.test").await,
    );
    let session = acme.gateway.session_of(&acme.organization_id, &ana).await;
    let other = acme.gateway.session_of(&acme.organization_id, &ben).await;
    keep_token(&acme, "of ana", &ana).await;
    keep_token(&acme, "of ben", &ben).await;
    let known = acme.journal().await.len();

    let answer = acme.call("DELETE", "hr-7").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let fields: Vec<_> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["member_id", "request_id", "status_code"]);
    assert_eq!(answer.body["member_id"], *ana);
    let events = ["member.deleted", "sessions.revoked"];
    assert_eq!(acme.events_since(known).await, events);
    assert!(!acme.is_session(&session).await && acme.is_session(&other).await);
    assert!(!is_token(&acme, "of ana").await && is_token(&acme, "of ben").await);

    let member = acme.any(&ana).await;
    assert_eq!(
        (&member["status"], &member["roles"]),
        (&json!("deleted"), &json!([]))
    );
    let base = format!("/v1/b2b/organizations/{}/member", acme.organization_id);
    let dangerous = "/v1/b2b/organizations/members/dangerously_get";
    for path in [
        format!("{base}?member_id={ana}"),
        format!("{base}?member_id=hr-7"),
        format!("{base}?email_address=ana@acme.test"),
        format!("{dangerous}/{ana}"),
    ] {
        let found = acme.gateway.get(&path).await;
        assert_eq!(refusal(&found), refused(404, "member_not_found"), "{path}");
    }
    let successor = acme.member(body).await;
    assert_ne!(successor, ana);
}

#[actix_web::test]
async fn nothing_more_can_be_done_to_a_deleted_member() {
    let acme = Acme::start().await;
    let ana = acme.at("ana@acme.test").await;
    assert_eq!(acme.call("DELETE", &ana).await.status, 200);
    let known = acme.journal().await.len();
    for (method, path) in [
        ("DELETE", ana.clone()),
        ("PUT", ana.clone()),
        ("DELETE", format!("{ana}/external_id")),
        ("DELETE", format!("{ana}/totp")),
        ("DELETE", format!("mfa_phone_numbers/{ana}")),
    ] {
        let answer = acme.call(method, &path).await;
        assert_eq!(
            refusal(&answer),
            refused(404, "member_not_found"),
            "{method} {path}"
        );
    }
    let path = format!("{}/{ana}/unlink_retired_email", acme.members);
    let unlink = acme
        .gateway
        .post(&path, json!({ "email_address": "a@acme.test" }));
    assert_eq!(refusal(&unlink.await), refused(404, "member_not_found"));
    assert_eq!(acme.journal().await.len(), known);
}

#[actix_web::test]
async fn a_member_comes_back_without_the_roles_given_by_hand() {
    let acme = Acme::start().await;
    let rule = json!([{ "domain": "acme.test", "role_id": "employee" }]);
    let settings = json!({ "rbac_email_implicit_role_assignments": rule });
    let path = format!("/v1/b2b/organizations/{}", acme.organization_id);
    let changed = acme.gateway.put(&path, settings).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let body = json!({ "email_address": "ana@acme.test", "roles": ["editor"], "name": "Ana",
        "external_id": "hr-7" });
    let ana = acme.member(body).await;
    acme.verify(&ana).await;
    let session = acme.gateway.session_of(&acme.organization_id, &ana).await;
    acme.call("DELETE", &ana).await;
    let known = acme.journal().await.len();

    let answer = acme.call("PUT", &format!("{ana}/reactivate")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let member = &answer.body["member"];
    let roles = member["roles"].as_array().unwrap().iter();
    let roles: Vec<_> = roles
        .map(|role| role["role_id"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["employee", "stytch_member"]);
    for (field, expected) in [
        ("status", json!("active")),
        ("name", json!("Ana")),
        ("external_id", json!("hr-7")),
        ("email_address_verified", json!(true)),
    ] {
        assert_eq!(member[field], expected, "{field}");
    }
    assert_eq!(
        answer.body["organization"]["organization_id"],
        *acme.organization_id
    );
    assert_eq!(acme.events_since(known).await, ["member.updated"]);
    assert!(
        !acme.is_session(&session).await,
        "sessions do not come back"
    );
    assert_eq!(acme.any(&ana).await, *member);
}

#[actix_web::test]
async fn who_cannot_come_back_is_told_why() {
    let acme = Acme::start().await;
    let reactivate = async |named: &str| {
        let answer = acme.call("PUT", &format!("{named}/reactivate")).await;
        refusal(&answer)
    };
    let body = json!({ "email_address": "ana@acme.test", "external_id": "hr-7",
        "mfa_phone_number": "+15551234567" });
    let ana = acme.member(body).await;
    let none = refused(400, "no_deleted_member_found_for_reactivation");
    assert_eq!(reactivate(&ana).await, none, "live");
    acme.call("DELETE", &ana).await;
    assert_eq!(
        reactivate(&ana).await,
        refused(400, "email_unverified_for_reactivation")
    );
    acme.verify(&ana).await;
    assert_eq!(reactivate("hr-7").await, none, "an external id");
    assert_eq!(reactivate("member-test-1").await, none, "no id");
    let before = (acme.any(&ana).await, acme.journal().await.len());

    let taken = refused(400, "reactivation_email_belongs_to_another_member");
    let successor = acme.at("ana@acme.test").await;
    assert_eq!(reactivate(&ana).await, taken, "in use");
    acme.updated(&successor, json!({ "email_address": "ann@acme.test" }))
        .await;
    assert_eq!(reactivate(&ana).await, taken, "given up");
    acme.call("DELETE", &successor).await;
    let heir = json!({ "email_address": "ben@acme.test", "external_id": "hr-7" });
    let heir = acme.member(heir).await;
    assert_eq!(
        reactivate(&ana).await,
        refused(400, "duplicate_member_external_id")
    );
    acme.call("DELETE", &heir).await;
    let heir = json!({ "email_address": "cy@acme.test", "mfa_phone_number": "+15551234567" });
    let heir = acme.member(heir).await;
    assert_eq!(
        reactivate(&ana).await,
        refused(400, "duplicate_member_phone_number")
    );
    assert_eq!(acme.any(&ana).await, before.0);
    acme.call("DELETE", &heir).await;
    let back = acme.call("PUT", &format!("{ana}/reactivate")).await;
    assert_eq!(back.status, 200, "{}", back.text);
}
