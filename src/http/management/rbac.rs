//! The project's policy and the organizations' own roles.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde_json::json;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::rbac;

/// `GET /v1/b2b/rbac/policy`
pub(crate) async fn policy(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let policy = gateway.read(caller, rbac::project_policy).await?;
    Ok(success(request_id, &json!({ "policy": policy })))
}

/// `GET /v1/b2b/rbac/organizations/{organization_id}`
pub(crate) async fn org_policy(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let policy = gateway.read(caller, move |tx, caller| {
        rbac::org_policy(tx, caller, &named)
    });
    Ok(success(request_id, &json!({ "org_policy": policy.await? })))
}
