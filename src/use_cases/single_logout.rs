//! SAML single logout, front channel (SAML profiles §4.4): what is kept between our request and its
//! answer, and what a logout message must satisfy.

use chrono::TimeDelta;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::id::ConnectionId;
use crate::domain::identity::SamlSubject;
use crate::domain::scope::OrgScope;
use crate::domain::secret::SecretHash;
use crate::protocol::saml::LogoutEnvelope;
use crate::protocol::saml::LogoutExpected;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::saml_request::entity_id;
use crate::use_cases::sign_in::saml_request::fresh_id;

pub mod begin;
pub mod receive;

const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(60);
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// A logout of ours that waits for the IdP's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OpenLogout {
    request_id: String,
    subject: SamlSubject,
    session_index: Option<String>,
    /// Where the browser returns.
    return_url: Option<String>,
}

/// Where an open logout is kept: apart from sign-ins, whose states it must never be taken for.
fn key(state: &str) -> SecretHash {
    SecretHash::of(&format!("logout/{state}"))
}

/// What a logout message to this connection must satisfy.
pub fn expect(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    id: ConnectionId,
) -> Result<LogoutExpected, SignInError> {
    let (_, connection) = flow::active_connection(tx, &deployment.project_id, id)?;
    let settings = connection.saml().ok_or(SignInError::ConnectionNotFound)?;
    let certificates = settings.verification_certificates.iter();
    Ok(LogoutExpected {
        certificates: certificates.map(|it| it.certificate.clone()).collect(),
        idp_entity_id: settings.idp_entity_id.clone(),
        url: deployment.logout_url(id),
        clock_skew: CLOCK_SKEW,
    })
}

/// A connection in use, with its scope and its SAML settings.
fn saml_connection(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    id: ConnectionId,
) -> Result<(OrgScope, Connection, SamlSettings), SignInError> {
    let (scope, connection) = flow::active_connection(tx, &deployment.project_id, id)?;
    let settings = connection.saml().cloned();
    let settings = settings.ok_or(SignInError::ConnectionNotFound)?;
    Ok((scope, connection, settings))
}

/// What a message of ours to this IdP URL says of itself.
fn envelope(
    tx: &Transaction<'_>,
    deployment: &Deployment,
    (connection, settings): (&Connection, &SamlSettings),
    destination: &str,
) -> Result<LogoutEnvelope, SignInError> {
    Ok(LogoutEnvelope {
        id: fresh_id()?,
        issue_instant: tx.now,
        issuer: entity_id(settings, &deployment.callback_url(connection.id)),
        destination: destination.to_owned(),
    })
}
