//! Role assignments with their sources; which of them count in a session (contract 3.3).
//!
//! Roles are computed from their sources whenever they are read and never edited in place, so
//! that taking a source away takes exactly what only it gave.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::domain::authentication_settings::EmailImplicitRoleAssignment;
use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::ScimGroupId;
use crate::domain::rbac;

/// Why a member has a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleSource {
    /// Given by hand, or to everyone.
    DirectAssignment,
    /// The member's address has this domain.
    EmailAssignment(String),
    /// The member is registered with this SSO connection.
    SsoConnection(ConnectionId),
    /// The IdP of this connection last reported this group.
    SsoConnectionGroup(ConnectionId, String),
    /// The directory of this connection holds the member.
    ScimConnection(ConnectionId),
    /// The member is in this group of the directory.
    ScimConnectionGroup(ConnectionId, ScimGroupId),
    /// The directory of this connection would leave nobody with the role.
    LastAdmin(ConnectionId),
}

impl RoleSource {
    /// The word on the wire.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::DirectAssignment => "direct_assignment",
            Self::EmailAssignment(_) => "email_assignment",
            Self::SsoConnection(id) | Self::SsoConnectionGroup(id, _)
                if id.kind == ConnectionKind::External =>
            {
                "external_assignment"
            }
            Self::SsoConnection(_) => "sso_connection",
            Self::SsoConnectionGroup(..) => "sso_connection_group",
            Self::ScimConnection(_) => "scim_connection",
            Self::ScimConnectionGroup(..) => "scim_connection_group",
            Self::LastAdmin(_) => "last_admin",
        }
    }

    /// What the wire says about the source.
    pub fn details(&self) -> Value {
        match self {
            Self::DirectAssignment => json!({}),
            Self::EmailAssignment(domain) => json!({ "email_domain": domain }),
            Self::SsoConnection(id) | Self::ScimConnection(id) | Self::LastAdmin(id) => {
                json!({ "connection_id": id })
            }
            Self::SsoConnectionGroup(id, group) => json!({ "connection_id": id, "group": group }),
            Self::ScimConnectionGroup(id, group) => {
                json!({ "connection_id": id, "group_id": group })
            }
        }
    }

    /// The connection that gives the role.
    pub fn connection_id(&self) -> Option<ConnectionId> {
        match self {
            Self::DirectAssignment | Self::EmailAssignment(_) => None,
            Self::SsoConnection(id)
            | Self::SsoConnectionGroup(id, _)
            | Self::ScimConnection(id)
            | Self::ScimConnectionGroup(id, _)
            | Self::LastAdmin(id) => Some(*id),
        }
    }

    /// Whether the source counts in a session that holds factors of these connections.
    fn counts(&self, proven_by: &[ConnectionId]) -> bool {
        match self {
            Self::SsoConnection(id) | Self::SsoConnectionGroup(id, _) => proven_by.contains(id),
            Self::DirectAssignment
            | Self::EmailAssignment(_)
            | Self::ScimConnection(_)
            | Self::ScimConnectionGroup(..)
            | Self::LastAdmin(_) => true,
        }
    }
}

/// One role and every reason for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleAssignment {
    /// The role.
    pub role_id: String,
    /// Its sources, in a stable order.
    pub sources: Vec<RoleSource>,
}

/// Roles that a connection gives: to everyone who comes through it, and by group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImplicitRoles<G> {
    /// For everyone.
    pub connection: Vec<String>,
    /// By group: role and group.
    pub groups: Vec<(String, G)>,
}

impl<G> Default for ImplicitRoles<G> {
    fn default() -> Self {
        Self {
            connection: Vec::new(),
            groups: Vec::new(),
        }
    }
}

/// A member's registration with an SSO connection, as far as roles go.
#[derive(Clone, Debug, PartialEq)]
pub struct SsoStanding<'a> {
    /// The connection.
    pub connection_id: ConnectionId,
    /// What it gives.
    pub gives: &'a ImplicitRoles<String>,
    /// The groups that the IdP last reported.
    pub groups: &'a [String],
}

