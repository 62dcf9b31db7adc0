//! The URLs about machines of the project.

use actix_web::web;
use actix_web::web::delete;
use actix_web::web::get;
use actix_web::web::post;
use actix_web::web::put;

use crate::http::management::m2m_clients;
use crate::http::management::m2m_secrets;
use crate::http::management::m2m_token;

/// The URLs of these calls, and of the tokens that the clients get.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/public/{project_id}/oauth2/token",
            post().to(m2m_token::issue),
        )
        .route("/v1/m2m/clients", post().to(m2m_clients::create))
        .route("/v1/m2m/clients/search", post().to(m2m_clients::search))
        .route("/v1/m2m/clients/{client_id}", get().to(m2m_clients::get))
        .route("/v1/m2m/clients/{client_id}", put().to(m2m_clients::update))
        .route(
            "/v1/m2m/clients/{client_id}",
            delete().to(m2m_clients::delete),
        )
        .route(
            "/v1/m2m/clients/{client_id}/secrets/rotate/start",
            post().to(m2m_secrets::start),
        )
        .route(
            "/v1/m2m/clients/{client_id}/secrets/rotate/cancel",
            post().to(m2m_secrets::cancel),
        )
        .route(
            "/v1/m2m/clients/{client_id}/secrets/rotate",
            post().to(m2m_secrets::complete),
        );
}
