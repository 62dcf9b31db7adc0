//! `POST /oauth2/token`: access tokens for the OAuth clients of a connection (RFC 6749 §4.4).

use std::fmt;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::http::header::PRAGMA;
use actix_web::http::header::RETRY_AFTER;
use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::web::Bytes;
use actix_web::web::Data;
use serde::Serialize;

use crate::domain::id::ConnectionId;
use crate::domain::id::RequestId;
use crate::domain::scim_client::ScimClient;
use crate::domain::scim_client::TrustedKeys;
use crate::domain::secret::SecretHash;
use crate::http::caller::request_id;
use crate::http::scim::caller::connection_id;
use crate::http::scim::throttle::Throttle;
use crate::http::state::Gateway;
use crate::outbound::client_assertion::AssertionFailure;
use crate::protocol::oauth::client_assertion::AssertionExpectation;
use crate::protocol::oauth::client_assertion::ClientAssertion;
use crate::protocol::oauth::error::TokenError;
use crate::protocol::oauth::inline_keys;
use crate::protocol::oauth::token_request;
use crate::protocol::oauth::token_request::ClientProof;
use crate::protocol::oauth::token_request::SCOPE;
use crate::use_cases::scim_tokens;
use crate::use_cases::scim_tokens::ClientName;
use crate::use_cases::scim_tokens::IssuedToken;
use crate::use_cases::scim_tokens::Proven;
use crate::use_cases::scim_tokens::TokenFailure;

/// The largest body that is read, in bytes.
pub(crate) const FORM_LIMIT: usize = 65_536;

const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Serialize)]
struct TokenAnswer {
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: &'static str,
}

/// A refusal on its way to the client.
#[derive(Clone, Debug)]
pub(crate) struct TokenRefusal(TokenError);

impl fmt::Display for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl ResponseError for TokenRefusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CACHE_CONTROL, "no-store"));
        response.insert_header((PRAGMA, "no-cache"));
        if self.status_code() == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, "Basic realm=\"SCIM\""));
        }
        if let Some(seconds) = self.0.retry_after() {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.json(self.0.to_json())
    }
}

/// `POST /oauth2/token`
pub(crate) async fn issue(
    gateway: Data<Gateway>,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, TokenRefusal> {
    let asked = read(&request, body).map_err(TokenRefusal)?;
    let issued = match connection_id(&request) {
        Some(connection) => give(&gateway, &request, (connection, &asked)).await,
        None => Err(TokenError::unproven_client()),
    };
    let issued = issued.map_err(TokenRefusal)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, "no-store"));
    response.insert_header((PRAGMA, "no-cache"));
    Ok(response.json(TokenAnswer {
        expires_in: issued.lifetime.num_seconds(),
        access_token: issued.token,
        token_type: "Bearer",
        scope: SCOPE,
    }))
}

