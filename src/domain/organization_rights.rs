//! What a member session must be allowed to do for each field of an organization that it sets
//! (contract 5.4).

use crate::domain::organization_draft::OrganizationDraft;

/// The resource on which policies allow these actions.
pub const RESOURCE: &str = "stytch.organization";

/// Needed to delete the organization.
pub const DELETE: &str = "delete";

/// Needed to take the external id away. The contract names no action for it; it is what gives the
/// organization its other name. To set one is for the backend alone, which keys its data by it.
pub const DELETE_EXTERNAL_ID: &str = "update.info.slug";

/// Who may set a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldRight {
    /// A member whose roles allow this action on `stytch.organization`.
    Action(&'static str),
    /// The backend alone: no action stands for the field.
    Backend,
    /// The backend alone: trusted metadata, which has a refusal of its own.
    TrustedMetadata,
}

use FieldRight::Action;
use FieldRight::Backend;
use FieldRight::TrustedMetadata;

macro_rules! field_rights {
    ($($field:ident => $right:expr,)*) => {
        /// What a draft needs: a right for each field that it gives.
        pub fn needed(draft: &OrganizationDraft) -> Vec<FieldRight> {
            // Every field is named, so a new one does not compile until it has its line.
            let OrganizationDraft { $($field,)* } = draft;
            let given = [$($field.is_some().then_some($right),)*];
            given.into_iter().flatten().collect()
        }
    };
}

// An organization's own administrators may change how their people sign in. How the application
// knows the organization, and which mail domains are its property, is for the application to say.
field_rights! {
    trusted_metadata => TrustedMetadata,
    organization_external_id => Backend,
    claimed_email_domains => Backend,
    first_party_connected_apps_allowed_type => Backend,
    allowed_first_party_connected_apps => Backend,
    third_party_connected_apps_allowed_type => Backend,
    allowed_third_party_connected_apps => Backend,
    organization_name => Action("update.info.name"),
    organization_slug => Action("update.info.slug"),
    organization_logo_url => Action("update.info.logo-url"),
    auth_methods => Action("update.settings.allowed-auth-methods"),
    allowed_auth_methods => Action("update.settings.allowed-auth-methods"),
    mfa_methods => Action("update.settings.allowed-mfa-methods"),
    allowed_mfa_methods => Action("update.settings.allowed-mfa-methods"),
    email_jit_provisioning => Action("update.settings.email-jit-provisioning"),
    email_invites => Action("update.settings.email-invites"),
    email_allowed_domains => Action("update.settings.allowed-domains"),
    sso_default_connection_id => Action("update.settings.default-sso-connection"),
    sso_jit_provisioning => Action("update.settings.sso-jit-provisioning"),
    sso_jit_provisioning_allowed_connections => Action("update.settings.sso-jit-provisioning"),
    mfa_policy => Action("update.settings.mfa-policy"),
    rbac_email_implicit_role_assignments => Action("update.settings.implicit-roles"),
    oauth_tenant_jit_provisioning => Action("update.settings.oauth-tenant-jit-provisioning"),
    allowed_oauth_tenants => Action("update.settings.allowed-oauth-tenants"),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rbac::Policy;
    use serde_json::json;

    #[test]
    fn a_draft_needs_a_right_for_each_field_that_it_gives() {
        let draft = serde_json::from_value(json!({
            "organization_name": "A", "claimed_email_domains": [], "trusted_metadata": {},
        }));
        let name = Action("update.info.name");
        assert_eq!(needed(&draft.unwrap()), [TrustedMetadata, Backend, name]);
        assert_eq!(needed(&OrganizationDraft::default()), []);
    }

    #[test]
    fn every_action_is_one_that_policies_know() {
        let policy = Policy::default();
        let known = policy.resources.iter().find(|r| r.resource_id == RESOURCE);
        let source = include_str!("organization_rights.rs");
        let (table, _) = source.split_once("#[cfg(test)]").unwrap();
        let asked: Vec<_> = table.split("=> Action(\"").skip(1).collect();
        assert_eq!(asked.len(), 17);
        for line in asked {
            let (action, _) = line.split_once('"').unwrap();
            assert!(
                known.unwrap().actions.iter().any(|a| a == action),
                "{action}"
            );
        }
    }
}
