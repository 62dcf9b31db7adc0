//! How the browser leaves for an IdP: by a redirect, or with a form that posts itself.

use crate::domain::connection::Connection;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::saml_flows::Binding;
use crate::protocol::saml::Message;
use crate::protocol::saml::PostForm;
use crate::protocol::saml::RequestError;
use crate::protocol::saml::RequestSigner;
use crate::use_cases::Deployment;
use crate::use_cases::sign_in::error::SignInError;

/// Where the browser goes, and what it takes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// To this URL.
    Redirect(String),
    /// With this form.
    Form(PostForm),
}

/// A SAML message on its way by a binding, signed if there is a signer.
pub(crate) fn depart(
    message: &Message,
    (binding, relay_state): (Binding, &str),
    signer: Option<&RequestSigner>,
) -> Result<Departure, SignInError> {
    let departure = match binding {
        Binding::Redirect => message
            .redirect_url(relay_state, signer)
            .map(Departure::Redirect),
        Binding::Post => message.post_form(relay_state, signer).map(Departure::Form),
    };
    departure.map_err(unsendable)
}

/// The key with which a connection signs, if it has one.
pub(crate) fn signer(
    deployment: &Deployment,
    (connection, settings): (&Connection, &SamlSettings),
) -> Result<Option<RequestSigner>, SignInError> {
    let Some(key) = &settings.request_signing_key else {
        return Ok(None);
    };
    let place = connection.sealing_place("request_signing_key");
    let pem = deployment
        .master_key
        .open(&key.sealed_private_key, &place)?;
    let signer = RequestSigner::from_pem(&String::from_utf8_lossy(&pem));
    signer.map(Some).map_err(unsendable)
}

fn unsendable(error: RequestError) -> SignInError {
    SignInError::Unstartable(error.to_string())
}
