//! Calls on behalf of a member: what the roles of the session allow, field by field.

use serde_json::Value;
use serde_json::json;

use crate::support::TestGateway;

async fn acme(gateway: &TestGateway) -> (String, String) {
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let id = acme["organization_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/b2b/organizations/{id}");
    (id, path)
}

/// Each field with the action that allows a member to set it, if one does.
fn fields() -> Vec<(&'static str, Value, Option<&'static str>)> {
    vec![
        ("organization_name", json!("B"), Some("update.info.name")),
        ("organization_slug", json!("bb"), Some("update.info.slug")),
        (
            "organization_logo_url",
            json!("https://b.test/l.png"),
            Some("update.info.logo-url"),
        ),
        (
            "auth_methods",
            json!("ALL_ALLOWED"),
            Some("update.settings.allowed-auth-methods"),
        ),
        (
            "allowed_auth_methods",
            json!(["sso"]),
            Some("update.settings.allowed-auth-methods"),
        ),
        (
            "mfa_methods",
            json!("ALL_ALLOWED"),
            Some("update.settings.allowed-mfa-methods"),
        ),
        (
            "allowed_mfa_methods",
            json!(["totp"]),
            Some("update.settings.allowed-mfa-methods"),
        ),
        (
            "email_jit_provisioning",
            json!("NOT_ALLOWED"),
            Some("update.settings.email-jit-provisioning"),
        ),
        (
            "email_invites",
            json!("NOT_ALLOWED"),
            Some("update.settings.email-invites"),
        ),
        (
            "email_allowed_domains",
            json!(["acme.test"]),
            Some("update.settings.allowed-domains"),
        ),
        (
            "sso_jit_provisioning",
            json!("NOT_ALLOWED"),
            Some("update.settings.sso-jit-provisioning"),
        ),
        (
            "sso_jit_provisioning_allowed_connections",
            json!([]),
            Some("update.settings.sso-jit-provisioning"),
        ),
        (
            "mfa_policy",
            json!("REQUIRED_FOR_ALL"),
            Some("update.settings.mfa-policy"),
        ),
        (
            "rbac_email_implicit_role_assignments",
            json!([{ "domain": "acme.test", "role_id": "editor" }]),
            Some("update.settings.implicit-roles"),
        ),
        (
            "oauth_tenant_jit_provisioning",
            json!("NOT_ALLOWED"),
            Some("update.settings.oauth-tenant-jit-provisioning"),
        ),
        (
            "allowed_oauth_tenants",
            json!({ "slack": ["T1"] }),
            Some("update.settings.allowed-oauth-tenants"),
        ),
        ("organization_external_id", json!("crm-7"), None),
        ("claimed_email_domains", json!(["acme.test"]), None),
        (
            "first_party_connected_apps_allowed_type",
            json!("NOT_ALLOWED"),
            None,
        ),
        ("allowed_first_party_connected_apps", json!(["a"]), None),
        (
            "third_party_connected_apps_allowed_type",
            json!("NOT_ALLOWED"),
            None,
        ),
        ("allowed_third_party_connected_apps", json!(["a"]), None),
    ]
}

#[actix_web::test]
async fn a_member_sets_the_fields_whose_actions_their_roles_allow_and_no_others() {
    let gateway = TestGateway::start().await;
    for (field, value, action) in fields() {
        let (id, path) = acme(&gateway).await;
        let before = gateway.get(&path).await.body["organization"].clone();
        let everything_else: Vec<_> = fields()
            .iter()
            .filter_map(|(_, _, other)| other.filter(|other| Some(*other) != action))
            .map(|other| ("stytch.organization", other))
            .collect();
        gateway.declare_role("all-but-this", &everything_else).await;
        let refused = gateway.member_session(&id, &["all-but-this"]).await;
        let body = json!({ field: value });
        let answer = gateway
            .call_as(&refused, ("PUT", &path), Some(body.clone()))
            .await;
        assert_eq!(answer.status, 403, "{field}: {}", answer.text);
        assert_eq!(
            answer.body["error_type"], "session_authorization_error",
            "{field}"
        );
        assert_eq!(
            gateway.get(&path).await.body["organization"],
            before,
            "{field}"
        );

        if let Some(action) = action {
            gateway
                .declare_role("only-this", &[("stytch.organization", action)])
                .await;
        }
        let role = action.map_or("stytch_admin", |_| "only-this");
        let token = gateway.member_session(&id, &[role]).await;
        let answer = gateway.call_as(&token, ("PUT", &path), Some(body)).await;
        match action {
            Some(_) => {
                assert_eq!(answer.status, 200, "{field}: {}", answer.text);
                assert_eq!(answer.body["organization"][field], value, "{field}");
            }
            None => assert_eq!(answer.status, 403, "{field}: {}", answer.text),
        }
    }
}

#[actix_web::test]
async fn nobody_sets_trusted_metadata_on_behalf_of_a_member() {
    let gateway = TestGateway::start().await;
    let (id, path) = acme(&gateway).await;
    let admin = gateway.member_session(&id, &["stytch_admin"]).await;
    let body = json!({ "organization_name": "B", "trusted_metadata": { "plan": "gold" } });
    let answer = gateway.call_as(&admin, ("PUT", &path), Some(body)).await;
    assert_eq!(answer.status, 401, "{}", answer.text);
    assert_eq!(answer.body["error_type"], "cannot_update_trusted_metadata");
    let after = gateway.get(&path).await;
    assert_eq!(after.body["organization"]["organization_name"], "Acme");
    assert_eq!(after.body["organization"]["trusted_metadata"], json!({}));
}
