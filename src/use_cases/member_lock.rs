//! Wrong secrets in a row lock a member for a while: passwords and codes by e-mail count together,
//! second factors apart from them, and what was guessed at is not asked for until the lock ends
//! (contract 1.6, `user_lock_limit_reached`).
//!
//! What cannot be guessed, single sign-on or a link in a mail, is not held up, nor is the second
//! factor after it by guesses at a first one: else anybody could keep a member out by guessing.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::email::EmailAddress;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::member::lock;
use crate::domain::member::lock::Guessed;
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

/// Refuses to ask a member for a second factor who is locked for that. Asked before the secret is
/// looked at, so that a lock tells nothing about it.
pub(crate) fn refuse_if_locked(
    tx: &mut Transaction<'_>,
    member: &Member,
) -> Result<(), ManagementError> {
    if is_locked(tx, member, Guessed::SecondFactor)? {
        Err(MemberError::Locked.into())
    } else {
        Ok(())
    }
}

/// Whether a member is not asked for what is guessed at.
pub(crate) fn is_locked(
    tx: &mut Transaction<'_>,
    member: &Member,
    guessed: Guessed,
) -> Result<bool, StorageError> {
    Ok(lock_end(tx, member, guessed)?.is_some())
}

/// When a member is asked for it again, if it is not now.
pub(crate) fn lock_end(
    tx: &mut Transaction<'_>,
    member: &Member,
    guessed: Guessed,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    if !member.is_locked(tx.now) {
        return Ok(None);
    }
    let failures = member_failures::find(tx, member, guessed)?;
    Ok(failures.and_then(|failures| failures.lock_end(tx.now)))
}

/// Counts a wrong secret. One too many locks the member.
pub(crate) fn note_failure(
    tx: &mut Transaction<'_>,
    member: &Member,
    guessed: Guessed,
) -> Result<(), StorageError> {
    let before = member_failures::find(tx, member, guessed)?;
    let count = before.map_or(1, |failures| failures.with_one_more(tx.now));
    member_failures::put(tx, member, (guessed, count))?;
    if count < lock::FAILURES_UNTIL_LOCK {
        return Ok(());
    }
    members::commit(tx, Some(member), &member.locked(tx.now))
}

/// Forgets the wrong secrets of a member whose right ones were enough to let it in. Whoever knows
/// one of two would otherwise guess at the other without end; and so a lock stays, and a first
/// factor alone forgets none at the second.
pub(crate) fn clear_if_in(
    tx: &mut Transaction<'_>,
    (member, proven): (&Member, Guessed),
    admission: &Admission,
) -> Result<(), StorageError> {
    let is_in = matches!(
        admission,
        Admission::Session { .. } | Admission::Proven { .. }
    );
    if !is_in {
        return Ok(());
    }
    let forgotten: &[Guessed] = match proven {
        Guessed::FirstFactor => &[Guessed::FirstFactor],
        Guessed::SecondFactor => &[Guessed::SecondFactor, Guessed::FirstFactor],
    };
    for guessed in forgotten {
        let failures = member_failures::find(tx, member, *guessed)?;
        if failures.is_some_and(|failures| failures.lock_end(tx.now).is_none()) {
            member_failures::put(tx, member, (*guessed, 0))?;
        }
    }
    Ok(())
}

/// The members with an address whose passwords are asked for; nothing where it has members and all of them
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
    let mut open = Vec::new();
    for member in members {
        if !is_locked(tx, &member, Guessed::FirstFactor)? {
            open.push(member);
        }
    }
    Ok((!is_anybody || !open.is_empty()).then_some(open))
}

/// Counts a wrong secret of an address on each of these members, in its own organization.
pub(crate) fn note_failures(
    tx: &mut Transaction<'_>,
    members: &[Member],
) -> Result<(), StorageError> {
    for member in members {
        tx.enter(member.organization_id)?;
        note_failure(tx, member, Guessed::FirstFactor)?;
    }
    Ok(())
}
