//! The JSON API of the contract.

use actix_web::web;
use actix_web::web::delete;
use actix_web::web::get;
use actix_web::web::post;
use actix_web::web::put;

pub(crate) use crate::http::management::description::calls;

mod admission_json;
mod connection_json;
mod connections;
mod description;
mod discovery;
mod discovery_json;
pub(crate) mod domains;
mod email_codes;
mod email_codes_discovery;
pub mod error;
pub(crate) mod error_text;
pub(crate) mod explanation_json;
mod explanations;
mod external_connections;
mod factor_json;
mod foreign_tokens;
mod impersonation;
pub mod json;
mod m2m_client_json;
mod m2m_clients;
mod m2m_routes;
mod m2m_secrets;
pub(crate) mod m2m_token;
mod magic_link_sign_in;
mod magic_links;
mod member_email;
mod member_factors;
mod member_json;
mod member_routes;
mod member_sessions;
mod members;
mod oauth;
pub(crate) mod oidc_connections;
mod oidc_providers;
mod organization_json;
mod organizations;
pub(crate) mod password_attempts;
mod password_discovery;
mod password_resets;
mod password_sign_in;
mod passwords;
pub(crate) mod portal_links;
mod project;
mod rbac;
mod recovery_codes;
pub(crate) mod refusal_json;
mod refusals;
mod role_rules;
mod saml_connections;
mod saml_encryption_keys;
pub(crate) mod saml_metadata;
mod saml_routes;
mod saml_rules_json;
mod scim_attributes;
mod scim_client_json;
mod scim_clients;
mod scim_connection_json;
mod scim_connections;
pub(crate) mod scim_request_json;
mod scim_requests;
mod scim_schemas;
mod scim_token_rotation;
mod scim_users;
mod search;
mod search_filters;
mod searches;
mod second_factor_json;
mod second_factor_routes;
mod session_json;
mod sessions;
mod sms_codes;
mod sso;
mod sso_discovery;
mod sso_logout;
mod sso_routes;
mod totps;

/// The URLs of the management API.
pub fn routes(configuration: &mut web::ServiceConfig) {
    // Addresses are tried in this order, so what is asked for most comes first.
    session_routes(configuration);
    configuration.route("/v1/debug/whoami", get().to(project::whoami));
    configuration.route("/v1/projects/metrics", get().to(project::metrics));
    organization_routes(configuration);
    domains::routes(configuration);
    member_routes::routes(configuration);
    explanations::routes(configuration);
    refusals::routes(configuration);
    magic_links::routes(configuration);
    second_factor_routes::routes(configuration);
    sso_routes::routes(configuration);
    discovery::routes(configuration);
    email_codes::routes(configuration);
    m2m_routes::routes(configuration);
    portal_links::routes(configuration);
    foreign_tokens::routes(configuration);
    passwords::routes(configuration);
    password_sign_in::routes(configuration);
    password_resets::routes(configuration);
    password_discovery::routes(configuration);
    oauth::routes(configuration);
}

fn organization_routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/v1/b2b/organizations", post().to(organizations::create))
        .route(
            "/v1/b2b/organizations/search",
            post().to(searches::organizations),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}",
            get().to(organizations::get),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}",
            put().to(organizations::update),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}",
            delete().to(organizations::delete),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/metrics",
            get().to(organizations::metrics),
        )
        .route(
            "/v1/b2b/organizations/{organization_id}/external_id",
            delete().to(organizations::delete_external_id),
        );
}

/// The URLs that manage SCIM connections.
pub(crate) fn scim_routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/scim/{organization_id}/connection",
            post().to(scim_connections::create),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection",
            get().to(scim_connections::get),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}",
            put().to(scim_connections::update),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}",
            delete().to(scim_connections::delete),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}",
            get().to(scim_connections::groups),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/schemas",
            get().to(scim_schemas::get),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/schemas",
            put().to(scim_schemas::replace),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/start",
            post().to(scim_token_rotation::start),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/complete",
            post().to(scim_token_rotation::complete),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/cancel",
            post().to(scim_token_rotation::cancel),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/requests/search",
            post().to(scim_requests::search),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/requests/{scim_request_id}",
            get().to(scim_requests::get),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/users/search",
            post().to(scim_users::search),
        )
        .configure(scim_client_routes);
}

fn scim_client_routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients",
            post().to(scim_clients::create),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients",
            get().to(scim_clients::list),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients/{client_id}",
            put().to(scim_clients::update),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients/{client_id}",
            delete().to(scim_clients::delete),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients/{client_id}/secrets",
            post().to(scim_clients::create_secret),
        )
        .route(
            "/v1/b2b/scim/{organization_id}/connection/{connection_id}/clients/{client_id}\
             /secrets/{secret_id}",
            delete().to(scim_clients::delete_secret),
        );
}

fn session_routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/v1/b2b/sso/authenticate", post().to(sso::authenticate))
        .route("/v1/b2b/sso/logout", post().to(sso_logout::logout))
        .route(
            "/v1/b2b/sessions/authenticate",
            post().to(sessions::authenticate),
        )
        .route("/v1/b2b/sessions", get().to(member_sessions::list))
        .route(
            "/v1/b2b/sessions/revoke",
            post().to(member_sessions::revoke),
        )
        .route(
            "/v1/b2b/sessions/jwks/{project_id}",
            get().to(sessions::jwks),
        )
        .route("/v1/sessions/jwks/{project_id}", get().to(sessions::jwks))
        .route(
            "/v1/b2b/impersonation/authenticate",
            post().to(impersonation::authenticate),
        )
        .route("/v1/b2b/rbac/policy", get().to(rbac::policy))
        .route(
            "/v1/b2b/rbac/organizations/{organization_id}",
            get().to(rbac::get_org_policy),
        )
        .route(
            "/v1/b2b/rbac/organizations/{organization_id}",
            put().to(rbac::set_org_policy),
        );
}
