//! Which connections fit an e-mail address, for the browser SDK on the application's pages: the
//! path, the envelope and the headers that it expects (contract 4.4).

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::HttpResponseBuilder;
use actix_web::http::header::ACCESS_CONTROL_ALLOW_CREDENTIALS;
use actix_web::http::header::ACCESS_CONTROL_ALLOW_HEADERS;
use actix_web::http::header::ACCESS_CONTROL_ALLOW_METHODS;
use actix_web::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use actix_web::http::header::ACCESS_CONTROL_MAX_AGE;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::ORIGIN;
use actix_web::http::header::VARY;
use actix_web::web::Data;
use actix_web::web::Query;
use serde::Deserialize;
use serde_json::json;

use crate::domain::secret::SecretHash;
use crate::http::caller::ProjectCredentials;
use crate::http::caller::request_id;
use crate::http::management::error::ApiError;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::sso_discovery::for_stranger;
use crate::use_cases::sso_discovery::origins;

/// The query.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    email_address: String,
}

/// `GET /sdk/v1/b2b/sso/discovery/connections`, with the public token as the user name of HTTP
/// Basic.
pub(crate) async fn discover(
    gateway: Data<Gateway>,
    request: HttpRequest,
    caller: ProjectCredentials,
    asked: Query<Asked>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let public_token = SecretHash::of(&caller.project_id);
    let deployment = gateway.deployment.clone();
    let seek = move |tx: &mut Transaction<'_>| {
        for_stranger(tx, &deployment, (&public_token, &asked.email_address))
    };
    let found = gateway.storage.seek(request_id, seek).await;
    let found = found.map_err(ApiError::of(request_id))?;
    let shown = found.iter().map(|fits| {
        json!({
            "connection_id": fits.connection.id,
            "display_name": fits.connection.display_name,
            "identity_provider": fits.connection.identity_provider,
        })
    });
    let data = json!({
        "connections": shown.collect::<Vec<_>>(),
        "request_id": request_id,
        "status_code": 200,
    });
    let mut response = HttpResponse::Ok();
    allow_origin(&gateway, &request, &mut response).await?;
    Ok(response
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "data": data, "request_id": request_id, "status_code": 200 })))
}

/// What browsers ask before they ask.
pub(crate) async fn preflight(
    gateway: Data<Gateway>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mut response = HttpResponse::NoContent();
    allow_origin(&gateway, &request, &mut response).await?;
    let headers = "authorization, content-type, x-sdk-client, x-sdk-parent-host";
    Ok(response
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, headers))
        .insert_header((ACCESS_CONTROL_MAX_AGE, "600"))
        .finish())
}

/// Lets the pages of the application read the answer, and nobody else's.
async fn allow_origin(
    gateway: &Gateway,
    request: &HttpRequest,
    response: &mut HttpResponseBuilder,
) -> Result<(), ApiError> {
    let origin = request.headers().get(ORIGIN);
    let Some(origin) = origin.and_then(|origin| origin.to_str().ok()) else {
        return Ok(());
    };
    let (request_id, deployment) = (request_id(request), gateway.deployment.clone());
    let read = move |tx: &mut Transaction<'_>| origins(tx, &deployment);
    let known = gateway.storage.read(request_id, read).await;
    let known = known.map_err(ApiError::of(request_id))?;
    response.insert_header((VARY, "Origin"));
    if known.iter().any(|known| known == origin) {
        response
            .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin))
            .insert_header((ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"));
    }
    Ok(())
}
