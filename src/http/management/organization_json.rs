//! An organization as the contract shows it (contract 3.1, appendix A).

use serde_json::Value;
use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionKind;
use crate::domain::session_token::timestamp;
use crate::use_cases::organizations::OrganizationView;

/// The `Organization` object.
pub(crate) fn organization(view: &OrganizationView) -> Value {
    let organization = &view.organization;
    let mut object = json!(organization.settings);
    let details = json!({
        "organization_id": organization.id,
        "organization_name": organization.name,
        "organization_slug": organization.slug,
        "organization_external_id": organization.external_id,
        "organization_logo_url": organization.logo_url,
        "trusted_metadata": organization.trusted_metadata,
        "sso_active_connections": sso_connections(view),
        "scim_active_connection": scim_connection(view),
        "custom_roles": [],
        "created_at": timestamp(organization.created_at),
        "updated_at": timestamp(organization.updated_at),
    });
    if let (Some(object), Value::Object(details)) = (object.as_object_mut(), details) {
        object.extend(details);
    }
    object
}

fn active(view: &OrganizationView) -> impl Iterator<Item = &Connection> {
    view.connections
        .iter()
        .filter(|connection| connection.is_active())
}

fn sso_connections(view: &OrganizationView) -> Vec<Value> {
    let sso = active(view).filter(|connection| connection.id.kind != ConnectionKind::Scim);
    sso.map(|connection| {
        json!({
            "connection_id": connection.id,
            "display_name": connection.display_name,
            "identity_provider": connection.identity_provider,
        })
    })
    .collect()
}

fn scim_connection(view: &OrganizationView) -> Option<Value> {
    let (connection, settings) = active(view).find_map(|c| Some((c, c.scim()?)))?;
    Some(json!({
        "connection_id": connection.id,
        "display_name": connection.display_name,
        "bearer_token_last_four": settings.bearer_token_last_four,
        "bearer_token_expires_at": settings.bearer_token_expires_at.map(timestamp),
    }))
}
