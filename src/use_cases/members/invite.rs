//! Invite somebody by mail: a member that is not in yet, with a link that brings it in
//! (contract 4.3).

use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::magic_link;
use crate::domain::magic_link::LinkPurpose;
use crate::domain::magic_link::MagicLink;
use crate::domain::member::Member;
use crate::domain::member::MemberRefusal;
use crate::domain::member::MemberStatus;
use crate::domain::member::changes::MemberDraft;
use crate::domain::member::changes::MemberUpdate;
use crate::domain::member::rights;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::domain::policy::Refusal;
use crate::domain::project::RedirectKind;
use crate::storage::Transaction;
use crate::storage::journal;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::error::magic_link::MagicLinkError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::magic_links::sending;
use crate::use_cases::mails;
use crate::use_cases::members::MemberView;
use crate::use_cases::members::access;
use crate::use_cases::members::commit;
use crate::use_cases::members::create::check_address;
use crate::use_cases::members::create::check_unique;
use crate::use_cases::members::create::texts;
use crate::use_cases::members::find::find_named;
use crate::use_cases::members::live_by_email;
use crate::use_cases::members::view;
use crate::use_cases::rbac;

/// An invitation as a caller asks for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Invitation {
    /// Who is invited, and as what.
    pub draft: MemberDraft,
    /// Who invites, by id or external id.
    pub invited_by: Option<String>,
    /// Where the link leads, unless the project's default does.
    pub redirect_url: Option<String>,
    /// How long it works, unless a week.
    pub minutes: Option<i64>,
}

/// Invites somebody. Whoever was invited before and has not come yet gets another mail, and what
/// the invitation names in place of what was.
pub fn invite(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    organization: &str,
    invitation: &Invitation,
) -> Result<MemberView, ManagementError> {
    let organization = caller.enter(tx, organization, &[])?;
    access::demand(caller, None, &rights::of_draft(&invitation.draft))?;
    let asked = (RedirectKind::Invite, invitation.redirect_url.as_deref());
    let redirect_url = sending::target(tx, deployment, asked)?;
    let minutes = ("invite_expiration_minutes", invitation.minutes);
    let lifetime = sending::lifetime(minutes, magic_link::INVITE_MINUTES)?;
    let address = invitation.draft.email_address.as_ref();
    let address = address.ok_or(MemberRefusal::EmailMissing)?;
    let postage = mails::postage(tx, deployment, address)?;
    let inviter = inviter(tx, &organization, invitation)?;
    let member = invited(tx, &organization, &invitation.draft)?;
    let link = MagicLink {
        purpose: LinkPurpose::Invite,
        member_id: member.id,
        joins: false,
        email_address: member.email_address.clone(),
        redirect_url,
        pkce_code_challenge: None,
    };
    let place = (deployment, &organization);
    sending::send(tx, place, (postage, &member.name), (&link, lifetime))?;
    let change = Change {
        organization_id: Some(organization.id),
        kind: EventKind::MemberInvited,
        object_id: member.id.to_string(),
        before: None,
        after: Some(json!({
            "email_address": member.email_address,
            "invited_by_member_id": inviter.map(|inviter| inviter.id),
            "expires_at": tx.now + lifetime,
        })),
    };
    journal::append(tx, &change)?;
    view(tx, organization, member)
}

fn inviter(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    invitation: &Invitation,
) -> Result<Option<Member>, ManagementError> {
    let Some(named) = &invitation.invited_by else {
        return Ok(None);
    };
    let found = find_named(tx, &organization.scope(), named)?.filter(Member::is_live);
    Ok(Some(found.ok_or(MemberError::NotFound)?))
}

/// The member that somebody is from here on, until they come.
fn invited(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    draft: &MemberDraft,
) -> Result<Member, ManagementError> {
    let scope = organization.scope();
    let wanted = Member::create(organization.id, draft, tx.now)?;
    let address = wanted.email_address.clone();
    check_door(tx, organization, &address)?;
    let before = live_by_email(tx, &scope, &address)?;
    let mut after = match &before {
        Some(member) if member.status == MemberStatus::Active => {
            return Err(MemberError::DuplicateEmail(address.to_string()).into());
        }
        Some(member) => member.update(&MemberUpdate::from(draft), tx.now)?,
        None => wanted,
    };
    after.status = MemberStatus::Invited;
    let held = before
        .as_ref()
        .map(|before| before.explicit_roles.as_slice());
    let is_new = |role: &&str| !texts(held.unwrap_or_default()).any(|held| held == *role);
    let new = texts(&after.explicit_roles).filter(is_new);
    rbac::check_roles(tx, organization, new)?;
    check_address(tx, &scope, (&after, &address))?;
    check_unique(tx, &scope, &after)?;
    match &before {
        Some(before) if after.is_as(before) => {}
        _ => {
            after.updated_at = tx.now;
            commit(tx, before.as_ref(), &after)?;
        }
    }
    Ok(after)
}

fn check_door(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    address: &EmailAddress,
) -> Result<(), ManagementError> {
    if !policy::may_invite(&organization.settings, address) {
        return Err(MagicLinkError::NotInvitable(address.to_string()).into());
    }
    let claimant = organizations::claimant_of(tx, &organization.project_id, &address.domain())?;
    if claimant.is_some_and(|claimant| claimant != organization.id) {
        return Err(AdmissionError::Refused(Refusal::DomainClaimed).into());
    }
    Ok(())
}
