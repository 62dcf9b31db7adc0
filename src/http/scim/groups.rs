//! `/Groups`: create, read, replace, patch, delete (RFC 7644 §3).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Path;

use crate::http::scim::body::ScimBody;
use crate::http::scim::caller::ScimRequest;
use crate::http::scim::error::ScimFailure;
use crate::http::scim::reply;
use crate::http::state::Gateway;
use crate::protocol::scim::schema;
use crate::use_cases::provisioning::groups;
use crate::use_cases::provisioning::groups::Reading;
use crate::use_cases::provisioning::views::GroupView;

/// What an answer has to show, known before the database is asked.
struct Showing {
    base_url: String,
    request: ScimRequest,
    reading: Reading,
}

impl Showing {
    fn of(gateway: &Gateway, request: &ScimRequest) -> Self {
        let projection = request.projection(schema::group());
        let reading = if projection.shows("members", schema::group()) {
            Reading::Everybody
        } else {
            Reading::Nobody
        };
        Self {
            base_url: gateway.scim_base_url(request.connection_id),
            request: request.clone(),
            reading,
        }
    }

    /// A large Group is not sent back for each member that moves, unless it was asked for.
    fn after_patch(gateway: &Gateway, request: &ScimRequest) -> Self {
        let showing = Self::of(gateway, request);
        match showing.reading {
            Reading::Everybody if request.parameter("attributes").is_none() => Self {
                reading: Reading::UnlessMany,
                ..showing
            },
            _ => showing,
        }
    }

    fn group(&self, status: StatusCode, view: &GroupView) -> HttpResponse {
        if self.reading == Reading::UnlessMany && view.members.is_none() {
            return reply::nothing();
        }
        let full = view.represent(&self.base_url);
        let kind = view.schemas.group();
        reply::resource(status, &full, (&self.request.projection(kind), kind))
    }
}

/// `POST /Groups`
pub(crate) async fn create(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBody,
) -> Result<HttpResponse, ScimFailure> {
    let showing = Showing::of(&gateway, &request);
    let reading = showing.reading;
    let view = gateway
        .scim_write(&request, move |tx, caller| {
            groups::create(tx, caller, body.get()?, reading)
        })
        .await?;
    Ok(showing.group(StatusCode::CREATED, &view))
}

/// `GET /Groups/{id}`
pub(crate) async fn get(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ScimFailure> {
    let showing = Showing::of(&gateway, &request);
    let (target, reading) = (request.target(path.into_inner().1), showing.reading);
    let view = gateway
        .scim_read(&request, move |tx, caller| {
            groups::get(tx, caller, &target, reading)
        })
        .await?;
    if request.conditions.is_known(view.group.version.into()) {
        return Ok(reply::not_modified(view.group.version));
    }
    Ok(showing.group(StatusCode::OK, &view))
}

/// `PUT /Groups/{id}`
pub(crate) async fn replace(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
    body: ScimBody,
) -> Result<HttpResponse, ScimFailure> {
    let showing = Showing::of(&gateway, &request);
    let (target, reading) = (request.target(path.into_inner().1), showing.reading);
    let view = gateway
        .scim_change(&request, move |tx, caller| {
            groups::replace(tx, caller, (&target, reading), body.get()?)
        })
        .await?;
    Ok(showing.group(StatusCode::OK, &view))
}

/// `PATCH /Groups/{id}`
pub(crate) async fn patch(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
    body: ScimBody,
) -> Result<HttpResponse, ScimFailure> {
    let showing = Showing::after_patch(&gateway, &request);
    let (target, reading) = (request.target(path.into_inner().1), showing.reading);
    let view = gateway
        .scim_change(&request, move |tx, caller| {
            groups::patch(tx, caller, (&target, reading), &body.operations()?)
        })
        .await?;
    Ok(showing.group(StatusCode::OK, &view))
}

/// `DELETE /Groups/{id}`
pub(crate) async fn delete(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ScimFailure> {
    let target = request.target(path.into_inner().1);
    gateway
        .scim_write(&request, move |tx, caller| {
            groups::delete(tx, caller, &target)
        })
        .await?;
    Ok(reply::nothing())
}
