//! Settings that name connections: the default one, and those that may create members.

use serde_json::Value;
use serde_json::json;

use crate::support::TestGateway;

const CERTIFICATE: &str = include_str!("../../../peers/idp-certificate.pem");

fn path(organization: &Value) -> String {
    let id = organization["organization_id"].as_str().unwrap();
    format!("/v1/b2b/organizations/{id}")
}

async fn saml(gateway: &TestGateway, organization: &Value) -> String {
    let base = format!(
        "/v1/b2b/sso/saml/{}",
        organization["organization_id"].as_str().unwrap()
    );
    let created = gateway.post(&base, json!({ "display_name": "Okta" })).await;
    created.body["connection"]["connection_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn complete(gateway: &TestGateway, organization: &Value, connection: &str) {
    let base = format!(
        "/v1/b2b/sso/saml/{}",
        organization["organization_id"].as_str().unwrap()
    );
    let settings = json!({
        "idp_entity_id": "https://idp.test", "idp_sso_url": "https://idp.test/sso",
        "x509_certificate": CERTIFICATE,
        "attribute_mapping": { "email": "NameID", "full_name": "displayName" },
    });
    let answer = gateway
        .put(&format!("{base}/connections/{connection}"), settings)
        .await;
    assert_eq!(
        answer.body["connection"]["status"], "active",
        "{}",
        answer.text
    );
}

#[actix_web::test]
async fn the_default_connection_is_an_active_one_of_the_organization() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let globex = gateway
        .organization(json!({ "organization_name": "Globex" }))
        .await;
    let own = saml(&gateway, &acme).await;
    let set = |connection: &str| {
        gateway.call(
            "PUT",
            "/v1/b2b/organizations/acme",
            Some(json!({ "sso_default_connection_id": connection })),
        )
    };
    assert_eq!(
        set(&own).await.body["error_type"],
        "invalid_sso_default_connection_id"
    );
    complete(&gateway, &acme, &own).await;
    let answer = set(&own).await;
    assert_eq!(
        answer.body["organization"]["sso_default_connection_id"],
        own.as_str()
    );
    let foreign = saml(&gateway, &globex).await;
    complete(&gateway, &globex, &foreign).await;
    let scim = gateway
        .post("/v1/b2b/scim/acme/connection", json!({}))
        .await;
    let scim = scim.body["connection"]["connection_id"]
        .as_str()
        .unwrap()
        .to_owned();
    for other in [&foreign, &scim] {
        assert_eq!(
            set(other).await.body["error_type"],
            "invalid_sso_default_connection_id"
        );
    }
    let kept = gateway.get("/v1/b2b/organizations/acme").await;
    assert_eq!(
        kept.body["organization"]["sso_default_connection_id"],
        own.as_str()
    );
    assert_eq!(
        set("").await.body["organization"]["sso_default_connection_id"],
        Value::Null
    );
}

#[actix_web::test]
async fn only_own_connections_may_create_members() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let globex = gateway
        .organization(json!({ "organization_name": "Globex" }))
        .await;
    let (own, foreign) = (saml(&gateway, &acme).await, saml(&gateway, &globex).await);
    let set = async |connections: Value| {
        let body = json!({
            "sso_jit_provisioning": "RESTRICTED",
            "sso_jit_provisioning_allowed_connections": connections,
        });
        gateway.put(&path(&acme), body).await
    };
    let refused = set(json!([own, foreign])).await;
    assert_eq!(
        refused.body["error_type"], "invalid_restricted_sso_setting",
        "{}",
        refused.text
    );
    let answer = set(json!([own, own])).await;
    let settings = &answer.body["organization"];
    assert_eq!(
        settings["sso_jit_provisioning"], "RESTRICTED",
        "{}",
        answer.text
    );
    assert_eq!(
        settings["sso_jit_provisioning_allowed_connections"],
        json!([own])
    );
    let emptied = set(json!([])).await;
    assert_eq!(emptied.body["error_type"], "invalid_restricted_sso_setting");
}
