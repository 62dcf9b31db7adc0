//! Wrong secrets in a row lock a member for a while: passwords, codes and recovery codes count
//! together, and none is asked for until the lock ends (contract 1.6, `user_lock_limit_reached`).
//!
//! What cannot be guessed, single sign-on or a link in a mail, is not held up: else anybody could
//! keep a member out by guessing.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::email::EmailAddress;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::member::lock;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::factors::member_failures;
use crate::storage::member_discovery;
use crate::storage::organization_search::OrganizationFilter;
use crate::storage::organization_search::first_matching;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::members;
use crate::use_cases::sign_in::entry::Admission;

/// More than one person could be a member of.
const MOST_ORGANIZATIONS: i64 = 1000;

/// What came of a secret that somebody tried. A refusal is kept: what was counted must not be
/// undone with the answer, as it would be by an error.
#[derive(Clone, Debug, PartialEq)]
pub enum Tried<T> {
    /// It was right.
    Right(T),
    /// It was not.
    Refused(ManagementError),
}

impl<T> Tried<T> {
    /// The answer, once nothing can be undone any more.
    pub fn into_result(self) -> Result<T, ManagementError> {
        match self {
            Self::Right(done) => Ok(done),
            Self::Refused(error) => Err(error),
        }
    }
}

/// Refuses to ask a locked member for a secret. Asked before the secret is looked at, so that a
/// lock tells nothing about it.
pub fn refuse_if_locked(member: &Member, now: DateTime<Utc>) -> Result<(), MemberError> {
    if member.is_locked(now) {
        Err(MemberError::Locked)
    } else {
        Ok(())
    }
}

/// Counts a wrong secret, and gives the member as it is then: locked, if this was one too many.
pub fn note_failure(tx: &mut Transaction<'_>, member: &Member) -> Result<Member, StorageError> {
    let before = member_failures::find(tx, member)?;
    let failures = before.map_or(1, |(failures, last)| lock::counted(failures, last, tx.now));
    if failures < lock::FAILURES_UNTIL_LOCK {
        member_failures::put(tx, member, failures)?;
        return Ok(member.clone());
    }
    member_failures::delete(tx, member)?;
    let locked = member.locked(tx.now);
    members::commit(tx, Some(member), &locked)?;
    Ok(locked)
}

/// Forgets the wrong secrets of a member whose right ones were enough to let it in. Whoever knows
/// one of two would otherwise guess at the other without end.
pub(crate) fn clear_if_in(
    tx: &mut Transaction<'_>,
    member: &Member,
    admission: &Admission,
) -> Result<(), StorageError> {
    let is_in = matches!(
        admission,
        Admission::Session { .. } | Admission::Proven { .. }
    );
    if is_in && member_failures::find(tx, member)?.is_some() {
        member_failures::delete(tx, member)?;
    }
    Ok(())
}

/// The members with an address who are not locked; nothing where it has members and all of them
/// are.
pub(crate) fn guessable(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    address: &EmailAddress,
) -> Result<Option<Vec<Member>>, StorageError> {
    let joined = OrganizationFilter::MemberEmails(vec![address.folded()]);
    let joined = first_matching(tx, (project, joined), MOST_ORGANIZATIONS)?;
    let joined: Vec<OrganizationId> = joined.iter().map(|found| found.id).collect();
    let members = member_discovery::list_live_with_address(tx, &joined, address)?;
    let is_anybody = !members.is_empty();
    let open = members
        .into_iter()
        .filter(|member| !member.is_locked(tx.now));
    let open: Vec<Member> = open.collect();
    Ok((!is_anybody || !open.is_empty()).then_some(open))
}

/// Counts a wrong secret of an address on each of these members, in its own organization.
pub(crate) fn note_failures(
    tx: &mut Transaction<'_>,
    members: &[Member],
) -> Result<(), StorageError> {
    for member in members {
        tx.enter(member.organization_id)?;
        note_failure(tx, member)?;
    }
    Ok(())
}
