//! Resources of the types that a connection declares: create, read, replace, patch, delete
//! (RFC 7644 §3).
//!
//! Which addresses there are is known once the client has proven itself, so that nobody else
//! learns what a connection declares.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Path;

use crate::http::scim::body::ScimBody;
use crate::http::scim::caller::ScimRequest;
use crate::http::scim::error::ScimFailure;
use crate::http::scim::method_not_allowed;
use crate::http::scim::reply;
use crate::http::state::Gateway;
use crate::use_cases::provisioning::resources;
use crate::use_cases::provisioning::resources::ResourceView;
use crate::use_cases::provisioning::resources::kind_at;

const ON_ALL: &str = "GET, POST";
const ON_ONE: &str = "GET, PUT, PATCH, DELETE";

/// What an answer has to show.
struct Showing {
    base_url: String,
    request: ScimRequest,
}

impl Showing {
    fn of(gateway: &Gateway, request: &ScimRequest) -> Self {
        Self {
            base_url: gateway.scim_base_url(request.connection_id),
            request: request.clone(),
        }
    }

    fn resource(&self, status: StatusCode, view: &ResourceView) -> HttpResponse {
        let (full, kind) = (view.represent(&self.base_url), &view.kind);
        reply::resource(status, &full, (&self.request.projection(kind), kind))
    }
}

/// Another method than an address is served with: 405 where there is something, 404 where there
/// is nothing.
pub(crate) async fn refused(
    gateway: Data<Gateway>,
    request: ScimRequest,
    http: HttpRequest,
) -> Result<HttpResponse, ScimFailure> {
    let part = |name: &str| http.match_info().get(name).map(str::to_owned);
    let endpoint = part("endpoint").unwrap_or_default();
    let known = gateway.scim_read(&request, move |_, caller| {
        Ok(kind_at(&caller.schemas, &endpoint).map(|_| ())?)
    });
    known.await?;
    let is_search = http.path().trim_end_matches('/').ends_with("/.search");
    let methods = match part("id") {
        _ if is_search => "POST",
        Some(_) => ON_ONE,
        None => ON_ALL,
    };
    Ok(method_not_allowed(&http, methods))
}

/// `POST /{endpoint}`
pub(crate) async fn create(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String)>,
    body: ScimBody,
) -> Result<HttpResponse, ScimFailure> {
    let (_, endpoint) = path.into_inner();
    let made = gateway.scim_write(&request, move |tx, caller| {
        let kind = kind_at(&caller.schemas, &endpoint)?;
        resources::create(tx, caller, &kind, body.get()?)
    });
    let view = made.await?;
    Ok(Showing::of(&gateway, &request).resource(StatusCode::CREATED, &view))
}

/// `GET /{endpoint}/{id}`
pub(crate) async fn get(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, ScimFailure> {
    let (_, endpoint, id) = path.into_inner();
    let target = request.target(id);
    let found = gateway.scim_read(&request, move |tx, caller| {
        let kind = kind_at(&caller.schemas, &endpoint)?;
        resources::get(tx, caller, &kind, &target)
    });
    let view = found.await?;
    if request.conditions.is_known(view.resource.version.into()) {
        return Ok(reply::not_modified(view.resource.version));
    }
    Ok(Showing::of(&gateway, &request).resource(StatusCode::OK, &view))
}

/// `PUT /{endpoint}/{id}`
pub(crate) async fn replace(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String, String)>,
    body: ScimBody,
) -> Result<HttpResponse, ScimFailure> {
    let (_, endpoint, id) = path.into_inner();
    let target = request.target(id);
    let replaced = gateway.scim_change(&request, move |tx, caller| {
        let kind = kind_at(&caller.schemas, &endpoint)?;
        resources::replace(tx, caller, (&kind, &target), body.get()?)
    });
    let view = replaced.await?;
    Ok(Showing::of(&gateway, &request).resource(StatusCode::OK, &view))
}

/// `PATCH /{endpoint}/{id}`
pub(crate) async fn patch(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String, String)>,
    body: ScimBody,
) -> Result<HttpResponse, ScimFailure> {
    let (_, endpoint, id) = path.into_inner();
    let target = request.target(id);
    let patched = gateway.scim_change(&request, move |tx, caller| {
        let kind = kind_at(&caller.schemas, &endpoint)?;
        resources::patch(tx, caller, (&kind, &target), &body.operations()?)
    });
    let view = patched.await?;
    Ok(Showing::of(&gateway, &request).resource(StatusCode::OK, &view))
}

/// `DELETE /{endpoint}/{id}`
pub(crate) async fn delete(
    gateway: Data<Gateway>,
    request: ScimRequest,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, ScimFailure> {
    let (_, endpoint, id) = path.into_inner();
    let target = request.target(id);
    let deleted = gateway.scim_write(&request, move |tx, caller| {
        let kind = kind_at(&caller.schemas, &endpoint)?;
        resources::delete(tx, caller, &kind, &target)
    });
    deleted.await?;
    Ok(reply::nothing())
}
