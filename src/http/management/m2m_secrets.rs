//! Rotation of the secrets of machines: a second one, both, and then one again.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use utoipa::OpenApi;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::management::m2m_client_json::M2mClientAnswer;
use crate::http::management::m2m_client_json::M2mClientJson;
use crate::http::management::m2m_client_json::M2mRotationStarted;
use crate::http::management::m2m_client_json::WithNextClientSecret;
use crate::http::management::m2m_clients::changed;
use crate::http::state::Gateway;
use crate::use_cases::m2m_clients;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(start, cancel, complete))]
pub(crate) struct Calls;

/// Gives a machine a second secret, told this once; the first goes on working.
#[utoipa::path(post, path = "/v1/m2m/clients/{client_id}/secrets/rotate/start", operation_id = "m2m.clients.secrets.rotateStart", tag = "m2m",
    params(("client_id" = String, Path)),
    responses((status = 200, body = M2mRotationStarted)))]
pub(crate) async fn start(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    client_id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let started = gateway.write(caller, move |tx, caller| {
        m2m_clients::start_rotation(tx, caller, &client_id)
    });
    let (client, next_client_secret) = started.await?;
    let m2m_client = WithNextClientSecret {
        client: M2mClientJson::new(&client),
        next_client_secret,
    };
    Ok(success(request_id, &M2mRotationStarted { m2m_client }))
}

/// Takes the second secret of a machine away again.
#[utoipa::path(post, path = "/v1/m2m/clients/{client_id}/secrets/rotate/cancel", operation_id = "m2m.clients.secrets.rotateCancel", tag = "m2m",
    params(("client_id" = String, Path)),
    responses((status = 200, body = M2mClientAnswer)))]
pub(crate) async fn cancel(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    client_id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    changed(&gateway, caller, move |tx, caller| {
        m2m_clients::cancel_rotation(tx, caller, &client_id)
    })
    .await
}

/// Lets the second secret of a machine take over; the first opens nothing any more.
#[utoipa::path(post, path = "/v1/m2m/clients/{client_id}/secrets/rotate", operation_id = "m2m.clients.secrets.rotate", tag = "m2m",
    params(("client_id" = String, Path)),
    responses((status = 200, body = M2mClientAnswer)))]
pub(crate) async fn complete(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    client_id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    changed(&gateway, caller, move |tx, caller| {
        m2m_clients::complete_rotation(tx, caller, &client_id)
    })
    .await
}
