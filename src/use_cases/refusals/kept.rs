//! Refusals that are kept once the caller has its answer: what failed takes back what it wrote, and
//! to write for members alone while somebody waits would tell who is one. So much of them is kept an
//! hour, of each member and of strangers in each organization.

use serde_json::Value;
use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::event::Actor;
use crate::domain::event::EventKind;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::allowance::Allowance;
use crate::use_cases::error::ManagementError;
use crate::use_cases::refusals::guesses;
use crate::use_cases::refusals::links;
use crate::use_cases::refusals::told::Told;
use crate::use_cases::refusals::turned_away;
use crate::use_cases::refusals::turned_away::TurnedAway;

/// Refusals of this kind that are kept of one member within an hour.
const MOST: i32 = 20;
/// The same of all whom an organization does not know, and of one connection or provider.
const MOST_OF_STRANGERS: i32 = 200;

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

/// Keeps a refusal, if it is known whose it is and it is not one of too many.
pub fn note(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    refused: &Refused,
) -> Result<(), ManagementError> {
    let found = match refused {
        Refused::Password(organization, email) => {
            guesses::password(tx, deployment, (organization, email))?
        }
        Refused::EmailCode(organization, email) => {
            guesses::code(tx, deployment, (organization, email))?
        }
        Refused::Link(token) => links::late(tx, deployment, token)?,
        Refused::Person(person) => turned_away::found(tx, person)?,
    };
    let Some(found) = found else {
        return Ok(());
    };
    let most = found.member_id.map_or(MOST_OF_STRANGERS, |_| MOST);
    let place = format!("{} {}", found.organization_id, found.object_id);
    let allowance = Allowance::new(deployment, ("refusals", &place), most);
    if allowance.wait(tx)?.is_some() {
        return Ok(());
    }
    allowance.spend(tx)?;
    tx.acts_as(Actor::SignIn(found.method.to_owned()));
    let known = found.known.into_iter().chain([
        ("method", json!(found.method)),
        ("member_id", json!(found.member_id)),
        ("email_address", json!(found.email_address)),
    ]);
    let place = (found.organization_id, found.object_id);
    Ok(found
        .told
        .append(tx, EventKind::SignInRefused, place, known)?)
}
