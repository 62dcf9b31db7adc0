//! SAML: what a response must satisfy (contract 3.4, 4.1).

use chrono::TimeDelta;

use serde_json::Map;
use serde_json::Value;

use crate::domain::connection_settings::SamlSettings;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::protocol::saml::Assertion;
use crate::protocol::saml::Expected;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::saml_encryption_keys;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::flow::Callback;
use crate::use_cases::sign_in::flow::OpenRequest;
use crate::use_cases::sign_in::saml_identity;
use crate::use_cases::sign_in::saml_request::not_empty;

/// How long before an answer that nobody asked for somebody may have proven themselves, where they
/// have to do so each time.
const UNASKED: TimeDelta = TimeDelta::minutes(5);

/// What a response must satisfy, and how its assertion is read.
#[derive(Clone, Debug)]
pub struct SamlExpectation {
    /// What `saml::verify` is to check.
    pub expected: Expected,
    /// Whether this is a test, which lets nobody in.
    pub is_test: bool,
    connection_id: ConnectionId,
    settings: SamlSettings,
}

/// What the response to this callback must satisfy. Without an open flow that is only the answer
/// to a sign-in that the IdP began, where the connection allows those; such a response must not
/// claim to answer a request, so one that was stolen from a flow does not pass as such.
pub fn expect(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    callback: &Callback,
) -> Result<SamlExpectation, SignInError> {
    let kind = ConnectionKind::Saml;
    let project = &deployment.project_id;
    let (_, connection, flow) = flow::answered(tx, project, callback)?;
    let is_test = flow.as_ref().is_some_and(|flow| flow.tested_by.is_some());
    let settings = connection.saml().ok_or(SignInError::ConnectionNotFound)?;
    let (request_id, since) = match flow {
        Some(flow) => {
            // A gateway posts the answer itself, without the browser's cookies. Whoever tests has a
            // browser, and what it reports is shown to the IT admin who left.
            if callback.cookie.is_some() || !settings.allow_gateway_callback || is_test {
                flow.check_browser(kind, callback.cookie.as_deref())?;
            }
            match flow.request {
                OpenRequest::Saml {
                    request_id,
                    asked_at,
                } => (Some(request_id), asked_at),
                OpenRequest::Oidc { .. } => return Err(SignInError::UnknownFlow(kind)),
            }
        }
        None if !settings.idp_initiated_auth_disabled => (None, Some(tx.now - UNASKED)),
        None if callback.state.is_some() => return Err(SignInError::UnknownFlow(kind)),
        None => return Err(SignInError::IdpInitiatedDisabled),
    };
    let own = deployment.callback_url(connection.id);
    let with = |alternative: &str| {
        let mut urls = vec![own.clone()];
        urls.extend(not_empty(alternative));
        urls
    };
    let certificates = settings.verification_certificates.iter();
    let expected = Expected {
        certificates: certificates
            .map(|known| known.certificate.clone())
            .collect(),
        decryption_keys: saml_encryption_keys::open(deployment, &connection, settings)?,
        idp_entity_id: settings.idp_entity_id.clone(),
        acs_urls: with(&settings.alternative_acs_url),
        audiences: with(&settings.alternative_audience_uri),
        in_response_to: request_id,
        clock_skew: TimeDelta::seconds(settings.clock_skew_seconds.into()),
        want_response_signed: settings.want_response_signed,
        want_assertion_signed: settings.want_assertion_signed,
        authn_context: not_empty(&settings.requests.authn_context),
        authenticated_since: since.filter(|_| settings.requests.force_authn),
    };
    Ok(SamlExpectation {
        expected,
        is_test,
        connection_id: connection.id,
        settings: settings.clone(),
    })
}

impl SamlExpectation {
    /// Whether the response answers a request of ours.
    pub fn answers_flow(&self) -> bool {
        self.expected.in_response_to.is_some()
    }

    /// What of ours is which attribute of the IdP's.
    pub(super) fn mapping(&self) -> &Map<String, Value> {
        &self.settings.attribute_mapping
    }

    /// Reads an identity from a verified assertion by the connection's attribute mapping.
    pub fn identity(&self, assertion: &Assertion) -> Result<ProvenIdentity, SignInError> {
        saml_identity::read((self.connection_id, &self.settings), assertion)
    }
}
