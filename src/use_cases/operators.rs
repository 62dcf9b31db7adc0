//! Who may open the operator's console: whoever was handed a link by the server's own machine.
//!
//! There are no operator accounts to be guessed or left behind. The first start prints a link, and
//! so does `vestibule admin recover`; it works once, and a newer one ends an older one.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::json;

use crate::domain::event::Actor;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::operator_secrets;
use crate::storage::operator_secrets::OperatorSecretKind::Link;
use crate::storage::operator_secrets::OperatorSecretKind::Session;
use crate::use_cases::credentials::ProjectCaller;

/// How long a link may be used.
pub const LINK_LIFE: TimeDelta = TimeDelta::minutes(15);
/// How long a session lasts.
pub const SESSION_LIFE: TimeDelta = TimeDelta::hours(8);

/// Keeps a new link, which ends those before it.
pub fn make_link(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    link: &SecretHash,
) -> Result<DateTime<Utc>, StorageError> {
    tx.concerns(None);
    operator_secrets::delete_all(tx, project, Link)?;
    let until = tx.now + LINK_LIFE;
    operator_secrets::insert(tx, project, (Link, link), until)?;
    record(tx, project, EventKind::OperatorLinkMade, Some(until))?;
    Ok(until)
}

/// Turns a link into a session; false if the link is used up, over, or none of ours.
pub fn redeem(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (link, session): (&SecretHash, &SecretHash),
) -> Result<bool, StorageError> {
    tx.acts_as(Actor::Operator);
    tx.concerns(None);
    if !operator_secrets::delete(tx, project, (Link, link))? {
        return Ok(false);
    }
    let until = tx.now + SESSION_LIFE;
    operator_secrets::insert(tx, project, (Session, session), until)?;
    record(tx, project, EventKind::OperatorSignedIn, Some(until))?;
    Ok(true)
}

/// The operator whose session this is: whatever the project's own credentials may do.
pub fn caller(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    session: &SecretHash,
) -> Result<Option<ProjectCaller>, StorageError> {
    if operator_secrets::find(tx, project, (Session, session))?.is_none() {
        return Ok(None);
    }
    tx.acts_as(Actor::Operator);
    Ok(Some(ProjectCaller {
        project_id: project.clone(),
    }))
}

/// Ends a session; what is over already stays over.
pub fn sign_out(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    session: &SecretHash,
) -> Result<(), StorageError> {
    tx.acts_as(Actor::Operator);
    tx.concerns(None);
    if operator_secrets::delete(tx, project, (Session, session))? {
        record(tx, project, EventKind::OperatorSignedOut, None)?;
    }
    Ok(())
}

/// Ends every session and link, and says how many there were.
pub fn end_all(tx: &mut Transaction<'_>, project: &ProjectId) -> Result<usize, StorageError> {
    tx.concerns(None);
    let links = operator_secrets::delete_all(tx, project, Link)?;
    let sessions = operator_secrets::delete_all(tx, project, Session)?;
    if links + sessions > 0 {
        record(tx, project, EventKind::OperatorSignedOut, None)?;
    }
    Ok(links + sessions)
}

fn record(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    kind: EventKind,
    until: Option<DateTime<Utc>>,
) -> Result<(), StorageError> {
    let change = Change {
        organization_id: None,
        kind,
        object_id: project.to_string(),
        before: None,
        after: until.map(|until| json!({ "expires_at": until })),
    };
    journal::append(tx, &change)
}
