//! An intermediate session becomes a session of the organization that was chosen (contract 4.4).

use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::policy::Refusal;
use crate::storage::Transaction;
use crate::storage::member_discovery;
use crate::storage::members as member_rows;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::intermediate_sessions;
use crate::use_cases::intermediate_sessions::IntermediateSession;
use crate::use_cases::members::live_by_email;
use crate::use_cases::oauth::recognition::recognise;
use crate::use_cases::organizations;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::email_door;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::Proof;
use crate::use_cases::sign_in::present::Present;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// The token of the intermediate session.
    pub intermediate_token: String,
    /// The organization: id, external id or slug.
    pub organization: String,
    /// What the session shall be.
    pub wishes: SessionWishes,
    /// The language of what is sent to the person.
    pub locale: Option<String>,
}

/// Lets somebody into the organization that they chose: as the member that they are there, as one
/// who was invited, or as a new one if it lets people with their domain join.
pub fn exchange(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &Exchange,
) -> Result<Admission, ManagementError> {
    let project = &caller.project_id;
    let kept = intermediate_sessions::find(tx, project, &asked.intermediate_token)?;
    let organization = organizations::resolve(tx, project, &asked.organization)?;
    let (member, kept) = entrant(tx, &organization, kept)?;
    let present = Present {
        session: None,
        intermediate: Some((asked.intermediate_token.clone(), kept)),
    };
    let present = present.of(&member);
    let entering = (organization, member);
    let admission = entry::enter_with(
        tx,
        deployment,
        entering,
        (Proof::default(), present),
        &asked.wishes,
    )?;
    entry::begin_second_factor(tx, deployment, admission, asked.locale.as_deref())
}

/// Who enters, and with what: the member that was known already, the one that an OAuth provider
/// knows, or the one of the proven address.
fn entrant(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    kept: IntermediateSession,
) -> Result<(Member, IntermediateSession), ManagementError> {
    if let (Some(chosen), Some(member)) = (kept.organization_id, kept.member_id)
        && chosen == organization.id
        && let Some(member) = member_rows::find(tx, &organization.scope(), member)?
        && member.is_live()
    {
        return Ok((member, kept));
    }
    match recognise(tx, organization, &kept)? {
        Some(recognised) => Ok(recognised),
        None => Ok((by_address(tx, organization, &kept)?, kept)),
    }
}

fn by_address(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    kept: &IntermediateSession,
) -> Result<Member, ManagementError> {
    let scope = organization.scope();
    let address = kept
        .proven_address()
        .ok_or(AdmissionError::EmailVerificationRequired)?;
    if let Some(member) = live_by_email(tx, &scope, address)? {
        return Ok(member);
    }
    let domain = [organization.id];
    if member_discovery::with_proven_domain(tx, &domain, &address.domain())?.is_empty() {
        let refusal = Refusal::EmailNotAllowedForJit;
        return Err(email_door::turned_away(organization, address, refusal));
    }
    tx.enter(organization.id)?;
    Ok(email_door::open(tx, organization, address)?.member)
}
