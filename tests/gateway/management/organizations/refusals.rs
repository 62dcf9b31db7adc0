//! Every refusal of an organization by its error type, and that nothing was half-written.

use serde_json::Value;
use serde_json::json;

use crate::support::TestGateway;

const ORGANIZATIONS: &str = "/v1/b2b/organizations";

fn path(organization: &Value) -> String {
    format!(
        "{ORGANIZATIONS}/{}",
        organization["organization_id"].as_str().unwrap()
    )
}

fn many(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("t{n}.test")).collect()
}

fn keys(count: usize) -> Value {
    (0..count).map(|n| (format!("k{n}"), json!(n))).collect()
}

fn rules(domain: &str, role: &str) -> Value {
    json!({ "rbac_email_implicit_role_assignments": [{ "domain": domain, "role_id": role }] })
}

/// What is refused on create and update alike.
const REFUSALS: &str = r#"
{"organization_name": ""}                               | invalid_organization_name
{"organization_name": "a\u0007b"}                       | invalid_organization_name
{"organization_name": ["Acme"]}                         | invalid_organization_name
{"organization_slug": "a"}                              | invalid_organization_slug
{"organization_slug": "a/b"}                            | invalid_organization_slug
{"organization_slug": "organization-test-1"}            | invalid_organization_slug
{"organization_slug": "taken"}                          | organization_slug_already_used
{"organization_external_id": ""}                        | invalid_organization_external_id
{"organization_external_id": "Organization-Test-1"}     | invalid_organization_external_id
{"organization_external_id": "taken"}                   | organization_external_id_already_used
{"organization_logo_url": "a\u0000b"}                   | bad_request
{"trusted_metadata": "gold"}                            | metadata_invalid_format
{"sso_default_connection_id": "okta"}                   | invalid_sso_default_connection_id
{"sso_default_connection_id": "UNKNOWN"}                | invalid_sso_default_connection_id
{"sso_jit_provisioning": "SOME"}                        | invalid_organization_auth_factor_setting
{"sso_jit_provisioning": "RESTRICTED"}                  | invalid_restricted_sso_setting
{"sso_jit_provisioning_allowed_connections": ["okta"]}  | invalid_restricted_sso_setting
{"sso_jit_provisioning_allowed_connections": ["UNKNOWN"]} | invalid_restricted_sso_setting
{"email_jit_provisioning": "ALL_ALLOWED"}               | invalid_organization_auth_factor_setting_for_email_jit_provisioning
{"email_jit_provisioning": "RESTRICTED"}                | invalid_restricted_email_setting
{"email_invites": "RESTRICTED"}                         | invalid_restricted_email_setting
{"email_invites": true}                                 | invalid_organization_auth_factor_setting
{"sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "NOT_ALLOWED"} | invalid_organization_auth_factor_setting
{"auth_methods": "SOME"}                                | invalid_organization_auth_method_settings
{"auth_methods": "RESTRICTED"}                          | allowed_auth_methods_required_for_restricted
{"allowed_auth_methods": ["telepathy"]}                 | invalid_organization_allowed_auth_methods
{"mfa_policy": "ALWAYS"}                                | invalid_organization_mfa_policy
{"mfa_methods": "NOT_ALLOWED"}                          | invalid_organization_mfa_factor_setting
{"mfa_methods": "RESTRICTED"}                           | allowed_mfa_methods_required_for_restricted
{"allowed_mfa_methods": "totp"}                         | invalid_organization_allowed_mfa_methods
{"oauth_tenant_jit_provisioning": "ALL_ALLOWED"}        | invalid_organization_auth_factor_setting_for_oauth_tenant_jit_provisioning
{"oauth_tenant_jit_provisioning": "RESTRICTED"}         | invalid_restricted_oauth_tenants_setting
{"allowed_oauth_tenants": {"gitlab": ["1"]}}            | invalid_oauth_allowed_tenants_format
{"allowed_oauth_tenants": {"slack": "T1"}}              | invalid_oauth_allowed_tenants_format
{"allowed_oauth_tenants": {"slack": [""]}}              | invalid_oauth_allowed_tenants_format
{"allowed_oauth_tenants": ["T1"]}                       | invalid_oauth_allowed_tenants_format
{"email_allowed_domains": ["acme"]}                     | organization_settings_invalid_domain
{"email_allowed_domains": ["com.au"]}                   | organization_settings_invalid_domain
{"email_allowed_domains": "acme.test"}                  | organization_settings_invalid_domain
{"email_allowed_domains": ["a.test", "GMAIL.com"]}      | organization_settings_domain_too_common
{"email_allowed_domains": ["mailinator.com"]}           | organization_settings_disposable_domain
{"email_allowed_domains": ["a.test", "A.test"]}         | organization_settings_duplicate_domain
{"claimed_email_domains": ["a b.test"]}                 | organization_settings_invalid_claimed_domain
{"claimed_email_domains": ["gmail.com"]}                | organization_settings_claimed_domain_too_common
{"claimed_email_domains": ["yopmail.com"]}              | organization_settings_disposable_domain
{"claimed_email_domains": ["b.test", "b.test"]}         | organization_settings_duplicate_claimed_domain
{"claimed_email_domains": ["TAKEN.test"]}               | organization_settings_duplicate_claimed_domain
{"rbac_email_implicit_role_assignments": [{"domain": "a", "role_id": "editor"}]}           | rbac_invalid_domain
{"rbac_email_implicit_role_assignments": [{"domain": "outlook.com", "role_id": "editor"}]} | rbac_domain_too_common
{"rbac_email_implicit_role_assignments": [{"domain": "a.test", "role_id": "unheard-of"}]}  | invalid_rbac_role_id
{"rbac_email_implicit_role_assignments": [{"domain": "a.test", "role_id": "no good"}]}     | invalid_rbac_role_id
{"rbac_email_implicit_role_assignments": [{"domain": "a.test"}]}                           | invalid_rbac_role_assignment
{"allowed_first_party_connected_apps": [""]}            | bad_request
{"third_party_connected_apps_allowed_type": "SOME"}     | bad_request
"#;

fn refusals() -> Vec<(Value, &'static str)> {
    let mut all = vec![
        (
            json!({ "organization_name": "x".repeat(129) }),
            "invalid_organization_name",
        ),
        (
            json!({ "organization_logo_url": "x".repeat(2049) }),
            "organization_logo_url_too_long",
        ),
        (
            json!({ "trusted_metadata": { "a": "x".repeat(4096) } }),
            "metadata_too_large",
        ),
        (
            json!({ "trusted_metadata": keys(21) }),
            "metadata_too_many_keys",
        ),
        (
            json!({ "email_allowed_domains": many(101) }),
            "too_many_domains",
        ),
        (
            json!({ "claimed_email_domains": many(101) }),
            "too_many_domains",
        ),
    ];
    let unknown = "saml-connection-test-00000000-0000-4000-8000-000000000000";
    for line in REFUSALS.trim().lines() {
        let (body, error_type) = line.rsplit_once('|').unwrap();
        let body = serde_json::from_str(&body.replace("UNKNOWN", unknown)).unwrap();
        all.push((body, error_type.trim()));
    }
    all
}

#[actix_web::test]
async fn what_breaks_a_rule_is_refused_by_name_and_changes_nothing() {
    let gateway = TestGateway::start().await;
    let taken = json!({
        "organization_name": "Taken", "organization_slug": "taken",
        "organization_external_id": "taken", "claimed_email_domains": ["taken.test"],
    });
    gateway.organization(taken).await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let path = path(&acme);
    for (body, error_type) in refusals() {
        let mut update =
            json!({ "organization_name": "Half", "claimed_email_domains": ["half.test"] });
        let mut create = update.clone();
        for (field, value) in body.as_object().unwrap() {
            update[field] = value.clone();
            create[field] = value.clone();
        }
        for answer in [
            gateway.put(&path, update).await,
            gateway.post(ORGANIZATIONS, create).await,
        ] {
            let got = (answer.status, &answer.body["error_type"]);
            assert_eq!(got, (400, &json!(error_type)), "{body}: {}", answer.text);
        }
        assert_eq!(
            gateway.get(&path).await.body["organization"],
            acme,
            "{body}"
        );
    }
    let all = gateway
        .post(&format!("{ORGANIZATIONS}/search"), json!({}))
        .await;
    assert_eq!(all.body["results_metadata"]["total"], 2);
    let free = json!({ "organization_name": "B", "claimed_email_domains": ["half.test"] });
    gateway.organization(free).await;
}

#[actix_web::test]
async fn the_limits_themselves_are_allowed() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    for body in [
        json!({ "organization_name": "x".repeat(128) }),
        json!({ "organization_slug": "y".repeat(128) }),
        json!({ "organization_external_id": "z".repeat(128) }),
        json!({ "organization_logo_url": "u".repeat(2048) }),
        json!({ "trusted_metadata": keys(20) }),
        json!({ "email_allowed_domains": many(100) }),
        json!({ "claimed_email_domains": many(100) }),
        rules("a.test", "editor"),
    ] {
        let answer = gateway.put(&path(&acme), body.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        for (field, value) in body.as_object().unwrap() {
            assert_eq!(&answer.body["organization"][field], value, "{field}");
        }
    }
}
