//! The URLs of SAML connections.

use actix_web::web;
use actix_web::web::delete;
use actix_web::web::post;
use actix_web::web::put;

use crate::http::management::saml_connections;
use crate::http::management::saml_encryption_keys;
use crate::http::management::saml_metadata;

/// The URLs of SAML connections.
pub(super) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/sso/saml/{organization_id}",
            post().to(saml_connections::create),
        )
        .route(
            "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}",
            put().to(saml_connections::update),
        )
        .route(
            "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/url",
            put().to(saml_metadata::update_by_url),
        )
        .route(
            "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/metadata",
            put().to(saml_metadata::update_by_metadata),
        )
        .route(
            "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/metadata/accept",
            post().to(saml_metadata::accept_metadata),
        )
        .route(
            "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}\
             /verification_certificates/{certificate_id}",
            delete().to(saml_connections::delete_certificate),
        )
        .route(
            "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/encryption_private_keys",
            post().to(saml_encryption_keys::create_encryption_key),
        )
        .route(
            "/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}\
             /encryption_private_keys/{private_key_id}",
            delete().to(saml_encryption_keys::delete_encryption_key),
        );
}
