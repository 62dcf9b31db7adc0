//! The operator's console, below `/console`: organizations, their connections and portal links, the
//! project's keys, and what fails.

use actix_web::web;
use actix_web::web::get;
use actix_web::web::post;

mod enter;
mod error;
mod frame;
mod home;
mod keys;
mod organization;
mod organizations;
mod session;

/// The URLs of the console.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/console/enter", get().to(enter::show))
        .route("/console/enter", post().to(enter::enter))
        .route("/console/leave", post().to(enter::leave))
        .route("/console", get().to(home::show))
        .route("/console/organizations", get().to(organizations::show))
        .route("/console/organizations", post().to(organizations::create))
        .route(
            "/console/organizations/{organization_id}",
            get().to(organization::show),
        )
        .route(
            "/console/organizations/{organization_id}/portal_links",
            post().to(organization::make_link),
        )
        .route(
            "/console/organizations/{organization_id}/portal_links/{portal_link_id}/revoke",
            post().to(organization::revoke_link),
        )
        .route("/console/keys", get().to(keys::show))
        .route("/console/keys", post().to(keys::make))
        .route("/console/keys/{key_id}/revoke", post().to(keys::revoke));
}
