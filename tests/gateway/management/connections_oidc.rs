use serde_json::Value;
use serde_json::json;

use super::connections::acme;
use super::connections::created;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::stub_site::StubSite;

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// An OIDC connection, the URL of it.
async fn connection(gateway: &TestGateway) -> String {
    let path = format!("/v1/b2b/sso/oidc/{}", acme(gateway).await);
    let created = created(gateway, &path, json!({})).await;
    let id = created["connection_id"].as_str().unwrap();
    format!("{path}/connections/{id}")
}

async fn updated(gateway: &TestGateway, path: &str, body: Value) -> Value {
    let answer = gateway.put(path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body.clone()
}

fn refused(answer: &Answer, error_type: &str) {
    let told = (answer.status, answer.body["error_type"].as_str());
    assert_eq!(told, (400, Some(error_type)), "{}", answer.text);
}

fn announce(site: &StubSite) {
    let at = |path: &str| format!("{}{path}", site.origin);
    let document = json!({
        "issuer": site.origin,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    });
    site.set(DISCOVERY, 200, document.to_string());
}

#[actix_web::test]
async fn an_oidc_connection_warns_when_its_issuer_cannot_be_read_and_masks_its_secret() {
    let gateway = TestGateway::start().await;
    let path = format!("/v1/b2b/sso/oidc/{}", acme(&gateway).await);
    let id = created(
        &gateway,
        &path,
        json!({ "identity_provider": "microsoftentra" }),
    )
    .await;
    assert_eq!(id["identity_provider"], "microsoft-entra");
    let update = format!(
        "{path}/connections/{}",
        id["connection_id"].as_str().unwrap()
    );
    let body = json!({
        "issuer": "http://127.0.0.1:1/7f0c3a2e-1b5d-4c6f-8a9b-0c1d2e3f4a5b/v2.0",
        "client_id": "app", "client_secret": "s3cret-abcd",
        "authorization_url": "https://idp.test/a", "token_url": "https://idp.test/t",
        "userinfo_url": "https://idp.test/u", "jwks_url": "https://idp.test/k",
    });
    let answer = gateway.put(&update, body).await;
    let connection = &answer.body["connection"];
    assert_eq!(
        (answer.status, &connection["status"]),
        (200, &json!("active")),
        "{}",
        answer.text
    );
    assert!(
        answer.body["warning"]
            .as_str()
            .unwrap()
            .contains("127.0.0.1:1")
    );
    assert_eq!(connection["client_secret"], "****abcd");
    assert!(!answer.text.contains("s3cret"));
}

#[actix_web::test]
async fn a_new_issuers_own_document_fills_in_what_the_body_leaves_out() {
    let gateway = TestGateway::start().await;
    let site = StubSite::start();
    announce(&site);
    let path = connection(&gateway).await;
    let body = json!({
        "issuer": site.origin, "client_id": "app", "token_url": "https://own.test/token",
    });
    let answer = updated(&gateway, &path, body.clone()).await;
    assert_eq!(answer["warning"], Value::Null, "{answer}");
    let shown = &answer["connection"];
    assert_eq!(shown["status"], "pending");
    let expected = [
        ("authorization_url", format!("{}/authorize", site.origin)),
        ("token_url", "https://own.test/token".to_owned()),
        ("userinfo_url", format!("{}/userinfo", site.origin)),
        ("jwks_url", format!("{}/keys", site.origin)),
    ];
    for (field, value) in expected {
        assert_eq!(shown[field], value.as_str(), "{field}");
    }
    let answer = updated(&gateway, &path, json!({ "client_secret": "s3cret-wxyz" })).await;
    assert_eq!(answer["connection"]["status"], "active");
    assert_eq!(answer["connection"]["client_secret"], "****wxyz");
    // The same issuer again is nothing new.
    updated(&gateway, &path, body).await;
    assert_eq!(site.requests(), [DISCOVERY]);
}

#[actix_web::test]
async fn every_field_of_an_oidc_connection_is_kept_and_shown() {
    let gateway = TestGateway::start().await;
    let path = connection(&gateway).await;
    let fields = json!({
        "display_name": "Acme's Entra",
        "client_id": "app",
        "authorization_url": "https://idp.test/a",
        "token_url": "https://idp.test/t",
        "userinfo_url": "https://idp.test/u",
        "jwks_url": "https://idp.test/k",
        "identity_provider": "microsoft-entra",
        "custom_scopes": "openid email offline_access",
        "attribute_mapping": { "groups": "roles", "department": "dept" },
        "connection_implicit_role_assignments": [{ "role_id": "employee" }],
        "group_implicit_role_assignments": [{ "role_id": "editor", "group": "eng" }],
    });
    let shown = updated(&gateway, &path, fields.clone()).await["connection"].clone();
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
    }
    let again = updated(&gateway, &path, json!({ "issuer": null })).await;
    assert_eq!(again["connection"], shown);
}

