//! The request log of a SCIM connection: what the identity provider sent, and what came of it.

use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::domain::id_time::first_key_at;
use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::JsonBody;
use crate::http::management::json::success;
use crate::http::management::scim_request_json::ScimRequestDetailJson;
use crate::http::management::scim_request_json::ScimRequestJson;
use crate::http::management::search::Reader;
use crate::http::management::search::ResultsMetadata;
use crate::http::management::search::SearchQuery;
use crate::http::management::search::conditions;
use crate::http::management::search::page_of;
use crate::http::management::search::parsed;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::organization_search::Conditions;
use crate::use_cases::scim_requests;
use crate::use_cases::scim_requests::RequestFilter;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(search, get))]
pub(crate) struct Calls;

/// Which requests are looked for. Filters are `status_classes` (`2xx` to `5xx`), `methods`,
/// `resource_ids`, `since` and `until` (RFC 3339), and `only_errors`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(example = json!({ "limit": 50, "query": { "operator": "AND", "operands": [
    { "filter_name": "only_errors", "filter_value": true },
    { "filter_name": "since", "filter_value": "2026-01-31T08:00:00Z" },
] } }))]
pub(crate) struct ScimRequestSearch {
    /// Where the page before ended: its `next_cursor`.
    cursor: Option<String>,
    /// 1 to 1000; 100 if not said.
    limit: Option<i64>,
    query: Option<SearchQuery>,
}

#[derive(Serialize, ToSchema)]
struct ScimRequestsFound {
    /// Newest first, without their bodies.
    requests: Vec<ScimRequestJson>,
    results_metadata: ResultsMetadata,
}

#[derive(Serialize, ToSchema)]
struct ScimRequestAnswer {
    request: ScimRequestDetailJson,
}

fn request_conditions(
    query: Option<&SearchQuery>,
) -> Result<Conditions<RequestFilter>, ManagementError> {
    use RequestFilter as F;
    conditions("scim_request", query, |operand| match operand.name {
        "status_classes" => status_classes(operand),
        "methods" => operand.texts().map(F::Methods),
        "resource_ids" => operand.texts().map(F::ResourceIds),
        "since" => instant(operand).map(F::Since),
        "until" => instant(operand).map(F::Until),
        "only_errors" => operand.flag().map(F::only_errors),
        _ => Err(operand.unknown()),
    })
}

fn status_classes(operand: &Reader<'_>) -> Result<RequestFilter, ManagementError> {
    let class = |text: String| {
        let digit = text.strip_suffix("xx").and_then(|digit| digit.parse().ok());
        digit.filter(|digit| (1..=5).contains(digit))
    };
    let classes: Option<Vec<u16>> = operand.texts()?.into_iter().map(class).collect();
    let classes = classes.ok_or_else(|| operand.wrong("expected status classes"))?;
    Ok(RequestFilter::StatusClasses(classes))
}

fn instant(operand: &Reader<'_>) -> Result<String, ManagementError> {
    let instant: Option<DateTime<Utc>> = operand.text()?.parse().ok();
    let instant = instant.ok_or_else(|| operand.wrong("expected date and time"))?;
    Ok(first_key_at(instant))
}

/// One page of the requests that the connection's SCIM client has sent.
#[utoipa::path(post, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/requests/search", operation_id = "scim.connection.searchRequests", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path)),
    request_body = ScimRequestSearch,
    responses((status = 200, body = ScimRequestsFound)))]
pub(crate) async fn search(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
    body: JsonBody<ScimRequestSearch>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let page = gateway.read_as(caller, move |tx, caller| {
        let request = body.get()?;
        let conditions = request_conditions(request.query.as_ref())?;
        let (start, limit) = page_of((request.cursor.as_deref(), request.limit), parsed)?;
        let place = (start.map(|start| start.last), limit);
        scim_requests::search(tx, caller, (&path.0, &path.1), &conditions, place)
    });
    let page = page.await?;
    let last = page.requests.last().filter(|_| page.has_more);
    let answer = ScimRequestsFound {
        results_metadata: ResultsMetadata::new(page.total, last.map(|request| request.id)),
        requests: page.requests.iter().map(ScimRequestJson::new).collect(),
    };
    Ok(success(request_id, &answer))
}

/// A request that the connection's SCIM client has sent, with bodies and what it changed.
#[utoipa::path(get, path = "/v1/b2b/scim/{organization_id}/connection/{connection_id}/requests/{scim_request_id}", operation_id = "scim.connection.getRequest", tag = "scim",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("connection_id" = String, Path), ("scim_request_id" = String, Path)),
    responses((status = 200, body = ScimRequestAnswer)))]
pub(crate) async fn get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read_as(caller, move |tx, caller| {
        scim_requests::get(tx, caller, (&path.0, &path.1), &path.2)
    });
    let request = ScimRequestDetailJson::new(&found.await?);
    Ok(success(request_id, &ScimRequestAnswer { request }))
}
