//! Somebody has proven an address, and chooses an organization next (contract 4.4).

use crate::domain::email::EmailAddress;
use crate::domain::factor::Factor;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::use_cases::discovery::DiscoveredOrganization;
use crate::use_cases::discovery::Seeker;
use crate::use_cases::discovery::discovered;
use crate::use_cases::error::ManagementError;
use crate::use_cases::intermediate_sessions;
use crate::use_cases::intermediate_sessions::IntermediateSession;
use crate::use_cases::intermediate_sessions::IntermediateToken;

/// Who came, and what they may choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// The address that they proved.
    pub email_address: EmailAddress,
    /// Stands for the proof, told this once.
    pub intermediate: IntermediateToken,
    /// The organizations.
    pub organizations: Vec<DiscoveredOrganization>,
}

/// Keeps what was proven in an intermediate session and lists the organizations to choose from.
pub fn arrive(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (email_address, factors): (EmailAddress, Vec<Factor>),
) -> Result<Arrival, ManagementError> {
    let session = IntermediateSession {
        email_address,
        organization_id: None,
        member_id: None,
        factors,
        ends_no_later_than: None,
    };
    let intermediate = intermediate_sessions::open(tx, project, &session)?;
    let organizations = discovered(tx, project, &Seeker::from(&session), true)?;
    Ok(Arrival {
        email_address: session.email_address,
        intermediate,
        organizations,
    })
}
