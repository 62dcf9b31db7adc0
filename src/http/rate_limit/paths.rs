//! Who calls what, by the path alone: which rate counts, and in which protocol a refusal speaks.

use actix_web::HttpRequest;

/// Below this, callers speak SCIM; `/v1/b2b/scim/organization-…` belongs to the management API.
const SCIM_CONNECTIONS: &str = "/v1/b2b/scim/scim-connection-";

/// Below these, browsers come, with no credential of ours.
const BROWSER_LEGS: [&str; 5] = [
    "/v1/public/",
    "/v1/b2b/public/",
    "/v1/b2b/sso/callback/",
    "/v1/b2b/oauth/callback/",
    "/v1/magic_links/redirect",
];

/// Whether a credential of the management API or of a SCIM connection is asked for.
pub(super) fn asks_for_credential(path: &str) -> bool {
    let is_open =
        path.contains("/sessions/jwks/") || is_browser_leg(path) || is_token_endpoint(path);
    path.starts_with("/v1/") && !is_open
}

/// Whether this is part of every page.
pub(super) fn is_asset(path: &str) -> bool {
    path.starts_with("/assets/")
}

/// Whether a SCIM connection is spoken to.
pub(super) fn is_directory(path: &str) -> bool {
    path.starts_with(SCIM_CONNECTIONS)
}

pub(super) fn is_token_endpoint(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    is_directory(path) && path.ends_with("/oauth2/token")
}

pub(super) fn is_machines_token(path: &str) -> bool {
    path.starts_with("/v1/public/") && path.trim_end_matches('/').ends_with("/oauth2/token")
}

pub(super) fn is_browser_leg(path: &str) -> bool {
    BROWSER_LEGS.iter().any(|leg| path.starts_with(leg))
}

/// The path as routes match it: however it is escaped, it is one.
pub(super) fn path(request: &HttpRequest) -> &str {
    request.match_info().as_str()
}