fn read(
    request: &HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> Result<ClientProof, TokenError> {
    let invalid = |reason: &str| TokenError::InvalidRequest(reason.to_owned());
    let body = body.map_err(|_| invalid("the form is too large, or did not arrive whole"))?;
    let header = |name| {
        let value = request.headers().get(name);
        value.map(|value| String::from_utf8_lossy(value.as_bytes()))
    };
    let given = header(CONTENT_TYPE).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(FORM) {
        return Err(invalid(&format!(
            "the body must be a form of type {FORM}, not \"{essence}\""
        )));
    }
    token_request::read(header(AUTHORIZATION).as_deref(), &body)
}

/// The token, if the client proves itself; too many failed attempts are told to wait, and do not
/// keep those from their token who can prove themselves.
async fn give(
    gateway: &Gateway,
    request: &HttpRequest,
    (connection, asked): (ConnectionId, &ClientProof),
) -> Result<IssuedToken, TokenError> {
    let (id, throttle) = (request_id(request), Throttle::of(request));
    let failure = match prove(gateway, id, (connection, asked)).await {
        Ok((client, proven)) => {
            let early = throttle.admit(connection);
            early.map_err(TokenError::TooManyRequests)?;
            let served = gateway.project_id.clone();
            let issued = gateway.storage.transaction(id, move |tx| {
                scim_tokens::issue(tx, (&served, connection), (&client, &proven))
            });
            match issued.await {
                Ok(issued) => return Ok(issued),
                Err(failure) => failure,
            }
        }
        Err(failure) => failure,
    };
    let error = told(failure, (id, connection));
    if matches!(error, TokenError::InvalidClient(_)) {
        let early = throttle.note_failed_proof(request, connection);
        early.map_err(TokenError::TooManyRequests)?;
    }
    Err(error)
}

async fn prove(
    gateway: &Gateway,
    id: RequestId,
    (connection, asked): (ConnectionId, &ClientProof),
) -> Result<(ScimClient, Proven), TokenFailure> {
    let (name, assertion) = match asked {
        ClientProof::Secret { client_id, .. } => (ClientName::Id(client_id.clone()), None),
        ClientProof::Assertion {
            client_id,
            assertion,
        } => {
            let read = ClientAssertion::read(assertion);
            let read = read.map_err(|it| TokenError::InvalidClient(it.to_string()))?;
            (named(client_id.as_ref(), &read), Some(read))
        }
    };
    let served = gateway.project_id.clone();
    let client = gateway.storage.read(id, move |tx| {
        scim_tokens::client(tx, (&served, connection), &name)
    });
    let client = client.await?;
    let proven = match (asked, assertion) {
        (ClientProof::Secret { secret, .. }, _) => {
            let presented = SecretHash::of(secret);
            let now = gateway.clock.now();
            let known = client.secret(&presented, now);
            known.ok_or(TokenFailure::Unproven("the secret is wrong or over"))?;
            Proven::Secret(presented)
        }
        (ClientProof::Assertion { .. }, Some(assertion)) => {
            verify(gateway, &client, &assertion).await?
        }
        (ClientProof::Assertion { .. }, None) => {
            return Err(TokenFailure::Unproven("there is no assertion"));
        }
    };
    Ok((client, proven))
}

fn named(client_id: Option<&String>, assertion: &ClientAssertion) -> ClientName {
    match client_id {
        Some(id) => ClientName::Id(id.clone()),
        None => ClientName::IssuerAndSubject(
            assertion.issuer().to_owned(),
            assertion.subject().to_owned(),
        ),
    }
}

async fn verify(
    gateway: &Gateway,
    client: &ScimClient,
    assertion: &ClientAssertion,
) -> Result<Proven, TokenFailure> {
    let no_trust = TokenFailure::Unproven("the client is not proven by assertions");
    let trust = client.trust.as_ref().ok_or(no_trust)?;
    let expected = AssertionExpectation {
        issuer: &trust.issuer,
        subject: &trust.subject,
        audience: &trust.audience,
    };
    let now = gateway.clock.now();
    let verified = match &trust.keys {
        TrustedKeys::JwksUrl(url) => {
            let providers = &gateway.oidc_providers;
            providers
                .verify_client_assertion(assertion, &expected, url, now)
                .await
        }
        TrustedKeys::Jwks(keys) => {
            let keys = inline_keys::read(keys).map_err(TokenFailure::Internal)?;
            let verdict = assertion.verify(&expected, &keys, now);
            verdict.map_err(AssertionFailure::from)
        }
    };
    match verified {
        Ok(verified) => Ok(Proven::Assertion(trust.clone(), verified)),
        Err(AssertionFailure::Refused(refusal)) => {
            tracing::info!(%refusal, client = %client.id, "a client assertion was refused");
            let told = if refusal.is_signed() {
                TokenError::InvalidClient(refusal.to_string())
            } else {
                TokenError::unproven_client()
            };
            Err(told.into())
        }
        Err(AssertionFailure::Keys(error)) => {
            tracing::warn!(%error, client = %client.id, "an issuer's keys cannot be had");
            let told = "the keys of the assertion's issuer cannot be fetched at the moment";
            Err(TokenError::Unavailable(told.to_owned()).into())
        }
    }
}

fn told(failure: TokenFailure, (id, connection): (RequestId, ConnectionId)) -> TokenError {
    let is_overload = failure.is_overload();
    match failure {
        TokenFailure::Refused(error) => error,
        TokenFailure::Unproven(reason) => {
            tracing::info!(reason, %connection, request_id = %id, "no token was given");
            TokenError::unproven_client()
        }
        TokenFailure::Storage(_) if is_overload => {
            TokenError::Unavailable("the server or its database is busy; try again".to_owned())
        }
        TokenFailure::Internal(_) | TokenFailure::Storage(_) => {
            tracing::error!(request_id = %id, ?failure, "request failed");
            TokenError::Internal(format!("the request {id} failed here; nothing was changed"))
        }
    }
}
