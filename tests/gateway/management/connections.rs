use serde_json::Value;
use serde_json::json;

use crate::support::TestGateway;

const CERTIFICATE: &str = include_str!("../../peers/idp-certificate.pem");

pub(super) async fn acme(gateway: &TestGateway) -> String {
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    acme["organization_id"].as_str().unwrap().to_owned()
}

pub(super) async fn created(gateway: &TestGateway, path: &str, body: Value) -> Value {
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
