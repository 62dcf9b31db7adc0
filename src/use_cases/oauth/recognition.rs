//! Whom an organization takes somebody for who chose it after signing in with an OAuth provider that
//! proves no address: by the subject, or by the tenant (contract 4.4).

use crate::domain::factor;
use crate::domain::factor::Factor;
use crate::domain::factor::OauthFactor;
use crate::domain::member::Member;
use crate::domain::oauth_identity::OauthIdentity;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::use_cases::error::ManagementError;
use crate::use_cases::intermediate_sessions::IntermediateSession;
use crate::use_cases::oauth::authenticate::create;
use crate::use_cases::oauth::entrance;
use crate::use_cases::oauth::entrance::OauthEntrance;
use crate::use_cases::oauth::registration::register;
use crate::use_cases::refusals::turned_away::TurnedAway;

/// The member that one of the factors is recognised as, or who joins by its tenant, with what that
/// member holds of the intermediate session. Whoever is known by an address alone holds nothing that
/// opens a door yet.
pub(crate) fn recognise(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    kept: &IntermediateSession,
) -> Result<Option<(Member, IntermediateSession)>, ManagementError> {
    for known in &kept.factors {
        let Factor::Oauth(oauth) = known else {
            continue;
        };
        let identity = identity(oauth);
        let mut held = oauth.clone();
        let member = match entrance::decide(tx, organization, &identity)? {
            OauthEntrance::Known(member) => {
                held.is_registered = true;
                *member
            }
            // What else was proven about the address decides instead.
            _ if kept.proven_address().is_some() => continue,
            OauthEntrance::Named(member) => *member,
            OauthEntrance::New => {
                held.is_registered = true;
                create(tx, organization, &identity)?
            }
            OauthEntrance::Refused(refusal) => {
                let place = (organization.id, &identity.email_address);
                let person = TurnedAway::by_rule(place, refusal);
                return Err(person.provider(identity.provider).error());
            }
        };
        if held.is_registered {
            held.registration_id = register(tx, organization, (&member, &identity))?;
        }
        let others = factor::travelling(&kept.factors, &member.email_address);
        let recognised = IntermediateSession {
            organization_id: Some(organization.id),
            member_id: Some(member.id),
            factors: factor::merged(&others, vec![Factor::Oauth(held)]),
            ..kept.clone()
        };
        return Ok(Some((member, recognised)));
    }
    Ok(None)
}

/// Who a factor says somebody is.
pub(crate) fn identity(oauth: &OauthFactor) -> OauthIdentity {
    OauthIdentity {
        provider: oauth.provider,
        subject: oauth.provider_subject.clone(),
        email_address: oauth.email_address.clone(),
        address_proven: oauth.address_proven,
        tenants: oauth.tenants.clone(),
        name: String::new(),
        picture_url: String::new(),
        locale: String::new(),
    }
}