/// A member's place in a directory, as far as roles go.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimStanding<'a> {
    /// The connection.
    pub connection_id: ConnectionId,
    /// What it gives.
    pub gives: &'a ImplicitRoles<ScimGroupId>,
    /// The groups the member is in.
    pub groups: &'a [ScimGroupId],
}

/// Everything that may give a member roles.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence<'a> {
    /// Whether the member is live; nobody else has roles.
    pub live: bool,
    /// The member's address.
    pub email: &'a EmailAddress,
    /// Roles given by hand.
    pub explicit: &'a [String],
    /// Roles by e-mail domain.
    pub by_email: &'a [EmailImplicitRoleAssignment],
    /// SSO registrations.
    pub sso: &'a [SsoStanding<'a>],
    /// Places in directories.
    pub scim: &'a [ScimStanding<'a>],
    /// The connection of the directory that must not take the last administrator away.
    pub kept_as_admin: Option<ConnectionId>,
}

/// Every role with every source, sorted by role.
pub fn assigned(evidence: &Evidence<'_>) -> Vec<RoleAssignment> {
    if !evidence.live {
        return Vec::new();
    }
    let mut assignments = Vec::new();
    give(
        &mut assignments,
        rbac::MEMBER_ROLE,
        RoleSource::DirectAssignment,
    );
    for role in evidence.explicit {
        give(&mut assignments, role, RoleSource::DirectAssignment);
    }
    let domain = evidence.email.domain();
    for rule in evidence
        .by_email
        .iter()
        .filter(|rule| rule.domain.eq_ignore_ascii_case(&domain))
    {
        give(
            &mut assignments,
            &rule.role_id,
            RoleSource::EmailAssignment(domain.clone()),
        );
    }
    for standing in evidence.sso {
        let id = standing.connection_id;
        let by_group = |group: &String| RoleSource::SsoConnectionGroup(id, group.clone());
        let gives = (standing.gives, standing.groups);
        give_implicit(
            &mut assignments,
            gives,
            RoleSource::SsoConnection(id),
            by_group,
        );
    }
    for standing in evidence.scim {
        let id = standing.connection_id;
        let by_group = |group: &ScimGroupId| RoleSource::ScimConnectionGroup(id, *group);
        let gives = (standing.gives, standing.groups);
        give_implicit(
            &mut assignments,
            gives,
            RoleSource::ScimConnection(id),
            by_group,
        );
    }
    if let Some(connection) = evidence.kept_as_admin {
        give(
            &mut assignments,
            rbac::ADMIN_ROLE,
            RoleSource::LastAdmin(connection),
        );
    }
    assignments.sort_by(|left, right| left.role_id.cmp(&right.role_id));
    assignments
}

fn give_implicit<G: PartialEq>(
    assignments: &mut Vec<RoleAssignment>,
    (gives, groups): (&ImplicitRoles<G>, &[G]),
    by_connection: RoleSource,
    by_group: impl Fn(&G) -> RoleSource,
) {
    for role in &gives.connection {
        give(assignments, role, by_connection.clone());
    }
    for (role, group) in gives
        .groups
        .iter()
        .filter(|(_, group)| groups.contains(group))
    {
        give(assignments, role, by_group(group));
    }
}

fn give(assignments: &mut Vec<RoleAssignment>, role_id: &str, source: RoleSource) {
    match assignments
        .iter_mut()
        .find(|assignment| assignment.role_id == role_id)
    {
        Some(assignment) if assignment.sources.contains(&source) => {}
        Some(assignment) => assignment.sources.push(source),
        None => assignments.push(RoleAssignment {
            role_id: role_id.to_owned(),
            sources: vec![source],
        }),
    }
}

/// The roles that count in a session holding factors of these connections.
pub fn in_session(assignments: &[RoleAssignment], proven_by: &[ConnectionId]) -> Vec<String> {
    assignments
        .iter()
        .filter(|assignment| {
            assignment
                .sources
                .iter()
                .any(|source| source.counts(proven_by))
        })
        .map(|assignment| assignment.role_id.clone())
        .collect()
}

#[cfg(test)]
mod tests;
