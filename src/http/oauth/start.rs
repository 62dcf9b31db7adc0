//! `/v1/b2b/public/oauth/{provider}/start`: sends the browser to an OAuth provider.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;

use crate::http::caller::request_id;
use crate::http::oauth::cookie;
use crate::http::oauth::provider;
use crate::http::sso::departure;
use crate::http::sso::error::SignInPage;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::oauth::start::OauthStart;
use crate::use_cases::oauth::start::start as open_flow;
use crate::use_cases::sign_in::error::SignInError;

/// `GET /v1/b2b/public/oauth/{provider}/start`
pub(crate) async fn start(
    gateway: Data<Gateway>,
    request: HttpRequest,
    named: Path<String>,
) -> Result<HttpResponse, SignInPage> {
    let page = |error| SignInPage::of(error, request_id(&request));
    send_away(&gateway, &request, (&named, false))
        .await
        .map_err(page)
}

/// `GET /v1/b2b/public/oauth/{provider}/discovery/start`
pub(crate) async fn discover(
    gateway: Data<Gateway>,
    request: HttpRequest,
    named: Path<String>,
) -> Result<HttpResponse, SignInPage> {
    let page = |error| SignInPage::of(error, request_id(&request));
    send_away(&gateway, &request, (&named, true))
        .await
        .map_err(page)
}

async fn send_away(
    gateway: &Gateway,
    request: &HttpRequest,
    (named, is_discovery): (&str, bool),
) -> Result<HttpResponse, SignInError> {
    let query = Query::<Vec<(String, String)>>::from_query(request.query_string());
    let asked = OauthStart {
        provider: provider(named)?,
        is_discovery,
        parameters: query
            .map_err(|error| SignInError::InvalidQuery(error.to_string()))?
            .into_inner(),
    };
    let deployment = gateway.deployment.clone();
    let open = move |tx: &mut Transaction<'_>| open_flow(tx, &deployment, &asked);
    let started = gateway
        .storage
        .transaction(request_id(request), open)
        .await?;
    let bound = cookie(&gateway.deployment, started.cookie_name, started.cookie);
    Ok(departure::leave(started.departure, Some(bound)))
}
