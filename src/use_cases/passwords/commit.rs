//! The one way a password changes: the row and its event, which never holds the hash.

use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::MemberPasswordId;
use crate::domain::password::Password;
use crate::domain::password::PasswordHolder;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::passwords;

/// Writes a password as it now is.
pub(crate) fn commit(
    tx: &mut Transaction<'_>,
    holder: &PasswordHolder,
    (kind, password): (EventKind, &Password),
) -> Result<(), StorageError> {
    passwords::save(tx, holder, password)?;
    record(tx, holder, (kind, password.id))
}

/// Takes a password away, if there is one.
pub(crate) fn remove(
    tx: &mut Transaction<'_>,
    holder: &PasswordHolder,
) -> Result<bool, StorageError> {
    let Some(password) = passwords::find(tx, holder)? else {
        return Ok(false);
    };
    take(tx, holder, password.id)?;
    Ok(true)
}

/// Takes this password away, which is there.
pub(crate) fn take(
    tx: &mut Transaction<'_>,
    holder: &PasswordHolder,
    password: MemberPasswordId,
) -> Result<(), StorageError> {
    passwords::delete(tx, holder)?;
    record(tx, holder, (EventKind::PasswordDeleted, password))
}

fn record(
    tx: &mut Transaction<'_>,
    holder: &PasswordHolder,
    (kind, id): (EventKind, MemberPasswordId),
) -> Result<(), StorageError> {
    let (organization_id, object_id, what) = match holder {
        PasswordHolder::Member(organization, member) => (
            Some(*organization),
            member.to_string(),
            json!({ "member_password_id": id }),
        ),
        PasswordHolder::Address(_, email) => (
            None,
            id.to_string(),
            json!({ "member_password_id": id, "email_address": email }),
        ),
    };
    let (before, after) = match kind {
        EventKind::PasswordDeleted => (Some(what), None),
        _ => (None, Some(what)),
    };
    let change = Change {
        organization_id,
        kind,
        object_id,
        before,
        after,
    };
    journal::append(tx, &change)
}
