//! Each refusal of the management API with its status, type and text (contract 1.4, 1.6).

use std::fmt;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use serde_json::json;

use crate::domain::id::RequestId;
use crate::http::management::error_text::described;
use crate::use_cases::error::ManagementError;

/// A refusal on its way to the caller, with the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// What was refused.
    pub error: ManagementError,
    /// The request.
    pub request_id: RequestId,
}

impl ApiError {
    /// Pairs errors with the request that they answer.
    pub fn of(request_id: RequestId) -> impl Fn(ManagementError) -> Self {
        move |error| Self { error, request_id }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let described = described(&self.error);
        write!(f, "{}: {}", described.error_type, described.message)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(described(&self.error).status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let described = described(&self.error);
        if described.status >= 500 {
            tracing::error!(request_id = %self.request_id, error = ?self.error, "request failed");
        }
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = described.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        response.json(json!({
            "status_code": described.status,
            "request_id": self.request_id,
            "error_type": described.error_type,
            "error_message": described.message,
            "error_url": format!("/docs/errors#{}", described.error_type),
        }))
    }
}
