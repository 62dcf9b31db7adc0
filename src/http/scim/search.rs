//! Queries: GET with parameters, or `/.search` with a body, on one type of resources or on the
//! whole connection (RFC 7644 §3.4.2, §3.4.3).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Path;

use crate::http::scim::body::ScimBody;
use crate::http::scim::caller::ScimRequest;
use crate::http::scim::error::ScimFailure;
use crate::http::scim::reply;
use crate::http::state::Gateway;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::list::cursor_response;
use crate::protocol::scim::list::list_response;
use crate::protocol::scim::search_request::SearchRequest;
use crate::use_cases::provisioning::collection::Searched;
use crate::use_cases::provisioning::search::Place;
use crate::use_cases::provisioning::search::Search;
use crate::use_cases::provisioning::search::run;

/// `GET /Users`
pub(crate) async fn list_users(gateway: Data<Gateway>, request: ScimRequest) -> Answer {
    list(&gateway, &request, at("Users")).await
}

/// `GET /Groups`
pub(crate) async fn list_groups(gateway: Data<Gateway>, request: ScimRequest) -> Answer {
    list(&gateway, &request, at("Groups")).await
}

/// `GET /Roles`
pub(crate) async fn list_roles(gateway: Data<Gateway>, request: ScimRequest) -> Answer {
    list(&gateway, &request, at("Roles")).await
}

/// `GET /Entitlements`
pub(crate) async fn list_entitlements(gateway: Data<Gateway>, request: ScimRequest) -> Answer {
    list(&gateway, &request, at("Entitlements")).await
}

/// `GET /{endpoint}`
pub(crate) async fn list_own(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
) -> Answer {
    list(&gateway, &request, Searched::At(path.into_inner().1)).await
}

/// `GET /`
pub(crate) async fn list_everything(gateway: Data<Gateway>, request: ScimRequest) -> Answer {
    list(&gateway, &request, Searched::Everything).await
}

/// `POST /Users/.search`
pub(crate) async fn search_users(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBody,
) -> Answer {
    search(&gateway, &request, at("Users"), &body).await
}

/// `POST /Groups/.search`
pub(crate) async fn search_groups(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBody,
) -> Answer {
    search(&gateway, &request, at("Groups"), &body).await
}

/// `POST /Roles/.search`
pub(crate) async fn search_roles(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBody,
) -> Answer {
    search(&gateway, &request, at("Roles"), &body).await
}

/// `POST /Entitlements/.search`
pub(crate) async fn search_entitlements(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBody,
) -> Answer {
    search(&gateway, &request, at("Entitlements"), &body).await
}

/// `POST /{endpoint}/.search`
pub(crate) async fn search_own(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
    body: ScimBody,
) -> Answer {
    search(&gateway, &request, Searched::At(path.into_inner().1), &body).await
}

/// `POST /.search`
pub(crate) async fn search_everything(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBody,
) -> Answer {
    search(&gateway, &request, Searched::Everything, &body).await
}

type Answer = Result<HttpResponse, ScimFailure>;

fn at(path: &str) -> Searched {
    Searched::At(path.to_owned())
}

async fn list(gateway: &Gateway, request: &ScimRequest, searched: Searched) -> Answer {
    let asked = SearchRequest::from_parameters(|name| request.parameter(name));
    answer(gateway, request, (searched, asked)).await
}

async fn search(
    gateway: &Gateway,
    request: &ScimRequest,
    searched: Searched,
    body: &ScimBody,
) -> Answer {
    let asked = body.get().and_then(SearchRequest::from_body);
    answer(gateway, request, (searched, asked)).await
}

/// What is wrong with a query is told only to those who have proven themselves.
async fn answer(
    gateway: &Gateway,
    request: &ScimRequest,
    (searched, asked): (Searched, Result<SearchRequest, ScimError>),
) -> Answer {
    let base_url = gateway.scim_base_url(request.connection_id);
    let deployment = gateway.deployment.clone();
    let found = gateway
        .scim_read(request, move |tx, caller| {
            let search = Search {
                collections: searched.collections(caller)?,
                request: asked.clone()?,
                base_url: base_url.clone(),
            };
            run(tx, caller, &search, &deployment.master_key)
        })
        .await?;
    let body = match found.place {
        Place::Index(page) => list_response(&found.resources, found.total, page),
        Place::Cursor(next) => cursor_response(&found.resources, found.total, next.as_deref()),
    };
    Ok(reply::text(StatusCode::OK, body))
}
