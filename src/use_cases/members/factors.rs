//! Take away what a member proves itself with, and end its lock.

use crate::domain::member::rights;
use crate::storage::Transaction;
use crate::storage::factors::member_failures;
use crate::storage::factors::totps;
use crate::use_cases::caller::Caller;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::members::MemberView;
use crate::use_cases::members::access::reach;
use crate::use_cases::members::commit;
use crate::use_cases::members::live;
use crate::use_cases::members::view;
use crate::use_cases::organizations;

/// Takes away the number for codes, and what hangs on it.
pub fn delete_mfa_phone_number(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
) -> Result<MemberView, ManagementError> {
    let (organization, before) = reach(tx, caller, named, &[rights::DELETE_MFA_PHONE])?;
    if before.mfa_phone_number.is_empty() {
        return view(tx, organization, before);
    }
    let mut after = before.without_phone_number();
    after.updated_at = tx.now;
    commit(tx, Some(&before), &after)?;
    view(tx, organization, after)
}

/// Takes the authenticator application away, proven or pending, and its recovery codes with it.
pub fn delete_totp(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
) -> Result<MemberView, ManagementError> {
    let (organization, before) = reach(tx, caller, named, &[rights::DELETE_TOTP])?;
    if !totps::delete(tx, &before)? {
        return Err(MemberError::TotpNotFound.into());
    }
    if before.totp_registration_id.is_none() {
        return view(tx, organization, before);
    }
    let mut after = before.without_totp();
    after.updated_at = tx.now;
    commit(tx, Some(&before), &after)?;
    view(tx, organization, after)
}

/// Ends a member's lock before its time, and forgets the wrong secrets. What is not locked stays
/// so, so that a caller may try again.
pub fn unlock(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (organization, member): (&str, &str),
) -> Result<MemberView, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    let before = live(tx, &organization, member)?;
    member_failures::delete(tx, &before)?;
    if before.lock.is_none() {
        return view(tx, organization, before);
    }
    let after = before.unlocked(tx.now);
    commit(tx, Some(&before), &after)?;
    view(tx, organization, after)
}
