//! A code to somebody who is no member of the organization, and joins by it.

use crate::domain::id::EmailId;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::sign_in::email_codes::CodeAuthentication;
use crate::use_cases::sign_in::email_codes::Tried;
use crate::use_cases::sign_in::email_codes::named;
use crate::use_cases::sign_in::email_codes::proven;
use crate::use_cases::sign_in::email_codes::use_up;
use crate::use_cases::sign_in::email_door;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;

/// Who has read a code and is no member joins, where the organization lets them.
pub(super) fn join(
    tx: &mut Transaction<'_>,
    place: (&ProjectCaller, &Deployment),
    organization: Organization,
    asked: &CodeAuthentication,
) -> Result<Option<(EmailId, Admission)>, ManagementError> {
    let address = named(asked.email_address.as_ref())?;
    let at = (Some(organization.id), address);
    if use_up(tx, place.1, at, &asked.code)? != Tried::Right {
        return Ok(None);
    }
    let member = email_door::open(tx, &organization, address)?.member;
    let id = EmailId::of(member.id, address);
    let (proof, who) = (proven(tx, address).into(), (organization, member));
    let admission = entry::enter(tx, place, who, proof, &asked.wishes)?;
    Ok(Some((id, admission)))
}