#[actix_web::test]
async fn what_an_oidc_connection_cannot_use_is_refused_and_changes_nothing() {
    let gateway = TestGateway::start_guarded().await;
    let path = connection(&gateway).await;
    let before = updated(&gateway, &path, json!({})).await["connection"].clone();
    for field in [
        "issuer",
        "authorization_url",
        "token_url",
        "userinfo_url",
        "jwks_url",
    ] {
        let name = field.trim_end_matches("_url");
        let error_type = format!("oidc_connection_{name}_url_invalid_format");
        for value in ["/relative", "javascript:alert(1)", "http://idp.test/x"] {
            let body = json!({ "display_name": "changed", field: value });
            refused(&gateway.put(&path, body).await, &error_type);
        }
    }
    for field in [
        "issuer",
        "client_id",
        "client_secret",
        "authorization_url",
        "token_url",
        "jwks_url",
    ] {
        let body = json!({ "display_name": "changed", field: "" });
        let error_type = format!("oidc_connection_{field}_required");
        refused(&gateway.put(&path, body).await, &error_type);
    }
    let table = [
        ("identity_provider", json!("myspace"), "invalid_sso_idp"),
        (
            "attribute_mapping",
            json!({ "a": { "b": "c" } }),
            "bad_request",
        ),
        (
            "connection_implicit_role_assignments",
            json!([{ "role_id": "undeclared" }]),
            "invalid_rbac_role_id",
        ),
        (
            "group_implicit_role_assignments",
            json!([{ "role_id": "editor", "group": " " }]),
            "saml_group_role_assignment_does_not_contain_member_group",
        ),
    ];
    for (field, value, error_type) in table {
        let body = json!({ "display_name": "changed", field: value });
        refused(&gateway.put(&path, body).await, error_type);
    }
    let after = updated(&gateway, &path, json!({})).await["connection"].clone();
    assert_eq!(after, before);
}

#[actix_web::test]
async fn an_issuer_in_the_private_network_is_not_asked() {
    let gateway = TestGateway::start_guarded().await;
    let path = connection(&gateway).await;
    for issuer in [
        "https://127.0.0.1:1",
        "https://10.0.0.1",
        "https://[::1]",
        "https://localhost",
    ] {
        let answer = updated(&gateway, &path, json!({ "issuer": issuer })).await;
        let warning = answer["warning"].as_str().unwrap();
        assert!(warning.contains("may not be called"), "{warning}");
    }
}

#[actix_web::test]
async fn a_kept_secret_is_sent_nowhere_else_than_it_was_given_for() {
    let gateway = TestGateway::start().await;
    let path = connection(&gateway).await;
    let given = json!({
        "client_id": "app", "client_secret": "s3cret-abcd",
        "token_url": "https://idp.example/token",
    });
    updated(&gateway, &path, given).await;
    let elsewhere = json!({ "token_url": "https://evil.example/token" });
    let answer = gateway.put(&path, elsewhere).await;
    assert_eq!(
        answer.body["error_type"], "oidc_connection_client_secret_required",
        "{}",
        answer.text
    );
    let same_place = json!({ "token_url": "https://idp.example/v2/token" });
    updated(&gateway, &path, same_place).await;
    let both = json!({ "token_url": "https://new.example/token", "client_secret": "s3cret-wxyz" });
    updated(&gateway, &path, both).await;
}
