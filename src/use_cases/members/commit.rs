//! The one way a member changes: row, addresses, sessions, tokens, journal.

use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::id::RetiredEmailId;
use crate::domain::id::SessionId;
use crate::domain::member::Member;
use crate::domain::password::PasswordHolder;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::holdings;
use crate::storage::holdings::Holdings;
use crate::storage::journal;
use crate::storage::members;
use crate::storage::oauth_registrations;
use crate::storage::one_time_tokens;
use crate::storage::retired_emails;
use crate::storage::sessions;
use crate::use_cases::last_admin;
use crate::use_cases::passwords;

/// What becomes of an address that a member gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OldAddress {
    /// It stays the member's own: nobody else takes it over.
    Retired,
    /// It is free.
    Freed,
    /// There is none, and nobody gave up the new one either.
    Untouched,
}

/// The one way a member changes. A member that is not live any more loses its sessions and what
/// could become one here, whatever door the change came through; an address it gives up stays
/// its own.
pub fn commit(
    tx: &mut Transaction<'_>,
    before: Option<&Member>,
    after: &Member,
) -> Result<(), StorageError> {
    commit_with(tx, (before, after), OldAddress::Retired)
}

/// Adds a member, once it is known who has to do with its address.
pub(crate) fn arrive(
    tx: &mut Transaction<'_>,
    member: &Member,
    is_retired: bool,
) -> Result<(), StorageError> {
    let old_address = if is_retired {
        OldAddress::Retired
    } else {
        OldAddress::Untouched
    };
    commit_with(tx, (None, member), old_address)
}

/// Like `commit`, with a say in what becomes of the old address.
pub(crate) fn commit_with(
    tx: &mut Transaction<'_>,
    (before, after): (Option<&Member>, &Member),
    old_address: OldAddress,
) -> Result<(), StorageError> {
    let is_new_address = before.is_some_and(|it| it.email_address != after.email_address);
    let ends = is_new_address || !after.is_live();
    // Read before anything is written, so that what is written can wait.
    let had = ends.then(|| holdings::of(tx, after)).transpose()?;
    let kind = match before {
        None => {
            members::insert(tx, after)?;
            EventKind::MemberCreated
        }
        Some(before) => {
            members::save(tx, after)?;
            kind(before, after)
        }
    };
    move_address(tx, (before, after), old_address)?;
    let change = Change {
        organization_id: Some(after.organization_id),
        kind,
        object_id: after.id.to_string(),
        before: before.map(|member| json!(member)),
        after: Some(json!(after)),
    };
    journal::append(tx, &change)?;
    if let Some(had) = had {
        end(tx, after, &had)?;
    }
    if last_admin::may_arrive_by(before, after) {
        last_admin::settle(tx, after.organization_id)?;
    }
    Ok(())
}

/// Ends what a member had under another address, or before it was gone.
fn end(tx: &mut Transaction<'_>, after: &Member, had: &Holdings) -> Result<(), StorageError> {
    if let Some(password) = had.password {
        let holder = PasswordHolder::Member(after.organization_id, after.id);
        passwords::commit::take(tx, &holder, password)?;
    }
    if after.is_live() {
        return Ok(());
    }
    if had.has_sessions {
        end_sessions(tx, after)?;
    }
    if had.has_registrations {
        oauth_registrations::delete_all_of(tx, after)?;
    }
    one_time_tokens::delete_all_of(tx, after)
}

fn kind(before: &Member, after: &Member) -> EventKind {
    if before.is_live() && !after.is_live() {
        EventKind::MemberDeleted
    } else if before.lock != after.lock {
        if after.lock.is_some() {
            EventKind::MemberLocked
        } else {
            EventKind::MemberUnlocked
        }
    } else if before.kept_as_admin == after.kept_as_admin {
        EventKind::MemberUpdated
    } else if after.kept_as_admin.is_some() {
        EventKind::LastAdminKept
    } else {
        EventKind::LastAdminReleased
    }
}

/// An address that a live member has is retired by nobody: what somebody deleted gave up is free.
fn move_address(
    tx: &mut Transaction<'_>,
    (before, after): (Option<&Member>, &Member),
    old_address: OldAddress,
) -> Result<(), StorageError> {
    let before = before.filter(|before| before.is_live() || !after.is_live());
    let given_up = match before {
        Some(before) if before.email_address == after.email_address => return Ok(()),
        Some(before) => Some(&before.email_address),
        None if old_address == OldAddress::Untouched => return Ok(()),
        None => None,
    };
    retired_emails::delete(tx, after.organization_id, after.email_address.as_str())?;
    if let Some(given_up) = given_up.filter(|_| old_address == OldAddress::Retired) {
        retired_emails::delete(tx, after.organization_id, given_up.as_str())?;
        retired_emails::insert(tx, after, given_up)?;
    }
    Ok(())
}

/// Frees one of the addresses that a member gave up, and gives the member as it is then.
pub(crate) fn free_address(
    tx: &mut Transaction<'_>,
    member: &Member,
    (id, address): (RetiredEmailId, &str),
) -> Result<Member, StorageError> {
    retired_emails::delete(tx, member.organization_id, address)?;
    let after = Member {
        updated_at: tx.now,
        ..member.clone()
    };
    members::save(tx, &after)?;
    let freed = json!({ "email_id": id, "email_address": address });
    let change = Change {
        organization_id: Some(member.organization_id),
        kind: EventKind::MemberUpdated,
        object_id: member.id.to_string(),
        before: Some(json!({ "retired_email_addresses": [freed] })),
        after: Some(json!({ "retired_email_addresses": [] })),
    };
    journal::append(tx, &change)?;
    Ok(after)
}

/// Ends every session of a member, with one event that says how many.
pub fn end_sessions(tx: &mut Transaction<'_>, member: &Member) -> Result<(), StorageError> {
    let ended = sessions::delete_all_of(tx, member)?;
    record_end(tx, member, ended)
}

/// Ends every session of a member but one, which may be none.
pub(crate) fn end_sessions_but(
    tx: &mut Transaction<'_>,
    (scope, member): (&OrgScope, &Member),
    kept: Option<SessionId>,
) -> Result<(), StorageError> {
    let sessions = sessions::list_of_member(tx, scope, member.id)?;
    let mut ended = 0;
    for session in sessions.iter().filter(|session| Some(session.id) != kept) {
        sessions::delete(tx, session)?;
        ended += 1;
    }
    record_end(tx, member, ended)
}

/// Ends those sessions of a member that were proven by one of these connections.
pub(crate) fn end_sessions_proven_by(
    tx: &mut Transaction<'_>,
    (scope, member): (&OrgScope, &Member),
    connections: &[ConnectionId],
) -> Result<(), StorageError> {
    let mut ended = 0;
    for session in sessions::list_of_member(tx, scope, member.id)? {
        let mut proven_by = session.proven_by().into_iter();
        if proven_by.any(|connection| connections.contains(&connection)) {
            sessions::delete(tx, &session)?;
            ended += 1;
        }
    }
    record_end(tx, member, ended)
}

fn record_end(tx: &mut Transaction<'_>, member: &Member, ended: usize) -> Result<(), StorageError> {
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
