//! `/Users`: create, read, replace, patch, delete (RFC 7644 §3).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Path;

use crate::http::scim::body::ScimBody;
use crate::http::scim::caller::ScimRequest;
use crate::http::scim::error::ScimFailure;
use crate::http::scim::reply;
use crate::http::state::Gateway;
use crate::protocol::scim::representation::etag;
use crate::protocol::scim::schema;
use crate::use_cases::provisioning::users;
use crate::use_cases::provisioning::views::UserView;

/// What an answer has to show, known before the database is asked.
struct Showing {
    base_url: String,
    request: ScimRequest,
    with_groups: bool,
}

impl Showing {
    fn of(gateway: &Gateway, request: &ScimRequest) -> Self {
        let projection = request.projection(schema::user());
        Self {
            base_url: gateway.scim_base_url(request.connection_id),
            with_groups: projection.shows("groups", schema::user()),
            request: request.clone(),
        }
    }

    fn user(&self, status: StatusCode, view: &UserView) -> Result<HttpResponse, ScimFailure> {
        let projection = self.request.projection(view.schemas.user());
        let text = view.text(&self.base_url, &projection);
        let text = text.map_err(ScimFailure::of(self.request.request_id))?;
        let version = etag(view.user.version.into());
        let headers = (view.location(&self.base_url), version);
        Ok(reply::written(status, headers, text))
    }
}

/// `POST /Users`
pub(crate) async fn create(
    gateway: Data<Gateway>,
    request: ScimRequest,
    body: ScimBody,
) -> Result<HttpResponse, ScimFailure> {
    let showing = Showing::of(&gateway, &request);
    let newcomer = body.get().ok();
    let newcomer = newcomer.and_then(|body| users::newcomer(request.connection_id, body));
    let view = gateway
        .scim_add(&request, newcomer, move |tx, caller| {
            users::create(tx, caller, body.get()?)
        })
        .await?;
    showing.user(StatusCode::CREATED, &view)
}

/// `GET /Users/{id}`
pub(crate) async fn get(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ScimFailure> {
    let showing = Showing::of(&gateway, &request);
    let (target, groups) = (request.target(path.into_inner().1), showing.with_groups);
    let view = gateway
        .scim_read(&request, move |tx, caller| {
            users::get(tx, caller, &target, groups)
        })
        .await?;
    if request.conditions.is_known(view.user.version.into()) {
        return Ok(reply::not_modified(view.user.version));
    }
    showing.user(StatusCode::OK, &view)
}

/// `PUT /Users/{id}`
pub(crate) async fn replace(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
    body: ScimBody,
) -> Result<HttpResponse, ScimFailure> {
    let showing = Showing::of(&gateway, &request);
    let (target, groups) = (request.target(path.into_inner().1), showing.with_groups);
    let view = gateway
        .scim_change(&request, move |tx, caller| {
            users::replace(tx, caller, (&target, groups), body.get()?)
        })
        .await?;
    showing.user(StatusCode::OK, &view)
}

/// `PATCH /Users/{id}`
pub(crate) async fn patch(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
    body: ScimBody,
) -> Result<HttpResponse, ScimFailure> {
    let showing = Showing::of(&gateway, &request);
    let (target, groups) = (request.target(path.into_inner().1), showing.with_groups);
    let view = gateway
        .scim_change(&request, move |tx, caller| {
            users::patch(tx, caller, (&target, groups), &body.operations()?)
        })
        .await?;
    showing.user(StatusCode::OK, &view)
}

/// `DELETE /Users/{id}`
pub(crate) async fn delete(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ScimFailure> {
    let target = request.target(path.into_inner().1);
    gateway
        .scim_write(&request, move |tx, caller| {
            users::delete(tx, caller, &target)
        })
        .await?;
    Ok(reply::nothing())
}
