//! Organizations: create, get, update.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use utoipa::OpenApi;

use crate::domain::organization::OrganizationDraft;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::organization_json::OrganizationAnswer;
use crate::http::state::Gateway;
use crate::use_cases::organizations;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, get, update))]
pub(crate) struct Calls;

/// Creates an organization.
#[utoipa::path(post, path = "/v1/b2b/organizations", operation_id = "organizations.create", tag = "organizations",
    request_body = OrganizationDraft,
    responses((status = 200, body = OrganizationAnswer)))]
pub(crate) async fn create(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<OrganizationDraft>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let created = gateway.write(caller, move |tx, caller| {
        organizations::create(tx, caller, body.get()?)
    });
    Ok(success(
        request_id,
        &OrganizationAnswer::new(&created.await?),
    ))
}

/// Reads an organization.
#[utoipa::path(get, path = "/v1/b2b/organizations/{organization_id}", operation_id = "organizations.get", tag = "organizations",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    responses((status = 200, body = OrganizationAnswer)))]
pub(crate) async fn get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read(caller, move |tx, caller| {
        organizations::get(tx, caller, &named)
    });
    Ok(success(request_id, &OrganizationAnswer::new(&found.await?)))
}

/// Changes what the body names of an organization.
#[utoipa::path(put, path = "/v1/b2b/organizations/{organization_id}", operation_id = "organizations.update", tag = "organizations",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    request_body = OrganizationDraft,
    responses((status = 200, body = OrganizationAnswer)))]
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<OrganizationDraft>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let updated = gateway.write_as(caller, move |tx, caller| {
        organizations::update(tx, caller, &named, body.get()?)
    });
    Ok(success(
        request_id,
        &OrganizationAnswer::new(&updated.await?),
    ))
}
