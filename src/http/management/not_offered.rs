//! Calls of ways to sign in that this server does not have: magic links, discovery, second factors.
//! Applications that make them learn so, whatever they send, instead of finding no route.

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::state::Gateway;
use crate::use_cases::error::request::RequestError;

const POSTED: [&str; 8] = [
    "/v1/b2b/magic_links/authenticate",
    "/v1/b2b/magic_links/discovery/authenticate",
    "/v1/b2b/magic_links/email/login_or_signup",
    "/v1/b2b/magic_links/email/discovery/send",
    "/v1/b2b/totp",
    "/v1/b2b/totp/authenticate",
    "/v1/b2b/recovery_codes/recover",
    "/v1/b2b/recovery_codes/rotate",
];
const RECOVERY_CODES: &str = "/v1/b2b/recovery_codes/{organization_id}/{member_id}";
const INVITE: &str = "/v1/b2b/magic_links/email/invite";

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    for path in POSTED {
        configuration.route(path, web::post().to(refuse));
    }
    configuration
        .route(RECOVERY_CODES, web::get().to(refuse))
        .route(INVITE, web::post().to(refuse_anybody));
}

/// Whoever has not proven itself learns nothing, as everywhere.
async fn refuse(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
) -> Result<HttpResponse, ApiError> {
    let refusal = ApiError::of(caller.request_id)(RequestError::NotOffered.into());
    gateway.read(caller, |_, _| Ok(())).await?;
    Err(refusal)
}

/// For the call that could be made on behalf of a member.
async fn refuse_anybody(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
) -> Result<HttpResponse, ApiError> {
    let refusal = ApiError::of(caller.request_id)(RequestError::NotOffered.into());
    gateway.read_as(caller, |_, _| Ok(())).await?;
    Err(refusal)
}
