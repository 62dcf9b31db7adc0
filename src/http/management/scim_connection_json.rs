//! SCIM connections as the contract shows them (contract 3.5, appendix A).

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::connection::ConnectionStatus;
use crate::domain::connection_settings::ScimSettings;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::id::ScimGroupId;
use crate::domain::session_token::timestamp;
use crate::use_cases::Deployment;
use crate::use_cases::scim_connections::ScimConnectionView;
use crate::use_cases::scim_connections::ScimGroupPage;

/// The connection through which an organization's directory pushes its people.
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMConnection)]
pub(crate) struct ScimConnectionJson {
    organization_id: OrganizationId,
    connection_id: ConnectionId,
    #[schema(value_type = String)]
    status: ConnectionStatus,
    display_name: String,
    identity_provider: String,
    /// What the directory has to be given beside the token.
    base_url: String,
    bearer_token_last_four: String,
    /// RFC 3339, UTC.
    bearer_token_expires_at: Option<String>,
    /// Empty unless a rotation is under way.
    next_bearer_token_last_four: String,
    /// RFC 3339, UTC; null unless a rotation is under way.
    next_bearer_token_expires_at: Option<String>,
    scim_group_implicit_role_assignments: Vec<ScimGroupRoleJson>,
    scim_connection_implicit_role_assignments: Vec<ScimRoleJson>,
    /// Whether a push may take away the organization's last active `stytch_admin`.
    allow_last_admin_removal: bool,
    /// Whether two groups may have the same name.
    allow_duplicate_group_names: bool,
}

/// A role that the members of a group have.
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMGroupImplicitRoleAssignments)]
struct ScimGroupRoleJson {
    role_id: String,
    group_id: ScimGroupId,
    group_name: String,
}

/// A role that everybody has whom the directory pushes.
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMConnectionImplicitRoleAssignment)]
struct ScimRoleJson {
    role_id: String,
}

impl ScimConnectionJson {
    pub(crate) fn new(view: &ScimConnectionView, deployment: &Deployment) -> Self {
        let connection = &view.connection;
        let settings = connection.scim().cloned().unwrap_or_default();
        let next = settings.next_bearer_token.as_ref();
        let url = deployment.scim_base_url(connection.id, &connection.identity_provider);
        Self {
            organization_id: connection.organization_id,
            connection_id: connection.id,
            status: connection.status,
            display_name: connection.display_name.clone(),
            identity_provider: connection.identity_provider.clone(),
            base_url: url,
            bearer_token_last_four: settings.bearer_token_last_four.clone(),
            bearer_token_expires_at: settings.bearer_token_expires_at.map(timestamp),
            next_bearer_token_last_four: next.map(|n| n.last_four.clone()).unwrap_or_default(),
            next_bearer_token_expires_at: next.map(|next| timestamp(next.expires_at)),
            scim_group_implicit_role_assignments: group_roles(view, &settings),
            scim_connection_implicit_role_assignments: roles(&settings),
            allow_last_admin_removal: settings.allow_last_admin_removal,
            allow_duplicate_group_names: settings.allow_duplicate_group_names,
        }
    }
}

/// A rule for a group that is gone gives nobody anything and is not shown.
fn group_roles(view: &ScimConnectionView, settings: &ScimSettings) -> Vec<ScimGroupRoleJson> {
    let rules = settings.implicit_roles.groups.iter();
    rules
        .filter_map(|(role_id, group)| {
            let (_, name) = view.group_names.iter().find(|(known, _)| known == group)?;
            Some(ScimGroupRoleJson {
                role_id: role_id.clone(),
                group_id: *group,
                group_name: name.clone(),
            })
        })
        .collect()
}

fn roles(settings: &ScimSettings) -> Vec<ScimRoleJson> {
    let roles = settings.implicit_roles.connection.iter().cloned();
    roles.map(|role_id| ScimRoleJson { role_id }).collect()
}

/// An answer about a SCIM connection.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScimConnectionAnswer {
    pub(crate) connection: ScimConnectionJson,
}

/// A new connection, with the bearer token that is told this once.
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMConnectionWithToken)]
pub(crate) struct WithToken {
    #[serde(flatten)]
    pub(crate) connection: ScimConnectionJson,
    pub(crate) bearer_token: String,
}

/// The answer to a creation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScimConnectionCreated {
    pub(crate) connection: WithToken,
}

/// A connection whose token is being rotated, with the next one, which is told this once.
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMConnectionWithNextToken)]
pub(crate) struct WithNextToken {
    #[serde(flatten)]
    pub(crate) connection: ScimConnectionJson,
    pub(crate) next_bearer_token: String,
}

/// The answer to the start of a rotation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScimRotationStarted {
    pub(crate) connection: WithNextToken,
}

/// The answer to a deletion.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScimConnectionDeleted {
    pub(crate) connection_id: ConnectionId,
}

/// A group that a directory has pushed.
#[derive(Serialize, ToSchema)]
#[schema(as = SCIMGroup)]
pub(crate) struct ScimGroupJson {
    group_id: ScimGroupId,
    group_name: String,
    organization_id: OrganizationId,
    connection_id: ConnectionId,
}

/// One page of groups.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScimGroupsAnswer {
    scim_groups: Vec<ScimGroupJson>,
    /// Opaque; null on the last page.
    next_cursor: Option<String>,
}

impl ScimGroupsAnswer {
    pub(crate) fn new(page: &ScimGroupPage, next_cursor: Option<String>) -> Self {
        let groups = page.groups.iter().map(|(id, name)| ScimGroupJson {
            group_id: *id,
            group_name: name.clone(),
            organization_id: page.connection.organization_id,
            connection_id: page.connection.id,
        });
        Self {
            scim_groups: groups.collect(),
            next_cursor,
        }
    }
}
