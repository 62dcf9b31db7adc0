//! A refusal as a page of the console: what happened and what helps.

use std::fmt;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::http::header::RETRY_AFTER;
use askama::Template;

use crate::domain::id::RequestId;
use crate::http::management::error_text::described;
use crate::http::pages::page;
use crate::use_cases::console_error::ConsoleError;
use crate::use_cases::operator_error::OperatorError;

/// A refusal on its way to the browser, with the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ConsoleRefusal {
    error: ConsoleError,
    request_id: RequestId,
}

#[derive(Template)]
#[template(path = "console/refused.html")]
struct RefusedPage {
    title: &'static str,
    reason: String,
    fix: &'static str,
    request_id: String,
    is_inside: bool,
}

impl ConsoleRefusal {
    /// Pairs errors with the request that they answer.
    pub(crate) fn of(request_id: RequestId) -> impl Fn(ConsoleError) -> Self {
        move |error| Self { error, request_id }
    }

    /// What a form's page says about a value that was not taken.
    pub(super) fn about_input(&self) -> Option<String> {
        let is_input = matches!(self.status_code().as_u16(), 400 | 404 | 409 | 422);
        is_input.then(|| self.reason())
    }

    fn reason(&self) -> String {
        match &self.error {
            ConsoleError::NoSession => "You are not signed in here, or not any more.".to_owned(),
            ConsoleError::DeadLink => {
                "This link was used already, is over, or a newer one was made.".to_owned()
            }
            ConsoleError::Operator(error) => error.to_string(),
            ConsoleError::Management(error) => described(error).message,
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match &self.error {
            ConsoleError::Management(error) => described(error).retry_after,
            ConsoleError::Operator(OperatorError::Storage(_)) => Some(1),
            _ => None,
        }
    }

    fn words(&self) -> (&'static str, &'static str) {
        match &self.error {
            ConsoleError::NoSession | ConsoleError::DeadLink => (
                "This opens nothing",
                "Run `vestibule admin recover` on the server's machine: it prints a new link.",
            ),
            _ if self.status_code().is_server_error() => (
                "This does not work right now",
                "Nothing was changed. The server's log says more under the request's id.",
            ),
            _ => (
                "This was not done",
                "Go back, change what is named above and send it again.",
            ),
        }
    }
}

impl fmt::Display for ConsoleRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())
    }
}

impl ResponseError for ConsoleRefusal {
    fn status_code(&self) -> StatusCode {
        match &self.error {
            ConsoleError::NoSession => StatusCode::UNAUTHORIZED,
            ConsoleError::DeadLink => StatusCode::NOT_FOUND,
            ConsoleError::Operator(OperatorError::Storage(_)) => StatusCode::SERVICE_UNAVAILABLE,
            ConsoleError::Operator(_) => StatusCode::UNPROCESSABLE_ENTITY,
            ConsoleError::Management(error) => StatusCode::from_u16(described(error).status)
                .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    fn error_response(&self) -> HttpResponse {
        if self.status_code().is_server_error() {
            tracing::error!(request_id = %self.request_id, error = ?self.error, "console failed");
        }
        let (title, fix) = self.words();
        let is_inside = !matches!(self.error, ConsoleError::NoSession | ConsoleError::DeadLink);
        let refused = RefusedPage {
            title,
            reason: self.reason(),
            fix,
            request_id: self.request_id.to_string(),
            is_inside,
        };
        let mut response = page(self.status_code(), &refused);
        if let Some(seconds) = self.retry_after() {
            let headers = response.headers_mut();
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
