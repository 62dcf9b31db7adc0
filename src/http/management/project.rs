//! whoami: whose credentials are these?

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::project::ProjectId;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::project;

/// This call, as the API's description shows it.
#[derive(OpenApi)]
#[openapi(paths(whoami))]
pub(crate) struct Calls;

/// Whose credentials they are.
#[derive(Serialize, ToSchema)]
struct WhoamiAnswer {
    #[schema(value_type = String)]
    project_id: ProjectId,
    name: String,
}

/// Says whose credentials were given: a way to check them.
#[utoipa::path(get, path = "/v1/debug/whoami", operation_id = "debug.whoami", tag = "project",
    responses((status = 200, body = WhoamiAnswer)))]
pub(crate) async fn whoami(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let project = gateway.read(caller, project::whoami).await?;
    let answer = WhoamiAnswer {
        project_id: project.id,
        name: project.name,
    };
    Ok(success(request_id, &answer))
}
