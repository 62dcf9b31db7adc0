//! The table of refusals about OIDC connections.

use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::oidc_connection::OidcConnectionError;

pub(super) fn described(error: &OidcConnectionError) -> Described {
    use OidcConnectionError as E;
    match error {
        E::SharedIssuer(named) => told(
            400,
            "oidc_connection_issuer_for_several_tenants",
            format!(
                "The issuer names {named:?}, behind which anybody can have an account; name one \
                 tenant by its id: https://login.microsoftonline.com/<tenant id>/v2.0."
            ),
        ),
        E::UnknownAuthMethod(named) => told(
            400,
            "invalid_oidc_token_endpoint_auth_method",
            format!(
                "token_endpoint_auth_method {named:?} is not client_secret_basic, \
                 client_secret_post, private_key_jwt, or empty to do as the provider says."
            ),
        ),
        E::InvalidMaximumSession(minutes) => told(
            400,
            "invalid_maximum_session_duration",
            format!(
                "maximum_session_duration_minutes {minutes} is not 5 to 527040, or 0 for none."
            ),
        ),
        E::ClientKeyNotUsed => told(
            400,
            "oidc_connection_client_key_not_used",
            "This connection does not prove itself by a key; set token_endpoint_auth_method to \
             private_key_jwt first.",
        ),
        E::NotRotatingClientKey => told(
            400,
            "oidc_connection_not_rotating_client_key",
            "No rotation of this connection's key is under way; start one first.",
        ),
    }
}
