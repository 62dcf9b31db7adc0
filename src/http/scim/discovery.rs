//! `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas`: answered without a token, since a
//! client asks them to learn how to authenticate (RFC 7644 §4). What a connection declares of its
//! own is shown to its client alone.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::Map;
use serde_json::Value;

use crate::http::caller::request_id;
use crate::http::scim::caller::ScimRequest;
use crate::http::scim::caller::connection_id;
use crate::http::scim::caller::filters;
use crate::http::scim::error::ScimFailure;
use crate::http::scim::reply;
use crate::http::state::Gateway;
use crate::protocol::scim::discovery;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::list::Page;
use crate::protocol::scim::list::list_response;
use crate::protocol::scim::schemas::Schemas;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::rights;

/// `GET /ServiceProviderConfig`
pub(crate) async fn service_provider_config(
    gateway: Data<Gateway>,
    request: HttpRequest,
) -> Result<HttpResponse, ScimFailure> {
    let base_url = base_url(&gateway, &request)?;
    let config = discovery::service_provider_config(&base_url);
    Ok(reply::json(StatusCode::OK, &config))
}

/// `GET /ResourceTypes`
pub(crate) async fn resource_types(
    gateway: Data<Gateway>,
    request: HttpRequest,
    client: Option<ScimRequest>,
) -> Result<HttpResponse, ScimFailure> {
    let base_url = unfiltered_base_url(&gateway, &request)?;
    let offered = offered(&gateway, client).await?;
    Ok(whole(discovery::resource_types(&offered, &base_url)))
}

/// `GET /ResourceTypes/{name}`
pub(crate) async fn resource_type(
    gateway: Data<Gateway>,
    request: HttpRequest,
    client: Option<ScimRequest>,
) -> Result<HttpResponse, ScimFailure> {
    let base_url = unfiltered_base_url(&gateway, &request)?;
    let offered = offered(&gateway, client).await?;
    one(&request, |name| {
        discovery::resource_type(&offered, name, &base_url)
    })
}

/// `GET /Schemas`
pub(crate) async fn schemas(
    gateway: Data<Gateway>,
    request: HttpRequest,
    client: Option<ScimRequest>,
) -> Result<HttpResponse, ScimFailure> {
    let base_url = unfiltered_base_url(&gateway, &request)?;
    let offered = offered(&gateway, client).await?;
    Ok(whole(discovery::schemas(&offered, &base_url)))
}

/// `GET /Schemas/{urn}`
pub(crate) async fn schema(
    gateway: Data<Gateway>,
    request: HttpRequest,
    client: Option<ScimRequest>,
) -> Result<HttpResponse, ScimFailure> {
    let base_url = unfiltered_base_url(&gateway, &request)?;
    let offered = offered(&gateway, client).await?;
    one(&request, |urn| discovery::schema(&offered, urn, &base_url))
}

/// What the connection of this client offers; whoever has not proven to be a client sees what
/// every connection offers.
async fn offered(
    gateway: &Gateway,
    client: Option<ScimRequest>,
) -> Result<Arc<Schemas>, ScimFailure> {
    let Some(client) = client else {
        return Ok(Schemas::built_in());
    };
    let offered = gateway.scim_read(&client, |_, caller| Ok(rights::offered(caller)));
    match offered.await {
        Err(failure) if failure.error == ProvisioningError::Unauthorized => Ok(Schemas::built_in()),
        offered => offered,
    }
}

fn base_url(gateway: &Gateway, request: &HttpRequest) -> Result<String, ScimFailure> {
    let missing = || {
        let detail = "this address names no SCIM connection; copy the base URL from it";
        ScimError::NotFound(detail.to_owned())
    };
    let id = connection_id(request).ok_or_else(missing);
    let id = id.map_err(ScimFailure::of(request_id(request)))?;
    Ok(gateway.scim_base_url(id))
}

/// Filters are forbidden here, so that nobody takes an unfiltered answer for a filtered one.
fn unfiltered_base_url(gateway: &Gateway, request: &HttpRequest) -> Result<String, ScimFailure> {
    if filters(request) {
        let detail = "this endpoint does not filter; leave the filter out".to_owned();
        let refusal = ScimError::Forbidden(detail);
        return Err(ScimFailure::of(request_id(request))(refusal));
    }
    base_url(gateway, request)
}

fn whole(resources: Vec<Map<String, Value>>) -> HttpResponse {
    let total = i64::try_from(resources.len()).unwrap_or(i64::MAX);
    let resources: Vec<String> = resources
        .into_iter()
        .map(|resource| Value::Object(resource).to_string())
        .collect();
    let body = list_response(&resources, total, Page::default());
    reply::text(StatusCode::OK, body)
}

fn one(
    request: &HttpRequest,
    find: impl Fn(&str) -> Option<Map<String, Value>>,
) -> Result<HttpResponse, ScimFailure> {
    let name = request.match_info().get("name").unwrap_or_default();
    let missing = || ScimError::NotFound(format!("there is no \"{name}\" here"));
    let found = find(name).ok_or_else(missing);
    let found = found.map_err(ScimFailure::of(request_id(request)))?;
    Ok(reply::json(StatusCode::OK, &found))
}
