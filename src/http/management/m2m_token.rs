//! `POST /v1/public/{project_id}/oauth2/token`: access tokens for machines of the project (RFC 6749
//! §4.4): JWTs that the project's keys sign.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::http::header::HeaderValue;
use actix_web::http::header::PRAGMA;
use actix_web::http::header::RETRY_AFTER;
use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::web::Bytes;
use actix_web::web::Data;
use actix_web::web::Path;
use serde::Serialize;
use serde_json::Map;
use serde_json::json;

use crate::domain::id::RequestId;
use crate::domain::m2m_client::TOKEN_SECONDS;
use crate::domain::secret::SecretHash;
use crate::http::caller::request_id;
use crate::http::client_address::client_address;
use crate::http::management::json::success;
use crate::http::rate_limit::RateLimits;
use crate::http::state::Gateway;
use crate::protocol::oauth::error::TokenError;
use crate::protocol::oauth::token_request;
use crate::protocol::oauth::token_request::TokenBody;
use crate::use_cases::m2m_tokens;
use crate::use_cases::m2m_tokens::TokenGrant;
use crate::use_cases::m2m_tokens::TokenWish;
use crate::use_cases::scim_tokens::TokenFailure;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const UNPROVEN: &str =
    "client authentication failed: the client is unknown or inactive, or its secret is wrong";

#[derive(Serialize)]
struct TokenAnswer {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: String,
}

/// Gives a machine its token, or says why not in the words of OAuth.
pub(crate) async fn issue(
    gateway: Data<Gateway>,
    request: HttpRequest,
    project_id: Path<String>,
    body: Result<Bytes, actix_web::Error>,
) -> HttpResponse {
    let given = match read(&request, (&gateway, &project_id), body) {
        Ok(wish) => give(&gateway, &request, wish).await,
        Err(error) => Err(error),
    };
    match given {
        Ok(answer) => {
            let mut response = success(request_id(&request), &answer);
            let headers = response.headers_mut();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
            response
        }
        Err(error) => refusal(&request, &error),
    }
}

fn read(
    request: &HttpRequest,
    (gateway, project_id): (&Gateway, &str),
    body: Result<Bytes, actix_web::Error>,
) -> Result<TokenWish, TokenError> {
    let invalid = |reason: &str| TokenError::InvalidRequest(reason.to_owned());
    let body = body.map_err(|_| invalid("the body is too large, or did not arrive whole"))?;
    let header = |name| {
        let value = request.headers().get(name);
        value.map(|value| String::from_utf8_lossy(value.as_bytes()))
    };
    let given = header(CONTENT_TYPE).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    let body = match essence.to_ascii_lowercase().as_str() {
        FORM => TokenBody::Form(&body),
        JSON => TokenBody::Json(&body),
        other => {
            let reason = format!("the body must be of type {FORM} or {JSON}, not \"{other}\"");
            return Err(TokenError::InvalidRequest(reason));
        }
    };
    let served = gateway.project_id.as_str();
    let authorization = header(AUTHORIZATION);
    let (client_id, secret, scopes) =
        token_request::read_scoped((authorization.as_deref(), served), body)?;
    if project_id != served {
        return Err(TokenError::InvalidClient(UNPROVEN.to_owned()));
    }
    Ok(TokenWish {
        client_id,
        secret: SecretHash::of(&secret),
        scopes,
    })
}

async fn give(
    gateway: &Gateway,
    request: &HttpRequest,
    wish: TokenWish,
) -> Result<TokenAnswer, TokenError> {
    let (id, served) = (request_id(request), gateway.project_id.clone());
    let client_id = wish.client_id.clone();
    let granted = gateway
        .storage
        .transaction(id, move |tx| m2m_tokens::grant(tx, &served, &wish));
    match granted.await {
        Ok(grant) => signed(gateway, &grant).map_err(|reason| failed(id, &reason)),
        Err(failure) => {
            let error = told(failure, (id, &client_id));
            if matches!(error, TokenError::InvalidClient(_)) {
                note_failed_proof(request, &client_id)?;
            }
            Err(error)
        }
    }
}

fn signed(gateway: &Gateway, grant: &TokenGrant) -> Result<TokenAnswer, String> {
    let scope = grant.scopes.join(" ");
    let mut claims = Map::new();
    claims.insert("scope".to_owned(), json!(scope));
    let about = (grant.client.id.as_str(), TOKEN_SECONDS);
    let now = gateway.clock.now();
    let signed = gateway.signer.sign_claims(claims, about, now);
    Ok(TokenAnswer {
        access_token: signed.map_err(|refusal| refusal.to_string())?,
        token_type: "bearer",
        expires_in: TOKEN_SECONDS,
        scope,
    })
}

fn told(failure: TokenFailure, (id, client): (RequestId, &str)) -> TokenError {
    let is_overload = failure.is_overload();
    match failure {
        TokenFailure::Refused(error) => error,
        TokenFailure::Unproven(reason) => {
            tracing::info!(reason, client, request_id = %id, "no token was given");
            TokenError::InvalidClient(UNPROVEN.to_owned())
        }
        TokenFailure::Storage(_) if is_overload => {
            TokenError::Unavailable("the server or its database is busy; try again".to_owned())
        }
        TokenFailure::Internal(reason) => failed(id, &reason),
        TokenFailure::Storage(error) => failed(id, &error.to_string()),
    }
}

fn failed(id: RequestId, reason: &str) -> TokenError {
    tracing::error!(request_id = %id, reason, "request failed");
    TokenError::Internal(format!("the request {id} failed here; nothing was changed"))
}

fn note_failed_proof(request: &HttpRequest, client: &str) -> Result<(), TokenError> {
    let limits = request.app_data::<Data<RateLimits>>();
    let (Some(limits), Some(address)) = (limits, client_address(request)) else {
        return Ok(());
    };
    let noted = limits.note_failed_client(client, address);
    noted.map_err(TokenError::TooManyRequests)
}

/// What a machine is told that gets no token: the fields of RFC 6749 §5.2, and what else SDKs need.
/// They take `error` for their `error_type`, and one of them refuses a body that has both.
pub(crate) fn refusal(request: &HttpRequest, error: &TokenError) -> HttpResponse {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, "no-store"));
    response.insert_header((PRAGMA, "no-cache"));
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((WWW_AUTHENTICATE, "Basic realm=\"OAuth\""));
    }
    if let Some(seconds) = error.retry_after() {
        response.insert_header((RETRY_AFTER, seconds));
    }
    let gateway = request.app_data::<Data<Gateway>>();
    let public_url = gateway.map_or("", |it| it.deployment.public_url.as_str());
    let page = format!("{}/docs/errors", public_url.trim_end_matches('/'));
    let mut body = error.to_json();
    if let Some(fields) = body.as_object_mut() {
        let more = [
            ("error_uri", json!(page)),
            ("status_code", json!(error.status())),
            ("request_id", json!(request_id(request))),
        ];
        fields.extend(more.map(|(name, value)| (name.to_owned(), value)));
    }
    response.json(body)
}
