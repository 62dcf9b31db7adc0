use serde_json::Value;
use serde_json::json;

use crate::support::TestGateway;

const CERTIFICATE: &str = include_str!("../../peers/idp-certificate.pem");

async fn acme(gateway: &TestGateway) -> String {
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    acme["organization_id"].as_str().unwrap().to_owned()
}

async fn created(gateway: &TestGateway, path: &str, body: Value) -> Value {
    let answer = gateway.post(path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["connection"].clone()
}

#[actix_web::test]
async fn a_saml_connection_becomes_active_when_it_is_complete() {
    let gateway = TestGateway::start().await;
    let organization = acme(&gateway).await;
    let path = format!("/v1/b2b/sso/saml/{organization}");
    let body = json!({ "display_name": "Okta", "identity_provider": "okta" });
    let connection = created(&gateway, &path, body).await;
    assert_eq!(
        (&connection["status"], &connection["identity_provider"]),
        (&json!("pending"), &json!("okta"))
    );
    assert_eq!(connection["idp_initiated_auth_disabled"], true);
    let id = connection["connection_id"].as_str().unwrap();
    let callback = format!("{}/v1/b2b/sso/callback/{id}", gateway.base_url);
    assert_eq!(
        (&connection["acs_url"], &connection["audience_uri"]),
        (&json!(callback), &json!(callback))
    );
    let update = format!("{path}/connections/{id}");
    let half =
        json!({ "idp_entity_id": "https://idp.test", "idp_sso_url": "https://idp.test/sso" });
    assert_eq!(
        gateway.put(&update, half).await.body["connection"]["status"],
        "pending"
    );
    let rest = json!({
        "x509_certificate": CERTIFICATE,
        "attribute_mapping": { "email": "NameID", "full_name": "displayName", "groups": "groups" },
        "saml_connection_implicit_role_assignments": [{ "role_id": "employee" }],
        "saml_group_implicit_role_assignments": [{ "role_id": "editor", "group": "eng" }],
    });
    for _ in 0..2 {
        let answer = gateway.put(&update, rest.clone()).await;
        let updated = &answer.body["connection"];
        assert_eq!(updated["status"], "active", "{}", answer.text);
        assert_eq!(
            updated["verification_certificates"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            updated["saml_group_implicit_role_assignments"],
            rest["saml_group_implicit_role_assignments"]
        );
    }
    let list = gateway.get(&format!("/v1/b2b/sso/{organization}")).await;
    assert_eq!(list.body["saml_connections"][0]["connection_id"], id);
    let shown = gateway
        .get(&format!("/v1/b2b/organizations/{organization}"))
        .await;
    assert_eq!(
        shown.body["organization"]["sso_active_connections"][0]["connection_id"],
        id
    );
}

#[actix_web::test]
async fn what_a_saml_connection_cannot_use_is_refused_and_changes_nothing() {
    let gateway = TestGateway::start().await;
    let path = format!("/v1/b2b/sso/saml/{}", acme(&gateway).await);
    let id = created(&gateway, &path, json!({})).await["connection_id"].clone();
    let update = format!("{path}/connections/{}", id.as_str().unwrap());
    for (body, error_type) in [
        (
            json!({ "x509_certificate": "nonsense" }),
            "invalid_x509_certificate",
        ),
        (
            json!({ "idp_sso_url": "javascript:alert(1)" }),
            "invalid_idp_sso_url",
        ),
        (json!({ "idp_sso_url": "/sso" }), "invalid_idp_sso_url"),
        (
            json!({ "attribute_mapping": { "full_name": "n" } }),
            "saml_connection_email_mapping_required",
        ),
        (
            json!({ "attribute_mapping": { "email": "e" } }),
            "saml_connection_name_mapping_required",
        ),
        (
            json!({ "attribute_mapping": { "email": { "x": 1 } } }),
            "saml_connection_no_nested_keys_in_attribute_mapping",
        ),
        (
            json!({ "saml_group_implicit_role_assignments": [{ "role_id": "r", "group": "g" }] }),
            "saml_connection_attribute_mapping_missing_groups_key",
        ),
        (
            json!({ "signing_private_key": "nonsense" }),
            "saml_signing_private_key_invalid",
        ),
        (json!({ "identity_provider": "myspace" }), "invalid_sso_idp"),
        (
            json!({ "display_name": "changed", "identity_provider": "myspace" }),
            "invalid_sso_idp",
        ),
    ] {
        let answer = gateway.put(&update, body.clone()).await;
        assert_eq!(
            (answer.status, &answer.body["error_type"]),
            (400, &json!(error_type)),
            "{body}"
        );
    }
    let after = gateway.put(&update, json!({})).await.body["connection"].clone();
    assert_eq!(
        (&after["display_name"], &after["verification_certificates"]),
        (&json!(""), &json!([]))
    );
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
        "issuer": "http://127.0.0.1:1", "client_id": "app", "client_secret": "s3cret-abcd",
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
async fn a_scim_connection_tells_its_token_once_and_is_the_only_one() {
    let gateway = TestGateway::start().await;
    let organization = acme(&gateway).await;
    let path = format!("/v1/b2b/scim/{organization}/connection");
    let missing = gateway.get(&path).await;
    assert_eq!(
        (missing.status, &missing.body["error_type"]),
        (404, &json!("no_active_scim_connection"))
    );
    let body = json!({ "identity_provider": "microsoft-entra", "display_name": "Entra" });
    let connection = created(&gateway, &path, body).await;
    let token = connection["bearer_token"].as_str().unwrap();
    assert_eq!(token.len(), 48);
    assert!(token.ends_with(connection["bearer_token_last_four"].as_str().unwrap()));
    assert!(
        connection["base_url"]
            .as_str()
            .unwrap()
            .ends_with("?aadOptscim062020")
    );
    let shown = gateway.get(&path).await;
    assert_eq!(shown.body["connection"]["bearer_token"], Value::Null);
    assert!(!shown.text.contains(token));
    let second = gateway.post(&path, json!({})).await;
    assert_eq!(second.body["error_type"], "active_scim_connection_exists");
    let id = connection["connection_id"].as_str().unwrap();
    let unknown = json!({ "scim_group_implicit_role_assignments": [
        { "role_id": "editor", "group_id": "scim-group-test-00000000-0000-4000-8000-000000000000", "group_name": "x" },
    ]});
    let answer = gateway.put(&format!("{path}/{id}"), unknown).await;
    assert_eq!(
        answer.body["error_type"],
        "scim_group_role_assignment_group_does_not_exist"
    );
    let renamed = gateway
        .put(&format!("{path}/{id}"), json!({ "display_name": "Azure" }))
        .await;
    assert_eq!(renamed.body["connection"]["display_name"], "Azure");
}

#[actix_web::test]
async fn another_organizations_connection_is_like_a_missing_one() {
    let gateway = TestGateway::start().await;
    let (acme, globex) = (acme(&gateway).await, acme(&gateway).await);
    for (kind, error_type) in [
        ("saml", "saml_connection_not_found"),
        ("oidc", "oidc_connection_not_found"),
    ] {
        let connection = created(&gateway, &format!("/v1/b2b/sso/{kind}/{acme}"), json!({})).await;
        let id = connection["connection_id"].as_str().unwrap().to_owned();
        let unknown = format!("{kind}-connection-test-00000000-0000-4000-8000-000000000000");
        for id in [id, unknown, "nonsense".to_owned()] {
            let path = format!("/v1/b2b/sso/{kind}/{globex}/connections/{id}");
            let answer = gateway
                .put(&path, json!({ "display_name": "stolen" }))
                .await;
            assert_eq!(
                (answer.status, &answer.body["error_type"]),
                (404, &json!(error_type)),
                "{id}"
            );
        }
    }
}
