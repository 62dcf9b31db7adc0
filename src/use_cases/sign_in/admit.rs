//! An SSO token becomes a session: the member is found or created under the organization's rules
//! as they stand now (contract 4.1, steps 5 and 6).

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::event::Actor;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::RegistrationId;
use crate::domain::identity::AssertedIdentity;
use crate::domain::member::Member;
use crate::domain::member::MemberRefusal;
use crate::domain::metadata;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::domain::policy::Refusal;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::domain::session::SsoFactor;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::journal;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations;
use crate::storage::registrations;
use crate::storage::registrations::Registration;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::members;
use crate::use_cases::members::MemberView;
use crate::use_cases::sessions;
use crate::use_cases::sessions::SessionView;
use crate::use_cases::sessions::SessionWishes;
use crate::use_cases::sign_in::KeptIdentity;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::entrance;
use crate::use_cases::sign_in::entrance::Entrance;
use crate::use_cases::sign_in::entrance::Visitor;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::error::record_in;
use crate::use_cases::sign_in::flow;

const INTERMEDIATE_MINUTES: i64 = 10;

/// What `sso/authenticate` asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SsoAuthentication {
    /// The token of the redirect.
    pub sso_token: String,
    /// The PKCE verifier, needed when the sign-in began with a challenge.
    pub pkce_code_verifier: Option<String>,
    /// What the session shall be.
    pub wishes: SessionWishes,
}

/// What came of it. Whatever it is, the token is used up.
#[derive(Clone, Debug, PartialEq)]
pub enum Admission {
    /// The member is in.
    Session {
        /// The session with its member.
        view: Box<SessionView>,
        /// The session's token, told this once.
        token: String,
    },
    /// The member still owes a second factor.
    SecondFactorNeeded {
        /// The member.
        member: Box<MemberView>,
        /// Stands for the first factor, told this once.
        intermediate_token: String,
        /// When it ends.
        expires_at: DateTime<Utc>,
    },
    /// The organization's rules refuse the person; the journal says so already.
    Refused(Refusal),
}

/// What an intermediate token stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirstFactor {
    /// Who has proven it.
    pub member_id: MemberId,
    /// What was proven.
    pub factor: SsoFactor,
    /// The latest end that the IdP allows the session.
    pub ends_no_later_than: Option<DateTime<Utc>>,
}

/// Uses an SSO token up and lets its person in, or says why not.
pub fn admit(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &SsoAuthentication,
) -> Result<Admission, ManagementError> {
    let (organization, proving, proven) = redeem(tx, caller, asked)?;
    let connection = proven.identity.connection_id;
    tx.acts_as(Actor::SignIn(connection.to_string()));
    let visitor = match entrance::decide(tx, &organization, &proven)? {
        Entrance::Known(visitor) => Some(*visitor),
        Entrance::New => None,
        Entrance::Refused(refusal) => {
            let place = (organization.id, connection);
            record_in(tx, place, &SignInError::Policy(refusal))?;
            return Ok(Admission::Refused(refusal));
        }
    };
    let member = let_in(tx, &organization, visitor.as_ref(), &proven)?;
    let registration = visitor.and_then(|visitor| visitor.registration);
    let registration_id = register(tx, &organization, (&member, registration), &proven.identity)?;
    let factor = SsoFactor {
        registration_id,
        connection_id: connection,
        idp_connection_id: Some(proving).filter(|proving| *proving != connection),
        external_id: proven.identity.subject.clone(),
        authenticated_at: tx.now,
    };
    let end = proven.identity.session_not_on_or_after;
    if policy::needs_second_factor(&organization.settings, &member) {
        return owe_second_factor(tx, organization, member, (factor, end));
    }
    let (session, token) = sessions::open(tx, (&member, deployment), factor, end, &asked.wishes)?;
    let view = sessions::view(tx, session, organization, member)?;
    Ok(Admission::Session {
        view: Box::new(view),
        token,
    })
}

/// The identity behind a token, which works once and only for the project of its organization, and
/// the connection whose IdP proved it.
fn redeem(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    asked: &SsoAuthentication,
) -> Result<(Organization, ConnectionId, ProvenIdentity), ManagementError> {
    let missing = ManagementError::Admission(AdmissionError::SsoTokenNotFound);
    let hash = SecretHash::of(&asked.sso_token);
    let found = one_time_tokens::find::<KeptIdentity>(tx, TokenKind::Sso, &hash)?;
    let (organization_id, kept) = found.ok_or(missing.clone())?;
    let organization =
        organizations::find(tx, &caller.project_id, organization_id)?.ok_or(missing.clone())?;
    let challenge = kept.pkce_code_challenge.as_deref();
    check_verifier(challenge, asked.pkce_code_verifier.as_deref())?;
    if !one_time_tokens::consume(tx, TokenKind::Sso, &hash)? {
        return Err(missing);
    }
    let identity = &kept.proven.identity;
    let proving = proving(tx, &organization, identity.connection_id)?;
    let has_ended = identity
        .session_not_on_or_after
        .is_some_and(|end| end <= tx.now);
    match proving {
        Some(proving) if !has_ended => Ok((organization, proving, kept.proven)),
        _ => Err(missing),
    }
}

