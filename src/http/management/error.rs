//! Each refusal of the management API with its status, type and text (contract 1.4, 1.6).

use std::fmt;

use actix_web::Error;
use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::body::BoxBody;
use actix_web::body::EitherBody;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::middleware::Next;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::RequestId;
use crate::http::management::error_text::described;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;

/// A refusal on its way to the caller, with the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// What was refused.
    pub error: ManagementError,
    /// The request.
    pub request_id: RequestId,
}

/// Every answer that is no success.
#[derive(Serialize, ToSchema)]
pub(crate) struct Refusal {
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status_code: u16,
    /// Names the request in the server's log, too.
    request_id: RequestId,
    /// What programs branch on.
    error_type: String,
    /// What was wrong and what would be right.
    error_message: String,
    /// The page that explains the error type.
    error_url: String,
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
        self.response("")
    }
}

impl ApiError {
    /// The answer, with the error's page under this URL.
    fn response(&self, public_url: &str) -> HttpResponse {
        let described = described(&self.error);
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = described.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        response.json(Refusal {
            status_code: described.status,
            request_id: self.request_id,
            error_url: format!("{public_url}/docs/errors#{}", described.error_type),
            error_type: described.error_type,
            error_message: described.message,
        })
    }
}

/// Answers with the refusal that a handler came to: logs it if it is the server's own fault, and
/// gives the link to its page, since refusals know nothing of the deployment.
pub(crate) async fn refuse<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let gateway = request.app_data::<Data<Gateway>>().cloned();
    let answered = next.call(request).await?;
    let error = answered.response().error();
    let Some(refusal) = error.and_then(Error::as_error::<ApiError>).cloned() else {
        return Ok(answered.map_into_left_body());
    };
    if refusal.status_code().is_server_error() {
        tracing::error!(request_id = %refusal.request_id, error = ?refusal.error, "request failed");
    }
    let public_url = gateway.map_or_else(String::new, |it| it.deployment.public_url.clone());
    let answer = refusal.response(public_url.trim_end_matches('/'));
    Ok(answered.into_response(answer).map_into_right_body())
}
