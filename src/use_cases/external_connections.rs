//! Connections that stand for one of another organization: its IdP proves people, who enter this
//! organization under this organization's rules (contract 3.4).

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::ExternalSettings;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::organization::Organization;
use crate::domain::roles::ImplicitRoles;
use crate::storage::Transaction;
use crate::storage::connections as connection_rows;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::RoleRules;
use crate::use_cases::connections::SSO;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::organizations;

/// What a caller asks an external connection to become; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExternalConnectionDraft {
    /// What people call it.
    pub naming: Naming,
    /// The roles that it gives.
    pub roles: RoleRules,
}

/// Creates a connection that stands for another: organization and connection, as callers name them.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
    external: (&str, &str),
    draft: &ExternalConnectionDraft,
) -> Result<Connection, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "create")])?;
    if draft.roles != RoleRules::default() {
        // It gives roles from the start, which connections of other kinds do by an update.
        caller.demand(&[(SSO, "update")])?;
    }
    let target = match target(tx, &organization, external) {
        // A member learns of another organization's connection only what it may use.
        Err(ManagementError::Connection(ConnectionError::ExternalNotActive))
            if caller.is_member() =>
        {
            Err(ConnectionError::ExternalNotFound.into())
        }
        found => found,
    }?;
    tx.enter(organization.id)?;
    let own = connection_rows::list(tx, &[organization.id])?;
    let mut known = own.iter().filter_map(Connection::external);
    if known.any(|known| known.connection_id == target.id) {
        return Err(ConnectionError::DuplicateExternal.into());
    }
    let mut implicit_roles = ImplicitRoles::default();
    let gives = &mut implicit_roles;
    connections::take_group_roles(tx, &organization, gives, &draft.roles)?;
    let settings = ConnectionSettings::External(ExternalSettings {
        organization_id: target.organization_id,
        connection_id: target.id,
        implicit_roles,
    });
    connections::create(tx, &organization, &draft.naming, settings)
}

/// Changes what the draft names.
pub fn update(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, connection): (&str, &str),
    draft: &ExternalConnectionDraft,
) -> Result<Connection, ManagementError> {
    let kind = ConnectionKind::External;
    let organization = caller.enter(tx, organization, &[(SSO, "update")])?;
    let before = connections::find(tx, &organization, connection, kind)?;
    let missing = ConnectionError::NotFound(Some(kind));
    let mut settings = before.external().cloned().ok_or(missing)?;
    let gives = &mut settings.implicit_roles;
    connections::take_group_roles(tx, &organization, gives, &draft.roles)?;
    let settings = ConnectionSettings::External(settings);
    connections::settle(tx, &before, &draft.naming, settings)
}

/// The connection that is named, if it is an active SAML or OIDC connection of another
/// organization. A missing organization and a missing connection are answered alike, so that
/// nobody learns from it which organizations there are.
fn target(
    tx: &mut Transaction<'_>,
    own: &Organization,
    (organization, connection): (&str, &str),
) -> Result<Connection, ManagementError> {
    let other = match organizations::resolve(tx, &own.project_id, organization) {
        Ok(other) if other.id == own.id => return Err(ConnectionError::ExternalIsOwn.into()),
        Ok(other) => other,
        Err(ManagementError::Organization(OrganizationError::NotFound)) => {
            return Err(ConnectionError::ExternalNotFound.into());
        }
        Err(error) => return Err(error),
    };
    let id = connection
        .parse()
        .ok()
        .filter(|id: &ConnectionId| matches!(id.kind, ConnectionKind::Saml | ConnectionKind::Oidc));
    let id = id.ok_or(ConnectionError::ExternalNotFound)?;
    let found = connection_rows::find(tx, &other.scope(), id)?;
    match found.ok_or(ConnectionError::ExternalNotFound)? {
        active if active.is_active() => Ok(active),
        _ => Err(ConnectionError::ExternalNotActive.into()),
    }
}
