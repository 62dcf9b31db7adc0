//! Organizations: create, get, update, search.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use serde_json::json;

use crate::domain::organization::OrganizationDraft;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::organization_json::organization;
use crate::http::management::search::SearchRequest;
use crate::http::management::search::next_cursor;
use crate::http::management::search::organization_filters;
use crate::http::state::Gateway;
use crate::use_cases::organizations;

/// `POST /v1/b2b/organizations`
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
        &json!({ "organization": organization(&created.await?) }),
    ))
}

/// `GET /v1/b2b/organizations/{organization_id}`
pub(crate) async fn get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read(caller, move |tx, caller| {
        organizations::get(tx, caller, &named)
    });
    Ok(success(
        request_id,
        &json!({ "organization": organization(&found.await?) }),
    ))
}

/// `PUT /v1/b2b/organizations/{organization_id}`
pub(crate) async fn update(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    body: JsonBody<OrganizationDraft>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let updated = gateway.write(caller, move |tx, caller| {
        organizations::update(tx, caller, &named, body.get()?)
    });
    Ok(success(
        request_id,
        &json!({ "organization": organization(&updated.await?) }),
    ))
}

/// `POST /v1/b2b/organizations/search`
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
    let answer = json!({
        "organizations": page.organizations.iter().map(organization).collect::<Vec<_>>(),
        "results_metadata": { "total": page.total, "next_cursor": next_cursor(page.has_more, last) },
    });
    Ok(success(request_id, &answer))
}
