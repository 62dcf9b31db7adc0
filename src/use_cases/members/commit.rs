//! The one way a member changes: row, addresses, sessions, journal.

use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::member::Member;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::members;
use crate::storage::sessions;

/// The one way a member changes. A member that is not live any more loses its sessions here,
/// whatever door the change came through; an address it gives up stays its own.
pub fn commit(
    tx: &mut Transaction<'_>,
    before: Option<&Member>,
    after: &Member,
) -> Result<(), StorageError> {
    let kind = match before {
        None => {
            members::insert(tx, after)?;
            EventKind::MemberCreated
        }
        Some(before) => {
            members::save(tx, after)?;
            if before.email_address != after.email_address {
                members::release_email(tx, after, &after.email_address)?;
                members::retire_email(tx, after, &before.email_address)?;
            }
            if before.is_live() && !after.is_live() {
                EventKind::MemberDeleted
            } else {
                EventKind::MemberUpdated
            }
        }
    };
    let change = Change {
        organization_id: Some(after.organization_id),
        kind,
        object_id: after.id.to_string(),
        before: before.map(|member| json!(member)),
        after: Some(json!(after)),
    };
    journal::append(tx, &change)?;
    if !after.is_live() {
        end_sessions(tx, after)?;
    }
    Ok(())
}

/// Ends every session of a member, with one event that says how many.
pub fn end_sessions(tx: &mut Transaction<'_>, member: &Member) -> Result<(), StorageError> {
    let ended = sessions::delete_all_of(tx, member)?;
    if ended == 0 {
        return Ok(());
    }
    let change = Change {
        organization_id: Some(member.organization_id),
        kind: EventKind::SessionsRevoked,
        object_id: member.id.to_string(),
        before: Some(json!({ "sessions": ended })),
        after: Some(json!({ "sessions": 0 })),
    };
    journal::append(tx, &change)
}
