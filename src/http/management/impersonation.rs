//! A session for whoever an operator lets act as a member.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::http::caller::ProjectCredentials;
use crate::http::management::admission_json::AdmissionAnswer;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::impersonation;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(authenticate))]
pub(crate) struct Calls;

/// A token that `vestibule impersonate` made.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct ImpersonationBody {
    /// Works once, for five minutes.
    impersonation_token: String,
}

/// Turns an operator's one-time token into a session of the member, for an hour at most.
#[utoipa::path(post, path = "/v1/b2b/impersonation/authenticate", operation_id = "impersonation.authenticate", tag = "impersonation",
    request_body = ImpersonationBody,
    responses((status = 200, body = AdmissionAnswer)))]
pub(crate) async fn authenticate(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<ImpersonationBody>,
) -> Result<HttpResponse, ApiError> {
    let (request_id, deployment) = (caller.request_id, gateway.deployment.clone());
    let admitted = gateway.write(caller, move |tx, caller| {
        let token = &body.get()?.impersonation_token;
        impersonation::authenticate(tx, (caller, &deployment), token)
    });
    let answer = AdmissionAnswer::composed(&gateway, admitted.await?).await;
    Ok(success(
        request_id,
        &answer.map_err(ApiError::of(request_id))?,
    ))
}
