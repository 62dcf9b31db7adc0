//! A member takes another address once it has proven it (contract 8): a link or a code to the new
//! address is good for five minutes.

use crate::domain::email::EmailAddress;
use crate::domain::magic_link;
use crate::domain::magic_link::LinkPurpose;
use crate::domain::magic_link::MagicLink;
use crate::domain::member::Member;
use crate::domain::member::MemberRefusal;
use crate::domain::member::MemberStatus;
use crate::domain::member::changes::MemberUpdate;
use crate::domain::member::rights;
use crate::domain::organization::Organization;
use crate::domain::policy::Refusal;
use crate::domain::project::RedirectKind;
use crate::storage::Transaction;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::error::magic_link::MagicLinkError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::magic_links::sending;
use crate::use_cases::mails;
use crate::use_cases::members::MemberView;
use crate::use_cases::members::access::reach;
use crate::use_cases::members::commit;
use crate::use_cases::members::create::check_address;
use crate::use_cases::members::email_update_code;
use crate::use_cases::members::end_sessions_but;
use crate::use_cases::members::view;
use crate::use_cases::sign_in::present;
use crate::use_cases::sign_in::present::Presented;

/// What `start_email_update` asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmailUpdate {
    /// The new address.
    pub email_address: Option<EmailAddress>,
    /// Where the link leads, unless the project's default does.
    pub redirect_url: Option<String>,
    /// Whether a code proves it instead of a link.
    pub by_code: bool,
}

/// Sends a link or a code to the address that a member wants.
pub fn start_email_update(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    named: (&str, &str),
    asked: &EmailUpdate,
) -> Result<MemberView, ManagementError> {
    let (organization, member) = reach(tx, caller, named, &[rights::PROVE_EMAIL])?;
    let wanted = asked.email_address.clone();
    let wanted = wanted.ok_or(MemberRefusal::EmailMissing)?;
    if member.status != MemberStatus::Active {
        return Err(MagicLinkError::EmailUpdateOfInactive.into());
    }
    if !member.email_address_verified {
        return Err(MagicLinkError::EmailUpdateOfUnverified.into());
    }
    let postage = mails::postage(tx, deployment, &wanted)?;
    check(tx, &organization, (&member, &wanted))?;
    check_pending(tx, &organization, (&member, &wanted))?;
    if asked.by_code {
        let whose = (&organization, &member);
        email_update_code::send(tx, deployment, whose, (&wanted, postage))?;
        return view(tx, organization, member);
    }
    let target = (RedirectKind::Login, asked.redirect_url.as_deref());
    let link = MagicLink {
        purpose: LinkPurpose::EmailUpdate,
        member_id: member.id,
        joins: false,
        redirect_url: sending::target(tx, deployment, target)?,
        email_address: wanted,
        pkce_code_challenge: None,
    };
    let lifetime = sending::lifetime(("minutes", None), magic_link::EMAIL_UPDATE_MINUTES)?;
    let place = (deployment, &organization);
    sending::send(tx, place, (postage, &member.name), (&link, lifetime))?;
    sending::record(tx, &organization, (&link, lifetime))?;
    view(tx, organization, member)
}

/// The member with the address that it has proven.
pub(crate) fn finish(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (member, wanted): (&Member, &EmailAddress),
) -> Result<Member, ManagementError> {
    check(tx, organization, (member, wanted))?;
    let update = MemberUpdate {
        email_address: Some(wanted.clone()),
        ..MemberUpdate::default()
    };
    let after = Member {
        email_address_verified: true,
        ..member.update(&update, tx.now)?
    };
    if !after.is_as(member) {
        commit(tx, Some(member), &after)?;
    }
    Ok(after)
}

/// Whoever came by the old address is out, but for the session that the person brings along.
pub(crate) fn end_other_sessions(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (organization, member): (&Organization, &Member),
    presented: &Presented,
) -> Result<(), ManagementError> {
    let present = present::look(tx, caller, presented)?.of(member);
    tx.enter(organization.id)?;
    let kept = present.session.map(|session| session.id);
    Ok(end_sessions_but(tx, (&organization.scope(), member), kept)?)
}

fn check(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (member, wanted): (&Member, &EmailAddress),
) -> Result<(), ManagementError> {
    let free = check_address(tx, &organization.scope(), (member, wanted));
    free.map_err(|error| match error {
        ManagementError::Member(MemberError::RetiredEmail(address)) => {
            MagicLinkError::DesiredEmailGivenUp(address).into()
        }
        other => other,
    })?;
    let claimant = organizations::claimant_of(tx, &organization.project_id, &wanted.domain())?;
    if claimant.is_some_and(|claimant| claimant != organization.id) {
        return Err(AdmissionError::Refused(Refusal::DomainClaimed).into());
    }
    Ok(())
}

/// Of two members who want one address, the first has it for as long as its link works.
fn check_pending(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (member, wanted): (&Member, &EmailAddress),
) -> Result<(), ManagementError> {
    let place = (&organization.scope(), TokenKind::MagicLink);
    let links =
        one_time_tokens::mentioning::<MagicLink>(tx, place, LinkPurpose::EmailUpdate.name())?;
    let is_rival = |link: &MagicLink| {
        link.purpose == LinkPurpose::EmailUpdate
            && link.email_address == *wanted
            && link.member_id != member.id
    };
    if links.iter().any(is_rival) {
        return Err(MagicLinkError::DesiredEmailPending(wanted.to_string()).into());
    }
    Ok(())
}
