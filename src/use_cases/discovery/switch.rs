//! A session of one organization becomes one of another (contract 3.6, exchange).

use crate::domain::factor;
use crate::storage::Transaction;
use crate::storage::members as member_rows;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::discovery::Seeker;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::members::live_by_email;
use crate::use_cases::organizations;
use crate::use_cases::sessions::SessionLocator;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::Proof;
use crate::use_cases::sign_in::present;
use crate::use_cases::sign_in::present::Present;
use crate::use_cases::sign_in::present::Presented;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Switch {
    /// The session; it stays as it is.
    pub session: SessionLocator,
    /// The organization: id, external id or slug.
    pub organization: String,
    /// What the new session shall be.
    pub wishes: SessionWishes,
    /// The language of what is sent to the person.
    pub locale: Option<String>,
}

/// Opens a session for the same person in another organization, where they are a member or invited.
/// What a mail or an OAuth provider proved counts there too; nobody joins by a domain.
pub fn switch(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &Switch,
) -> Result<Admission, ManagementError> {
    let presented = Presented {
        session: Some(asked.session.clone()),
        intermediate_token: None,
    };
    let present = present::look(tx, caller, &presented)?;
    let session = present.session.ok_or(SessionError::NotFound)?;
    let seeker = Seeker::of(tx, &caller.project_id, &session)?;
    let organization = organizations::resolve(tx, &caller.project_id, &asked.organization)?;
    let factors = factor::travelling(&session.factors, &seeker.email_address);
    let own = (session.organization_id == organization.id).then_some(session.member_id);
    let member = match own {
        Some(id) => member_rows::find(tx, &organization.scope(), id)?,
        None if factors.is_empty() => return Err(AdmissionError::NothingToTakeAlong.into()),
        None => live_by_email(tx, &organization.scope(), &seeker.email_address)?,
    };
    let member = member.ok_or(MemberError::NotFound)?;
    let factors = if own.is_some() {
        session.factors
    } else {
        factors
    };
    let proof = Proof {
        factors,
        ends_no_later_than: session.ends_no_later_than,
    };
    let entering = (organization, member);
    let admission = entry::enter_with(
        tx,
        deployment,
        entering,
        (proof, Present::default()),
        &asked.wishes,
    )?;
    entry::begin_second_factor(tx, deployment, admission, asked.locale.as_deref())
}
