//! Links that let a customer's IT admin set up one organization without an account: made by the
//! application's backend for a few minutes and one use, or by an operator for days.

use serde_json::Value;
use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::PortalLinkId;
use crate::domain::organization::Organization;
use crate::domain::portal_link::PortalLink;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::portal_links;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::portal_link::PortalLinkError;
use crate::use_cases::operator_error::OperatorError;
use crate::use_cases::organizations;

/// Makes a link that works once, within minutes, under the hash of its secret.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (organization, token): (&str, &SecretHash),
) -> Result<PortalLink, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    let link = PortalLink::short(organization.id, tx.now);
    Ok(add(tx, link, token)?)
}

/// Makes a link that can be opened again and again for so many days.
pub fn create_lasting(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (organization, days): (&str, u32),
    token: &SecretHash,
) -> Result<PortalLink, OperatorError> {
    let organization = organizations::resolve_for_operator(tx, project, organization)?;
    let link = PortalLink::lasting(organization.id, tx.now, days);
    Ok(add(tx, link, token)?)
}

/// The links of an organization, newest first; forgotten a month after they expire.
pub fn list(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    organization: &str,
) -> Result<Vec<PortalLink>, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    Ok(portal_links::list(tx, &organization.scope())?)
}

/// The same for an operator.
pub fn list_for_operator(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    organization: &str,
) -> Result<Vec<PortalLink>, OperatorError> {
    let organization = organizations::resolve_for_operator(tx, project, organization)?;
    Ok(portal_links::list(tx, &organization.scope())?)
}

/// Takes a link back; whoever is in by it is out at once.
pub fn revoke(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (organization, id): (&str, &str),
) -> Result<PortalLink, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    let revoked = take_back(tx, &organization, id)?;
    Ok(revoked.ok_or(PortalLinkError::NotFound)?)
}

/// The same for an operator.
pub fn revoke_for_operator(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (organization, id): (&str, &str),
) -> Result<PortalLink, OperatorError> {
    let organization = organizations::resolve_for_operator(tx, project, organization)?;
    let revoked = take_back(tx, &organization, id)?;
    revoked.ok_or_else(|| OperatorError::UnknownPortalLink(id.to_owned()))
}

fn add(
    tx: &mut Transaction<'_>,
    link: PortalLink,
    token: &SecretHash,
) -> Result<PortalLink, StorageError> {
    portal_links::insert(tx, &link, token)?;
    note(tx, EventKind::PortalLinkCreated, (None, &link))?;
    Ok(link)
}

fn take_back(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    id: &str,
) -> Result<Option<PortalLink>, StorageError> {
    let Ok(id) = id.parse::<PortalLinkId>() else {
        return Ok(None);
    };
    let Some(before) = portal_links::find(tx, &organization.scope(), id)? else {
        return Ok(None);
    };
    if before.revoked_at.is_some() {
        return Ok(Some(before));
    }
    let after = PortalLink {
        revoked_at: Some(tx.now),
        ..before.clone()
    };
    commit(tx, EventKind::PortalLinkRevoked, (&before, &after))?;
    Ok(Some(after))
}

/// The one way a link changes: row, journal, and what it opened, unless it goes on.
pub(crate) fn commit(
    tx: &mut Transaction<'_>,
    kind: EventKind,
    (before, after): (&PortalLink, &PortalLink),
) -> Result<(), StorageError> {
    portal_links::save(tx, after)?;
    if after.revoked_at.is_some() || after.completed_at.is_some() {
        portal_links::delete_sessions_of(tx, after)?;
    }
    note(tx, kind, (Some(before), after))
}

fn note(
    tx: &mut Transaction<'_>,
    kind: EventKind,
    (before, after): (Option<&PortalLink>, &PortalLink),
) -> Result<(), StorageError> {
    let change = Change {
        organization_id: Some(after.organization_id),
        kind,
        object_id: after.id.to_string(),
        before: before.map(journal_view),
        after: Some(journal_view(after)),
    };
    journal::append(tx, &change)
}

fn journal_view(link: &PortalLink) -> Value {
    json!({
        "is_lasting": link.is_lasting,
        "expires_at": link.expires_at,
        "opened_at": link.opened_at,
        "revoked_at": link.revoked_at,
        "completed_at": link.completed_at,
    })
}
