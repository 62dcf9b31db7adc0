//! The Assertion Consumer Service: where an IdP has the browser post its response (SAML bindings §3.5).

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::web::Bytes;
use actix_web::web::Data;
use actix_web::web::Path;

use crate::http::caller::request_id;
use crate::http::sso::callback;
use crate::http::sso::error::SignInPage;
use crate::http::sso::refuse;
use crate::http::sso::send_on;
use crate::http::sso::trial;
use crate::http::state::Gateway;
use crate::protocol::saml;
use crate::storage::Transaction;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::receive::Arrival;
use crate::use_cases::sign_in::saml::expect;

/// `POST /v1/b2b/sso/callback/{connection_id}`
pub(crate) async fn consume(
    gateway: Data<Gateway>,
    request: HttpRequest,
    connection: Path<String>,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, SignInPage> {
    let Ok(body) = body else {
        let error = SignInError::ResponseTooLarge;
        return Err(refuse(&gateway, &request, (&connection, None), error).await);
    };
    match take(&gateway, &request, &connection, &body).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let state = field(&body, "RelayState");
            let place = (connection.as_str(), state.as_deref());
            if let Some(report) = trial::failed(&gateway, &request, place, &error).await {
                return Ok(report);
            }
            let place = (connection.as_str(), state);
            Err(refuse(&gateway, &request, place, error).await)
        }
    }
}

async fn take(
    gateway: &Gateway,
    request: &HttpRequest,
    connection: &str,
    body: &Bytes,
) -> Result<HttpResponse, SignInError> {
    let response = field(body, "SAMLResponse").ok_or(SignInError::MissingSamlResponse)?;
    let callback = callback(
        (&gateway.deployment, request),
        connection,
        field(body, "RelayState").as_deref(),
    )?;
    let (deployment, asked) = (gateway.deployment.clone(), callback.clone());
    let expected = gateway
        .storage
        .seek(request_id(request), move |tx: &mut Transaction<'_>| {
            expect(tx, &deployment, &asked)
        })
        .await?;
    let assertion = saml::verify(&response, &expected.expected, gateway.clock.now())?;
    let proven = expected.identity(&assertion)?;
    let checks = expected
        .is_test
        .then(|| expected.checks(&assertion, &proven.identity));
    let arrival = Arrival {
        callback,
        proven,
        answers_flow: expected.answers_flow(),
        assertion: Some((assertion.id, assertion.not_on_or_after)),
    };
    match checks {
        Some(checks) => trial::passed(gateway, request, (arrival, checks)).await,
        None => send_on(gateway, request, arrival).await,
    }
}

fn field(body: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(body)
        .find(|(field, _)| field == name)
        .map(|(_, value)| value.into_owned())
        .filter(|value| !value.is_empty())
}
