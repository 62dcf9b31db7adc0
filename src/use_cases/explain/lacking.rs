//! The roles that a member has not, and what it would take.

use std::collections::HashMap;

use crate::domain::id::ConnectionId;
use crate::domain::id::ScimGroupId;
use crate::domain::organization::Organization;
use crate::domain::rbac;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::groups;
use crate::use_cases::explain::evidence::Around;
use crate::use_cases::explain::sentences::name_of;
use crate::use_cases::explain::sentences::plain;

/// How many ways to a role are told.
const MOST_WAYS: usize = 20;

/// A declared role that a member has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LackedRole {
    /// The role.
    pub role_id: String,
    /// What it is for.
    pub description: String,
    /// Any of these would give it, the first ones of them.
    pub ways: Vec<Way>,
    /// How many others there are.
    pub more_ways: usize,
}

/// One way to a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The kind of source that it would be.
    pub kind: &'static str,
    /// The connection that would give it.
    pub connection_id: Option<ConnectionId>,
    /// What would have to be, for people.
    pub sentence: String,
}

/// What rules there are, read once for all roles.
struct Rules<'a> {
    around: &'a Around<'a>,
    organization: &'a Organization,
    group_names: HashMap<ScimGroupId, String>,
}

/// The declared roles that the member has not.
pub(crate) fn of(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    around: &Around<'_>,
) -> Result<Vec<LackedRole>, StorageError> {
    let held = &around.standing.roles;
    let is_lacked = |role: &&rbac::Role| held.iter().all(|it| it.role_id != role.role_id);
    let mut lacked: Vec<&rbac::Role> = around.policies.declared().filter(is_lacked).collect();
    lacked.sort_by(|left, right| left.role_id.cmp(&right.role_id));
    lacked.dedup_by(|left, right| left.role_id == right.role_id);
    let rules = Rules {
        group_names: group_names(tx, organization, (around, &lacked))?,
        around,
        organization,
    };
    Ok(lacked.into_iter().map(|role| rules.lacked(role)).collect())
}

fn group_names(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (around, lacked): (&Around<'_>, &[&rbac::Role]),
) -> Result<HashMap<ScimGroupId, String>, StorageError> {
    let mut names = HashMap::new();
    for connection in around.connections {
        let rules = connection.scim().into_iter();
        let rules = rules.flat_map(|settings| &settings.implicit_roles.groups);
        let wanted = rules.filter(|(role, _)| lacked.iter().any(|it| it.role_id == *role));
        let mut wanted: Vec<ScimGroupId> = wanted.map(|(_, group)| *group).collect();
        wanted.sort();
        wanted.dedup();
        if !wanted.is_empty() {
            let scope = organization.scope();
            names.extend(groups::names(tx, (&scope, connection.id), &wanted)?);
        }
    }
    Ok(names)
}

impl Rules<'_> {
    fn lacked(&self, role: &rbac::Role) -> LackedRole {
        let id = role.role_id.as_str();
        let mut ways = self.by_hand(id);
        ways.extend(self.by_domain(id));
        ways.extend(self.by_sso(id));
        ways.extend(self.by_directory(id));
        let more_ways = ways.len().saturating_sub(MOST_WAYS);
        ways.truncate(MOST_WAYS);
        LackedRole {
            role_id: role.role_id.clone(),
            description: role.description.clone(),
            ways,
            more_ways,
        }
    }

    fn member(&self) -> String {
        name_of(&self.around.standing.member)
    }

    fn by_hand(&self, role: &str) -> Vec<Way> {
        let member = self.member();
        let sentence = if self.around.standing.member.is_live() {
            format!("Somebody gives {member} the role by hand.")
        } else {
            format!("{member} becomes a member again; who is deleted has no roles.")
        };
        let is_default = role == rbac::MEMBER_ROLE && self.around.standing.member.is_live();
        let by_hand = Way {
            kind: "direct_assignment",
            connection_id: None,
            sentence,
        };
        Some(by_hand).filter(|_| !is_default).into_iter().collect()
    }

    fn by_domain(&self, role: &str) -> Vec<Way> {
        let email = &self.around.standing.member.email_address;
        let rules = &self
            .organization
            .settings
            .rbac_email_implicit_role_assignments;
        let giving = rules.iter().filter(|rule| rule.role_id == role);
        let way =
            |rule: &crate::domain::authentication_settings::EmailImplicitRoleAssignment| Way {
                kind: "email_assignment",
                connection_id: None,
                sentence: format!(
                    "The address of {} is at {}; it is at {}.",
                    self.member(),
                    plain(&rule.domain),
                    plain(&email.domain())
                ),
            };
        giving.map(way).collect()
    }

    fn by_sso(&self, role: &str) -> Vec<Way> {
        let mut ways = Vec::new();
        for connection in self.around.connections {
            let Some(gives) = connection.sso_roles() else {
                continue;
            };
            let name = plain(&self.around.connection_name(connection.id));
            let way = |kind: &'static str, sentence: String| Way {
                kind,
                connection_id: Some(connection.id),
                sentence,
            };
            if gives.connection.iter().any(|given| given == role) {
                let sentence = format!("{} signs in through {name}.", self.member());
                ways.push(way("sso_connection", sentence));
            }
            for (_, group) in gives.groups.iter().filter(|(given, _)| given == role) {
                let sentence = format!(
                    "{name} puts {} into the group {} and says so at the next sign-in.",
                    self.member(),
                    plain(group)
                );
                ways.push(way("sso_connection_group", sentence));
            }
        }
        ways
    }

    fn by_directory(&self, role: &str) -> Vec<Way> {
        let mut ways = Vec::new();
        for connection in self.around.connections {
            let Some(gives) = connection.scim().map(|settings| &settings.implicit_roles) else {
                continue;
            };
            let name = plain(&self.around.connection_name(connection.id));
            let way = |kind: &'static str, sentence: String| Way {
                kind,
                connection_id: Some(connection.id),
                sentence,
            };
            if gives.connection.iter().any(|given| given == role) {
                let sentence = format!("The directory {name} has {} as active.", self.member());
                ways.push(way("scim_connection", sentence));
            }
            for (_, group) in gives.groups.iter().filter(|(given, _)| given == role) {
                ways.push(way("scim_connection_group", self.by_group(&name, *group)));
            }
        }
        ways
    }

    fn by_group(&self, connection: &str, group: ScimGroupId) -> String {
        let Some(group) = self.group_names.get(&group) else {
            return format!(
                "A rule gives it to a group that the directory {connection} no longer has; the \
                 rule gives nobody anything."
            );
        };
        let (member, group) = (self.member(), plain(group));
        match &self.around.standing.scim {
            Some(scim) if !scim.user.active => format!(
                "The directory {connection} makes {member} active and has them in the group \
                 {group}."
            ),
            _ => format!("The directory {connection} puts {member} into the group {group}."),
        }
    }
}
