//! SAML: how a connection asks for a sign-in, and what its IdP is told about us (contract 3.4, 4.1).

use crate::domain::connection::Connection;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::id::ConnectionId;
use crate::domain::secret;
use crate::domain::secret::hex;
use crate::protocol::saml::AuthnRequest;
use crate::protocol::saml::ServiceProvider;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::use_cases::Deployment;
use crate::use_cases::saml_encryption_keys;
use crate::use_cases::sign_in::departure::Departure;
use crate::use_cases::sign_in::departure::depart;
use crate::use_cases::sign_in::departure::signer;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow::OpenRequest;
use crate::use_cases::sign_in::start::Opening;

/// The way to the IdP and what its answer must fit.
pub(crate) fn request(
    tx: &Transaction<'_>,
    deployment: &Deployment,
    (settings, opening): (&SamlSettings, &Opening<'_>),
) -> Result<(Departure, OpenRequest), SignInError> {
    let own = deployment.callback_url(opening.connection.id);
    let rules = &settings.requests;
    let request = AuthnRequest {
        id: fresh_id()?,
        issue_instant: tx.now,
        issuer: entity_id(settings, &own),
        destination: settings.idp_sso_url.clone(),
        acs_url: not_empty(&settings.alternative_acs_url).unwrap_or(own),
        name_id_format: not_empty(&settings.nameid_format),
        force_authn: rules.force_authn,
        requested_authn_context: not_empty(&rules.authn_context),
    };
    let signer = if settings.signs_requests() {
        signer(deployment, (opening.connection, settings))?
    } else {
        None
    };
    let way = (rules.binding, opening.state);
    let departure = depart(&request.message(), way, signer.as_ref())?;
    let open = OpenRequest::Saml {
        request_id: request.id,
        asked_at: Some(tx.now),
    };
    Ok((departure, open))
}

/// What we are called at the IdP: during a migration what the other vendor was called, because it
/// is by that name that the IdP still knows the application.
pub(crate) fn entity_id(settings: &SamlSettings, own: &str) -> String {
    not_empty(&settings.alternative_audience_uri).unwrap_or_else(|| own.to_owned())
}

/// A fresh ID for a message.
pub(crate) fn fresh_id() -> Result<String, SignInError> {
    let random = secret::random_bytes()?;
    Ok(format!("_{}", hex(&random)))
}

/// The text, unless it is empty.
pub(crate) fn not_empty(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// The metadata document that a connection's IdP is given; it is there before the connection is
/// complete, because the IdP is often set up first.
pub fn service_provider(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    id: ConnectionId,
) -> Result<String, SignInError> {
    let missing = SignInError::ConnectionNotFound;
    let scope = connections::scope_of(tx, &deployment.project_id, id)?.ok_or(missing.clone())?;
    let connection = connections::find(tx, &scope, id)?.ok_or(missing.clone())?;
    let settings = connection.saml().ok_or(missing)?;
    let metadata = described(deployment, (&connection, settings)).to_metadata();
    metadata.map_err(|error| SignInError::Internal(error.to_string()))
}

fn described(
    deployment: &Deployment,
    (connection, settings): (&Connection, &SamlSettings),
) -> ServiceProvider {
    let signing = settings.request_signing_key.iter();
    ServiceProvider {
        entity_id: deployment.callback_url(connection.id),
        acs_url: deployment.callback_url(connection.id),
        alternative_acs_url: not_empty(&settings.alternative_acs_url),
        logout_url: deployment.logout_url(connection.id),
        name_id_format: not_empty(&settings.nameid_format),
        authn_requests_signed: settings.signs_requests(),
        signing_certificates: signing.map(|key| key.certificate.clone()).collect(),
        encryption_certificate: saml_encryption_keys::certificate(settings),
        want_assertion_signed: settings.want_assertion_signed,
    }
}
