//! The table of refusals about sessions.

use crate::domain::session::SessionRefusal;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::session::SessionError;

pub(super) fn described(error: &SessionError) -> Described {
    use SessionError as E;
    match error {
        E::NoArguments => told(
            400,
            "no_session_arguments",
            "Give session_token or session_jwt.",
        ),
        E::TooManyArguments => told(
            400,
            "too_many_session_arguments",
            "Give session_token or session_jwt, not both.",
        ),
        E::NoRevocationArguments => told(
            400,
            "no_session_revoke_arguments",
            "Give member_session_id, session_token, session_jwt or member_id.",
        ),
        E::TooManyRevocationArguments => told(
            400,
            "too_many_session_revoke_arguments",
            "Give one of member_session_id, session_token, session_jwt and member_id, not several.",
        ),
        E::UnparsableJwt(reason) => told(400, "unable_to_parse_session_jwt", reason),
        E::Refused(refusal) => refused(*refusal),
        E::Authorization => told(
            403,
            "session_authorization_error",
            "No role of this session allows the action.",
        ),
        E::Impersonated => told(
            400,
            "session_not_mutable",
            "The session is an impersonator's: how members get in stays as it is.",
        ),
        E::Tenancy => told(
            403,
            "session_authorization_tenancy_error",
            "The session belongs to another organization than the one asked about.",
        ),
        E::TrustedMetadata => told(
            401,
            "cannot_update_trusted_metadata",
            "trusted_metadata cannot be set on behalf of a member session.",
        ),
        E::UnregisteredLogoutUrl => told(
            400,
            "no_match_for_provided_sso_url",
            "logout_redirect_url is not registered as a login redirect URL of the project.",
        ),
        E::NotFound => told(
            404,
            "session_not_found",
            "There is no such session, or it is over.",
        ),
    }
}

fn refused(refusal: SessionRefusal) -> Described {
    match refusal {
        SessionRefusal::InvalidDuration => told(
            400,
            "invalid_session_duration_minutes",
            "session_duration_minutes must be between 5 and 527040.",
        ),
        SessionRefusal::CustomClaimsTooLarge => told(
            400,
            "custom_claims_too_large",
            "session_custom_claims has at most 4096 bytes as JSON.",
        ),
        SessionRefusal::ReservedNamespace => told(
            400,
            "stytch_claims_in_custom_claims",
            "A custom claim must not begin with https://stytch.com/.",
        ),
    }
}
