//! Queries: GET with parameters, or `/.search` with a body, on one type of resources or on the
//! whole connection (RFC 7644 §3.4.2, §3.4.3).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

use crate::http::scim::caller::ScimBody;
use crate::http::scim::caller::ScimRequest;
use crate::http::scim::error::ScimFailure;
use crate::http::scim::reply;
use crate::http::state::Gateway;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::list::cursor_response;
use crate::protocol::scim::list::list_response;
use crate::protocol::scim::search_request::SearchRequest;
use crate::use_cases::provisioning::collection::Collection;
use crate::use_cases::provisioning::search;
use crate::use_cases::provisioning::search::Place;
use crate::use_cases::provisioning::search::Search;

/// `GET /Users`
pub(crate) async fn list_users(gateway: Data<Gateway>, request: ScimRequest) -> Answer {
    let asked = asked(&request);
    answer(&gateway, &request, &[Collection::Users], asked).await
}

/// `GET /Groups`
pub(crate) async fn list_groups(gateway: Data<Gateway>, request: ScimRequest) -> Answer {
    let asked = asked(&request);
    answer(&gateway, &request, &[Collection::Groups], asked).await
}

/// `GET /`
pub(crate) async fn list_everything(gateway: Data<Gateway>, request: ScimRequest) -> Answer {
    let asked = asked(&request);
    answer(&gateway, &request, &EVERYTHING, asked).await
}

/// `POST /Users/.search`
pub(crate) async fn search_users(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBody,
) -> Answer {
    answer(&gateway, &request, &[Collection::Users], described(&body)).await
}

/// `POST /Groups/.search`
pub(crate) async fn search_groups(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBody,
) -> Answer {
    answer(&gateway, &request, &[Collection::Groups], described(&body)).await
}

/// `POST /.search`
pub(crate) async fn search_everything(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBody,
) -> Answer {
    answer(&gateway, &request, &EVERYTHING, described(&body)).await
}

type Answer = Result<HttpResponse, ScimFailure>;

const EVERYTHING: [Collection; 2] = [Collection::Users, Collection::Groups];

fn asked(request: &ScimRequest) -> Result<SearchRequest, ScimError> {
    SearchRequest::from_parameters(|name| request.parameter(name))
}

fn described(body: &ScimBody) -> Result<SearchRequest, ScimError> {
    SearchRequest::from_body(body.get()?)
}

/// What is wrong with a query is told only to those who have proven themselves.
async fn answer(
    gateway: &Gateway,
    request: &ScimRequest,
    collections: &[Collection],
    asked: Result<SearchRequest, ScimError>,
) -> Answer {
    let base_url = gateway.scim_base_url(request.connection_id);
    let collections = collections.to_vec();
    let search = asked.map(|request| Search {
        collections,
        request,
        base_url,
    });
    let deployment = gateway.deployment.clone();
    let found = gateway
        .scim_read(request, move |tx, caller| {
            let search = search.as_ref().map_err(Clone::clone)?;
            search::run(tx, caller, search, &deployment.master_key)
        })
        .await?;
    let body = match found.place {
        Place::Index(page) => list_response(found.resources, found.total, page),
        Place::Cursor(next) => cursor_response(found.resources, found.total, next),
    };
    Ok(reply::json(StatusCode::OK, &body))
}
