//! Refused sign-ins enter the journal here, each with what helps. Strangers cause most of them, so
//! that of one connection no more than so many a minute are kept.

use chrono::TimeDelta;
use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::policy::Refusal;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::organization_search;
use crate::storage::refusals;
use crate::use_cases::explain::catalogue;
use crate::use_cases::refusals::told::Told;
use crate::use_cases::refusals::values::Seen;
use crate::use_cases::sign_in::error::SignInError;

mod guesses;
pub mod kept;
mod links;
mod told;
pub mod turned_away;
mod values;

/// How many refusals of strangers are kept of one connection in one minute.
pub const MOST_A_MINUTE: i64 = 30;

/// Where somebody was refused.
pub(crate) struct Place {
    organization_id: OrganizationId,
    object_id: String,
    connection_id: Option<ConnectionId>,
    provider: Option<OauthProvider>,
}

impl Place {
    /// At a connection.
    pub(crate) fn of_connection(organization_id: OrganizationId, connection: ConnectionId) -> Self {
        Self {
            organization_id,
            object_id: connection.to_string(),
            connection_id: Some(connection),
            provider: None,
        }
    }

    /// On the way back from an OAuth provider.
    pub(crate) fn of_provider(organization_id: OrganizationId, provider: OauthProvider) -> Self {
        Self {
            organization_id,
            object_id: provider.name().to_owned(),
            connection_id: None,
            provider: Some(provider),
        }
    }
}

/// Keeps that somebody who has proven nothing was refused; beyond so many in a minute it is not
/// kept, and the last one that is says so.
pub(crate) fn note_of_stranger(
    tx: &mut Transaction<'_>,
    place: &Place,
    error: &SignInError,
) -> Result<(), StorageError> {
    let recent = |tx: &mut Transaction<'_>, many: i64| {
        let found = refusals::so_many_ago(tx, (place.organization_id, &place.object_id), many)?;
        Ok::<_, StorageError>(found.is_some_and(|at| tx.now - at < TimeDelta::minutes(1)))
    };
    if recent(tx, MOST_A_MINUTE)? {
        return Ok(());
    }
    let is_last = recent(tx, MOST_A_MINUTE - 1)?;
    note(tx, place, (error, None), is_last)
}

/// Keeps that somebody whom the identity provider vouched for was refused by the rules.
pub(crate) fn note_of_person(
    tx: &mut Transaction<'_>,
    place: &Place,
    (email, refusal): (&EmailAddress, Refusal),
) -> Result<(), StorageError> {
    note(
        tx,
        place,
        (&SignInError::Policy(refusal), Some(email)),
        false,
    )
}

/// What was broken, in words, where the code alone does not say it.
fn rule(error: &SignInError) -> Option<String> {
    match error {
        SignInError::Saml(rejection) | SignInError::Logout(rejection) => {
            Some(rejection.check.rule().to_owned())
        }
        SignInError::Oidc(rejection) => Some(rejection.to_string()),
        SignInError::Policy(refusal) => Some(refusal.sentence().to_owned()),
        _ => None,
    }
}

/// What the organization's rules want, and what came.
fn of_rules(
    tx: &mut Transaction<'_>,
    place: &Place,
    (email, refusal): (Option<&EmailAddress>, Refusal),
) -> Result<(Option<String>, Option<String>), StorageError> {
    let found = organization_search::list(tx, &[place.organization_id])?;
    let seen = Seen {
        connection: place.connection_id,
        provider: place.provider,
        email,
    };
    let told = found.first();
    Ok(told.map_or((None, None), |organization| {
        values::of_policy(&organization.settings, &seen, refusal)
    }))
}

fn note(
    tx: &mut Transaction<'_>,
    place: &Place,
    (error, email): (&SignInError, Option<&EmailAddress>),
    is_last: bool,
) -> Result<(), StorageError> {
    let (expected, received) = match error {
        SignInError::Policy(refusal) => of_rules(tx, place, (email, *refusal))?,
        other => other.details(),
    };
    let told = Told {
        code: error.code(),
        rule: rule(error),
        expected,
        received,
        remedy: catalogue::of_sign_in(error),
    };
    let kind = match error {
        SignInError::Logout(_) => EventKind::SingleLogoutRefused,
        _ => EventKind::SignInRefused,
    };
    let known = [
        ("check", json!(error.check())),
        ("connection_id", json!(place.connection_id)),
        ("provider", json!(place.provider)),
        ("email_address", json!(email)),
        (
            "others_of_this_minute_are_not_kept",
            json!(is_last.then_some(true)),
        ),
    ];
    let place = (place.organization_id, place.object_id.clone());
    told.append(tx, kind, place, known)
}
