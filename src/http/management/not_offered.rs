//! Calls of ways to sign in that this server does not have: discovery, second factors.
//! Applications that make them learn so, whatever they send, instead of finding no route.

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::state::Gateway;
use crate::use_cases::error::request::RequestError;

const POSTED: [&str; 4] = [
    "/v1/b2b/totp",
    "/v1/b2b/totp/authenticate",
    "/v1/b2b/recovery_codes/recover",
    "/v1/b2b/recovery_codes/rotate",
];
const RECOVERY_CODES: &str = "/v1/b2b/recovery_codes/{organization_id}/{member_id}";

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    for path in POSTED {
        configuration.route(path, web::post().to(refuse));
    }
    configuration.route(RECOVERY_CODES, web::get().to(refuse));
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
