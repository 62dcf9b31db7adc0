//! What each call refuses, and by which name.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::domain::project::ProjectId;
use vestibule::domain::project::RedirectUrls;
use vestibule::storage::error::StorageError;
use vestibule::storage::project_settings;

use super::AUTHENTICATE;
use super::Acme;
use super::INVITE;
use super::LOGIN_OR_SIGNUP;
use super::RETURN_URL;
use super::SEND_DISCOVERY;
use super::inbox;
use super::refusal;
use super::refused;
use super::text;
use super::token_to;

const NEW: &str = "new@acme.test";
const LATE: i64 = 10_081;

/// Path, address, what else is asked for, what is answered.
type Row = (&'static str, &'static str, Value, (u16, &'static str));

fn sending() -> Vec<Row> {
    let other = "https://app.test/authenticate";
    let mut rows = vec![
        (LOGIN_OR_SIGNUP, "ana", json!({}), (400, "invalid_email")),
        (INVITE, "ana", json!({}), (400, "invalid_email")),
        (SEND_DISCOVERY, "ana", json!({}), (400, "invalid_email")),
        (
            LOGIN_OR_SIGNUP,
            NEW,
            json!({ "organization_id": "nobody" }),
            (404, "organization_not_found"),
        ),
        (
            INVITE,
            NEW,
            json!({ "organization_id": "nobody" }),
            (404, "organization_not_found"),
        ),
        (
            LOGIN_OR_SIGNUP,
            NEW,
            json!({ "pkce_code_challenge": "short" }),
            (400, "invalid_pkce_code_challenge"),
        ),
        (
            SEND_DISCOVERY,
            NEW,
            json!({ "pkce_code_challenge": "short" }),
            (400, "invalid_pkce_code_challenge"),
        ),
        (
            INVITE,
            NEW,
            json!({ "roles": ["nobody"] }),
            (400, "invalid_rbac_role_id"),
        ),
        (
            INVITE,
            NEW,
            json!({ "roles": ["stytch_member"] }),
            (400, "cannot_assign_default_rbac_role_id"),
        ),
        (
            INVITE,
            NEW,
            json!({ "invited_by_member_id": "nobody" }),
            (404, "member_not_found"),
        ),
        (
            INVITE,
            NEW,
            json!({ "untrusted_metadata": { "x": "y".repeat(5000) } }),
            (400, "metadata_too_large"),
        ),
        (
            INVITE,
            "in@acme.test",
            json!({}),
            (400, "duplicate_member_email"),
        ),
        (
            INVITE,
            "given-up@acme.test",
            json!({}),
            (400, "retired_member_email"),
        ),
        (
            LOGIN_OR_SIGNUP,
            "given-up@acme.test",
            json!({}),
            (400, "retired_member_email"),
        ),
        (
            LOGIN_OR_SIGNUP,
            "new@elsewhere.test",
            json!({}),
            (400, "invalid_email_for_jit_provisioning"),
        ),
        (
            INVITE,
            "new@claimed.test",
            json!({}),
            (400, "action_not_allowed_email_domain_is_claimed"),
        ),
    ];
    let urls = [
        (LOGIN_OR_SIGNUP, "login_redirect_url"),
        (LOGIN_OR_SIGNUP, "signup_redirect_url"),
        (INVITE, "invite_redirect_url"),
        (SEND_DISCOVERY, "discovery_redirect_url"),
    ];
    for (path, field) in urls {
        let error = (400, "no_match_for_provided_magic_link_url");
        rows.push((path, NEW, json!({ field: other }), error));
    }
    let minutes = [
        (LOGIN_OR_SIGNUP, "login_expiration_minutes"),
        (LOGIN_OR_SIGNUP, "signup_expiration_minutes"),
        (INVITE, "invite_expiration_minutes"),
        (SEND_DISCOVERY, "discovery_expiration_minutes"),
    ];
    for (path, field) in minutes {
        for minutes in [4, LATE, -1] {
            let error = (400, "invalid_expiration");
            rows.push((path, NEW, json!({ field: minutes }), error));
        }
    }
    rows
}

#[actix_web::test]
async fn each_refusal_has_its_name_and_sends_nothing() {
    let acme = Acme::open().await;
    acme.gateway
        .organization(json!({
            "organization_name": "Claimant",
            "claimed_email_domains": ["claimed.test"],
        }))
        .await;
    acme.member(json!({ "email_address": "in@acme.test" }))
        .await;
    let mover = acme.member(json!({ "email_address": "given-up@acme.test" }));
    let path = format!("{}/{}", acme.members(), mover.await);
    acme.gateway
        .put(&path, json!({ "email_address": "mover@acme.test" }))
        .await;
    let before = acme.kinds().await;
    for (path, address, more, (status, error_type)) in sending() {
        let answer = acme.ask(path, address, more.clone()).await;
        let row = format!("{path} {address} {more}");
        assert_eq!(refusal(&answer), refused(status, error_type), "{row}");
        assert!(inbox(&acme.gateway, address).await.is_empty(), "{row}");
    }
    // What the rules refused is kept for whoever asks why, and nothing else is.
    let mut kinds = acme.kinds().await;
    kinds.retain(|kind| kind != "sign_in.refused");
    assert_eq!(kinds, before);
}

#[actix_web::test]
async fn tokens_that_open_nothing_are_refused() {
    let acme = Acme::open().await;
    let unknown = vestibule::domain::secret::fresh_token().unwrap();
    let discovery = "/v1/b2b/magic_links/discovery/authenticate";
    acme.asked(SEND_DISCOVERY, NEW, json!({})).await;
    let of_discovery = token_to(&acme.gateway, NEW).await;
    let of_login = acme.login_token("ben@acme.test").await;
    let table = [
        (AUTHENTICATE, "magic_links_token", "", 404),
        (AUTHENTICATE, "magic_links_token", "wrong", 404),
        (AUTHENTICATE, "magic_links_token", unknown.as_str(), 401),
        (AUTHENTICATE, "magic_links_token", &of_discovery, 401),
        (discovery, "discovery_magic_links_token", "wrong", 404),
        (discovery, "discovery_magic_links_token", &unknown, 401),
        (discovery, "discovery_magic_links_token", &of_login, 401),
    ];
    for (path, field, token, status) in table {
        let error_type = if status == 404 {
            "magic_link_not_found"
        } else {
            "unable_to_auth_magic_link"
        };
        let answer = acme.gateway.post(path, json!({ field: token })).await;
        assert_eq!(
            refusal(&answer),
            refused(status, error_type),
            "{path} {token}"
        );
    }
    let both = json!({ "session_token": unknown, "session_jwt": "x" });
    let answer = acme.authenticate(&of_login, both).await;
    assert_eq!(refusal(&answer), refused(400, "too_many_session_arguments"));
    assert_eq!(acme.authenticate(&of_login, json!({})).await.status, 200);
}

#[actix_web::test]
async fn a_project_without_redirect_urls_sends_no_links() {
    let acme = Acme::open().await;
    let project = ProjectId::new(acme.gateway.project_id.as_str());
    let declared = acme
        .gateway
        .storage
        .transaction(RequestId::fresh(), move |tx| {
            let mut settings = project_settings::find(tx, &project)?.unwrap_or_default();
            settings.redirect_urls = Some(RedirectUrls::default());
            project_settings::save(tx, &project, &settings)
        });
    let declared: Result<(), StorageError> = declared.await;
    declared.unwrap();
    let table = [
        (LOGIN_OR_SIGNUP, "login"),
        (INVITE, "invite"),
        (SEND_DISCOVERY, "discovery"),
    ];
    for (path, kind) in table {
        let answer = acme.ask(path, NEW, json!({})).await;
        let error_type = format!("no_default_{kind}_redirect_url_set");
        assert_eq!(refusal(&answer), refused(400, &error_type));
        let asked = json!({ format!("{kind}_redirect_url"): RETURN_URL });
        let answer = acme.ask(path, NEW, asked).await;
        let error_type = format!("no_{kind}_redirect_urls_set");
        assert_eq!(refusal(&answer), refused(400, &error_type));
    }
}

#[actix_web::test]
async fn nobody_joins_by_a_link_where_the_organization_does_not_let_them() {
    let acme = Acme::with(json!({ "email_jit_provisioning": "NOT_ALLOWED" })).await;
    let closed = acme.ask(LOGIN_OR_SIGNUP, NEW, json!({})).await;
    assert_eq!(
        refusal(&closed),
        refused(400, "email_jit_provisioning_not_allowed")
    );
    let gone = acme
        .member(json!({ "email_address": "gone@acme.test" }))
        .await;
    let path = format!("{}/{gone}", acme.members());
    acme.gateway.call("DELETE", &path, None).await;
    let answer = acme.ask(LOGIN_OR_SIGNUP, "gone@acme.test", json!({})).await;
    let error_type = "action_available_only_for_active_members";
    assert_eq!(refusal(&answer), refused(400, error_type));
}

#[actix_web::test]
async fn a_mailbox_is_one_however_its_domain_is_spelled() {
    let acme = Acme::open().await;
    acme.sign_in("ana@acme.test").await;
    let spellings = [
        "ana@ａｃｍｅ.test",
        "ana@acme。test",
        "Ana@acme.ｔest",
        "ana@ACME.test",
    ];
    for spelling in spellings {
        acme.asked(LOGIN_OR_SIGNUP, spelling, json!({})).await;
    }
    let token = token_to(&acme.gateway, "ana@acme.test").await;
    let sixth = acme.ask(LOGIN_OR_SIGNUP, "ana@ａcme.test", json!({})).await;
    assert_eq!(refusal(&sixth), refused(429, "too_many_requests"));
    let ana = acme.authenticate(&token, json!({})).await.body;
    assert_eq!(ana["member"]["email_address"], "ana@acme.test");
    let path = format!("{}/{}", acme.members(), text(&ana["member_id"]));
    let deleted = acme.gateway.call("DELETE", &path, None).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    acme.gateway.wait(TimeDelta::minutes(61));
    let gone = acme.ask(LOGIN_OR_SIGNUP, "ana@acme.test", json!({})).await;
    let spelled = acme
        .ask(LOGIN_OR_SIGNUP, "ana@ａｃｍｅ.test", json!({}))
        .await;
    assert_eq!(refusal(&spelled), refusal(&gone));
    let body = json!({ "email_address": "ana@ACME.ｔest" });
    let made = acme.gateway.post(&acme.members(), body.clone()).await;
    assert_eq!(made.body["member"]["email_address"], "ana@ACME.ｔest");
    let again = json!({ "email_address": "ana@acme.test" });
    let again = acme.gateway.post(&acme.members(), again).await;
    assert_eq!(refusal(&again).1, "duplicate_member_email");
    let cursor = json!({ "operator": "AND", "operands": [
        { "filter_name": "member_emails", "filter_value": ["ana@ａｃｍｅ.test"] },
    ] });
    let asked = json!({ "organization_ids": [acme.organization_id], "query": cursor });
    let path = "/v1/b2b/organizations/members/search";
    let found = acme.gateway.post(path, asked).await;
    assert_eq!(
        found.body["members"].as_array().map(Vec::len),
        Some(1),
        "{}",
        found.text
    );
}
