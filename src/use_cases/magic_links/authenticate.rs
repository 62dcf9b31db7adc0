//! The token of a link becomes a session, or what is still owed for one (contract 4.3).

use crate::domain::email::EmailAddress;
use crate::domain::event::Actor;
use crate::domain::factor::EmailFactor;
use crate::domain::factor::EmailMethod;
use crate::domain::factor::Factor;
use crate::domain::id::EmailId;
use crate::domain::magic_link::DiscoveryLink;
use crate::domain::magic_link::LinkPurpose;
use crate::domain::magic_link::MagicLink;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::members;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations;
use crate::storage::used_tokens;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::discovery::arrive::Arrival;
use crate::use_cases::discovery::arrive::arrive;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::error::magic_link::MagicLinkError;
use crate::use_cases::hosted_sign_in::hand_over;
use crate::use_cases::members::email_update;
use crate::use_cases::refusals::turned_away::TurnedAway;
use crate::use_cases::sign_in::email_door;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::pkce;
use crate::use_cases::sign_in::pkce::PkceRefusal;

/// A token as a caller presents it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PresentedLink {
    /// The token of the redirect.
    pub token: String,
    /// The PKCE verifier, needed when the link was asked for with a challenge.
    pub pkce_code_verifier: Option<String>,
}

/// Uses a link up and lets its member in. Says which address it has proven. What the hosted pages
/// hand over is redeemed here too.
pub fn authenticate(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    presented: &PresentedLink,
    wishes: &SignInWishes,
) -> Result<(Admission, EmailId), ManagementError> {
    let Some((organization, member, link)) = redeem(tx, caller, presented)? else {
        let place = (caller, deployment);
        return hand_over::redeem(tx, place, presented, wishes);
    };
    let method = EmailId::of(member.id, &link.email_address);
    tx.acts_as(Actor::SignIn(method.to_string()));
    let member = match link.purpose {
        LinkPurpose::EmailUpdate => {
            let member = email_update::finish(tx, &organization, (&member, &link.email_address))?;
            let place = (&organization, &member);
            email_update::end_other_sessions(tx, caller, place, &wishes.presented)?;
            member
        }
        LinkPurpose::Login | LinkPurpose::Signup | LinkPurpose::Invite => member,
    };
    let proof = proof(&link.email_address, tx);
    let place = (caller, deployment);
    let admission = entry::enter(tx, place, (organization, member), proof.into(), wishes)?;
    Ok((admission, method))
}

/// Whether a token is that of a live link to a member.
pub(crate) fn is_link(
    tx: &mut Transaction<'_>,
    presented: &PresentedLink,
) -> Result<bool, ManagementError> {
    let hash = hash(presented)?;
    let found = one_time_tokens::expiry(tx, TokenKind::MagicLink, &hash)?;
    Ok(found.is_some())
}

/// Uses a link up that was sent before an organization was chosen.
pub fn discover(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    presented: &PresentedLink,
) -> Result<Arrival, ManagementError> {
    let hash = hash(presented)?;
    let place = (&caller.project_id, TokenKind::DiscoveryLink);
    let link = one_time_tokens::find_in_project::<DiscoveryLink>(tx, place, &hash)?;
    let link = link.ok_or(MagicLinkError::Unusable)?;
    let challenge = link.pkce_code_challenge.as_deref();
    check_verifier(challenge, presented).map_err(AdmissionError::Pkce)?;
    use_up(tx, TokenKind::DiscoveryLink, &hash)?;
    let factor = proof(&link.email_address, tx);
    arrive(tx, &caller.project_id, (link.email_address, vec![factor]))
}

fn proof(address: &EmailAddress, tx: &Transaction<'_>) -> Factor {
    Factor::Email(EmailFactor {
        method: EmailMethod::MagicLink,
        email_address: address.clone(),
        authenticated_at: tx.now,
    })
}

/// The link with this token, if there is one. It works once, for the project of its organization, and for the address that its member has
/// or wants.
fn redeem(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    presented: &PresentedLink,
) -> Result<Option<(Organization, Member, MagicLink)>, ManagementError> {
    let hash = hash(presented)?;
    let found = one_time_tokens::find::<MagicLink>(tx, TokenKind::MagicLink, &hash)?;
    let Some((organization_id, link)) = found else {
        return Ok(None);
    };
    let organization = organizations::find(tx, &caller.project_id, organization_id)?;
    let organization = organization.ok_or(MagicLinkError::Unusable)?;
    let challenge = link.pkce_code_challenge.as_deref();
    check_verifier(challenge, presented).map_err(|refusal| {
        let place = (organization.id, &link.email_address);
        let member = Some(link.member_id).filter(|_| !link.joins);
        TurnedAway::by_verifier(place, refusal)
            .member(member)
            .error()
    })?;
    use_up(tx, TokenKind::MagicLink, &hash)?;
    if link.joins {
        let guest = email_door::open(tx, &organization, &link.email_address)?;
        return Ok(Some((organization, guest.member, link)));
    }
    let member = members::find(tx, &organization.scope(), link.member_id)?;
    let member = member.filter(|member| member.is_live() && is_still_meant(&link, member));
    let member = member.ok_or(MagicLinkError::Unusable)?;
    Ok(Some((organization, member, link)))
}

fn is_still_meant(link: &MagicLink, member: &Member) -> bool {
    link.purpose == LinkPurpose::EmailUpdate || link.email_address == member.email_address
}

pub(crate) fn hash(presented: &PresentedLink) -> Result<SecretHash, MagicLinkError> {
    if secret::is_token(&presented.token) {
        Ok(SecretHash::of(&presented.token))
    } else {
        Err(MagicLinkError::NotFound)
    }
}

pub(crate) fn check_verifier(
    challenge: Option<&str>,
    presented: &PresentedLink,
) -> Result<(), PkceRefusal> {
    pkce::check_verifier(challenge, presented.pkce_code_verifier.as_deref())
}

/// Of several who come at once, one finds the token.
pub(crate) fn use_up(
    tx: &mut Transaction<'_>,
    kind: TokenKind,
    hash: &SecretHash,
) -> Result<(), ManagementError> {
    if used_tokens::use_up(tx, kind, hash)? {
        Ok(())
    } else {
        Err(MagicLinkError::Unusable.into())
    }
}
