//! Role assignments as bodies of connections name them.

use serde::Deserialize;

use crate::use_cases::connections::RoleRules;

/// A role for everyone who comes through the connection.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ConnectionRole {
    role_id: String,
}

/// A role by group: a name for SSO, an id for SCIM.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct GroupRole {
    role_id: String,
    #[serde(alias = "group_id")]
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
