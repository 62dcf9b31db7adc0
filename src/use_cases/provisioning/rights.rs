//! Which roles and entitlements there are: those of the project's policy and of the
//! organization's own.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::domain::rbac::MEMBER_ROLE;
use crate::domain::rbac::Resource;
use crate::domain::rbac::Role;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::leniency::IdentityProvider;
use crate::protocol::scim::rights;
use crate::protocol::scim::rights::Right;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schemas::Schemas;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::organizations;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::rbac;
use crate::use_cases::rbac::Policies;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// The roles that can be given.
    Roles,
    /// What roles can allow.
    Entitlements,
}

impl Rights {
    /// The resource type.
    pub fn kind(self) -> &'static ResourceType {
        match self {
            Self::Roles => rights::role(),
            Self::Entitlements => rights::entitlement(),
        }
    }

    fn of(self, policies: &Policies) -> Vec<Right> {
        match self {
            Self::Roles => roles(policies),
            Self::Entitlements => {
                let resources = policies.project.resources.iter();
                resources.flat_map(entitlements).collect()
            }
        }
    }
}

/// The resource types that a client is told of. Most clients take each type for one that they can
/// create, so that rights are named to those alone that look for them.
pub fn offered(caller: &ScimCaller) -> Arc<Schemas> {
    if are_offered(caller) {
        Arc::new(caller.schemas.with_rights())
    } else {
        Arc::clone(&caller.schemas)
    }
}

/// Whether the client looks for roles and entitlements.
pub(crate) fn are_offered(caller: &ScimCaller) -> bool {
    let provider = IdentityProvider::from_name(&caller.connection.identity_provider);
    provider.is_some_and(IdentityProvider::looks_for_rights)
}

/// Reads one of them.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    asked: Rights,
    (id, base_url): (&str, &str),
) -> Result<Map<String, Value>, ProvisioningError> {
    let mut all = all(tx, caller, asked)?.into_iter();
    let found = all.find(|right| right.id == id);
    let missing = || ScimError::NotFound(format!("there is no {} \"{id}\"", asked.kind().name));
    let found = found.ok_or_else(missing)?;
    Ok(found.represent(asked.kind(), base_url))
}

/// All of them, in the order of their ids.
pub(crate) fn all(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    asked: Rights,
) -> Result<Vec<Right>, StorageError> {
    let scope = &caller.scope;
    let organization = organizations::find(tx, &scope.project_id, scope.organization_id)?
        .ok_or_else(|| StorageError::corrupt("a connection without its organization"))?;
    let mut rights = asked.of(&rbac::policies(tx, &organization)?);
    rights.sort_by(|left, right| left.id.cmp(&right.id));
    Ok(rights)
}

/// Everybody has the role of a member, so that nobody can be given it.
fn roles(policies: &Policies) -> Vec<Right> {
    let right = |role: &Role, kind: &str| Right {
        id: role.role_id.clone(),
        display_name: role.role_id.clone(),
        kind: kind.to_owned(),
        description: role.description.clone(),
    };
    let project = policies.project.roles.iter();
    let project = project.filter(|role| role.role_id != MEMBER_ROLE);
    let own = policies.organization.roles.iter();
    project
        .map(|role| right(role, "project"))
        .chain(own.map(|role| right(role, "organization")))
        .collect()
}

fn entitlements(resource: &Resource) -> impl Iterator<Item = Right> + '_ {
    resource.actions.iter().map(|action| Right {
        id: format!("{}:{}", segment(&resource.resource_id), segment(action)),
        display_name: format!("{}:{action}", resource.resource_id),
        kind: resource.resource_id.clone(),
        description: resource.description.clone(),
    })
}

/// The name in letters that stand in any address as they are, a different text for each name.
fn segment(name: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.bytes()
        .map(|byte| {
            if kept(byte) {
                char::from(byte).to_string()
            } else {
                format!("~{byte:02x}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Rights;
    use super::segment;
    use crate::domain::rbac::OrgPolicy;
    use crate::domain::rbac::Policy;
    use crate::domain::rbac::Resource;
    use crate::domain::rbac::Role;
    use crate::use_cases::rbac::Policies;

    fn policies() -> Policies {
        let documents = Resource {
            resource_id: "documents".to_owned(),
            description: "What people write".to_owned(),
            actions: vec!["read".to_owned(), "share with all".to_owned()],
        };
        let project = Policy {
            resources: vec![documents],
            ..Policy::default()
        };
        let organization = OrgPolicy {
            roles: vec![Role {
                role_id: "reviewer".to_owned(),
                description: "Reads drafts".to_owned(),
                permissions: Vec::new(),
            }],
        };
        Policies {
            project,
            organization,
        }
    }

    #[test]
    fn the_role_that_everybody_has_cannot_be_given() {
        let roles = Rights::Roles.of(&policies());
        let told: Vec<(&str, &str)> = roles
            .iter()
            .map(|role| (role.id.as_str(), role.kind.as_str()))
            .collect();
        let expected = [("stytch_admin", "project"), ("reviewer", "organization")];
        assert_eq!(told, expected);
    }

    #[test]
    fn an_entitlement_is_an_action_on_a_resource() {
        let entitlements = Rights::Entitlements.of(&policies());
        let told: Vec<(&str, &str)> = entitlements
            .iter()
            .map(|it| (it.id.as_str(), it.display_name.as_str()))
            .collect();
        let expected = [
            ("documents:read", "documents:read"),
            ("documents:share~20with~20all", "documents:share with all"),
        ];
        assert_eq!(told, expected);
        assert!(entitlements.iter().all(|it| it.kind == "documents"));
    }

    #[test]
    fn names_that_differ_have_different_segments() {
        for (one, other) in [("a:b", "a~3ab"), ("a/b", "a~2fb"), ("é", "~c3~a9")] {
            assert_ne!(segment(one), segment(other));
            assert!(!segment(one).contains([':', '/', 'é']));
        }
    }
}
