//! An SSO token becomes a session: the member is found or created under the organization's rules
//! as they stand now (contract 4.1, steps 5 and 6).

use serde_json::json;

use crate::domain::event::Actor;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::factor::Factor;
use crate::domain::factor::sso::SsoFactor;
use crate::domain::id::MemberId;
use crate::domain::id::RegistrationId;
use crate::domain::identity::AssertedIdentity;
use crate::domain::member::Member;
use crate::domain::member::MemberRefusal;
use crate::domain::metadata;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::storage::journal;
use crate::storage::registrations;
use crate::storage::registrations::Registration;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::last_admin;
use crate::use_cases::members;
use crate::use_cases::refusals;
use crate::use_cases::refusals::Place;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::entrance;
use crate::use_cases::sign_in::entrance::Entrance;
use crate::use_cases::sign_in::entrance::Visitor;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::Proof;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::redeem::redeem;

/// What `sso/authenticate` asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SsoAuthentication {
    /// The token of the redirect.
    pub sso_token: String,
    /// The PKCE verifier, needed when the sign-in began with a challenge.
    pub pkce_code_verifier: Option<String>,
    /// What the session shall be, and what it is to complete.
    pub wishes: SignInWishes,
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
            let place = Place::of_connection(organization.id, connection);
            refusals::note_of_person(tx, &place, (&proven.identity.email_address, refusal))?;
            return Ok(Admission::Refused(refusal));
        }
    };
    let member = let_in(tx, &organization, visitor.as_ref(), &proven)?;
    let registration = visitor.and_then(|visitor| visitor.registration);
    let registration_id = register(tx, &organization, (&member, registration), &proven.identity)?;
    let factor = Factor::Sso(SsoFactor {
        registration_id,
        connection_id: connection,
        idp_connection_id: Some(proving).filter(|proving| *proving != connection),
        external_id: proven.identity.subject.clone(),
        idp_session: proven.identity.idp_session.clone(),
        authenticated_at: tx.now,
        saml_subject: proven.identity.saml_subject.clone(),
    });
    let proof = Proof {
        factors: vec![factor],
        ends_no_later_than: proven.identity.session_not_on_or_after,
    };
    let entering = (organization, member);
    entry::enter(tx, (caller, deployment), entering, proof, &asked.wishes)
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
            // Most sign-ins tell nothing new, and what is not written disturbs nobody beside.
            if after != content(known.member_id, &known.groups)
                || known.attributes != identity.attributes
            {
                registrations::save(tx, &scope, member.id, identity)?;
            }
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
        last_admin::settle(tx, organization.id)?;
    }
    Ok(id)
}
