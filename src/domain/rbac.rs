//! Roles, resources and actions of the project policy; does it allow that? (contract 5)

use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

/// The role that every member has.
pub const MEMBER_ROLE: &str = "stytch_member";
/// The role that may do everything inside its organization.
pub const ADMIN_ROLE: &str = "stytch_admin";

const WILDCARD: &str = "*";

/// What a role may do with a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Permission {
    /// The resource.
    pub resource_id: String,
    /// The actions; `*` is all of them.
    pub actions: Vec<String>,
}

/// A role of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Role {
    /// Its id.
    pub role_id: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

/// A resource of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resource {
    /// Its id.
    pub resource_id: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// The actions that exist on it.
    pub actions: Vec<String>,
}

/// A scope of a policy; kept for the shape of the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Scope {
    /// Its name.
    pub scope: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
}

/// The policy of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Policy {
    /// The roles.
    pub roles: Vec<Role>,
    /// The resources.
    pub resources: Vec<Resource>,
    /// The scopes.
    #[serde(default)]
    pub scopes: Vec<Scope>,
}

/// The roles that one organization adds to the project's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrgPolicy {
    /// The roles.
    pub roles: Vec<Role>,
}

const RESERVED: [(&str, &[&str]); 5] = [
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
        "stytch.self",
        &[
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
            permissions: vec![everything("stytch.self")],
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

/// Whether a text has the form of a role id.
pub fn is_role_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-:".contains(c))
}

/// Which of these roles allow the action, by the project's policy and the organization's.
pub fn granting_roles(
    policy: &Policy,
    org_policy: &OrgPolicy,
    held: &[String],
    asked: (&str, &str),
) -> Vec<String> {
    policy
        .roles
        .iter()
        .chain(&org_policy.roles)
        .filter(|role| held.contains(&role.role_id) && role.allows(asked))
        .map(|role| role.role_id.clone())
        .collect()
}

impl Role {
    fn allows(&self, (resource, action): (&str, &str)) -> bool {
        self.permissions.iter().any(|permission| {
            permission.resource_id == resource
                && permission
                    .actions
                    .iter()
                    .any(|a| a == action || a == WILDCARD)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_held_roles_that_allow_the_action_grant_it() {
        let policy = Policy::default();
        let org = OrgPolicy {
            roles: vec![Role {
                role_id: "sso-admin".into(),
                description: String::new(),
                permissions: vec![Permission {
                    resource_id: "stytch.sso".into(),
                    actions: vec!["get".into()],
                }],
            }],
        };
        let held = ["stytch_member".to_owned(), "sso-admin".to_owned()];
        let ask = |held: &[String], resource, action| {
            granting_roles(&policy, &org, held, (resource, action))
        };
        assert_eq!(ask(&held, "stytch.sso", "get"), ["sso-admin"]);
        assert!(ask(&held, "stytch.sso", "delete").is_empty());
        assert_eq!(
            ask(&held, "stytch.self", "update.info.name"),
            ["stytch_member"]
        );
        assert_eq!(
            ask(&["stytch_admin".to_owned()], "stytch.member", "create"),
            ["stytch_admin"]
        );
        assert!(ask(&["nobody".to_owned()], "stytch.member", "create").is_empty());
    }
}
