//! SAML: the request, what a response must satisfy, and how an assertion becomes an identity
//! (contract 3.4 and 4.1).

use chrono::TimeDelta;
use serde_json::Map;
use serde_json::Value;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::identity::AssertedIdentity;
use crate::domain::secret;
use crate::domain::secret::hex;
use crate::protocol::saml::Assertion;
use crate::protocol::saml::AuthnRequest;
use crate::protocol::saml::Expected;
use crate::protocol::saml::RequestError;
use crate::protocol::saml::RequestSigner;
use crate::protocol::saml::ServiceProvider;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::use_cases::Deployment;
use crate::use_cases::saml_encryption_keys;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::flow::Callback;
use crate::use_cases::sign_in::flow::OpenRequest;
use crate::use_cases::sign_in::start::Opening;

const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(60);
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const OWN_KEYS: [&str; 6] = [
    "email",
    "first_name",
    "last_name",
    "full_name",
    "groups",
    "idp_user_id",
];

/// What a response must satisfy, and how its assertion is read.
#[derive(Clone, Debug)]
pub struct SamlExpectation {
    /// What `saml::verify` is to check.
    pub expected: Expected,
    connection_id: ConnectionId,
    mapping: Map<String, Value>,
}

/// The redirect to the IdP and what its answer must fit.
pub(crate) fn request(
    tx: &Transaction<'_>,
    deployment: &Deployment,
    (settings, opening): (&SamlSettings, &Opening<'_>),
) -> Result<(String, OpenRequest), SignInError> {
    let callback = deployment.callback_url(opening.connection.id);
    let random = hex(&secret::random_bytes()?);
    let request = AuthnRequest {
        id: format!("_{random}"),
        issue_instant: tx.now,
        issuer: callback.clone(),
        destination: settings.idp_sso_url.clone(),
        acs_url: callback,
        name_id_format: not_empty(&settings.nameid_format),
        force_authn: false,
        requested_authn_context: None,
    };
    let signer = signer(deployment, (settings, opening.connection))?;
    let url = request
        .redirect_url(opening.state, signer.as_ref())
        .map_err(unstartable)?;
    let open = OpenRequest::Saml {
        request_id: request.id,
    };
    Ok((url, open))
}

fn signer(
    deployment: &Deployment,
    (settings, connection): (&SamlSettings, &Connection),
) -> Result<Option<RequestSigner>, SignInError> {
    let Some(key) = &settings.request_signing_key else {
        return Ok(None);
    };
    let place = connection.sealing_place("request_signing_key");
    let pem = deployment
        .master_key
        .open(&key.sealed_private_key, &place)?;
    let signer = RequestSigner::from_pem(&String::from_utf8_lossy(&pem));
    signer.map(Some).map_err(unstartable)
}

fn unstartable(error: RequestError) -> SignInError {
    SignInError::Unstartable(error.to_string())
}

fn not_empty(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
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
    let (scope, connection) = flow::active_connection(tx, project, callback.connection_id)?;
    let settings = connection.saml().ok_or(SignInError::ConnectionNotFound)?;
    let request_id = match flow::find(tx, &scope, callback)? {
        Some(flow) => {
            flow.check_browser(kind, callback.cookie.as_deref())?;
            match flow.request {
                OpenRequest::Saml { request_id } => Some(request_id),
                OpenRequest::Oidc { .. } => return Err(SignInError::UnknownFlow(kind)),
            }
        }
        None if !settings.idp_initiated_auth_disabled => None,
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
        clock_skew: CLOCK_SKEW,
        want_response_signed: false,
        want_assertion_signed: false,
    };
    Ok(SamlExpectation {
        expected,
        connection_id: connection.id,
        mapping: settings.attribute_mapping.clone(),
    })
}

impl SamlExpectation {
    /// Whether the response answers a request of ours.
    pub fn answers_flow(&self) -> bool {
        self.expected.in_response_to.is_some()
    }

    /// Reads an identity from a verified assertion by the connection's attribute mapping.
    pub fn identity(&self, assertion: &Assertion) -> Result<ProvenIdentity, SignInError> {
        let email = self.value(assertion, "email").unwrap_or_default();
        let invalid =
            || SignInError::InvalidSamlEmail(self.attribute("email").to_owned(), brief(&email));
        let email_address = EmailAddress::parse(&email).ok_or_else(invalid)?;
        let identity = AssertedIdentity {
            connection_id: self.connection_id,
            subject: self.subject(assertion)?,
            email_address,
            name: self.name(assertion),
            groups: self.values(assertion, "groups"),
            attributes: sent(assertion),
            mapped: self.mapped(assertion),
            session_not_on_or_after: assertion.session_not_on_or_after,
        };
        Ok(ProvenIdentity {
            identity,
            address_vouched: true,
        })
    }

    /// The IdP's name for one of our attributes; empty when it is not mapped.
    fn attribute(&self, ours: &str) -> &str {
        let name = self.mapping.get(ours).and_then(Value::as_str);
        name.unwrap_or_default()
    }

    fn values(&self, assertion: &Assertion, ours: &str) -> Vec<String> {
        match self.attribute(ours) {
            "" => Vec::new(),
            "NameID" => vec![assertion.name_id.value.clone()],
            name => assertion.attributes.all(name).to_vec(),
        }
    }

    fn value(&self, assertion: &Assertion, ours: &str) -> Option<String> {
        let values = self.values(assertion, ours).into_iter();
        values
            .map(|value| value.trim().to_owned())
            .find(|value| !value.is_empty())
    }

    /// The mapped user id, or else the NameID unless it is another one each time.
    fn subject(&self, assertion: &Assertion) -> Result<String, SignInError> {
        let attribute = self.attribute("idp_user_id");
        if !attribute.is_empty() {
            let missing = || SignInError::MissingSamlUserId(attribute.to_owned());
            return self.value(assertion, "idp_user_id").ok_or_else(missing);
        }
        match assertion.name_id.format.as_deref() {
            Some(TRANSIENT) => Err(SignInError::TransientNameId),
            _ => Ok(assertion.name_id.value.clone()),
        }
    }

    fn name(&self, assertion: &Assertion) -> String {
        let parts = ["first_name", "last_name"];
        let joined = || {
            let parts = parts.iter().filter_map(|part| self.value(assertion, part));
            parts.collect::<Vec<_>>().join(" ")
        };
        let name = self.value(assertion, "full_name").unwrap_or_else(joined);
        shortened(&name)
    }

    /// What goes into trusted metadata; an attribute that is not sent changes nothing there.
    fn mapped(&self, assertion: &Assertion) -> Map<String, Value> {
        let keys = self
            .mapping
            .keys()
            .filter(|key| !OWN_KEYS.contains(&key.as_str()));
        let sent = keys.filter_map(|key| {
            let values = self.values(assertion, key);
            Some((key.clone(), one_or_many(&values)?))
        });
        sent.collect()
    }
}

/// A name within the limit of members' names.
pub(crate) fn shortened(name: &str) -> String {
    name.chars().take(256).collect()
}

fn brief(text: &str) -> String {
    text.chars().take(120).collect()
}

fn one_or_many(values: &[String]) -> Option<Value> {
    match values {
        [] => None,
        [one] => Some(Value::from(one.as_str())),
        many => Some(Value::from(many)),
    }
}

fn sent(assertion: &Assertion) -> Map<String, Value> {
    let all = assertion.attributes.iter();
    all.filter_map(|(name, values)| Some((name.to_owned(), one_or_many(values)?)))
        .collect()
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
    let signing = settings.request_signing_key.iter();
    let provider = ServiceProvider {
        entity_id: deployment.callback_url(id),
        acs_url: deployment.callback_url(id),
        name_id_format: not_empty(&settings.nameid_format),
        signing_certificates: signing.map(|key| key.certificate.clone()).collect(),
        want_assertion_signed: false,
    };
    let metadata = provider.to_metadata();
    metadata.map_err(|error| SignInError::Internal(error.to_string()))
}
