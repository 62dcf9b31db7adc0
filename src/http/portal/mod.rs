//! The admin portal, below `/portal`: where a customer's IT admin sets up one organization with
//! nothing but a link.

use actix_web::web;
use actix_web::web::get;
use actix_web::web::post;

mod directory;
mod directory_guides;
mod domains;
pub(crate) mod error;
pub(crate) mod form;
pub(crate) mod frame;
mod home;
pub(crate) mod instant;
mod open;
mod roles;
pub(crate) mod session;
mod settings;
mod settings_draft;
mod settings_form;

/// The URLs of the portal.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/portal/open", get().to(open::show))
        .route("/portal/open", post().to(open::open))
        .route("/portal/leave", post().to(open::leave))
        .route("/portal/complete", post().to(open::complete))
        .route("/portal/left", get().to(open::left))
        .route("/portal", get().to(home::show))
        .configure(domains::routes)
        .configure(settings::routes)
        .configure(directory::routes)
        .configure(roles::routes);
}
