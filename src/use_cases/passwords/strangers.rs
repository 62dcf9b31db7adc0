//! Wrong passwords of addresses that have none. As much is written for them as for a member's, so that
//! nobody can tell from the time of an answer who has a password. Nothing rests on the count.

use crate::domain::email;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::use_cases::Deployment;
use crate::use_cases::allowance::Allowance;

/// Writes one down, at an organization or at none.
pub(super) fn note(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, address): (&str, &str),
) -> Result<(), StorageError> {
    let place = format!("{organization}\0{}", email::folded(address));
    let place = ("passwords of nobody", place.as_str());
    Allowance::new(deployment, place, i32::MAX).spend(tx)
}
