//! The table of refusals about OAuth clients of SCIM connections; the contract has no such clients.

use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::scim_client::ScimClientError;

pub(super) fn described(error: &ScimClientError) -> Described {
    use ScimClientError as E;
    match error {
        E::NotFound => told(
            404,
            "scim_client_not_found",
            "This connection has no such client.",
        ),
        E::SecretNotFound => told(
            404,
            "scim_client_secret_not_found",
            "This client has no such secret.",
        ),
        E::TooManyClients(limit) => told(
            400,
            "too_many_scim_clients",
            format!("A connection has at most {limit} clients; delete one first."),
        ),
        E::TooManySecrets(limit) => told(
            400,
            "too_many_scim_client_secrets",
            format!("A client has at most {limit} secrets; delete one first."),
        ),
        E::InvalidExpiry => told(
            400,
            "invalid_scim_client_secret_expiry",
            "secret_expires_at must be an RFC 3339 time in the future.",
        ),
        E::InvalidAssertion(reason) => told(
            400,
            "invalid_scim_client_assertion",
            format!("client_assertion cannot be used: {reason}."),
        ),
    }
}
