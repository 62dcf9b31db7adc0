//! Have a password set anew by mail before it opens anything again, where organizations share
//! passwords.

use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::member::Member;
use crate::domain::member::rights;
use crate::domain::member::rights::MemberRight;
use crate::domain::password::PasswordHolder;
use crate::storage::Transaction;
use crate::storage::passwords as rows;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::members;
use crate::use_cases::members::MemberView;
use crate::use_cases::passwords::commit::commit;
use crate::use_cases::passwords::settings;

/// Whose password it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    /// The address.
    pub email_address: String,
    /// An organization that the answer shows the address's member of.
    pub organization: Option<String>,
    /// That member.
    pub member: Option<String>,
}

/// Takes the password of an address out of use; gives its member in the organization that the call
/// names. A member session always speaks of its own organization, and so may not: the password is
/// everybody's, and an organization decides which addresses its members have.
pub fn require_reset(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    whose: &Whose,
) -> Result<Option<MemberView>, ManagementError> {
    let own = caller.own_organization().map(|own| own.id.to_string());
    let view = match whose.organization.as_ref().or(own.as_ref()) {
        Some(organization) => Some(find(tx, caller, (organization, whose))?),
        None => None,
    };
    let project = caller.project_id();
    if !settings(tx, project)?.cross_organization {
        return Err(PasswordError::SharingIsOff.into());
    }
    members::demand(caller, None, &[MemberRight::Backend])?;
    let address = EmailAddress::parse(&whose.email_address).ok_or(MemberError::PasswordNotFound)?;
    let holder = PasswordHolder::Address(project.clone(), address);
    let password = rows::find(tx, &holder)?.ok_or(MemberError::PasswordNotFound)?;
    let password = password.to_be_reset(tx.now);
    commit(tx, &holder, (EventKind::PasswordResetRequired, &password))?;
    Ok(view)
}

fn find(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, whose): (&str, &Whose),
) -> Result<MemberView, ManagementError> {
    let organization = caller.enter(tx, organization, &[])?;
    let scope = organization.scope();
    let address = EmailAddress::parse(&whose.email_address);
    let found = match &address {
        Some(address) => members::live_by_email(tx, &scope, address)?,
        None => None,
    };
    let is_meant = |member: &Member| {
        let names = [Some(member.id.to_string()), member.external_id.clone()];
        whose.member.is_none() || names.contains(&whose.member)
    };
    let found = found.filter(is_meant);
    let id = found.as_ref().map(|member| member.id);
    members::demand(caller, id, &[rights::DELETE_PASSWORD])?;
    members::view(tx, organization, found.ok_or(MemberError::NotFound)?)
}
