//! The table of refusals about tokens of other issuers and sessions of other systems.

use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::foreign_token::ForeignTokenError;

pub(super) fn described(error: &ForeignTokenError) -> Described {
    use ForeignTokenError as E;
    match error {
        E::ProfileNotFound => told(
            404,
            "trusted_auth_token_profile_not_found",
            "The project file declares no [trusted_tokens] profile of this profile_id.",
        ),
        E::NoMigration => told(
            400,
            "session_migration_not_configured",
            "The project file declares no [session_migration] userinfo_url.",
        ),
        E::Refused(reason) => told(
            401,
            "unable_to_auth_foreign_token",
            format!("The token is not believed: {reason}."),
        ),
        E::NoAddress(claim) => told(
            401,
            "unable_to_auth_foreign_token",
            format!("The token names no verified e-mail address as {claim}."),
        ),
        E::NoOrganization => told(
            404,
            "organization_not_found",
            "Give organization_id, or a token that names the organization.",
        ),
        E::Unreachable(reason) => Described {
            retry_after: Some(10),
            ..told(
                503,
                "service_unavailable",
                format!("Who could confirm the token cannot be reached: {reason}."),
            )
        },
    }
}
