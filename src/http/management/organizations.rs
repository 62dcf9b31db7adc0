//! Organizations: create, get, update, search.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::organization::OrganizationDraft;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::organization_json::OrganizationAnswer;
use crate::http::management::organization_json::OrganizationJson;
use crate::http::management::search::ResultsMetadata;
use crate::http::management::search::SearchRequest;
use crate::http::management::search::next_cursor;
use crate::http::management::search::organization_filters;
use crate::http::state::Gateway;
use crate::use_cases::organizations;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(create, get, update, search))]
pub(crate) struct Calls;

#[derive(Serialize, ToSchema)]
struct OrganizationsFound {
    organizations: Vec<OrganizationJson>,
    results_metadata: ResultsMetadata,
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

/// One page of the organizations that all conditions match.
#[utoipa::path(post, path = "/v1/b2b/organizations/search", operation_id = "organizations.search", tag = "organizations",
    request_body = SearchRequest,
    responses((status = 200, body = OrganizationsFound)))]
pub(crate) async fn search(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    body: JsonBody<SearchRequest>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let page = gateway.read(caller, move |tx, caller| {
        let request = body.get()?;
        let filters = organization_filters(request.query.as_ref())?;
        organizations::search(tx, caller, &filters, (request.after()?, request.limit()?))
    });
    let page = page.await?;
    let last = page
        .organizations
        .last()
        .map(|view| view.organization.id.to_string());
    let answer = OrganizationsFound {
        organizations: page
            .organizations
            .iter()
            .map(OrganizationJson::new)
            .collect(),
        results_metadata: ResultsMetadata::new(page.total, next_cursor(page.has_more, last)),
    };
    Ok(success(request_id, &answer))
}
