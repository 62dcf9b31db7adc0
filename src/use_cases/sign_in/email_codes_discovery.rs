//! Codes that are mailed to an address before an organization is chosen (contract 4.4). Every address
//! gets one, so that nobody learns who is known.

use crate::domain::email::EmailAddress;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::discovery::arrive::Arrival;
use crate::use_cases::discovery::arrive::arrive;
use crate::use_cases::error::ManagementError;
use crate::use_cases::mails;
use crate::use_cases::sign_in::email_codes;
use crate::use_cases::sign_in::email_codes::Tried;

/// Mails a code to an address, good for so many minutes.
pub fn send(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (address, asked_minutes): (Option<&EmailAddress>, Option<i64>),
) -> Result<(), ManagementError> {
    let minutes = email_codes::minutes("discovery_expiration_minutes", asked_minutes)?;
    let address = email_codes::named(address)?;
    let postage = mails::postage(tx, deployment, address)?;
    email_codes::put(tx, deployment, (address, postage), (None, ""), minutes)
}

/// What somebody may choose from who has read a code; nothing when the code is not right, which
/// counts.
pub fn authenticate(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    (address, code): (Option<&EmailAddress>, &str),
) -> Result<Option<Arrival>, ManagementError> {
    let address = email_codes::named(address)?;
    if email_codes::use_up(tx, deployment, (None, address), code)? != Tried::Right {
        return Ok(None);
    }
    let proven = vec![email_codes::proven(tx, address)];
    arrive(tx, &caller.project_id, (address.clone(), proven)).map(Some)
}
