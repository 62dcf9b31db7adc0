//! What was refused in an organization, and what helps.

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;
use serde::Deserialize;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::ToSchema;

use crate::http::caller::ProjectCredentials;
use crate::http::management::error::ApiError;
use crate::http::management::json::success;
use crate::http::management::refusal_json::RefusalJson;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::explain::refusals;
use crate::use_cases::explain::refusals::RefusalQuery;

/// These calls, as the API's description shows them.
#[derive(OpenApi)]
#[openapi(paths(search, get))]
pub(crate) struct Calls;

/// The URLs of these calls.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/organizations/{organization_id}/refusals",
            web::get().to(search),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/refusals/{request_id}",
            web::get().to(get),
        );
}

/// Which refusals are asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Parameters {
    member_id: Option<String>,
    email_address: Option<String>,
    connection_id: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct RefusalsFound {
    /// Newest first.
    refusals: Vec<RefusalJson>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct RefusalAnswer {
    refusal: RefusalJson,
}

impl Parameters {
    fn query(&self) -> Result<(RefusalQuery, i64), ManagementError> {
        let given = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        let wrong = |reason: &str| RequestError::InvalidQuery(reason.to_owned());
        let connection = given(&self.connection_id).map(|id| id.parse());
        let limit = self.limit.unwrap_or(100);
        if !(1..=1000).contains(&limit) {
            return Err(wrong("limit must be between 1 and 1000").into());
        }
        let before = given(&self.cursor);
        if before
            .as_deref()
            .is_some_and(|key| uuid::Uuid::parse_str(key).is_err())
        {
            return Err(wrong("cursor must be the next_cursor of the page before").into());
        }
        let query = RefusalQuery {
            member: given(&self.member_id),
            email_address: given(&self.email_address),
            connection: connection
                .transpose()
                .map_err(|_| wrong("connection_id must be the id of a connection"))?,
            request_id: None,
            before,
        };
        Ok((query, limit))
    }
}

/// One page of what was refused: sign-ins, second factors and requests of directories, each with the
/// rule, what came, what would have been right, and who can do something about it, and where.
#[utoipa::path(get, path = "/v1/b2b/organizations/{organization_id}/refusals", operation_id = "organizations.refusals.search", tag = "organizations",
    params(
        ("organization_id" = String, Path, description = "An id, an external id or a slug."),
        ("member_id" = Option<String>, Query, description = "An id or an external id."),
        ("email_address" = Option<String>, Query, description = "The address that was used."),
        ("connection_id" = Option<String>, Query, description = "The connection."),
        ("cursor" = Option<String>, Query, description = "The `next_cursor` of the page before."),
        ("limit" = Option<i64>, Query, description = "1 to 1000; 100 if not said.")),
    responses((status = 200, body = RefusalsFound)))]
pub(crate) async fn search(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    named: Path<String>,
    parameters: Query<Parameters>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let page = gateway.read_as(caller, move |tx, caller| {
        let (query, limit) = parameters.query()?;
        refusals::search(tx, caller, &named, (&query, limit))
    });
    let page = page.await?;
    let last = page.refusals.last().filter(|_| page.has_more);
    let answer = RefusalsFound {
        next_cursor: last.map(|refused| refused.key.clone()),
        refusals: page.refusals.iter().map(RefusalJson::new).collect(),
    };
    Ok(success(request_id, &answer))
}

/// What was refused to one request, by the id that its error page or answer names.
#[utoipa::path(get, path = "/v1/b2b/organizations/{organization_id}/refusals/{request_id}", operation_id = "organizations.refusals.get", tag = "organizations",
    params(("organization_id" = String, Path, description = "An id, an external id or a slug."), ("request_id" = String, Path)),
    responses((status = 200, body = RefusalAnswer)))]
pub(crate) async fn get(
    gateway: Data<Gateway>,
    caller: ProjectCredentials,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let request_id = caller.request_id;
    let found = gateway.read_as(caller, move |tx, caller| {
        refusals::get(tx, caller, &path.0, &path.1)
    });
    let refusal = RefusalJson::new(&found.await?);
    Ok(success(request_id, &RefusalAnswer { refusal }))
}
