//! What calls us: requests. Every URL of the product is on this page.

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
    sso::routes(configuration);
    links::routes(configuration);
    oauth::routes(configuration);
    sign_in_pages::routes(configuration);
    management::routes(configuration);
    scim::routes(configuration);
    portal::routes(configuration);
    documentation::routes(configuration);
    openapi::routes(configuration);
    pages::assets::routes(configuration);
    console::routes(configuration);
}
