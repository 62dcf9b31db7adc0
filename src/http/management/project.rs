//! whoami: whose credentials are these?

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::project;

/// `GET /v1/debug/whoami`
pub(crate) async fn whoami(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let project = gateway.read(caller, project::whoami).await?;
    Ok(success(
        request_id,
        &json!({ "project_id": project.id, "name": project.name }),
    ))
}
