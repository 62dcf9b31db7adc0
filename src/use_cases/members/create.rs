//! Create a member by hand.

use crate::domain::email::EmailAddress;
use crate::domain::member::Member;
use crate::domain::member::changes::MemberDraft;
use crate::domain::member::rights;
use crate::domain::organization::Organization;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::addresses;
use crate::storage::error::StorageError;
use crate::storage::members;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::members::MemberView;
use crate::use_cases::members::access;
use crate::use_cases::members::commit;
use crate::use_cases::members::view;
use crate::use_cases::rbac;

/// Creates a member; the organization's doors do not apply to its own backend.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
    draft: &MemberDraft,
) -> Result<MemberView, ManagementError> {
    let organization = caller.enter(tx, organization, &[])?;
    access::demand(caller, None, &rights::of_draft(draft))?;
    let member = Member::create(organization.id, draft, tx.now)?;
    add(tx, &organization, &member)?;
    view(tx, organization, member)
}

/// Adds a member to its organization, if it may be what it is.
pub(crate) fn add(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    member: &Member,
) -> Result<(), ManagementError> {
    let scope = organization.scope();
    rbac::check_roles(tx, organization, texts(&member.explicit_roles))?;
    check_address(tx, &scope, (member, &member.email_address))?;
    check_unique(tx, &scope, member)?;
    commit(tx, None, member)?;
    Ok(())
}

pub(crate) fn texts(roles: &[String]) -> impl Iterator<Item = &str> {
    roles.iter().map(String::as_str)
}

/// Refuses an address that another member has, or gave up.
pub(crate) fn check_address(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    (member, wanted): (&Member, &EmailAddress),
) -> Result<(), ManagementError> {
    let known = addresses::known(tx, scope, wanted)?;
    let holder = known.members.iter().find(|holder| holder.is_live());
    if holder.is_some_and(|holder| holder.id != member.id) {
        return Err(MemberError::DuplicateEmail(wanted.to_string()).into());
    }
    if known.former.is_some_and(|former| former != member.id) {
        return Err(MemberError::RetiredEmail(wanted.to_string()).into());
    }
    Ok(())
}

/// Whether another live member has the external id of this one.
pub(crate) fn external_id_is_taken(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    wanted: &Member,
) -> Result<bool, StorageError> {
    let Some(external_id) = &wanted.external_id else {
        return Ok(false);
    };
    let holder = members::find_by_external_id(tx, scope, external_id)?;
    Ok(holder.is_some_and(|holder| holder.id != wanted.id))
}

/// Refuses an external id or a number for codes that another live member has.
pub(crate) fn check_unique(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    wanted: &Member,
) -> Result<(), ManagementError> {
    if external_id_is_taken(tx, scope, wanted)? {
        let taken = wanted.external_id.clone().unwrap_or_default();
        return Err(MemberError::DuplicateExternalId(taken).into());
    }
    let number = &wanted.mfa_phone_number;
    if !number.is_empty() {
        let holder = members::other_holder_of_phone_number(tx, scope, (wanted.id, number))?;
        if holder.is_some() {
            return Err(MemberError::DuplicatePhoneNumber(number.clone()).into());
        }
    }
    Ok(())
}
