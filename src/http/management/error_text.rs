//! The table of refusals: for each its status, its `error_type`, and what would be right.

use crate::http::management::error_connections::about_connections;
use crate::http::management::error_connections::about_sessions;
use crate::http::management::error_fields::field_error_type;
use crate::http::management::error_fields::member;
use crate::http::management::error_fields::organization;
use crate::use_cases::error::ManagementError;

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

/// What fails on our side; also where a variant would land that its group forgot, which a test
/// looks for.
pub(crate) fn misplaced() -> Described {
    told(
        500,
        "internal_server_error",
        "Something failed on the server; its log names the cause under the request id.",
    )
}

/// Describes a refusal.
pub(crate) fn described(error: &ManagementError) -> Described {
    use ManagementError as E;
    match error {
        E::UnauthorizedCredentials
        | E::RouteNotFound
        | E::InvalidBody(..)
        | E::BodyTooLarge(_)
        | E::UnsupportedContentType(_)
        | E::TooManyRequests(_)
        | E::ActingAsMember
        | E::Internal(_)
        | E::Storage(_) => request(error),
        E::OrganizationNotFound
        | E::Organization(_)
        | E::SlugAlreadyUsed(_)
        | E::OrganizationExternalIdAlreadyUsed(_)
        | E::DuplicateClaimedDomain(_)
        | E::InvalidDefaultConnection
        | E::UnknownFilter(..)
        | E::InvalidFilterValue(..)
        | E::FuzzyTooShort(..)
        | E::InvalidCursor
        | E::InvalidLimit
        | E::MemberSearchWithoutOrganizations => about_organizations(error),
        E::MemberNotFound
        | E::InvalidMemberGetFields
        | E::Member(_)
        | E::DuplicateMemberEmail(_)
        | E::RetiredMemberEmail(_)
        | E::DuplicateMemberExternalId(_) => about_members(error),
        E::ConnectionNotFound(_)
        | E::InvalidIdentityProvider(..)
        | E::ActiveScimConnectionExists
        | E::NoActiveScimConnection
        | E::ScimGroupDoesNotExist(_)
        | E::InvalidCertificate(_)
        | E::TooManyCertificates
        | E::InvalidSigningKey(_)
        | E::InvalidUrl(..)
        | E::InvalidAttributeMapping(_)
        | E::InvalidEntityId
        | E::InvalidRoleId(_) => about_connections(error),
        E::SsoTokenNotFound
        | E::SignInRefused(_)
        | E::MissingCodeVerifier
        | E::UnexpectedCodeVerifier
        | E::PkceMismatch
        | E::NoSessionArguments
        | E::TooManySessionArguments
        | E::SessionNotFound
        | E::UnparsableSessionJwt(_)
        | E::Session(_)
        | E::SessionAuthorization
        | E::SessionTenancy => about_sessions(error),
    }
}

fn request(error: &ManagementError) -> Described {
    use ManagementError as E;
    match error {
        E::UnauthorizedCredentials => told(
            401,
            "unauthorized_credentials",
            "HTTP Basic with the project id as user name and its secret as password is needed.",
        ),
        E::RouteNotFound => told(
            404,
            "route_not_found",
            "There is no such route for this method.",
        ),
        E::InvalidBody(field, reason) if field.is_empty() => told(400, "bad_request", reason),
        E::InvalidBody(field, reason) => {
            told(400, &field_error_type(field), format!("{field}: {reason}"))
        }
        E::BodyTooLarge(limit) => told(
            413,
            "request_too_large",
            format!("The body may have at most {limit} bytes."),
        ),
        E::UnsupportedContentType(given) => told(
            415,
            "unsupported_content_type",
            format!("The body must be application/json, not {given}."),
        ),
        E::TooManyRequests(seconds) => Described {
            retry_after: Some(*seconds),
            ..told(
                429,
                "too_many_requests",
                format!("Too many requests; wait {seconds} s."),
            )
        },
        E::ActingAsMember => told(
            403,
            "session_authorization_error",
            "Calls on behalf of a member session are not offered; leave its header out.",
        ),
        overload if overload.is_overload() => Described {
            retry_after: Some(1),
            ..told(
                503,
                "service_unavailable",
                "The server or its database is busy; try again.",
            )
        },
        _ => misplaced(),
    }
}

fn about_organizations(error: &ManagementError) -> Described {
    use ManagementError as E;
    match error {
        E::OrganizationNotFound => told(
            404,
            "organization_not_found",
            "There is no such organization in this project.",
        ),
        E::Organization(refusal) => organization(refusal),
        E::SlugAlreadyUsed(slug) => told(
            400,
            "organization_slug_already_used",
            format!("Another organization has the slug {slug}."),
        ),
        E::OrganizationExternalIdAlreadyUsed(id) => told(
            400,
            "organization_external_id_already_used",
            format!("Another organization has the external id {id}."),
        ),
        E::DuplicateClaimedDomain(domain) => told(
            400,
            "organization_settings_duplicate_claimed_domain",
            format!("Another organization claims the domain {domain}."),
        ),
        E::InvalidDefaultConnection => told(
            400,
            "invalid_sso_default_connection_id",
            "The default connection must be an active SSO connection of the organization.",
        ),
        E::UnknownFilter(what, name) => told(
            400,
            &format!("{what}_search_filter_name_not_recognized"),
            format!("There is no filter called {name}."),
        ),
        E::InvalidFilterValue(what, name, expected) => told(
            400,
            &format!("{what}_search_{}", expected.replace(' ', "_")),
            format!("filter_value of {name}: {expected}."),
        ),
        E::FuzzyTooShort(what, name) => told(
            400,
            &format!("{what}_search_{name}_too_short"),
            format!("filter_value of {name} needs at least three characters."),
        ),
        E::InvalidCursor => told(
            400,
            "invalid_cursor",
            "The cursor must be one that a search has given out.",
        ),
        E::InvalidLimit => told(400, "invalid_limit", "limit must be between 1 and 1000."),
        E::MemberSearchWithoutOrganizations => told(
            400,
            "member_search_organization_ids_empty",
            "organization_ids must name at least one organization.",
        ),
        _ => misplaced(),
    }
}

fn about_members(error: &ManagementError) -> Described {
    use ManagementError as E;
    match error {
        E::Member(refusal) => member(refusal),
        E::InvalidMemberGetFields => told(
            400,
            "invalid_member_get_fields",
            "Give member_id or email_address.",
        ),
        E::DuplicateMemberEmail(address) => told(
            400,
            "duplicate_member_email",
            format!("A member of the organization already has the address {address}."),
        ),
        E::RetiredMemberEmail(address) => told(
            400,
            "retired_member_email",
            format!(
                "A member of the organization gave up the address {address}; unlink it there first."
            ),
        ),
        E::DuplicateMemberExternalId(id) => told(
            400,
            "duplicate_member_external_id",
            format!("A member of the organization already has the external id {id}."),
        ),
        E::MemberNotFound => told(
            404,
            "member_not_found",
            "There is no such member in this organization.",
        ),
        _ => misplaced(),
    }
}
