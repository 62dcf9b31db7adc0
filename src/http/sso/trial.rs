//! Where a test sign-in ends: at the portal's page of its connection, whatever came of it.

use actix_web::HttpRequest;
use actix_web::HttpResponse;

use crate::domain::connection_test::TestCheck;
use crate::domain::id::ConnectionId;
use crate::http::caller::request_id;
use crate::http::pages::see_other;
use crate::http::sso::callback;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::receive::Arrival;
use crate::use_cases::sign_in::trial;

/// Keeps what was proven; nobody is let in.
pub(super) async fn passed(
    gateway: &Gateway,
    request: &HttpRequest,
    (arrival, checks): (Arrival, Vec<TestCheck>),
) -> Result<HttpResponse, SignInError> {
    let (deployment, connection) = (gateway.deployment.clone(), arrival.callback.connection_id);
    let keep = move |tx: &mut Transaction<'_>| trial::passed(tx, &deployment, (&arrival, &checks));
    let request_id = request_id(request);
    gateway.storage.transaction(request_id, keep).await?;
    Ok(back(connection))
}

/// Keeps why the answer was refused, if it belongs to a test.
pub(super) async fn failed(
    gateway: &Gateway,
    request: &HttpRequest,
    (connection, state): (&str, Option<&str>),
    error: &SignInError,
) -> Option<HttpResponse> {
    let state = state.filter(|_| error.is_refusal());
    let callback = callback((&gateway.deployment, request), connection, state).ok()?;
    let connection = callback.connection_id;
    let (project, error) = (gateway.project_id.clone(), error.clone());
    let keep = move |tx: &mut Transaction<'_>| {
        trial::failed(tx, &project, &callback, &error).map_err(SignInError::Storage)
    };
    let request_id = request_id(request);
    let is_test = gateway.storage.transaction(request_id, keep).await;
    matches!(is_test, Ok(true)).then(|| back(connection))
}

fn back(connection: ConnectionId) -> HttpResponse {
    see_other(&format!("/portal/sso/{connection}?tested=1"))
}
