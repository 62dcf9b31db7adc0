//! The project's policy and the organizations' own roles.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde_json::json;

use crate::domain::rbac::OrgPolicy;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::organizations;
use crate::use_cases::project;

/// `GET /v1/b2b/rbac/policy`
pub(crate) async fn policy(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    gateway.read(caller, project::whoami).await?;
    Ok(success(
        request_id,
        &json!({ "policy": gateway.deployment.policy }),
    ))
}

/// `GET /v1/b2b/rbac/organizations/{organization_id}`: empty, since an organization cannot add
/// roles yet; the SDKs' local checks ask for it all the same.
pub(crate) async fn org_policy(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    gateway
        .read(caller, move |tx, caller| {
            organizations::get(tx, caller, &named)
        })
        .await?;
    Ok(success(
        request_id,
        &json!({ "org_policy": OrgPolicy::default() }),
    ))
}
