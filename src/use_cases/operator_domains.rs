//! The mail domains of an organization, for the operator at the command line.

use crate::domain::domain_proof::DomainProof;
use crate::domain::domain_proof::Look;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::domain_proofs;
use crate::storage::error::StorageError;
use crate::use_cases::domains;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::operator_error::OperatorError;
use crate::use_cases::organizations::resolve_for_operator;

/// The domains that an organization has claimed, by name.
pub fn list(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    organization: &str,
) -> Result<Vec<DomainProof>, OperatorError> {
    let organization = resolve_for_operator(tx, project, organization)?;
    Ok(domain_proofs::list(tx, organization.id)?)
}

/// The claim of an organization to a domain.
pub fn find(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (organization, domain): (&str, &str),
) -> Result<DomainProof, OperatorError> {
    let organization = resolve_for_operator(tx, project, organization)?;
    let found = domains::find(tx, &organization, domain);
    found.map_err(|error| told(error, domain))
}

/// What became of a look for the record of a claim.
pub fn take(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (proof, look): (&DomainProof, &Look),
) -> Result<DomainProof, OperatorError> {
    let taken = domains::take(tx, (project, proof), look);
    let taken = taken.map_err(|error| told(error, &proof.domain))?;
    taken.ok_or_else(|| OperatorError::UnknownDomain(proof.domain.clone()))
}

/// Gives a domain up; nothing that a proof gave stays.
pub fn release(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (organization, domain): (&str, &str),
) -> Result<(), OperatorError> {
    let organization = resolve_for_operator(tx, project, organization)?;
    let released = domains::release_of(tx, &organization, domain);
    released.map_err(|error| told(error, domain))
}

fn told(error: ManagementError, domain: &str) -> OperatorError {
    match error {
        ManagementError::Storage(error) => OperatorError::Storage(error),
        ManagementError::Organization(OrganizationError::DomainNotFound) => {
            OperatorError::UnknownDomain(domain.to_owned())
        }
        other => OperatorError::Storage(StorageError::corrupt(format!("{other:?}"))),
    }
}
