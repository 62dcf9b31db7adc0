//! The organizations that somebody may choose from; nothing is used up (contract 4.4).

use crate::domain::email::EmailAddress;
use crate::domain::id::OrganizationId;
use crate::storage::Transaction;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::discovery::DiscoveredOrganization;
use crate::use_cases::discovery::Seeker;
use crate::use_cases::discovery::discovered;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::sign_in::present;
use crate::use_cases::sign_in::present::Presented;

/// What somebody may choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The address that they go by.
    pub email_address: EmailAddress,
    /// The organizations.
    pub organizations: Vec<DiscoveredOrganization>,
    /// The one that they were about to enter.
    pub hint: Option<OrganizationId>,
}

/// For a member session the organizations where they are members; for an intermediate session also
/// those that they may join.
pub fn list(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    presented: &Presented,
) -> Result<Choice, ManagementError> {
    let present = present::look(tx, caller, presented)?;
    let (seeker, may_join, hint) = match (&present.session, &present.intermediate) {
        (Some(_), Some(_)) => return Err(SessionError::TooManyArguments.into()),
        (None, None) => return Err(SessionError::NoArguments.into()),
        (Some(found), None) => (Seeker::of(tx, &caller.project_id, found)?, false, None),
        (None, Some((_, found))) => (Seeker::from(found), true, found.organization_id),
    };
    Ok(Choice {
        organizations: discovered(tx, &caller.project_id, &seeker, may_join)?,
        email_address: seeker.email_address,
        hint,
    })
}
