//! Roles, resources and actions of a policy; does it allow that? (contract 5)

use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

/// The role that every member has.
pub const MEMBER_ROLE: &str = "stytch_member";
/// The role that may do everything inside its organization.
pub const ADMIN_ROLE: &str = "stytch_admin";
/// Stands for every action on a resource.
pub const WILDCARD: &str = "*";

/// What a role may do with a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Permission {
    /// The resource.
    pub resource_id: String,
    /// The actions; `*` is all of them.
    #[serde(default)]
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
    #[serde(default)]
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
    #[serde(default)]
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
    #[serde(default)]
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

/// What a project adds to the reserved roles and resources: roles, resources and scopes of its own,
/// and permissions on its own resources for the reserved roles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyDeclaration {
    /// The resources.
    pub resources: Vec<Resource>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The scopes.
    pub scopes: Vec<Scope>,
}

impl Policy {
    /// The reserved roles and resources with what a project adds to them.
    pub fn with(declared: &PolicyDeclaration) -> Self {
        let mut policy = Self::default();
        policy.resources.extend(declared.resources.iter().cloned());
        policy.scopes.extend(declared.scopes.iter().cloned());
        for role in &declared.roles {
            let known = policy.roles.iter_mut();
            match known.into_iter().find(|it| it.role_id == role.role_id) {
                Some(reserved) => reserved
                    .permissions
                    .extend(role.permissions.iter().cloned()),
                None => policy.roles.push(role.clone()),
            }
        }
        policy
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
