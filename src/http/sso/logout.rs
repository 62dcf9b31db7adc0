//! SAML single logout through the browser: to the IdP, and what the IdP has it bring (SAML profiles §4.4).

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Bytes;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;
use serde::Deserialize;

use crate::domain::id::ConnectionId;
use crate::http::caller::request_id;
use crate::http::html::document;
use crate::http::html::policy;
use crate::http::sso::departure;
use crate::http::sso::error::SignInPage;
use crate::http::sso::redirect;
use crate::http::sso::refuse;
use crate::http::state::Gateway;
use crate::protocol::saml;
use crate::protocol::saml::Check;
use crate::protocol::saml::LogoutExpected;
use crate::protocol::saml::LogoutMessage;
use crate::storage::Transaction;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::single_logout;
use crate::use_cases::single_logout::receive::LoggedOut;

/// The query of the URL that the application sends the browser to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LeaveQuery {
    connection_id: String,
    state: String,
}

/// `GET /v1/public/sso/logout`
pub(crate) async fn leave(
    gateway: Data<Gateway>,
    request: HttpRequest,
) -> Result<HttpResponse, SignInPage> {
    let request_id = request_id(&request);
    let page = |error| SignInPage::of(error, request_id);
    let asked = Query::<LeaveQuery>::from_query(request.query_string())
        .map_err(|error| page(SignInError::InvalidQuery(error.to_string())))?
        .into_inner();
    let id = connection_id(&asked.connection_id).map_err(page)?;
    let deployment = gateway.deployment.clone();
    let find = move |tx: &mut Transaction<'_>| {
        single_logout::begin::leave(tx, &deployment, (id, &asked.state))
    };
    let left = gateway.storage.read(request_id, find).await;
    Ok(departure::leave(left.map_err(page)?, None))
}

/// `GET /v1/b2b/sso/callback/{connection_id}/logout`
pub(crate) async fn take_query(
    gateway: Data<Gateway>,
    request: HttpRequest,
    connection: Path<String>,
) -> Result<HttpResponse, SignInPage> {
    let now = gateway.clock.now();
    let raw = request.query_string().to_owned();
    let prove = move |expected: &LogoutExpected| {
        saml::verify_logout_query(&raw, expected, now).map_err(SignInError::Logout)
    };
    let taken = take(&gateway, &request, &connection, prove).await;
    finish(&gateway, &request, &connection, taken).await
}

/// `POST /v1/b2b/sso/callback/{connection_id}/logout`
pub(crate) async fn take_form(
    gateway: Data<Gateway>,
    request: HttpRequest,
    connection: Path<String>,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, SignInPage> {
    let now = gateway.clock.now();
    let taken = match body {
        Err(_) => Err(SignInError::ResponseTooLarge),
        Ok(body) => {
            let prove = move |expected: &LogoutExpected| {
                let (message, is_request) = only_message(&body)?;
                let proven = saml::verify_logout_form(&message, is_request, expected, now);
                let relay_state = fields(&body, "RelayState").pop().unwrap_or_default();
                Ok((proven.map_err(SignInError::Logout)?, relay_state))
            };
            take(&gateway, &request, &connection, prove).await
        }
    };
    finish(&gateway, &request, &connection, taken).await
}

async fn take(
    gateway: &Gateway,
    request: &HttpRequest,
    connection: &str,
    prove: impl FnOnce(&LogoutExpected) -> Result<(LogoutMessage, String), SignInError>,
) -> Result<LoggedOut, SignInError> {
    let (id, request_id) = (connection_id(connection)?, request_id(request));
    let deployment = gateway.deployment.clone();
    let expected = gateway
        .storage
        .read(request_id, move |tx: &mut Transaction<'_>| {
            single_logout::expect(tx, &deployment, id)
        })
        .await?;
    let (message, relay_state) = prove(&expected)?;
    let deployment = gateway.deployment.clone();
    let receive = move |tx: &mut Transaction<'_>| {
        single_logout::receive::receive(tx, &deployment, (id, &relay_state), &message)
    };
    gateway.storage.transaction(request_id, receive).await
}

async fn finish(
    gateway: &Gateway,
    request: &HttpRequest,
    connection: &str,
    taken: Result<LoggedOut, SignInError>,
) -> Result<HttpResponse, SignInPage> {
    match taken {
        Ok(LoggedOut::Answer(departure)) => Ok(departure::leave(departure, None)),
        Ok(LoggedOut::Return(url)) => Ok(redirect(&url).finish()),
        Ok(LoggedOut::Here) => Ok(HttpResponse::Ok()
            .insert_header(("content-security-policy", policy()))
            .content_type("text/html; charset=utf-8")
            .body(page())),
        Err(error) => Err(refuse(gateway, request, (connection, None), error).await),
    }
}

fn connection_id(named: &str) -> Result<ConnectionId, SignInError> {
    named.parse().map_err(|_| SignInError::ConnectionNotFound)
}

/// The one message of a form, and whether it is a request.
fn only_message(body: &[u8]) -> Result<(String, bool), SignInError> {
    let mut requests = fields(body, "SAMLRequest");
    let mut responses = fields(body, "SAMLResponse");
    match (requests.pop(), responses.pop()) {
        (Some(message), None) if requests.is_empty() => Ok((message, true)),
        (None, Some(message)) if responses.is_empty() => Ok((message, false)),
        _ => {
            let received = "none of them, or several";
            let refused = Check::QueryParameters.refuses("SAMLRequest or SAMLResponse", received);
            Err(SignInError::Logout(refused))
        }
    }
}

fn fields(body: &[u8], name: &str) -> Vec<String> {
    let pairs = url::form_urlencoded::parse(body);
    let values = pairs.filter(|(field, _)| field == name);
    values.map(|(_, value)| value.into_owned()).collect()
}

fn page() -> String {
    document("You are signed out", "<p>You can close this page.</p>")
}
