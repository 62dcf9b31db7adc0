use serde_json::Value;
use serde_json::json;

use super::connections::created;
use crate::support::Answer;
use crate::support::TestGateway;

const CERTIFICATE: &str = include_str!("../../peers/idp-certificate.pem");

/// An organization with an active SAML connection, the ids of both.
pub(super) async fn provider(gateway: &TestGateway, slug: &str) -> (String, String) {
    let organization = organization(gateway, slug).await;
    let path = format!("/v1/b2b/sso/saml/{organization}");
    let connection = created(gateway, &path, json!({})).await;
    let id = connection["connection_id"].as_str().unwrap().to_owned();
    let complete = json!({
        "idp_entity_id": "https://idp.test",
        "idp_sso_url": "https://idp.test/sso",
        "x509_certificate": CERTIFICATE,
        "attribute_mapping": { "email": "NameID", "full_name": "name" },
    });
    let answer = gateway
        .put(&format!("{path}/connections/{id}"), complete)
        .await;
    assert_eq!(
        answer.body["connection"]["status"], "active",
        "{}",
        answer.text
    );
    (organization, id)
}

pub(super) async fn organization(gateway: &TestGateway, slug: &str) -> String {
    let body = json!({ "organization_name": slug, "organization_slug": slug });
    let organization = gateway.organization(body).await;
    organization["organization_id"].as_str().unwrap().to_owned()
}

fn pointing_at(organization: &str, connection: &str) -> Value {
    json!({ "external_organization_id": organization, "external_connection_id": connection })
}

fn refused(answer: &Answer, status: u16, error_type: &str) {
    let told = (answer.status, answer.body["error_type"].as_str());
    assert_eq!(told, (status, Some(error_type)), "{}", answer.text);
}

#[actix_web::test]
async fn an_external_connection_is_active_at_once_and_gives_roles_of_its_own() {
    let gateway = TestGateway::start().await;
    let (acme, saml) = provider(&gateway, "acme").await;
    let globex = organization(&gateway, "globex").await;
    let path = format!("/v1/b2b/sso/external/{globex}");
    let body = json!({
        "external_organization_id": "acme",
        "external_connection_id": saml,
        "display_name": "Through Acme",
        "connection_implicit_role_assignments": [{ "role_id": "employee" }],
        "group_implicit_role_assignments": [{ "role_id": "editor", "group": "eng" }],
    });
    let connection = created(&gateway, &path, body).await;
    let id = connection["connection_id"].as_str().unwrap();
    assert!(id.starts_with("external-connection-test-"));
    let expected = json!({
        "organization_id": globex,
        "connection_id": id,
        "external_organization_id": acme,
        "external_connection_id": saml,
        "display_name": "Through Acme",
        "status": "active",
        "external_connection_implicit_role_assignments": [{ "role_id": "employee" }],
        "external_group_implicit_role_assignments": [{ "role_id": "editor", "group": "eng" }],
    });
    assert_eq!(connection, expected);
    let update = format!("{path}/connections/{id}");
    let changes = json!({
        "display_name": "Acme",
        "external_connection_implicit_role_assignments": [{ "role_id": "viewer" }],
        "external_group_implicit_role_assignments": [],
    });
    for _ in 0..2 {
        let answer = gateway.put(&update, changes.clone()).await;
        let shown = &answer.body["connection"];
        for (name, value) in changes.as_object().unwrap() {
            assert_eq!(&shown[name], value, "{name}");
        }
    }
    let list = gateway.get(&format!("/v1/b2b/sso/{globex}")).await;
    assert_eq!(list.body["external_connections"][0]["connection_id"], id);
    assert_eq!(list.body["saml_connections"], json!([]));
    let shown = gateway
        .get(&format!("/v1/b2b/organizations/{globex}"))
        .await;
    let active = &shown.body["organization"]["sso_active_connections"][0];
    assert_eq!(active["connection_id"], id);
    let default = json!({ "sso_default_connection_id": id });
    let answer = gateway
        .put(&format!("/v1/b2b/organizations/{globex}"), default)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn only_an_active_connection_of_another_organization_can_be_external() {
    let gateway = TestGateway::start().await;
    let (acme, saml) = provider(&gateway, "acme").await;
    let (globex, own) = provider(&gateway, "globex").await;
    let pending = created(&gateway, &format!("/v1/b2b/sso/oidc/{acme}"), json!({})).await;
    let pending = pending["connection_id"].as_str().unwrap();
    let scim = created(
        &gateway,
        &format!("/v1/b2b/scim/{acme}/connection"),
        json!({}),
    )
    .await;
    let scim = scim["connection_id"].as_str().unwrap();
    let path = format!("/v1/b2b/sso/external/{globex}");
    let first = created(&gateway, &path, pointing_at(&acme, &saml)).await;
    let first = first["connection_id"].as_str().unwrap();
    let initech = organization(&gateway, "initech").await;
    let absent = "saml-connection-test-00000000-0000-4000-8000-000000000000";
    let not_found = "external_connection_id_not_found";
    let own_error = "external_organization_id_same_as_organization_id";
    let table = [
        (globex.as_str(), own.as_str(), 400, own_error),
        ("globex", saml.as_str(), 400, own_error),
        (&acme, absent, 404, not_found),
        (&acme, "nonsense", 404, not_found),
        (&acme, scim, 404, not_found),
        (&acme, &own, 404, not_found),
        ("nobody", &saml, 404, not_found),
        (&acme, pending, 400, "external_connection_not_active"),
        (&acme, &saml, 400, "duplicate_external_sso_connection"),
    ];
    for (organization, connection, status, error_type) in table {
        let answer = gateway
            .post(&path, pointing_at(organization, connection))
            .await;
        refused(&answer, status, error_type);
    }
    let chained = format!("/v1/b2b/sso/external/{initech}");
    let answer = gateway.post(&chained, pointing_at(&globex, first)).await;
    refused(&answer, 404, not_found);
    for body in [json!({}), json!({ "external_organization_id": acme })] {
        refused(&gateway.post(&path, body).await, 400, "bad_request");
    }
    let mut unknown_role = pointing_at(&acme, &saml);
    unknown_role["connection_implicit_role_assignments"] = json!([{ "role_id": "undeclared" }]);
    refused(
        &gateway.post(&chained, unknown_role).await,
        400,
        "invalid_rbac_role_id",
    );
    let foreign = format!("/v1/b2b/sso/external/{acme}/connections/{first}");
    let answer = gateway.put(&foreign, json!({ "display_name": "x" })).await;
    refused(&answer, 404, "sso_connection_not_found");
    let list = gateway.get(&format!("/v1/b2b/sso/{globex}")).await;
    assert_eq!(
        list.body["external_connections"].as_array().unwrap().len(),
        1
    );
}
