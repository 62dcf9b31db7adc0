//! Where an OpenID provider ends sessions (OpenID Connect Back-Channel Logout 1.0 §2.5 and §2.8).

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::Bytes;
use actix_web::web::Data;
use actix_web::web::Path;
use serde_json::json;

use crate::domain::id::ConnectionId;
use crate::http::caller::request_id;
use crate::http::state::Gateway;
use crate::outbound::logout_token::LogoutFailure;
use crate::protocol::oidc::logout_token::LogoutRejection;
use crate::storage::Transaction;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::logout;
use crate::use_cases::sign_in::logout::LogoutOutcome;

/// Why nobody was logged out.
enum Refusal {
    Failure(LogoutFailure),
    Gateway(SignInError),
}

impl From<LogoutFailure> for Refusal {
    fn from(failure: LogoutFailure) -> Self {
        Self::Failure(failure)
    }
}

impl From<LogoutRejection> for Refusal {
    fn from(rejection: LogoutRejection) -> Self {
        Self::Failure(LogoutFailure::Rejected(rejection))
    }
}

impl From<SignInError> for Refusal {
    fn from(error: SignInError) -> Self {
        Self::Gateway(error)
    }
}

/// `POST /v1/b2b/sso/callback/{connection_id}/backchannel_logout`
pub(crate) async fn end(
    gateway: Data<Gateway>,
    request: HttpRequest,
    connection: Path<String>,
    body: Bytes,
) -> HttpResponse {
    match take(&gateway, &request, &connection, &body).await {
        Ok(ended) => {
            tracing::info!(connection = %connection, ended, "back-channel logout");
            HttpResponse::Ok()
                .insert_header((CACHE_CONTROL, "no-store"))
                .finish()
        }
        Err(refusal) => answer(&request, &connection, &refusal),
    }
}

async fn take(
    gateway: &Gateway,
    request: &HttpRequest,
    connection: &str,
    body: &Bytes,
) -> Result<usize, Refusal> {
    let id: ConnectionId = connection
        .parse()
        .map_err(|_| SignInError::ConnectionNotFound)?;
    let mut fields = url::form_urlencoded::parse(body);
    let given = fields.find(|(name, _)| name == "logout_token");
    let (_, raw) = given.ok_or(LogoutRejection::Missing)?;
    let request_id = request_id(request);
    let known = gateway.deployment.clone();
    let expect = move |tx: &mut Transaction<'_>| logout::expect(tx, &known, id);
    let duty = gateway.storage.read(request_id, expect).await?;
    let now = gateway.clock.now();
    let token = gateway
        .oidc_providers
        .verify_logout_token(&raw, &duty.expected, &duty.jwks_url, now)
        .await?;
    let known = gateway.deployment.clone();
    let end = move |tx: &mut Transaction<'_>| logout::end(tx, &known, id, &token);
    match gateway.storage.transaction(request_id, end).await? {
        LogoutOutcome::Ended(ended) => Ok(ended),
        LogoutOutcome::Replayed => Err(LogoutRejection::Replayed.into()),
    }
}

fn answer(request: &HttpRequest, connection: &str, refusal: &Refusal) -> HttpResponse {
    let (status, error, description) = match refusal {
        Refusal::Failure(LogoutFailure::Rejected(rejection)) => (
            StatusCode::BAD_REQUEST,
            "invalid_request",
            rejection.to_string(),
        ),
        Refusal::Failure(LogoutFailure::Keys(error)) => {
            let reason = format!("the provider's keys cannot be read: {error}");
            (StatusCode::BAD_GATEWAY, "temporarily_unavailable", reason)
        }
        Refusal::Gateway(SignInError::ConnectionNotFound) => {
            let reason = "there is no such OIDC connection, or it is not complete".to_owned();
            (StatusCode::NOT_FOUND, "invalid_request", reason)
        }
        Refusal::Gateway(error) => {
            let request_id = request_id(request);
            tracing::error!(%request_id, ?error, "back-channel logout failed");
            let reason = "something failed on the server; try again".to_owned();
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                reason,
            )
        }
    };
    tracing::info!(connection, reason = %description, "a back-channel logout was refused");
    let mut response = HttpResponse::build(status);
    if status.is_server_error() {
        response.insert_header((RETRY_AFTER, "10"));
    }
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "error": error, "error_description": description }))
}
