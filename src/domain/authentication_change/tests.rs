use chrono::DateTime;
use serde_json::Value;
use serde_json::json;

use super::*;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;

fn changed(first: Value, second: Value) -> Result<AuthenticationSettings, OrganizationRefusal> {
    let draft = |json: Value| serde_json::from_value::<OrganizationDraft>(json).unwrap();
    let project = ProjectId::new("project-test-1");
    let named = OrganizationDraft {
        organization_name: Some("A".to_owned()),
        ..draft(first)
    };
    let created = Organization::create(project, &named, DateTime::UNIX_EPOCH)?;
    let updated = created.update(&draft(second), DateTime::UNIX_EPOCH)?;
    Ok(updated.settings)
}

fn many(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("t{n}")).collect()
}

#[test]
fn a_restricted_setting_needs_its_list_whichever_of_the_two_changes() {
    let connection = ConnectionId::fresh(ConnectionKind::Saml).to_string();
    for (setting, list, entries) in [
        ("auth_methods", "allowed_auth_methods", json!(["sso"])),
        ("mfa_methods", "allowed_mfa_methods", json!(["totp"])),
        (
            "sso_jit_provisioning",
            "sso_jit_provisioning_allowed_connections",
            json!([connection]),
        ),
        (
            "email_jit_provisioning",
            "email_allowed_domains",
            json!(["a.test"]),
        ),
        ("email_invites", "email_allowed_domains", json!(["a.test"])),
        (
            "oauth_tenant_jit_provisioning",
            "allowed_oauth_tenants",
            json!({ "slack": ["T1"] }),
        ),
    ] {
        let refused = Err(OrganizationRefusal::EmptyList(list));
        let restricted = json!({ setting: "RESTRICTED" });
        let whole = json!({ setting: "RESTRICTED", list: entries });
        let emptied = if entries.is_array() {
            json!([])
        } else {
            json!({})
        };
        assert_eq!(changed(json!({}), restricted.clone()), refused, "{setting}");
        assert_eq!(changed(restricted, json!({})), refused, "{setting}");
        assert!(changed(json!({}), whole.clone()).is_ok(), "{setting}");
        assert_eq!(
            changed(whole, json!({ list: emptied })),
            refused,
            "{setting}"
        );
    }
}

#[test]
fn what_is_given_is_taken_in_its_one_form() {
    let connection = ConnectionId::fresh(ConnectionKind::Saml);
    let settings = changed(
        json!({ "sso_default_connection_id": connection }),
        json!({
            "email_allowed_domains": [" Acme.Test "],
            "claimed_email_domains": ["BÜCHER.test"],
            "allowed_auth_methods": ["sso", "password", "sso"],
            "allowed_mfa_methods": ["totp", "totp"],
            "sso_jit_provisioning_allowed_connections": [connection, connection],
            "rbac_email_implicit_role_assignments": [
                { "domain": "Acme.test", "role_id": "editor" },
                { "domain": "acme.test", "role_id": "viewer" },
            ],
        }),
    )
    .unwrap();
    assert_eq!(settings.email_allowed_domains, ["acme.test"]);
    assert_eq!(settings.claimed_email_domains, ["xn--bcher-kva.test"]);
    assert_eq!(settings.allowed_auth_methods.len(), 2);
    assert_eq!(settings.allowed_mfa_methods.len(), 1);
    assert_eq!(
        settings.sso_jit_provisioning_allowed_connections,
        [connection]
    );
    assert_eq!(settings.sso_default_connection_id, Some(connection));
    let rules = &settings.rbac_email_implicit_role_assignments;
    assert!(rules.iter().all(|rule| rule.domain == "acme.test"));
}

#[test]
fn an_empty_text_unsets_the_default_connection() {
    let connection = ConnectionId::fresh(ConnectionKind::Oidc);
    let set = json!({ "sso_default_connection_id": connection });
    let unset = changed(set, json!({ "sso_default_connection_id": "" })).unwrap();
    assert_eq!(unset.sso_default_connection_id, None);
    assert_eq!(
        changed(json!({}), json!({ "sso_default_connection_id": "okta" })),
        Err(OrganizationRefusal::InvalidDefaultConnection("okta".into()))
    );
}

#[test]
fn what_breaks_a_rule_is_refused_by_name() {
    use DomainFault as F;
    use DomainList as L;
    use OrganizationRefusal as R;
    let rule = |domain: &str, role: &str| json!({ "domain": domain, "role_id": role });
    let rules: Vec<_> = (0..101)
        .map(|n| rule(&format!("t{n}.test"), "editor"))
        .collect();
    for (draft, refusal) in [
        (
            json!({ "email_jit_provisioning": "ALL_ALLOWED" }),
            R::InvalidDoor("email_jit_provisioning"),
        ),
        (
            json!({ "oauth_tenant_jit_provisioning": "ALL_ALLOWED" }),
            R::InvalidDoor("oauth_tenant_jit_provisioning"),
        ),
        (
            json!({ "sso_jit_provisioning": "NOT_ALLOWED", "email_invites": "NOT_ALLOWED" }),
            R::AllDoorsClosed,
        ),
        (
            json!({ "email_allowed_domains": ["gmail.com"] }),
            R::Domain(L::Allowed, F::TooCommon, "gmail.com".into()),
        ),
        (
            json!({ "claimed_email_domains": ["a.test", "A.test"] }),
            R::Domain(L::Claimed, F::Duplicate, "A.test".into()),
        ),
        (
            json!({ "rbac_email_implicit_role_assignments": [rule("co.uk", "editor")] }),
            R::Domain(L::ImplicitRoles, F::Invalid, "co.uk".into()),
        ),
        (
            json!({ "rbac_email_implicit_role_assignments": [rule("a.test", "no good")] }),
            R::InvalidRoleId("no good".into()),
        ),
        (
            json!({ "rbac_email_implicit_role_assignments": [rule("a.test", "editor"), rule("A.test", "editor")] }),
            R::Domain(L::ImplicitRoles, F::Duplicate, "a.test".into()),
        ),
        (
            json!({ "rbac_email_implicit_role_assignments": rules }),
            R::Domain(L::ImplicitRoles, F::TooMany, "t100.test".into()),
        ),
        (
            json!({ "allowed_oauth_tenants": { "slack": ["T1"], "github": [""] } }),
            R::InvalidOauthTenants("github"),
        ),
        (
            json!({ "allowed_oauth_tenants": { "hubspot": many(101) } }),
            R::InvalidOauthTenants("hubspot"),
        ),
        (
            json!({ "allowed_first_party_connected_apps": many(101) }),
            R::InvalidConnectedApps("allowed_first_party_connected_apps"),
        ),
        (
            json!({ "allowed_third_party_connected_apps": ["x".repeat(129)] }),
            R::InvalidConnectedApps("allowed_third_party_connected_apps"),
        ),
    ] {
        assert_eq!(changed(json!({}), draft.clone()), Err(refusal), "{draft}");
    }
}

#[test]
fn a_domain_that_was_good_once_does_not_keep_the_rest_from_changing() {
    let mut settings = AuthenticationSettings {
        email_allowed_domains: vec!["gmail.com".to_owned()],
        ..AuthenticationSettings::default()
    };
    let draft = OrganizationDraft {
        email_invites: Some(Door::Restricted),
        ..OrganizationDraft::default()
    };
    assert_eq!(settings.take(&draft), Ok(()));
    assert_eq!(settings.check(), Ok(()));
}
