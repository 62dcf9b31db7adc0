//! People whom a rule keeps out, and sign-ins whose verifier is wrong.

use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::policy::Refusal;
use crate::storage::Transaction;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::explain::catalogue;
use crate::use_cases::explain::catalogue::joining;
use crate::use_cases::refusals::Place;
use crate::use_cases::refusals::kept::Found;
use crate::use_cases::refusals::kept::Refused;
use crate::use_cases::refusals::of_rules;
use crate::use_cases::refusals::told::Told;
use crate::use_cases::sign_in::pkce::PkceRefusal;

/// Who was turned away, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnedAway {
    organization_id: OrganizationId,
    member_id: Option<MemberId>,
    connection_id: Option<ConnectionId>,
    provider: Option<OauthProvider>,
    email_address: EmailAddress,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Rule(Refusal),
    Verifier(PkceRefusal),
}

impl TurnedAway {
    /// Somebody with this address, whom a rule of the organization keeps out.
    pub(crate) fn by_rule(place: (OrganizationId, &EmailAddress), refusal: Refusal) -> Self {
        Self::new(place, Why::Rule(refusal))
    }

    /// Somebody who was mailed or proven, and whose application has no right verifier.
    pub(crate) fn by_verifier(
        place: (OrganizationId, &EmailAddress),
        refusal: PkceRefusal,
    ) -> Self {
        Self::new(place, Why::Verifier(refusal))
    }

    fn new((organization_id, email): (OrganizationId, &EmailAddress), why: Why) -> Self {
        Self {
            organization_id,
            member_id: None,
            connection_id: None,
            provider: None,
            email_address: email.clone(),
            why,
        }
    }

    pub(crate) fn member(self, id: Option<MemberId>) -> Self {
        Self {
            member_id: id,
            ..self
        }
    }

    pub(crate) fn connection(self, id: ConnectionId) -> Self {
        Self {
            connection_id: Some(id),
            ..self
        }
    }

    pub(crate) fn provider(self, provider: OauthProvider) -> Self {
        Self {
            provider: Some(provider),
            ..self
        }
    }

    pub(super) fn organization_id(&self) -> OrganizationId {
        self.organization_id
    }

    /// What the caller is told, and this is kept.
    pub(crate) fn error(self) -> ManagementError {
        let error = match self.why {
            Why::Rule(refusal) => AdmissionError::Refused(refusal),
            Why::Verifier(refusal) => AdmissionError::Pkce(refusal),
        };
        ManagementError::from(error).noted(Refused::Person(self))
    }

    fn method(&self) -> &'static str {
        match (self.connection_id, self.provider) {
            (Some(_), _) => "sso",
            (None, Some(provider)) => provider.method().name(),
            (None, None) => "email",
        }
    }

    fn object_id(&self) -> String {
        let member = self.member_id.map(|id| id.to_string());
        let connection = self.connection_id.map(|id| id.to_string());
        let provider = self.provider.map(|provider| provider.name().to_owned());
        let found = member.or(connection).or(provider);
        found.unwrap_or_else(|| self.organization_id.to_string())
    }
}

/// What the journal is told of somebody who was turned away.
pub(super) fn found(
    tx: &mut Transaction<'_>,
    person: &TurnedAway,
) -> Result<Found, ManagementError> {
    tx.enter(person.organization_id)?;
    let told = match person.why {
        Why::Rule(refusal) => {
            let place = Place {
                organization_id: person.organization_id,
                object_id: person.object_id(),
                connection_id: person.connection_id,
                provider: person.provider,
            };
            let seen = (Some(&person.email_address), refusal);
            let (expected, received) = of_rules(tx, &place, seen)?;
            Told {
                code: refusal.code(),
                rule: Some(refusal.sentence().to_owned()),
                expected,
                received,
                remedy: catalogue::of_policy(refusal),
            }
        }
        Why::Verifier(refusal) => of_verifier(refusal),
    };
    Ok(Found {
        method: person.method(),
        organization_id: person.organization_id,
        object_id: person.object_id(),
        member_id: person.member_id,
        email_address: Some(person.email_address.clone()),
        known: vec![
            ("connection_id", json!(person.connection_id)),
            ("provider", json!(person.provider)),
        ],
        told,
    })
}

fn of_verifier(refusal: PkceRefusal) -> Told {
    let (expected, received) = match refusal {
        PkceRefusal::InvalidChallenge => (
            "a challenge of 43 characters of base64url",
            "something else",
        ),
        PkceRefusal::MissingVerifier => ("the verifier of the challenge", "no verifier"),
        PkceRefusal::UnexpectedVerifier => ("no verifier, as there was no challenge", "a verifier"),
        PkceRefusal::Mismatch => ("the verifier of the challenge", "another verifier"),
    };
    Told {
        code: "wrong_verifier",
        rule: Some("whoever began the sign-in has to end it (RFC 7636)".to_owned()),
        expected: Some(expected.to_owned()),
        received: Some(received.to_owned()),
        remedy: joining::VERIFIER,
    }
}
