//! The browser legs of single sign-on: to the IdP, and back from it.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::HttpResponseBuilder;
use actix_web::cookie::Cookie;
use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use actix_web::http::Method;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::LOCATION;
use actix_web::http::header::REFERRER_POLICY;
use actix_web::web;

use crate::domain::id::ConnectionId;
use crate::domain::secret::SecretHash;
use crate::http::caller::request_id;
use crate::http::pages::cookies::brought;
use crate::http::pages::cookies::full_name;
use crate::http::pages::cookies::is_https;
use crate::http::sso::error::SignInPage;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::error::record;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::flow::Callback;
use crate::use_cases::sign_in::receive;
use crate::use_cases::sign_in::receive::Arrival;

mod backchannel;
mod client_keys;
pub(crate) mod departure;
mod discovery;
pub mod error;
mod initiate;
mod logout;
mod metadata;
mod oidc;
mod saml;
mod start;
mod trial;

// A response has its own limit of 256 KB, which base64 and the form's encoding make larger.
const FORM_LIMIT: usize = 400 * 1024;
const CALLBACK_PATH: &str = "/v1/b2b/sso/callback";

/// The URLs that browsers visit.
pub fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route(
            "/sdk/v1/b2b/sso/discovery/connections",
            web::get().to(discovery::discover),
        )
        .route(
            "/sdk/v1/b2b/sso/discovery/connections",
            web::method(Method::OPTIONS).to(discovery::preflight),
        )
        .route("/v1/public/sso/start", web::get().to(start::start))
        .service(
            web::resource("/v1/b2b/sso/callback/{connection_id}")
                .app_data(web::PayloadConfig::new(FORM_LIMIT))
                .route(web::post().to(saml::consume))
                .route(web::get().to(oidc::consume)),
        )
        .route("/v1/public/sso/logout", web::get().to(logout::leave))
        .service(
            web::resource("/v1/b2b/sso/callback/{connection_id}/logout")
                .app_data(web::PayloadConfig::new(FORM_LIMIT))
                .route(web::post().to(logout::take_form))
                .route(web::get().to(logout::take_query)),
        )
        .route(
            "/v1/b2b/sso/callback/{connection_id}/metadata",
            web::get().to(metadata::show),
        )
        .route(
            "/v1/b2b/sso/callback/{connection_id}/jwks",
            web::get().to(client_keys::show),
        )
        .route(
            "/v1/b2b/sso/callback/{connection_id}/initiate",
            web::get().to(initiate::begin),
        )
        .route(
            "/v1/b2b/sso/callback/{connection_id}/initiate",
            web::post().to(initiate::begin),
        )
        .route(
            "/v1/b2b/sso/callback/{connection_id}/backchannel_logout",
            web::post().to(backchannel::end),
        );
}

/// The callback that a request is, with the cookie of its flow.
fn callback(
    (deployment, request): (&Deployment, &HttpRequest),
    connection: &str,
    state: Option<&str>,
) -> Result<Callback, SignInError> {
    let connection_id: ConnectionId = connection
        .parse()
        .map_err(|_| SignInError::ConnectionNotFound)?;
    let state = state.filter(|state| !state.is_empty()).map(SecretHash::of);
    let cookie = state
        .as_ref()
        .and_then(|state| brought(deployment, request, &flow::cookie_name(state)));
    Ok(Callback {
        connection_id,
        state,
        cookie,
    })
}

/// Takes a proven arrival in and sends the browser on to the application.
async fn send_on(
    gateway: &Gateway,
    request: &HttpRequest,
    arrival: Arrival,
) -> Result<HttpResponse, SignInError> {
    let request_id = request_id(request);
    let deployment = gateway.deployment.clone();
    let state = arrival.callback.state.clone();
    let receive = move |tx: &mut Transaction<'_>| receive::receive(tx, &deployment, &arrival);
    let received = gateway
        .storage
        .transaction_by_keys(flow::begin(request_id), receive)
        .await?;
    gateway
        .tokens_under_way
        .remember(received.token, received.organization_id);
    let mut response = redirect(&received.url);
    if let Some(state) = state {
        let name = flow::cookie_name(&state);
        let mut spent = flow_cookie(&gateway.deployment, name, String::new());
        spent.make_removal();
        response.cookie(spent);
    }
    Ok(response.finish())
}

/// The page of a refusal, which the journal of the connection's organization hears of as well.
async fn refuse(
    gateway: &Gateway,
    request: &HttpRequest,
    (connection, state): (&str, Option<String>),
    error: SignInError,
) -> SignInPage {
    let request_id = request_id(request);
    if let Ok(connection) = connection.parse::<ConnectionId>()
        && error.is_refusal()
    {
        let (refused, served) = (error.clone(), gateway.project_id.clone());
        let state = state.as_deref().map(SecretHash::of);
        let entry = move |tx: &mut Transaction<'_>| {
            record(tx, &served, (connection, state.as_ref()), &refused)
        };
        let recorded = gateway.storage.transaction(request_id, entry).await;
        if let Err(failure) = recorded {
            return SignInPage::of(failure.into(), request_id);
        }
    }
    SignInPage::of(error, request_id)
}

/// A redirect whose URL, with whatever secret it carries, stays between browser and target.
pub(crate) fn redirect(url: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::Found();
    response
        .insert_header((LOCATION, url))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"));
    response
}

/// The cookie that binds a flow to its browser. An IdP's form is posted from another site, so it
/// has to be `SameSite=None`, which browsers take over https alone.
pub(crate) fn flow_cookie(deployment: &Deployment, name: String, value: String) -> Cookie<'static> {
    let is_https = is_https(deployment);
    let (same_site, path) = if is_https {
        (SameSite::None, "/")
    } else {
        (SameSite::Lax, CALLBACK_PATH)
    };
    Cookie::build(full_name(deployment, &name), value)
        .path(path)
        .http_only(true)
        .secure(is_https)
        .same_site(same_site)
        .max_age(Duration::seconds(flow::LIFETIME.num_seconds()))
        .finish()
}
