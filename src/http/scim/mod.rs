//! The SCIM service provider, below `/v1/b2b/scim/{connection_id}`.
//!
//! The management API shares the prefix, so each address is named and only what is below the id
//! of a SCIM connection is answered here when it is unknown.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::Resource;
use actix_web::http::header::ALLOW;
use actix_web::http::header::HeaderValue;
use actix_web::web;
use actix_web::web::PayloadConfig;

use crate::http::caller::request_id;
use crate::http::scim::body::BODY_LIMIT;
use crate::http::scim::error::ScimFailure;
use crate::protocol::scim::bulk_request::MAX_PAYLOAD_SIZE;
use crate::protocol::scim::error::ScimError;

pub(crate) mod body;
mod bulk;
mod caller;
mod discovery;
mod error;
mod groups;
mod refusal;
mod reply;
pub(crate) mod request_log;
mod resources;
mod rights;
mod search;
mod throttle;
mod token;
mod users;

/// The limit of an address that has another one.
#[derive(Clone, Copy, Debug)]
struct BodyLimit(usize);

/// What all addresses under here begin with, and those of the management API for SCIM connections.
pub(crate) const ROOT: &str = "/v1/b2b/scim/";
const PREFIX: &str = "/v1/b2b/scim/{connection_id}";
/// The management API has addresses like it, of organizations.
const OWN_PREFIX: &str = "/v1/b2b/scim/{connection_id:scim-connection-[^/]*}";
const UNKNOWN: &str = "/v1/b2b/scim/{connection_id:scim-connection-[^/]*}{rest:(/.*)?}";

/// The URLs of the SCIM service provider.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration.service(at("/Me", "").default_service(web::to(nobody)));
    configuration
        .configure(search_routes)
        .service(
            at("/Users", "GET, POST")
                .route(web::get().to(search::list_users))
                .route(web::post().to(users::create)),
        )
        .service(
            at("/Users/{id}", "GET, PUT, PATCH, DELETE")
                .route(web::get().to(users::get))
                .route(web::put().to(users::replace))
                .route(web::patch().to(users::patch))
                .route(web::delete().to(users::delete)),
        )
        .service(
            at("/Groups", "GET, POST")
                .route(web::get().to(search::list_groups))
                .route(web::post().to(groups::create)),
        )
        .service(
            at("/Groups/{id}", "GET, PUT, PATCH, DELETE")
                .route(web::get().to(groups::get))
                .route(web::put().to(groups::replace))
                .route(web::patch().to(groups::patch))
                .route(web::delete().to(groups::delete)),
        )
        .service(
            at("/Bulk", "POST")
                .app_data(PayloadConfig::new(MAX_PAYLOAD_SIZE))
                .app_data(BodyLimit(MAX_PAYLOAD_SIZE))
                .route(web::post().to(bulk::run)),
        )
        .service(
            at("/oauth2/token", "POST")
                .app_data(PayloadConfig::new(token::FORM_LIMIT))
                .route(web::post().to(token::issue)),
        )
        .configure(discovery_routes)
        .configure(rights_routes)
        .configure(own_routes)
        .service(web::resource(UNKNOWN).to(unknown));
}

fn own_routes(configuration: &mut web::ServiceConfig) {
    configuration
        .service(
            own("/{endpoint}")
                .route(web::get().to(search::list_own))
                .route(web::post().to(resources::create)),
        )
        .service(own("/{endpoint}/.search").route(web::post().to(search::search_own)))
        .service(
            own("/{endpoint}/{id}")
                .route(web::get().to(resources::get))
                .route(web::put().to(resources::replace))
                .route(web::patch().to(resources::patch))
                .route(web::delete().to(resources::delete)),
        );
}

/// They come before the addresses of single resources, which have any name.
fn search_routes(configuration: &mut web::ServiceConfig) {
    configuration
        .service(at("/.search", "POST").route(web::post().to(search::search_everything)))
        .service(at("/Users/.search", "POST").route(web::post().to(search::search_users)))
        .service(at("/Groups/.search", "POST").route(web::post().to(search::search_groups)))
        .service(at("/Roles/.search", "POST").route(web::post().to(search::search_roles)))
        .service(
            at("/Entitlements/.search", "POST").route(web::post().to(search::search_entitlements)),
        )
        .service(root("/", "GET").route(web::get().to(search::list_everything)));
}

fn discovery_routes(configuration: &mut web::ServiceConfig) {
    configuration
        .service(
            at("/ServiceProviderConfig", "GET")
                .route(web::get().to(discovery::service_provider_config)),
        )
        .service(at("/ResourceTypes", "GET").route(web::get().to(discovery::resource_types)))
        .service(at("/ResourceTypes/{name}", "GET").route(web::get().to(discovery::resource_type)))
        .service(at("/Schemas", "GET").route(web::get().to(discovery::schemas)))
        .service(at("/Schemas/{name}", "GET").route(web::get().to(discovery::schema)));
}

fn rights_routes(configuration: &mut web::ServiceConfig) {
    configuration
        .service(at("/Roles", "GET").route(web::get().to(search::list_roles)))
        .service(at("/Roles/{id}", "GET").route(web::get().to(rights::role)))
        .service(at("/Entitlements", "GET").route(web::get().to(search::list_entitlements)))
        .service(at("/Entitlements/{id}", "GET").route(web::get().to(rights::entitlement)));
}

/// An address with its body limit, refusing other methods than these; a slash at the end is
/// tolerated.
fn at(path: &str, methods: &'static str) -> Resource {
    resource(&format!("{PREFIX}{path}{{slash:/?}}"), methods)
}

/// The address of everything.
fn root(slash: &str, methods: &'static str) -> Resource {
    resource(&format!("{OWN_PREFIX}{{slash:{slash}?}}"), methods)
}

fn resource(path: &str, methods: &'static str) -> Resource {
    web::resource(path)
        .app_data(PayloadConfig::new(BODY_LIMIT))
        .default_service(web::to(move |request: HttpRequest| async move {
            method_not_allowed(&request, methods)
        }))
}

/// An address of resources that only some connections have.
fn own(path: &str) -> Resource {
    web::resource(format!("{OWN_PREFIX}{path}{{slash:/?}}"))
        .app_data(PayloadConfig::new(BODY_LIMIT))
        .default_service(web::to(resources::refused))
}

fn method_not_allowed(request: &HttpRequest, methods: &'static str) -> HttpResponse {
    let detail = format!("{} is not served here; {methods} are", request.method());
    let mut response = refuse(request, ScimError::MethodNotAllowed(detail));
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(methods));
    response
}

fn refuse(request: &HttpRequest, error: ScimError) -> HttpResponse {
    let failure = ScimFailure::of(request_id(request))(error);
    actix_web::ResponseError::error_response(&failure)
}

/// `/Me` (RFC 7644 §3.11)
async fn nobody(request: HttpRequest) -> HttpResponse {
    let detail = "the token of a SCIM connection stands for a directory and not for a person, so \
                  that there is no User to show; name one, as in /Users/{id}";
    refuse(&request, ScimError::NotImplemented(detail.to_owned()))
}

async fn unknown(request: HttpRequest) -> HttpResponse {
    let detail = "there is nothing at this address; /ResourceTypes lists what there is".to_owned();
    refuse(&request, ScimError::NotFound(detail))
}
