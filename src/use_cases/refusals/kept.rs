//! Refusals that are kept once the caller has its answer: what failed takes back what it wrote, and
//! to write for members alone while somebody waits would tell who is one. So much of them is kept an
//! hour, of each member and of strangers in each organization.

use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::event::Actor;
use crate::domain::event::EventKind;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::job::Begin;
use crate::storage::used_tokens;
use crate::use_cases::Deployment;
use crate::use_cases::allowance::Allowance;
use crate::use_cases::error::ManagementError;
use crate::use_cases::refusals::guesses;
use crate::use_cases::refusals::links;
use crate::use_cases::refusals::told::Told;
use crate::use_cases::refusals::turned_away;
use crate::use_cases::refusals::turned_away::TurnedAway;

/// Refusals of this kind that are kept of one member within an hour, and of all whom an organization
/// does not know.
const MOST: i32 = 20;
/// The same of one address that no member has.
const MOST_OF_ONE_STRANGER: i32 = 2;

/// What was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A password, for an address in an organization.
    Password(String, String),
    /// A code that was mailed, for an address in an organization.
    EmailCode(String, String),
    /// The link of a mail, by its token.
    Link(SecretHash),
    /// Somebody whom a rule keeps out, or whose verifier is wrong.
    Person(TurnedAway),
}

/// An error, and what the journal keeps of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Noted {
    /// What is kept.
    pub refused: Refused,
    /// What the caller is told.
    pub error: ManagementError,
}

impl ManagementError {
    /// The same error, of which the journal keeps this once it was told.
    pub(crate) fn noted(self, refused: Refused) -> Self {
        let error = self;
        Self::Noted(Box::new(Noted { refused, error }))
    }
}

/// A refusal, as it is found to be.
pub(super) struct Found {
    pub(super) method: &'static str,
    pub(super) organization_id: OrganizationId,
    /// What it is listed under.
    pub(super) object_id: String,
    pub(super) member_id: Option<MemberId>,
    pub(super) email_address: Option<EmailAddress>,
    pub(super) known: Vec<(&'static str, Value)>,
    pub(super) told: Told,
}

/// Where the transaction starts from that keeps a refusal; none if there is nothing to keep, which
/// is found out without one, since anybody may bring any token.
pub fn begin(tx: &mut Transaction<'_>, refused: &Refused) -> Result<Option<Begin>, StorageError> {
    let request_id = tx.cause().request_id;
    Ok(match refused {
        Refused::Password(..) | Refused::EmailCode(..) => Some(request_id.into()),
        Refused::Link(token) => used_tokens::find::<IgnoredAny>(tx, token)?
            .map(|late| Begin::sign_in(request_id, Some(late.organization_id))),
        Refused::Person(person) => {
            let organization = person.organization_id();
            Some(Begin::sign_in(request_id, Some(organization)))
        }
    })
}

/// Keeps a refusal, if it is known whose it is and it is not one of too many.
pub fn note(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    refused: &Refused,
) -> Result<(), ManagementError> {
    // Nothing that a session shows.
    tx.concerns(None);
    let found = match refused {
        Refused::Password(organization, email) => {
            guesses::password(tx, deployment, (organization, email))?
        }
        Refused::EmailCode(organization, email) => {
            guesses::code(tx, deployment, (organization, email))?
        }
        Refused::Link(token) => links::late(tx, deployment, token)?,
        Refused::Person(person) => Some(turned_away::found(tx, person)?),
    };
    let Some(found) = found else {
        return Ok(());
    };
    let email = found.email_address.as_ref().map(EmailAddress::as_str);
    let (place, of_one) = (
        format!("{} {}", found.organization_id, found.object_id),
        format!("{} {}", found.organization_id, email.unwrap_or_default()),
    );
    let mut allowances = vec![Allowance::new(deployment, ("refusals", &place), MOST)];
    if found.member_id.is_none() {
        let of_one = ("refusals of one", of_one.as_str());
        allowances.push(Allowance::new(deployment, of_one, MOST_OF_ONE_STRANGER));
    }
    for allowance in &allowances {
        if allowance.wait(tx)?.is_some() {
            return Ok(());
        }
    }
    for allowance in &allowances {
        allowance.spend(tx)?;
    }
    let mut is_last = false;
    for allowance in &allowances {
        is_last |= allowance.wait(tx)?.is_some();
    }
    tx.acts_as(Actor::SignIn(found.method.to_owned()));
    let known = found.known.into_iter().chain([
        ("method", json!(found.method)),
        ("member_id", json!(found.member_id)),
        ("email_address", json!(found.email_address)),
        (
            "others_of_this_hour_are_not_kept",
            json!(is_last.then_some(true)),
        ),
    ]);
    let place = (found.organization_id, found.object_id);
    Ok(found
        .told
        .append(tx, EventKind::SignInRefused, place, known)?)
}
