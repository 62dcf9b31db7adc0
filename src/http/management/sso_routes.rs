//! The URLs of the management API's single sign-on connections.

use actix_web::web;
use actix_web::web::delete;
use actix_web::web::get;
use actix_web::web::post;
use actix_web::web::put;

use crate::http::management::connections;
use crate::http::management::external_connections;
use crate::http::management::oidc_connections;
use crate::http::management::saml_routes;
use crate::http::management::sso_discovery;

/// The URLs of connections of every kind but SCIM.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/sso/discovery/connections",
            post().to(sso_discovery::discover),
        )
        .route("/v1/b2b/sso/{organization_id}", get().to(connections::list))
        .route(
            "/v1/b2b/sso/{organization_id}/connections/{connection_id}",
            delete().to(connections::delete),
        )
        .route(
            "/v1/b2b/sso/oidc/{organization_id}",
            post().to(oidc_connections::create),
        )
        .route(
            "/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}",
            put().to(oidc_connections::update),
        )
        .route(
            "/v1/b2b/sso/external/{organization_id}",
            post().to(external_connections::create),
        )
        .route(
            "/v1/b2b/sso/external/{organization_id}/connections/{connection_id}",
            put().to(external_connections::update),
        )
        .route(
            "/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}\
             /client_key/rotate/start",
            post().to(oidc_connections::start_key_rotation),
        )
        .route(
            "/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}\
             /client_key/rotate/complete",
            post().to(oidc_connections::complete_key_rotation),
        )
        .configure(saml_routes::routes);
}
