//! The roles and resources that every project has (contract 5.1, 5.4).

use crate::domain::rbac::ADMIN_ROLE;
use crate::domain::rbac::MEMBER_ROLE;
use crate::domain::rbac::Permission;
use crate::domain::rbac::Policy;
use crate::domain::rbac::Resource;
use crate::domain::rbac::Role;
use crate::domain::rbac::WILDCARD;

const ROLE_PREFIX: &str = "stytch_";
const RESOURCE_PREFIX: &str = "stytch.";
const SELF: &str = "stytch.self";

/// Whether a role id is not a project's own.
pub fn is_reserved_role(role_id: &str) -> bool {
    role_id.starts_with(ROLE_PREFIX)
}

/// Whether a resource id is not a project's own.
pub fn is_reserved_resource(resource_id: &str) -> bool {
    resource_id.starts_with(RESOURCE_PREFIX)
}

const RESERVED: [(&str, &[&str]); 6] = [
    (
        "stytch.organization",
        &[
            "update.info.name",
            "update.info.slug",
            "update.info.logo-url",
            "update.settings.allowed-auth-methods",
            "update.settings.allowed-mfa-methods",
            "update.settings.email-jit-provisioning",
            "update.settings.email-invites",
            "update.settings.allowed-domains",
            "update.settings.default-sso-connection",
            "update.settings.sso-jit-provisioning",
            "update.settings.mfa-policy",
            "update.settings.implicit-roles",
            "update.settings.oauth-tenant-jit-provisioning",
            "update.settings.allowed-oauth-tenants",
            "delete",
        ],
    ),
    (
        "stytch.member",
        &[
            "create",
            "search",
            "delete",
            "update.info.name",
            "update.info.email",
            "update.info.untrusted-metadata",
            "update.info.mfa-phone",
            "update.info.delete.mfa-phone",
            "update.info.delete.mfa-totp",
            "update.info.delete.password",
            "update.info.unlink.retired-email",
            "update.settings.is-breakglass",
            "update.settings.mfa-enrolled",
            "update.settings.default-mfa-method",
            "update.settings.roles",
            "revoke-sessions",
            "get.connected-apps",
            "revoke.connected-app",
        ],
    ),
    ("stytch.sso", &["create", "get", "update", "delete"]),
    ("stytch.scim", &["create", "get", "update", "delete"]),
    (
        "stytch.custom-org-roles",
        &["create", "get", "update", "delete"],
    ),
    (
        SELF,
        &[
            "update.info.name",
            "update.info.email",
            "update.info.untrusted-metadata",
            "update.info.mfa-phone",
            "update.info.delete.mfa-phone",
            "update.info.delete.mfa-totp",
            "update.info.delete.password",
            "update.info.unlink.retired-email",
            "update.settings.mfa-enrolled",
            "update.settings.default-mfa-method",
            "revoke-sessions",
            "get.connected-apps",
            "revoke.connected-app",
        ],
    ),
];

impl Default for Policy {
    /// The reserved roles and resources.
    fn default() -> Self {
        let everything = |resource: &str| Permission {
            resource_id: resource.to_owned(),
            actions: vec![WILDCARD.to_owned()],
        };
        let resources = RESERVED.iter().map(|(resource_id, actions)| Resource {
            resource_id: (*resource_id).to_owned(),
            description: String::new(),
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        });
        let member = Role {
            role_id: MEMBER_ROLE.to_owned(),
            description: "Every member; may change what is their own.".to_owned(),
            permissions: vec![everything_named(SELF)],
        };
        let admin = Role {
            role_id: ADMIN_ROLE.to_owned(),
            description: "May do everything inside the organization.".to_owned(),
            permissions: RESERVED
                .iter()
                .map(|(resource, _)| everything(resource))
                .collect(),
        };
        Self {
            roles: vec![member, admin],
            resources: resources.collect(),
            scopes: Vec::new(),
        }
    }
}

/// Action by action, so that what exists on a resource is all that can be done: nobody gives
/// themselves roles or the right to break glass.
fn everything_named(resource: &str) -> Permission {
    let known = RESERVED.iter().filter(|(id, _)| *id == resource);
    let actions = known.flat_map(|(_, actions)| actions.iter());
    Permission {
        resource_id: resource.to_owned(),
        actions: actions.map(|action| (*action).to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rbac::OrgPolicy;
    use crate::domain::rbac::granting_roles;

    #[test]
    fn members_may_change_themselves_but_not_raise_themselves() {
        let policy = Policy::default();
        let may = |role: &str, resource, action| {
            let held = [role.to_owned()];
            !granting_roles(&policy, &OrgPolicy::default(), &held, (resource, action)).is_empty()
        };
        assert!(may(MEMBER_ROLE, SELF, "update.info.name"));
        assert!(may(MEMBER_ROLE, SELF, "revoke-sessions"));
        for action in ["update.settings.roles", "update.settings.is-breakglass"] {
            assert!(!may(MEMBER_ROLE, SELF, action), "{action}");
            assert!(may(ADMIN_ROLE, "stytch.member", action), "{action}");
        }
        assert!(may(ADMIN_ROLE, "stytch.custom-org-roles", "update"));
        assert!(!may(MEMBER_ROLE, "stytch.custom-org-roles", "get"));
    }
}
