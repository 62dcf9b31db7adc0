//! Refusals as a SCIM client reads them (RFC 7644 §3.12).

use std::fmt;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::http::header::RETRY_AFTER;
use actix_web::http::header::WWW_AUTHENTICATE;

use crate::domain::id::RequestId;
use crate::http::scim::reply::MEDIA_TYPE;
use crate::protocol::scim::error::ScimError;
use crate::use_cases::provisioning::error::ProvisioningError;

/// A refusal on its way to the client, with the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScimFailure {
    /// What was refused.
    pub(crate) error: ProvisioningError,
    /// The request.
    pub(crate) request_id: RequestId,
}

impl ScimFailure {
    /// Pairs errors with the request that they answer.
    pub(crate) fn of<E: Into<ProvisioningError>>(request_id: RequestId) -> impl Fn(E) -> Self {
        move |error| Self {
            error: error.into(),
            request_id,
        }
    }

    fn told(&self) -> ScimError {
        match &self.error {
            ProvisioningError::Scim(error) => error.clone(),
            ProvisioningError::MemberRefused(refused) => refused.told.clone(),
            ProvisioningError::Unauthorized => ScimError::Unauthorized(
                "the bearer token is missing, unknown or expired, or belongs to another \
                 connection; send the token of this connection, or an access token that its token \
                 endpoint gave, in the Authorization header"
                    .to_owned(),
            ),
            ProvisioningError::TooManyRequests(seconds) => {
                ScimError::TooManyRequests(format!("too many requests; wait {seconds} s"))
            }
            ProvisioningError::Storage(_) => ScimError::Internal(format!(
                "the request {} failed here; nothing was changed",
                self.request_id
            )),
        }
    }
}

impl fmt::Display for ScimFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told().fmt(f)
    }
}

impl ResponseError for ScimFailure {
    fn status_code(&self) -> StatusCode {
        if self.error.is_overload() {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        StatusCode::from_u16(self.told().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut body = self.told().to_json();
        let mut response = HttpResponse::build(status);
        response.insert_header((CONTENT_TYPE, MEDIA_TYPE));
        if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
            tracing::error!(request_id = %self.request_id, error = ?self.error, "request failed");
        }
        if self.error.is_overload() {
            response.insert_header((RETRY_AFTER, "1"));
            if let Some(fields) = body.as_object_mut() {
                fields.insert("status".to_owned(), "503".into());
            }
        }
        if let ProvisioningError::TooManyRequests(seconds) = self.error {
            response.insert_header((RETRY_AFTER, seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"SCIM\""));
        }
        response.json(body)
    }
}
