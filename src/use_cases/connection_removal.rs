//! The end of a single sign-on connection and of everything that rests on it (contract 3.4).

use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::organization::Organization;
use crate::domain::session::Session;
use crate::storage::Transaction;
use crate::storage::connections as connection_rows;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::one_time_tokens;
use crate::storage::organizations as organization_rows;
use crate::storage::registrations;
use crate::storage::sessions;
use crate::storage::sign_in_flows;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::SSO;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::member_sessions;
use crate::use_cases::organizations;

/// Deletes a single sign-on connection of any kind, unless it is the organization's default.
pub fn delete(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, connection): (&str, &str),
) -> Result<ConnectionId, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "delete")])?;
    let missing = ConnectionError::NotFound(None);
    let id = connection.parse().ok();
    let id = id.filter(|id: &ConnectionId| id.kind != ConnectionKind::Scim);
    let id = id.ok_or_else(|| missing.clone())?;
    let found = connection_rows::find(tx, &organization.scope(), id)?.ok_or(missing)?;
    if organization.settings.sso_default_connection_id == Some(id) {
        return Err(ConnectionError::DefaultConnection.into());
    }
    end(tx, &organization, &found)?;
    end_dependents(tx, &organization, id)?;
    Ok(id)
}

/// Ends the connections of other organizations that stand for this one. None of them is asked:
/// where it was the default, there is none any more.
pub fn end_dependents(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    id: ConnectionId,
) -> Result<(), ManagementError> {
    for external in connection_rows::list_pointing_at(tx, id)? {
        let project = &organization.project_id;
        let theirs = organization_rows::find(tx, project, external.organization_id)?;
        if let Some(theirs) = theirs {
            end(tx, &theirs, &external)?;
        }
    }
    Ok(tx.enter(organization.id)?)
}

/// Ends the connections of other organizations that stand for one of this organization.
pub fn end_dependents_of(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<(), ManagementError> {
    for connection in connection_rows::list(tx, &[organization.id])? {
        end_dependents(tx, organization, connection.id)?;
    }
    Ok(())
}

fn end(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    connection: &Connection,
) -> Result<(), ManagementError> {
    let (scope, id) = (organization.scope(), connection.id);
    end_flows(tx, organization, connection)?;
    tx.enter(organization.id)?;
    let settings = organization.settings.without_connection(id);
    if settings != organization.settings {
        let after = Organization {
            settings,
            updated_at: tx.now,
            ..organization.clone()
        };
        organizations::commit(tx, Some(organization), &after)?;
    }
    end_factors(tx, organization, id)?;
    registrations::delete_all_of(tx, &scope, id)?;
    one_time_tokens::delete_resting_on(tx, organization.id, id)?;
    let after = connection.deleted(tx.now);
    Ok(connections::commit(tx, Some(connection), &after)?)
}

/// Flows wait at the connection whose IdP is asked, which may be another organization's.
fn end_flows(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    connection: &Connection,
) -> Result<(), StorageError> {
    let (mut scope, id) = (organization.scope(), connection.id);
    if let Some(external) = connection.external() {
        scope.organization_id = external.organization_id;
        tx.enter(external.organization_id)?;
        sign_in_flows::delete_all_of(tx, (&scope, external.connection_id), Some(id))?;
    } else {
        tx.enter(organization.id)?;
        sign_in_flows::delete_all_of(tx, (&scope, id), None)?;
    }
    Ok(())
}

/// Sessions lose the factors of the connection, and end with the last one that proved somebody.
fn end_factors(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    id: ConnectionId,
) -> Result<(), StorageError> {
    for session in sessions::list_proven_by(tx, &organization.scope(), id)? {
        let Some(left) = session.without(id) else {
            member_sessions::end(tx, &session)?;
            continue;
        };
        sessions::save(tx, &left)?;
        let shown = |session: &Session| json!({ "factors": session.factors });
        let change = Change {
            organization_id: Some(organization.id),
            kind: EventKind::SessionUpdated,
            object_id: session.id.to_string(),
            before: Some(shown(&session)),
            after: Some(shown(&left)),
        };
        journal::append(tx, &change)?;
    }
    Ok(())
}
