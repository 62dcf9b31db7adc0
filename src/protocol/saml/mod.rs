//! SAML 2.0, the service-provider side of the Web Browser SSO Profile; `verify` is the only way in.

mod algorithms;
mod attributes;
mod authn_request;
pub mod canonical;
mod certificate;
mod decryption;
mod elements;
mod encrypted_response;
mod encrypted_shape;
mod error;
mod gate;
mod logout;
mod logout_message;
mod message;
mod metadata;
mod profile;
mod redirect;
mod request_signer;
mod response;
mod scan;
mod shape;
mod signature;
mod signature_shape;
mod sp_metadata;
#[cfg(test)]
mod tests;
mod xml;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

pub use crate::protocol::saml::attributes::Attributes;
pub use crate::protocol::saml::authn_request::AuthnRequest;
pub use crate::protocol::saml::certificate::Certificate;
pub use crate::protocol::saml::certificate::CertificateError;
pub use crate::protocol::saml::certificate::PublicKey;
pub use crate::protocol::saml::decryption::DecryptionKey;
pub use crate::protocol::saml::error::Check;
pub use crate::protocol::saml::error::Rejection;
pub use crate::protocol::saml::logout::LogoutEnvelope;
pub use crate::protocol::saml::logout_message::LogoutExpected;
pub use crate::protocol::saml::logout_message::LogoutMessage;
pub use crate::protocol::saml::logout_message::verify_logout_form;
pub use crate::protocol::saml::logout_message::verify_logout_query;
pub use crate::protocol::saml::message::LONGEST_RELAY_STATE;
pub use crate::protocol::saml::message::Message;
pub use crate::protocol::saml::message::PostForm;
pub use crate::protocol::saml::message::RequestError;
pub use crate::protocol::saml::metadata::IdentityProvider;
pub use crate::protocol::saml::metadata::LogoutService;
pub use crate::protocol::saml::metadata::MetadataError;
pub use crate::protocol::saml::profile::Assertion;
pub use crate::protocol::saml::request_signer::RequestSigner;
pub use crate::protocol::saml::response::NameId;
pub use crate::protocol::saml::sp_metadata::ServiceProvider;

/// What one connection, and its open request, demand of a response.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The connection's verification certificates, as PEM or bare base64.
    pub certificates: Vec<String>,
    /// The connection's keys for encrypted assertions, in the order in which they are tried.
    pub decryption_keys: Vec<DecryptionKey>,
    /// The entity id of the connection's IdP.
    pub idp_entity_id: String,
    /// The connection's ACS URL and its alternative, if there is one.
    pub acs_urls: Vec<String>,
    /// The connection's audience and its alternative, if there is one.
    pub audiences: Vec<String>,
    /// The id of the open `AuthnRequest`; `None` if the caller allows an IdP-initiated response.
    pub in_response_to: Option<String>,
    /// How far the IdP's clock may be off, 300 seconds at most.
    pub clock_skew: TimeDelta,
    /// Whether the `Response` itself must be signed.
    pub want_response_signed: bool,
    /// Whether the `Assertion` itself must be signed.
    pub want_assertion_signed: bool,
    /// The authentication context class that was asked for, if one was. What was asked can be taken
    /// out of a request on its way, so the answer is held to it.
    pub authn_context: Option<String>,
    /// Since when the person must have proven themselves, if they were to do so anew.
    pub authenticated_since: Option<DateTime<Utc>>,
}

/// Reads the form field `SAMLResponse` and returns its assertion if every rule holds at `now`.
pub fn verify(
    form_value: &str,
    expected: &Expected,
    now: DateTime<Utc>,
) -> Result<Assertion, Rejection> {
    verified(form_value, expected, (signature::ENGINES, now))
}

/// What `verify` makes of a response when each signature engine is asked alone, whatever the others
/// say of it.
#[cfg(feature = "fuzzing")]
pub fn verify_by_each_engine(
    form_value: &str,
    expected: &Expected,
    now: DateTime<Utc>,
) -> Vec<Result<Assertion, Rejection>> {
    let alone = signature::ENGINES.chunks(1);
    alone
        .map(|engine| verified(form_value, expected, (engine, now)))
        .collect()
}

fn verified(
    form_value: &str,
    expected: &Expected,
    (engines, now): (&[signature::Engine], DateTime<Utc>),
) -> Result<Assertion, Rejection> {
    let keys = signature::PinnedKeys::of(&expected.certificates)?;
    let signed_by = signature::Verifier {
        engines,
        keys: &keys,
    };
    let text = gate::decode(form_value)?;
    let document = gate::parse(&text)?;
    let letter = shape::check(&document)?;
    let reading = if letter.is_encrypted() {
        encrypted_response::read(&text, &letter, (signed_by, &expected.decryption_keys))?
    } else {
        let signed = signed_by.verify(&text, &letter)?;
        response::read(&signed, &letter)?
    };
    profile::check(reading, expected, now)
}