/// The connection whose IdP proves people who come through this one, while both are in use.
fn proving(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    id: ConnectionId,
) -> Result<Option<ConnectionId>, ManagementError> {
    let scope = organization.scope();
    let Some(connection) = connections::find(tx, &scope, id)?.filter(Connection::is_active) else {
        return Ok(None);
    };
    let proving = flow::proving_connection(tx, (&scope, &connection));
    tx.enter(organization.id)?;
    match proving {
        Ok((_, proving)) => Ok(Some(proving.id)),
        Err(SignInError::Storage(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

/// PKCE (RFC 7636 §4.6): the verifier is needed exactly when there was a challenge.
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), ManagementError> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(ManagementError::Admission(
            AdmissionError::UnexpectedCodeVerifier,
        )),
        (Some(_), None) => Err(ManagementError::Admission(
            AdmissionError::MissingCodeVerifier,
        )),
        (Some(challenge), Some(verifier)) => {
            let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
            if secret::equal(challenge, &URL_SAFE_NO_PAD.encode(hash.as_ref())) {
                Ok(())
            } else {
                Err(ManagementError::Admission(AdmissionError::PkceMismatch))
            }
        }
    }
}

/// The member as it is after this sign-in: created, or brought up to date.
fn let_in(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    visitor: Option<&Visitor>,
    proven: &ProvenIdentity,
) -> Result<Member, ManagementError> {
    let identity = &proven.identity;
    let before = visitor.map(|visitor| &visitor.member);
    let blank = || Member::new(organization.id, identity.email_address.clone(), tx.now);
    let known = before.cloned().unwrap_or_else(blank);
    let mut member = known.activated(tx.now);
    if visitor.is_some_and(|visitor| visitor.takes_address) {
        member.email_address = identity.email_address.clone();
    }
    let is_asserted = member.email_address == identity.email_address;
    let was_verified = known.email_address_verified && known.email_address == member.email_address;
    member.email_address_verified = was_verified || (is_asserted && proven.address_vouched);
    if member.name.is_empty() {
        member.name.clone_from(&identity.name);
    }
    member.trusted_metadata = metadata::merge(&member.trusted_metadata, &identity.mapped)
        .map_err(MemberRefusal::Metadata)?;
    match before {
        Some(before) if is_same(before, &member) => Ok(before.clone()),
        _ => {
            members::commit(tx, before, &member)?;
            Ok(member)
        }
    }
}

fn is_same(before: &Member, after: &Member) -> bool {
    let same_age = Member {
        updated_at: before.updated_at,
        ..after.clone()
    };
    same_age == *before
}

/// Keeps what the IdP said this time; groups give roles, so the journal hears of each change.
fn register(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (member, known): (&Member, Option<Registration>),
    identity: &AssertedIdentity,
) -> Result<RegistrationId, ManagementError> {
    let scope = organization.scope();
    let content = |member: MemberId, groups: &[String]| {
        json!({
            "member_id": member,
            "connection_id": identity.connection_id,
            "external_id": identity.subject,
            "groups": groups,
        })
    };
    let after = content(member.id, &identity.groups);
    let (id, before) = match &known {
        None => (
            registrations::insert(tx, &scope, member.id, identity)?,
            None,
        ),
        Some(known) => {
            registrations::save(tx, &scope, member.id, identity)?;
            (known.id, Some(content(known.member_id, &known.groups)))
        }
    };
    if before.as_ref() != Some(&after) {
        let kind = if before.is_some() {
            EventKind::SsoRegistrationUpdated
        } else {
            EventKind::SsoRegistrationCreated
        };
        let change = Change {
            organization_id: Some(organization.id),
            kind,
            object_id: id.to_string(),
            before,
            after: Some(after),
        };
        journal::append(tx, &change)?;
    }
    Ok(id)
}

fn owe_second_factor(
    tx: &mut Transaction<'_>,
    organization: Organization,
    member: Member,
    (factor, ends_no_later_than): (SsoFactor, Option<DateTime<Utc>>),
) -> Result<Admission, ManagementError> {
    let intermediate_token = secret::fresh_token()?;
    let expires_at = tx.now + TimeDelta::minutes(INTERMEDIATE_MINUTES);
    let first = FirstFactor {
        member_id: member.id,
        factor,
        ends_no_later_than,
    };
    let hash = SecretHash::of(&intermediate_token);
    let place = (&organization.scope(), TokenKind::Intermediate);
    one_time_tokens::insert(tx, place, &hash, &first, expires_at)?;
    let member = members::view(tx, organization, member)?;
    Ok(Admission::SecondFactorNeeded {
        member: Box::new(member),
        intermediate_token,
        expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_is_needed_exactly_when_there_was_a_challenge() {
        // The pair of RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let table = [
            (None, None, Ok(())),
            (Some(challenge), Some(verifier), Ok(())),
            (
                None,
                Some(verifier),
                Err(ManagementError::Admission(
                    AdmissionError::UnexpectedCodeVerifier,
                )),
            ),
            (
                Some(challenge),
                None,
                Err(ManagementError::Admission(
                    AdmissionError::MissingCodeVerifier,
                )),
            ),
            (
                Some(challenge),
                Some(challenge),
                Err(ManagementError::Admission(AdmissionError::PkceMismatch)),
            ),
        ];
        for (challenge, verifier, expected) in table {
            assert_eq!(check_verifier(challenge, verifier), expected);
        }
    }
}
