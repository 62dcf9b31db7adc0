use serde_json::Value;
use serde_json::json;

use super::connections::created;
use super::connections_external::organization;
use super::connections_external::provider;
use crate::support::Answer;
use crate::support::TestGateway;

async fn delete(gateway: &TestGateway, organization: &str, connection: &str) -> Answer {
    let path = format!("/v1/b2b/sso/{organization}/connections/{connection}");
    gateway.call("DELETE", &path, Some(json!({}))).await
}

fn refused(answer: &Answer, status: u16, error_type: &str) {
    let told = (answer.status, answer.body["error_type"].as_str());
    assert_eq!(told, (status, Some(error_type)), "{}", answer.text);
}

async fn settings(gateway: &TestGateway, organization: &str) -> Value {
    let path = format!("/v1/b2b/organizations/{organization}");
    gateway.get(&path).await.body["organization"].clone()
}

async fn change(gateway: &TestGateway, organization: &str, body: Value) {
    let path = format!("/v1/b2b/organizations/{organization}");
    let answer = gateway.put(&path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn external(gateway: &TestGateway, organization: &str, target: (&str, &str)) -> String {
    let body = json!({ "external_organization_id": target.0, "external_connection_id": target.1 });
    let path = format!("/v1/b2b/sso/external/{organization}");
    let created = created(gateway, &path, body).await;
    created["connection_id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_connection_of_any_kind_goes_once_and_out_of_every_list() {
    let gateway = TestGateway::start().await;
    let (acme, saml) = provider(&gateway, "acme").await;
    let (other, theirs) = provider(&gateway, "other").await;
    let oidc = created(&gateway, &format!("/v1/b2b/sso/oidc/{acme}"), json!({})).await;
    let oidc = oidc["connection_id"].as_str().unwrap();
    let external = external(&gateway, &acme, (&other, &theirs)).await;
    let scim = created(
        &gateway,
        &format!("/v1/b2b/scim/{acme}/connection"),
        json!({}),
    )
    .await;
    let scim = scim["connection_id"].as_str().unwrap();
    for id in [saml.as_str(), oidc, &external] {
        refused(
            &delete(&gateway, &other, id).await,
            404,
            "sso_connection_not_found",
        );
        let answer = delete(&gateway, "acme", id).await;
        assert_eq!(
            (answer.status, &answer.body["connection_id"]),
            (200, &json!(id))
        );
        refused(
            &delete(&gateway, &acme, id).await,
            404,
            "sso_connection_not_found",
        );
    }
    for id in [scim, "nonsense"] {
        refused(
            &delete(&gateway, &acme, id).await,
            404,
            "sso_connection_not_found",
        );
    }
    let list = gateway.get(&format!("/v1/b2b/sso/{acme}")).await;
    for kind in ["saml", "oidc", "external"] {
        assert_eq!(
            list.body[format!("{kind}_connections")],
            json!([]),
            "{kind}"
        );
    }
    assert_eq!(
        settings(&gateway, &acme).await["sso_active_connections"],
        json!([])
    );
    let path = format!("/v1/b2b/sso/saml/{acme}/connections/{saml}");
    refused(
        &gateway.put(&path, json!({})).await,
        404,
        "saml_connection_not_found",
    );
    // The other organization's own connection is untouched, and can be pointed at anew.
    let again = self::external(&gateway, &acme, (&other, &theirs)).await;
    assert_ne!(again, external);
}

#[actix_web::test]
async fn the_default_connection_stays_until_it_is_the_default_no_longer() {
    let gateway = TestGateway::start().await;
    let (acme, saml) = provider(&gateway, "acme").await;
    change(
        &gateway,
        &acme,
        json!({ "sso_default_connection_id": saml }),
    )
    .await;
    let answer = delete(&gateway, &acme, &saml).await;
    refused(&answer, 400, "cannot_delete_default_sso_connection");
    let (other, theirs) = provider(&gateway, "other").await;
    let external = external(&gateway, &acme, (&other, &theirs)).await;
    change(
        &gateway,
        &acme,
        json!({ "sso_default_connection_id": external }),
    )
    .await;
    assert_eq!(delete(&gateway, &acme, &saml).await.status, 200);
    assert_eq!(
        settings(&gateway, &acme).await["sso_default_connection_id"],
        external.as_str()
    );
}

#[actix_web::test]
async fn a_connection_that_is_gone_creates_nobody() {
    let gateway = TestGateway::start().await;
    let (acme, first) = provider(&gateway, "acme").await;
    let (other, theirs) = provider(&gateway, "other").await;
    let second = external(&gateway, &acme, (&other, &theirs)).await;
    let restricted = json!({
        "sso_jit_provisioning": "RESTRICTED",
        "sso_jit_provisioning_allowed_connections": [first, second],
    });
    change(&gateway, &acme, restricted).await;
    assert_eq!(delete(&gateway, &acme, &first).await.status, 200);
    let left = settings(&gateway, &acme).await;
    assert_eq!(left["sso_jit_provisioning"], "RESTRICTED");
    assert_eq!(
        left["sso_jit_provisioning_allowed_connections"],
        json!([second])
    );
    assert_eq!(delete(&gateway, &acme, &second).await.status, 200);
    let closed = settings(&gateway, &acme).await;
    assert_eq!(closed["sso_jit_provisioning"], "NOT_ALLOWED");
    assert_eq!(
        closed["sso_jit_provisioning_allowed_connections"],
        json!([])
    );
    // Whatever does not open a door can still be changed.
    change(&gateway, &acme, json!({ "organization_name": "Acme Inc" })).await;
}

#[actix_web::test]
async fn external_connections_end_with_what_they_stand_for() {
    for whole_organization in [false, true] {
        let gateway = TestGateway::start().await;
        let (acme, saml) = provider(&gateway, "acme").await;
        let mut others = Vec::new();
        for slug in ["globex", "initech"] {
            let organization = organization(&gateway, slug).await;
            let id = external(&gateway, &organization, (&acme, &saml)).await;
            let default = json!({ "sso_default_connection_id": id });
            change(&gateway, &organization, default).await;
            others.push(organization);
        }
        let gone = if whole_organization {
            let path = format!("/v1/b2b/organizations/{acme}");
            gateway.call("DELETE", &path, None).await
        } else {
            delete(&gateway, &acme, &saml).await
        };
        assert_eq!(gone.status, 200, "{}", gone.text);
        for organization in &others {
            let list = gateway.get(&format!("/v1/b2b/sso/{organization}")).await;
            assert_eq!(list.body["external_connections"], json!([]));
            let left = settings(&gateway, organization).await;
            assert_eq!(left["sso_default_connection_id"], Value::Null);
        }
    }
}

#[actix_web::test]
async fn an_organization_has_at_most_fifty_connections() {
    let gateway = TestGateway::start().await;
    let acme = organization(&gateway, "acme").await;
    for number in 0..50 {
        let kind = if number % 2 == 0 { "saml" } else { "oidc" };
        created(&gateway, &format!("/v1/b2b/sso/{kind}/{acme}"), json!({})).await;
    }
    for kind in ["saml", "oidc"] {
        let answer = gateway
            .post(&format!("/v1/b2b/sso/{kind}/{acme}"), json!({}))
            .await;
        refused(&answer, 400, "too_many_sso_connections");
    }
    created(
        &gateway,
        &format!("/v1/b2b/scim/{acme}/connection"),
        json!({}),
    )
    .await;
}
