//! The rotation of a SCIM connection's bearer token: start, complete, cancel.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use utoipa::OpenApi;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::management::scim_connection_json::ScimConnectionAnswer;
use crate::http::management::scim_connection_json::ScimConnectionJson;
use crate::http::management::scim_connection_json::ScimRotationStarted;
use crate::http::management::scim_connection_json::WithNextToken;
use crate::http::state::Gateway;
use crate::use_cases::scim_token_rotation;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(start, complete, cancel))]
pub(crate) struct Calls;

/// Makes the next bearer token, which is told this once; both tokens work until the rotation ends.
#[utoipa::path(post, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/start", operation_id = "scim.connection.rotateStart", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    responses((status = 200, body = ScimRotationStarted)))]
pub(crate) async fn start(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let started = gateway.write_as(caller, move |tx, caller| {
        scim_token_rotation::start(tx, caller, (&path.0, &path.1))
    });
    let (view, next_bearer_token) = started.await?;
    let connection = WithNextToken {
        connection: ScimConnectionJson::new(&view, &gateway.deployment),
        next_bearer_token,
    };
    Ok(success(request_id, &ScimRotationStarted { connection }))
}

/// Lets the next bearer token take over; the one before stops working.
#[utoipa::path(post, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/complete", operation_id = "scim.connection.rotateComplete", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    responses((status = 200, body = ScimConnectionAnswer)))]
pub(crate) async fn complete(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let completed = gateway.write_as(caller, move |tx, caller| {
        scim_token_rotation::complete(tx, caller, (&path.0, &path.1))
    });
    let connection = ScimConnectionJson::new(&completed.await?, &gateway.deployment);
    Ok(success(request_id, &ScimConnectionAnswer { connection }))
}

/// Drops the next bearer token; everything is as it was before the rotation.
#[utoipa::path(post, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/cancel", operation_id = "scim.connection.rotateCancel", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    responses((status = 200, body = ScimConnectionAnswer)))]
pub(crate) async fn cancel(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let cancelled = gateway.write_as(caller, move |tx, caller| {
        scim_token_rotation::cancel(tx, caller, (&path.0, &path.1))
    });
    let connection = ScimConnectionJson::new(&cancelled.await?, &gateway.deployment);
    Ok(success(request_id, &ScimConnectionAnswer { connection }))
}
