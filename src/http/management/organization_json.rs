//! An organization as the contract shows it (contract 3.1, appendix A).

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::connection::Connection;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::OrganizationId;
use crate::domain::metadata::Metadata;
use crate::domain::rbac::Role;
use crate::domain::session_token::timestamp;
use crate::use_cases::organizations::OrganizationView;

/// An organization: one customer of the application.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
pub(crate) struct OrganizationJson {
    organization_id: OrganizationId,
    organization_name: String,
    organization_slug: String,
    organization_external_id: Option<String>,
    organization_logo_url: String,
    #[schema(value_type = Object)]
    trusted_metadata: Metadata,
    #[serde(flatten)]
    settings: AuthenticationSettings,
    sso_active_connections: Vec<ActiveSsoConnection>,
    scim_active_connection: Option<ActiveScimConnection>,
    custom_roles: Vec<Role>,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC.
    updated_at: String,
}

#[derive(Serialize, ToSchema)]
struct ActiveSsoConnection {
    connection_id: ConnectionId,
    display_name: String,
    identity_provider: String,
}

#[derive(Serialize, ToSchema)]
struct ActiveScimConnection {
    connection_id: ConnectionId,
    display_name: String,
    bearer_token_last_four: String,
    bearer_token_expires_at: Option<String>,
}

/// An answer about an organization.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrganizationAnswer {
    organization: OrganizationJson,
}

impl OrganizationAnswer {
    pub(crate) fn new(view: &OrganizationView) -> Self {
        Self {
            organization: OrganizationJson::new(view),
        }
    }
}

impl OrganizationJson {
    pub(crate) fn new(view: &OrganizationView) -> Self {
        let organization = &view.organization;
        Self {
            organization_id: organization.id,
            organization_name: organization.name.clone(),
            organization_slug: organization.slug.clone(),
            organization_external_id: organization.external_id.clone(),
            organization_logo_url: organization.logo_url.clone(),
            trusted_metadata: organization.trusted_metadata.clone(),
            settings: organization.settings.clone(),
            sso_active_connections: sso_connections(view),
            scim_active_connection: scim_connection(view),
            custom_roles: organization.custom_roles.clone(),
            created_at: timestamp(organization.created_at),
            updated_at: timestamp(organization.updated_at),
        }
    }
}

fn active(view: &OrganizationView) -> impl Iterator<Item = &Connection> {
    view.connections
        .iter()
        .filter(|connection| connection.is_active())
}

fn sso_connections(view: &OrganizationView) -> Vec<ActiveSsoConnection> {
    let sso = active(view).filter(|connection| connection.id.kind != ConnectionKind::Scim);
    sso.map(|connection| ActiveSsoConnection {
        connection_id: connection.id,
        display_name: connection.display_name.clone(),
        identity_provider: connection.identity_provider.clone(),
    })
    .collect()
}

fn scim_connection(view: &OrganizationView) -> Option<ActiveScimConnection> {
    let (connection, settings) = active(view).find_map(|c| Some((c, c.scim()?)))?;
    Some(ActiveScimConnection {
        connection_id: connection.id,
        display_name: connection.display_name.clone(),
        bearer_token_last_four: settings.bearer_token_last_four.clone(),
        bearer_token_expires_at: settings.bearer_token_expires_at.map(timestamp),
    })
}
