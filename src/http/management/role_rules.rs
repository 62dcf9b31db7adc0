//! Role assignments as connections name them, in bodies and in answers.

use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::roles::ImplicitRoles;
use crate::use_cases::connections::RoleRules;

/// A role for everyone who comes through the connection.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct ConnectionRole {
    role_id: String,
}

/// A role by the name of a group.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct GroupRole {
    role_id: String,
    group: String,
}

/// The rules that a body names.
pub(crate) fn role_rules(
    connection: Option<&Vec<ConnectionRole>>,
    groups: Option<&Vec<GroupRole>>,
) -> RoleRules {
    RoleRules {
        connection: connection.map(|roles| roles.iter().map(|role| role.role_id.clone()).collect()),
        groups: groups.map(|rules| {
            rules
                .iter()
                .map(|rule| (rule.role_id.clone(), rule.group.clone()))
                .collect()
        }),
    }
}

/// The roles for everyone, as answers show them.
pub(crate) fn connection_roles<G>(gives: &ImplicitRoles<G>) -> Vec<ConnectionRole> {
    let role = |role_id: &String| ConnectionRole {
        role_id: role_id.clone(),
    };
    gives.connection.iter().map(role).collect()
}

/// The roles by the name of a group, as answers show them.
pub(crate) fn group_roles(gives: &ImplicitRoles<String>) -> Vec<GroupRole> {
    let rule = |(role_id, group): &(String, String)| GroupRole {
        role_id: role_id.clone(),
        group: group.clone(),
    };
    gives.groups.iter().map(rule).collect()
}
