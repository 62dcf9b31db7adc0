//! Organizations: create, get, update, delete, count members, drop the external id.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id::OrganizationId;
use crate::domain::organization_draft::OrganizationDraft;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::organization_json::OrganizationAnswer;
use crate::http::state::Gateway;
use crate::use_cases::organizations;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, get, update, delete, metrics, delete_external_id))]
pub(crate) struct Calls;

#[derive(Serialize, ToSchema)]
struct OrganizationDeleted {
    organization_id: OrganizationId,
}

#[derive(Serialize, ToSchema)]
struct OrganizationMetrics {
    /// Its members that are not deleted.
    member_count: i64,
}

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

/// Deletes an organization with all that belongs to it: members, sessions, connections, directory.
#[utoipa::path(delete, path = "/v1/b2b/organizations/{organization_id}", operation_id = "organizations.delete", tag = "organizations",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    responses((status = 200, body = OrganizationDeleted)))]
pub(crate) async fn delete(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let gone = gateway.write_as(caller, move |tx, caller| {
        organizations::delete(tx, caller, &named)
    });
    let organization_id = gone.await?;
    Ok(success(
        request_id,
        &OrganizationDeleted { organization_id },
    ))
}

/// Counts the members of an organization.
#[utoipa::path(get, path = "/v1/b2b/organizations/{organization_id}/metrics", operation_id = "organizations.metrics", tag = "organizations",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    responses((status = 200, body = OrganizationMetrics)))]
pub(crate) async fn metrics(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let counted = gateway.read(caller, move |tx, caller| {
        organizations::member_count(tx, caller, &named)
    });
    let member_count = counted.await?;
    Ok(success(request_id, &OrganizationMetrics { member_count }))
}

/// Takes the external id of an organization away.
#[utoipa::path(delete, path = "/v1/b2b/organizations/{organization_id}/external_id", operation_id = "organizations.deleteExternalId", tag = "organizations",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug.")),
    responses((status = 200, body = OrganizationAnswer)))]
pub(crate) async fn delete_external_id(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let changed = gateway.write_as(caller, move |tx, caller| {
        organizations::delete_external_id(tx, caller, &named)
    });
    Ok(success(
        request_id,
        &OrganizationAnswer::new(&changed.await?),
    ))
}
