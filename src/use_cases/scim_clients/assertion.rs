//! Whose assertions prove an OAuth client of a SCIM connection: what a caller names, checked.

use serde_json::Value;

use crate::domain::connection::Connection;
use crate::domain::scim_client::AssertionTrust;
use crate::domain::scim_client::ScimClient;
use crate::domain::scim_client::TrustedKeys;
use crate::protocol::oauth::inline_keys;
use crate::protocol::scim::leniency::IdentityProvider;
use crate::use_cases::Deployment;
use crate::use_cases::connections::check_url;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::scim_client::ScimClientError;

const LONGEST_TEXT: usize = 512;

/// Whose assertions prove a client, as a caller names them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssertionDraft {
    /// The `iss`; the client itself if absent (RFC 7523 §3).
    pub issuer: Option<String>,
    /// The `sub`; the client itself if absent.
    pub subject: Option<String>,
    /// The `aud`; the token endpoint if absent.
    pub audience: Option<String>,
    /// Where the keys are.
    pub jwks_url: Option<String>,
    /// The keys themselves.
    pub jwks: Option<Value>,
    /// Whether an assertion without `jti` is good until it expires, and not once; what the
    /// connection's product needs if absent.
    pub allow_reuse: Option<bool>,
}

/// What the client trusts from then on; what is not said of it is the client itself.
pub(super) fn trust(
    (connection, client): (&Connection, &ScimClient),
    deployment: &Deployment,
    draft: &AssertionDraft,
) -> Result<AssertionTrust, ManagementError> {
    let invalid = |reason: String| ManagementError::from(ScimClientError::InvalidAssertion(reason));
    let given = [
        ("issuer", &draft.issuer),
        ("subject", &draft.subject),
        ("audience", &draft.audience),
    ];
    for (name, value) in given {
        let length = value.as_ref().map(|value| value.chars().count());
        if length.is_some_and(|length| length == 0 || length > LONGEST_TEXT) {
            let reason = format!("{name} must have 1 to {LONGEST_TEXT} characters");
            return Err(invalid(reason));
        }
    }
    let keys = match (&draft.jwks_url, &draft.jwks) {
        (Some(url), None) => {
            check_url("invalid_scim_client_assertion", url, deployment.allow_http)
                .map_err(|_| invalid(format!("jwks_url {url:?} is not an absolute https URL")))?;
            TrustedKeys::JwksUrl(url.clone())
        }
        (None, Some(keys)) => {
            inline_keys::read(keys).map_err(|reason| invalid(format!("jwks: {reason}")))?;
            TrustedKeys::Jwks(keys.clone())
        }
        _ => return Err(invalid("give one of jwks_url and jwks".to_owned())),
    };
    let itself = || client.id.to_string();
    let endpoint = || deployment.scim_token_url(client.connection_id);
    Ok(AssertionTrust {
        issuer: draft.issuer.clone().unwrap_or_else(itself),
        subject: draft.subject.clone().unwrap_or_else(itself),
        audience: draft.audience.clone().unwrap_or_else(endpoint),
        keys,
        allow_reuse: draft.allow_reuse.unwrap_or_else(|| repeats(connection)),
    })
}

fn repeats(connection: &Connection) -> bool {
    let provider = IdentityProvider::from_name(&connection.identity_provider);
    provider.is_some_and(IdentityProvider::repeats_assertions)
}
