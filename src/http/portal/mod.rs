//! The admin portal, below `/portal`: where a customer's IT admin sets up one organization with
//! nothing but a link.

use actix_web::web;
use actix_web::web::PayloadConfig;
use actix_web::web::get;
use actix_web::web::post;

mod connection;
mod connection_forms;
mod directory;
mod directory_guides;
mod domains;
pub(crate) mod error;
pub(crate) mod frame;
mod guides;
mod home;
pub(crate) mod instant;
mod log;
mod members;
mod open;
mod picture;
mod roles;
pub(crate) mod session;
mod settings;
mod settings_draft;
mod settings_form;
mod sso;
mod strip;

// Metadata may have 1 MB, which the encoding of forms makes larger.
const METADATA_LIMIT: usize = 2 * 1024 * 1024;

/// The URLs of the portal.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/portal/open", get().to(open::show))
        .route("/portal/open", post().to(open::open))
        .route("/portal/leave", post().to(open::leave))
        .route("/portal/complete", post().to(open::complete))
        .route("/portal/left", get().to(open::left))
        .route("/portal/members", get().to(members::list))
        .route("/portal/members/{member_id}", get().to(members::show))
        .route("/portal/log", get().to(log::show))
        .route("/portal/log.jsonl", get().to(log::export))
        .route("/portal", get().to(home::show))
        .configure(domains::routes)
        .configure(settings::routes)
        .configure(directory::routes)
        .configure(roles::routes)
        .configure(sso_routes);
}

fn sso_routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/portal/sso", get().to(sso::show))
        .route("/portal/sso", post().to(sso::create))
        .route("/portal/sso/{connection_id}", get().to(connection::show))
        .route(
            "/portal/sso/{connection_id}/metadata_url",
            post().to(connection_forms::metadata_url),
        )
        .service(
            web::resource("/portal/sso/{connection_id}/metadata")
                .app_data(PayloadConfig::new(METADATA_LIMIT))
                .route(post().to(connection_forms::metadata)),
        )
        .route(
            "/portal/sso/{connection_id}/fields",
            post().to(connection_forms::fields),
        )
        .route(
            "/portal/sso/{connection_id}/provider",
            post().to(connection_forms::provider),
        )
        .route(
            "/portal/sso/{connection_id}/test",
            post().to(connection_forms::test),
        )
        .route(
            "/portal/sso/{connection_id}/on",
            post().to(connection_forms::turn),
        )
        .route(
            "/portal/sso/{connection_id}/off",
            post().to(connection_forms::turn),
        );
}
