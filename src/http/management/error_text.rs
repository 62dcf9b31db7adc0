//! The table of refusals: for each its status, its `error_type`, and what would be right. A part
//! for each noun, so that the compiler sees that none is left out.

use crate::use_cases::error::ManagementError;

mod admission;
mod connection;
mod foreign_token;
mod m2m_client;
mod magic_link;
mod member;
mod metadata;
mod oidc_connection;
mod organization;
mod password;
mod portal_link;
mod rbac;
mod request;
mod scim_client;
mod search;
mod second_factor;
mod session;

/// What a caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Described {
    /// The HTTP status.
    pub status: u16,
    /// The contract's name for it.
    pub error_type: String,
    /// What was wrong and what would be right.
    pub message: String,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u64>,
}

pub(crate) fn told(status: u16, error_type: &str, message: impl Into<String>) -> Described {
    let error_type = error_type.to_owned();
    Described {
        status,
        error_type,
        message: message.into(),
        retry_after: None,
    }
}

/// Describes a refusal.
pub(crate) fn described(error: &ManagementError) -> Described {
    match error {
        ManagementError::Request(error) => request::described(error),
        ManagementError::Organization(error) => organization::described(error),
        ManagementError::Search(error) => search::described(error),
        ManagementError::Member(error) => member::described(error),
        ManagementError::Connection(error) => connection::described(error),
        ManagementError::OidcConnection(error) => oidc_connection::described(error),
        ManagementError::ScimClient(error) => scim_client::described(error),
        ManagementError::ForeignToken(error) => foreign_token::described(error),
        ManagementError::M2mClient(error) => m2m_client::described(error),
        ManagementError::PortalLink(error) => portal_link::described(*error),
        ManagementError::Rbac(error) => rbac::described(error),
        ManagementError::Admission(error) => admission::described(error),
        ManagementError::MagicLink(error) => magic_link::described(error),
        ManagementError::Noted(noted) => described(&noted.error),
        ManagementError::Session(error) => session::described(error),
        ManagementError::Password(error) => password::described(error),
        ManagementError::SecondFactor(error) => second_factor::described(error),
        ManagementError::Storage(failure) if failure.is_overload() => Described {
            retry_after: Some(1),
            ..told(
                503,
                "service_unavailable",
                "The server or its database is busy; try again.",
            )
        },
        ManagementError::Internal(_) | ManagementError::Storage(_) => told(
            500,
            "internal_server_error",
            "Something failed on the server; its log names the cause under the request id.",
        ),
    }
}
