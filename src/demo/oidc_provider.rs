//! The demo's OpenID provider: discovery, keys, authorize, token, userinfo (OpenID Connect Core 1.0).

mod authorize;
mod error;
mod grants;
mod provider;
mod signing_key;
mod token;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web;
use serde_json::json;

pub use crate::demo::oidc_provider::error::DemoProviderError;
pub use crate::demo::oidc_provider::provider::DemoProvider;
pub use crate::demo::oidc_provider::provider::DemoProviderSettings;
pub(crate) use crate::demo::oidc_provider::provider::base_path;
use crate::demo::oidc_provider::provider::person_claims;
pub(crate) use crate::demo::oidc_provider::signing_key::SigningKey;

/// Mounts a company's provider below `/demo`.
pub fn routes(provider: &web::Data<DemoProvider>, cfg: &mut web::ServiceConfig) {
    let userinfo_route = web::resource("/userinfo")
        .route(web::get().to(userinfo))
        .route(web::post().to(userinfo));
    cfg.service(
        web::scope(&format!("/idp/{}/oidc", provider.settings.company.slug))
            .app_data(provider.clone())
            .route(
                "/.well-known/openid-configuration",
                web::get().to(discovery),
            )
            .route("/jwks", web::get().to(jwks))
            .route("/authorize", web::get().to(authorize::authorize))
            .route("/token", web::post().to(token::token))
            .service(userinfo_route),
    );
}

async fn discovery(provider: web::Data<DemoProvider>) -> HttpResponse {
    let issuer = provider.issuer();
    HttpResponse::Ok().json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "email", "profile", "groups"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(provider: web::Data<DemoProvider>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"keys": [provider.settings.key.public()]}))
}

async fn userinfo(provider: web::Data<DemoProvider>, request: HttpRequest) -> HttpResponse {
    let header = request.headers().get(AUTHORIZATION);
    let access_token = header
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let person = access_token.and_then(|token| provider.grants.person(token, provider.now()));
    match person {
        Some(person) => HttpResponse::Ok().json(person_claims(&person)),
        None => HttpResponse::Unauthorized().json(json!({"error": "invalid_token"})),
    }
}

#[cfg(test)]
mod tests;
