//! What calls us: requests. Every URL of the product is on this page.

use actix_web::Scope;
use actix_web::dev::Url;
use actix_web::guard::fn_guard;
use actix_web::http::Uri;
use actix_web::web;

pub mod caller;
pub mod client_address;
mod console;
mod documentation;
mod html;
pub mod links;
pub mod management;
mod middleware;
pub mod oauth;
pub mod openapi;
pub mod ops;
mod pages;
pub mod password_threads;
pub(crate) mod portal;
pub mod rate_limit;
pub(crate) mod refused;
pub mod scim;
pub mod sign_in_pages;
pub mod site;
pub mod sso;
pub mod state;

/// Every URL of the public listener.
pub fn routes(configuration: &mut web::ServiceConfig) {
    configuration.service(scim_scope());
    sso::routes(configuration);
    links::routes(configuration);
    oauth::routes(configuration);
    sign_in_pages::routes(configuration);
    management::routes(configuration);
    portal::routes(configuration);
    documentation::routes(configuration);
    openapi::routes(configuration);
    pages::assets::routes(configuration);
    console::routes(configuration);
}

/// Each address is tried by a pattern of its own, one after the other: what directories send does not
/// have to pass by those of everybody else. actix cannot name the pattern of any other route any more
/// (`HttpRequest::match_pattern`), since the scope's own, which is empty, begins all of them.
fn scim_scope() -> Scope {
    web::scope("")
        .guard(fn_guard(|guarded| is_scim(&guarded.head().uri)))
        .configure(management::scim_routes)
        .configure(scim::routes)
}

/// However the path is escaped.
fn is_scim(uri: &Uri) -> bool {
    if uri.path().contains('%') {
        Url::new(uri.clone()).path().starts_with(scim::ROOT)
    } else {
        uri.path().starts_with(scim::ROOT)
    }
}
