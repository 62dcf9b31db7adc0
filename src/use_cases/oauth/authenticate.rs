//! An OAuth token becomes a session: the member is found or created under the organization's rules
//! as they stand now (contract 4.1, steps 5 and 6).

use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::oauth_identity::OauthIdentity;
use crate::domain::oauth_identity::ProviderTokens;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::members;
use crate::use_cases::oauth::entrance;
use crate::use_cases::oauth::entrance::OauthEntrance;
use crate::use_cases::oauth::error::actor;
use crate::use_cases::oauth::kept::redeem;
use crate::use_cases::oauth::registration::factor_of;
use crate::use_cases::oauth::registration::register;
use crate::use_cases::refusals;
use crate::use_cases::refusals::Place;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::SignInWishes;

/// What `oauth/authenticate` asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OauthAuthentication {
    /// The token of the redirect.
    pub oauth_token: String,
    /// The PKCE verifier, needed when the sign-in began with a challenge.
    pub pkce_code_verifier: Option<String>,
    /// What the session shall be, and what it is to complete.
    pub wishes: SignInWishes,
}

/// What came of it, and what the provider gave.
#[derive(Clone, PartialEq)]
pub struct OauthAdmission {
    /// The session, or what is still owed.
    pub admission: Admission,
    /// Who came.
    pub identity: OauthIdentity,
    /// The keys to the provider's API, told this once.
    pub tokens: ProviderTokens,
}

/// Uses an OAuth token up and lets its person in, or says why not.
pub fn authenticate(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &OauthAuthentication,
) -> Result<OauthAdmission, ManagementError> {
    let missing = AdmissionError::OauthTokenNotFound;
    let token = (
        asked.oauth_token.as_str(),
        asked.pkce_code_verifier.as_deref(),
    );
    let (kept, tokens) = redeem(tx, (caller, deployment), TokenKind::Oauth, token)?;
    let identity = kept.identity;
    let organization = kept.organization_id.ok_or(missing.clone())?;
    let organization = organizations::find(tx, &caller.project_id, organization)?;
    let organization = organization.ok_or(missing)?;
    tx.acts_as(actor(identity.provider));
    let admission = match entrance::decide(tx, &organization, &identity)? {
        OauthEntrance::Refused(refusal) => {
            let place = Place::of_provider(organization.id, identity.provider);
            refusals::note_of_person(tx, &place, (&identity.email_address, refusal))?;
            Admission::Refused(refusal)
        }
        decided => {
            let (member, registration) = match decided {
                OauthEntrance::Named(member) => (*member, None),
                OauthEntrance::Known(member) => {
                    let id = register(tx, &organization, (&member, &identity))?;
                    (*member, Some(id))
                }
                _ => {
                    let member = create(tx, &organization, &identity)?;
                    let id = register(tx, &organization, (&member, &identity))?;
                    (member, Some(id))
                }
            };
            let proof = factor_of(tx, &identity, registration).into();
            let entering = (organization, member);
            entry::enter(tx, (caller, deployment), entering, proof, &asked.wishes)?
        }
    };
    Ok(OauthAdmission {
        admission,
        identity,
        tokens,
    })
}

/// A member who joins; entering makes it active.
pub(crate) fn create(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    identity: &OauthIdentity,
) -> Result<Member, ManagementError> {
    let member = Member {
        status: MemberStatus::Pending,
        name: identity.name.clone(),
        ..Member::new(organization.id, identity.email_address.clone(), tx.now)
    };
    members::commit(tx, None, &member)?;
    Ok(member)
}
