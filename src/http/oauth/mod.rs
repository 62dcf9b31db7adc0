//! The browser's legs of a sign-in with an OAuth provider.

use actix_web::HttpRequest;
use actix_web::cookie::Cookie;
use actix_web::cookie::SameSite;
use actix_web::web;

use crate::domain::oauth_provider::OauthProvider;
use crate::domain::secret::SecretHash;
use crate::http::pages::cookies::brought;
use crate::http::pages::cookies::is_https;
use crate::http::sso::flow_cookie;
use crate::use_cases::Deployment;
use crate::use_cases::OAUTH_CALLBACK;
use crate::use_cases::oauth::error::OauthRefusal;
use crate::use_cases::oauth::flow::OauthCallback;
use crate::use_cases::sign_in::flow::cookie_name;

mod callback;
mod prove;
mod start;

/// The URLs that browsers visit.
pub fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/v1/b2b/public/oauth/{provider}/start",
            web::get().to(start::start),
        )
        .route(
            "/v1/b2b/public/oauth/{provider}/discovery/start",
            web::get().to(start::discover),
        )
        .route(
            "/v1/b2b/oauth/callback/{provider}",
            web::get().to(callback::consume),
        );
}

/// The provider that a path names.
fn provider(name: &str) -> Result<OauthProvider, OauthRefusal> {
    OauthProvider::from_name(name).ok_or(OauthRefusal::NotOffered)
}

/// The callback that a request is, with the cookie of its flow.
fn callback_of(
    (deployment, request): (&Deployment, &HttpRequest),
    provider: OauthProvider,
    state: &str,
) -> OauthCallback {
    let state = SecretHash::of(state);
    OauthCallback {
        provider,
        cookie: brought(deployment, request, &cookie_name(&state)),
        state,
    }
}

/// The cookie that binds a flow to its browser. Providers send it back by a link, so that no other
/// site's form has to carry it.
pub(crate) fn cookie(deployment: &Deployment, name: String, value: String) -> Cookie<'static> {
    let mut cookie = flow_cookie(deployment, name, value);
    if !is_https(deployment) {
        cookie.set_path(OAUTH_CALLBACK);
    }
    cookie.set_same_site(SameSite::Lax);
    cookie
}
