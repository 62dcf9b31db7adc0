//! Calls about connections on behalf of a member: what the roles of the session allow.

use serde_json::Value;
use serde_json::json;

use super::connections::created;
use super::connections_external::organization;
use super::connections_external::provider;
use crate::support::TestGateway;

/// Each call with the action on `stytch.sso` that it needs, and the status when it is allowed.
fn calls(ids: &Ids) -> Vec<(&'static str, String, &'static str, u16)> {
    let Ids {
        organization,
        saml,
        oidc,
        external,
    } = ids;
    let base = "/v1/b2b/sso";
    let at = |kind: &str, id: &str| format!("{base}/{kind}/{organization}/connections/{id}");
    let absent = "saml-verification-key-test-00000000-0000-4000-8000-000000000000";
    let saml_path = at("saml", saml);
    vec![
        ("GET", format!("{base}/{organization}"), "get", 200),
        ("POST", format!("{base}/saml/{organization}"), "create", 200),
        ("POST", format!("{base}/oidc/{organization}"), "create", 200),
        // Its body names no other organization.
        (
            "POST",
            format!("{base}/external/{organization}"),
            "create",
            404,
        ),
        ("PUT", saml_path.clone(), "update", 200),
        ("PUT", format!("{saml_path}/url"), "update", 400),
        (
            "DELETE",
            format!("{saml_path}/verification_certificates/{absent}"),
            "update",
            404,
        ),
        (
            "POST",
            format!("{saml_path}/encryption_private_keys"),
            "update",
            200,
        ),
        (
            "DELETE",
            format!("{saml_path}/encryption_private_keys/{absent}"),
            "update",
            404,
        ),
        ("PUT", at("oidc", oidc), "update", 200),
        ("PUT", at("external", external), "update", 200),
        (
            "DELETE",
            format!("{base}/{organization}/connections/{external}"),
            "delete",
            200,
        ),
    ]
}

struct Ids {
    organization: String,
    saml: String,
    oidc: String,
    external: String,
}

async fn ids(gateway: &TestGateway, slug: &str) -> Ids {
    let (organization, saml) = provider(gateway, slug).await;
    let oidc = created(
        gateway,
        &format!("/v1/b2b/sso/oidc/{organization}"),
        json!({}),
    )
    .await;
    let (other, target) = provider(gateway, &format!("{slug}-provider")).await;
    let body = json!({ "external_organization_id": other, "external_connection_id": target });
    let path = format!("/v1/b2b/sso/external/{organization}");
    let external = created(gateway, &path, body).await;
    let id = |connection: Value| connection["connection_id"].as_str().unwrap().to_owned();
    Ids {
        organization,
        saml,
        oidc: id(oidc),
        external: id(external),
    }
}

#[actix_web::test]
async fn each_call_needs_its_action_and_no_other() {
    let gateway = TestGateway::start().await;
    let ids = ids(&gateway, "acme").await;
    let body = json!({
        "display_name": "x", "external_organization_id": "x", "external_connection_id": "x",
    });
    let mut tokens = Vec::new();
    for action in ["create", "get", "update", "delete"] {
        gateway
            .declare_role(action, &[("stytch.sso", action)])
            .await;
        let token = gateway.member_session(&ids.organization, &[action]).await;
        tokens.push((action, token));
    }
    for (method, path, needed, status) in calls(&ids) {
        let body = (method != "GET").then(|| body.clone());
        for (action, token) in tokens.iter().filter(|(action, _)| *action != needed) {
            let answer = gateway.call_as(token, (method, &path), body.clone()).await;
            let told = (answer.status, answer.body["error_type"].as_str());
            let expected = (403, Some("session_authorization_error"));
            assert_eq!(told, expected, "{method} {path} with {action}");
        }
        let (_, token) = tokens.iter().find(|(action, _)| *action == needed).unwrap();
        let answer = gateway.call_as(token, (method, &path), body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
    }
}

#[actix_web::test]
async fn another_organizations_connections_are_out_of_reach() {
    let gateway = TestGateway::start().await;
    let theirs = ids(&gateway, "acme").await;
    let own = organization(&gateway, "globex").await;
    gateway.declare_role("all", &[("stytch.sso", "*")]).await;
    let token = gateway.member_session(&own, &["all"]).await;
    for (method, path, _, _) in calls(&theirs) {
        let body = json!({ "external_organization_id": "x", "external_connection_id": "x" });
        let body = (method != "GET").then_some(body);
        let answer = gateway.call_as(&token, (method, &path), body).await;
        let told = (answer.status, answer.body["error_type"].as_str());
        let expected = (403, Some("session_authorization_tenancy_error"));
        assert_eq!(told, expected, "{method} {path}");
    }
}
