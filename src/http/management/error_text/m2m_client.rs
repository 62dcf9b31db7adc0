//! The table of refusals about machines of the project.

use crate::domain::m2m_client::M2mRefusal;
use crate::domain::m2m_client::MOST_DESCRIPTION;
use crate::domain::m2m_client::MOST_NAME;
use crate::domain::m2m_client::MOST_SCOPES;
use crate::domain::m2m_client::MOST_WORD;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::metadata;
use crate::http::management::error_text::told;
use crate::use_cases::error::m2m_client::M2mClientError;

pub(super) fn described(error: &M2mClientError) -> Described {
    use M2mClientError as E;
    match error {
        E::NotFound => told(404, "m2m_client_not_found", "No M2M client has this id."),
        E::DuplicateId(id) => told(
            400,
            "duplicate_m2m_client_id",
            format!("Another M2M client has the id {id:?}; choose another one, or give none."),
        ),
        E::NotRotating => told(
            400,
            "m2m_client_not_rotating_secret",
            "The client has no next secret; start a rotation first.",
        ),
        E::InvalidStatus(given) => told(
            400,
            "invalid_m2m_client_status",
            format!("status must be active or inactive, not {given:?}."),
        ),
        E::Refused(refusal) => refused(refusal),
        E::Metadata(refusal) => metadata::metadata(*refusal),
    }
}

fn refused(refusal: &M2mRefusal) -> Described {
    match refusal {
        M2mRefusal::Id => told(
            400,
            "invalid_m2m_client_id",
            format!("client_id must be 1 to {MOST_WORD} of letters, digits and . _ ~ -"),
        ),
        M2mRefusal::Secret => told(
            400,
            "invalid_m2m_client_secret",
            "client_secret must have 8 to 256 characters and be hard to guess; give none, and a \
             good one is made.",
        ),
        M2mRefusal::Name => told(
            400,
            "invalid_m2m_client_name",
            format!("client_name must have at most {MOST_NAME} characters."),
        ),
        M2mRefusal::Description => told(
            400,
            "invalid_m2m_client_description",
            format!("client_description must have at most {MOST_DESCRIPTION} characters."),
        ),
        M2mRefusal::TooManyScopes => told(
            400,
            "too_many_m2m_client_scopes",
            format!("A client has at most {MOST_SCOPES} scopes."),
        ),
        M2mRefusal::Scope(scope) => told(
            400,
            "invalid_m2m_client_scopes",
            format!(
                "{scope:?} is no scope: a scope has 1 to {MOST_WORD} printable characters without \
                 spaces, quotes and backslashes (RFC 6749 section 3.3)."
            ),
        ),
    }
}
