//! Delete a member softly, and bring one back.

use crate::domain::id::MemberId;
use crate::domain::member::Member;
use crate::domain::member::rights;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::storage::members;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::members::MemberView;
use crate::use_cases::members::access;
use crate::use_cases::members::access::reach;
use crate::use_cases::members::commit;
use crate::use_cases::members::create::check_address;
use crate::use_cases::members::create::check_unique;
use crate::use_cases::members::view;

/// Deletes a member and gives its id. Its sessions end, its address is free for a new member.
pub fn delete(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
) -> Result<MemberId, ManagementError> {
    let (_, member) = reach(tx, caller, named, &[rights::DELETE])?;
    let gone = member.deleted(false, tx.now);
    commit(tx, Some(&member), &gone)?;
    Ok(gone.id)
}

/// Brings a deleted member back, by whomever it was deleted. What directories and connections give
/// it counts again; the roles that it was given by hand do not come back.
pub fn reactivate(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, member_id): (&str, &str),
) -> Result<MemberView, ManagementError> {
    let organization = caller.enter(tx, organization, &[])?;
    access::demand(caller, None, &[rights::CREATE])?;
    let gone = find_deleted(tx, &organization, member_id)?.ok_or(MemberError::NoDeletedMember)?;
    if gone.is_breakglass {
        access::demand(caller, None, &[rights::BREAKGLASS])?;
    }
    if !gone.email_address_verified {
        return Err(MemberError::EmailUnverified.into());
    }
    let scope = organization.scope();
    let back = gone.reactivated(tx.now);
    check_address(tx, &scope, (&back, &back.email_address)).map_err(of_another)?;
    check_unique(tx, &scope, &back)?;
    commit(tx, Some(&gone), &back)?;
    view(tx, organization, back)
}

fn find_deleted(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    member_id: &str,
) -> Result<Option<Member>, ManagementError> {
    let Ok(id) = member_id.parse::<MemberId>() else {
        return Ok(None);
    };
    let found = members::find(tx, &organization.scope(), id)?;
    Ok(found.filter(|member| !member.is_live()))
}

fn of_another(error: ManagementError) -> ManagementError {
    match error {
        ManagementError::Member(
            MemberError::DuplicateEmail(address) | MemberError::RetiredEmail(address),
        ) => MemberError::EmailOfAnother(address).into(),
        other => other,
    }
}
