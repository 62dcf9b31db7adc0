//! The project's policy and the organizations' own roles.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::rbac::OrgPolicy;
use crate::domain::rbac::Policy;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::state::Gateway;
use crate::use_cases::rbac;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(policy, get_org_policy, set_org_policy))]
pub(crate) struct Calls;

#[derive(Serialize, ToSchema)]
struct PolicyAnswer {
    policy: Policy,
}

#[derive(Serialize, ToSchema)]
struct OrgPolicyAnswer {
    org_policy: OrgPolicy,
}

/// The body of set.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OrgPolicyBody {
    org_policy: OrgPolicy,
}

/// The project's policy: what is reserved, and what the project file adds.
#[utoipa::path(get, path = "/v1/b2b/rbac/policy", operation_id = "rbac.policy", tag = "rbac",
    responses((status = 200, body = PolicyAnswer)))]
pub(crate) async fn policy(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let policy = gateway.read(caller, rbac::project_policy).await?;
    Ok(success(request_id, &PolicyAnswer { policy }))
}

/// The roles that an organization adds to the project's.
#[utoipa::path(get, path = "/v1/b2b/rbac/organizations/{organization_id}", operation_id = "rbac.organizations.getOrgPolicy", tag = "rbac",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    responses((status = 200, body = OrgPolicyAnswer)))]
pub(crate) async fn get_org_policy(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let policy = gateway.read(caller, move |tx, caller| {
        rbac::org_policy(tx, caller, &named)
    });
    let org_policy = policy.await?;
    Ok(success(request_id, &OrgPolicyAnswer { org_policy }))
}

/// Replaces the roles that an organization adds to the project's.
#[utoipa::path(put, path = "/v1/b2b/rbac/organizations/{organization_id}", operation_id = "rbac.organizations.setOrgPolicy", tag = "rbac",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    request_body = OrgPolicyBody,
    responses((status = 200, body = OrgPolicyAnswer)))]
pub(crate) async fn set_org_policy(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<OrgPolicyBody>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let policy = gateway.write(caller, move |tx, caller| {
        rbac::set_org_policy(tx, caller, &named, &body.get()?.org_policy)
    });
    let org_policy = policy.await?;
    Ok(success(request_id, &OrgPolicyAnswer { org_policy }))
}
