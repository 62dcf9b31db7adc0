//! Whom an organization takes somebody for whom an OAuth provider knows, and whether they may enter.

use crate::domain::member::Member;
use crate::domain::oauth_identity::OauthIdentity;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::domain::policy::Known;
use crate::domain::policy::Refusal;
use crate::storage::Transaction;
use crate::storage::addresses;
use crate::storage::error::StorageError;
use crate::storage::members;
use crate::storage::oauth_registrations;

/// What becomes of somebody under the organization's rules as they stand now.
#[derive(Clone, Debug, PartialEq)]
pub enum OauthEntrance {
    /// A member comes in: by the subject if it is registered, else by an address that is proven.
    Known(Box<Member>),
    /// A member has the address that the provider only names; something else has to prove it.
    Named(Box<Member>),
    /// A member is to be created.
    New,
    /// Nobody comes in.
    Refused(Refusal),
}

/// Finds the member that somebody is and asks the policy. The subject at the provider decides; the
/// address counts only for people who come from this provider for the first time.
pub fn decide(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    identity: &OauthIdentity,
) -> Result<OauthEntrance, StorageError> {
    if let Some(member) = registered(tx, organization, identity)? {
        return Ok(OauthEntrance::Known(Box::new(member)));
    }
    let scope = organization.scope();
    let email = &identity.email_address;
    let (at_address, elsewhere) = addresses::known_everywhere(tx, &scope, email)?;
    let claimed_elsewhere = elsewhere.is_claimed_by_other;
    if let Some(member) = at_address.members.iter().find(|member| member.is_live()) {
        let member = member.clone();
        return Ok(if !may_link(tx, organization, (&member, identity))? {
            OauthEntrance::Refused(Refusal::EmailTaken)
        } else if claimed_elsewhere {
            OauthEntrance::Refused(Refusal::DomainClaimed)
        } else if identity.address_proven {
            OauthEntrance::Known(Box::new(member))
        } else {
            OauthEntrance::Named(Box::new(member))
        });
    }
    let known = Known {
        member: at_address.members.first(),
        email_retired_by_other: at_address.former.is_some(),
        domain_claimed_elsewhere: claimed_elsewhere,
        inactive_in_directory: elsewhere.is_inactive,
    };
    let decision = policy::oauth::may_join(&organization.settings, identity, known);
    Ok(decision.map_or_else(OauthEntrance::Refused, |()| OauthEntrance::New))
}

/// The live member that a subject is registered as.
pub(crate) fn registered(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    identity: &OauthIdentity,
) -> Result<Option<Member>, StorageError> {
    let scope = organization.scope();
    let subject = (identity.provider, identity.subject.as_str());
    let Some(registration) = oauth_registrations::find(tx, &scope, subject)? else {
        return Ok(None);
    };
    let member = members::find(tx, &scope, registration.member_id)?;
    Ok(member.filter(Member::is_live))
}

/// Whether somebody who is not registered yet may be taken for the member with their address.
///
/// Never when that member has another subject at this very provider: it tells the two apart itself,
/// and the address was given to somebody new. Break glass only by an address of the organization's
/// own domains.
pub(crate) fn may_link(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (member, identity): (&Member, &OauthIdentity),
) -> Result<bool, StorageError> {
    let is_ours = organization.settings.vouches_for(&identity.email_address);
    Ok((is_ours || !member.is_breakglass)
        && !oauth_registrations::is_registered(tx, member, identity.provider)?)
}
