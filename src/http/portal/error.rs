//! A refusal as a page of the portal: what happened, what helps, and by which code to ask for help.

use std::fmt;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::http::header::RETRY_AFTER;
use askama::Template;

use crate::domain::id::RequestId;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::described;
use crate::http::pages::page;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::session::SessionError;

/// A refusal on its way to the browser, with the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PortalRefusal {
    /// What was refused.
    pub(crate) error: ManagementError,
    /// The request.
    pub(crate) request_id: RequestId,
}

#[derive(Template)]
#[template(path = "portal/refused.html")]
struct RefusedPage<'t> {
    title: &'static str,
    reason: &'t str,
    fix: &'static str,
    code: &'t str,
    request_id: String,
    is_inside: bool,
}

impl PortalRefusal {
    /// Pairs errors with the request that they answer.
    pub(crate) fn of(request_id: RequestId) -> impl Fn(ManagementError) -> Self {
        move |error| Self { error, request_id }
    }

    /// What a form's page says about a value that was not taken; `None` where the caller may not
    /// do this at all, or something failed.
    pub(crate) fn about_input(&self) -> Option<String> {
        let told = described(&self.error);
        let is_input = matches!(told.status, 400 | 404 | 409 | 422);
        (is_input && !self.is_about_the_link()).then_some(told.message)
    }

    fn is_about_the_link(&self) -> bool {
        matches!(self.error, ManagementError::PortalLink(_))
    }

    fn words(&self, told: &Described) -> (&'static str, &'static str) {
        if self.is_about_the_link() {
            return (
                "This link does not lead in",
                "Open the newest link that you were sent. If it does not work either, ask for \
                 another one where you got it; nothing of what you set up is lost.",
            );
        }
        if matches!(
            self.error,
            ManagementError::Session(SessionError::Authorization)
        ) {
            return (
                "This is not allowed here",
                "The application does not let its customers change this. Ask its makers.",
            );
        }
        match told.status {
            429 => (
                "That was too often",
                "Nothing was changed. Wait as long as it says above, then try again.",
            ),
            404 => (
                "This is not here",
                "It may have been removed meanwhile. Go back to the portal's home page.",
            ),
            400..=499 => (
                "This was not taken",
                "Go back, change what is named above and send it again.",
            ),
            _ => (
                "This does not work right now",
                "Nothing was changed. Try again in a moment; if it stays so, tell whoever sent \
                 you the link what is below.",
            ),
        }
    }
}

impl fmt::Display for PortalRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = described(&self.error);
        write!(f, "{}: {}", told.error_type, told.message)
    }
}

impl ResponseError for PortalRefusal {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(described(&self.error).status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let told = described(&self.error);
        if self.status_code().is_server_error() {
            tracing::error!(request_id = %self.request_id, error = ?self.error, "portal failed");
        }
        let (title, fix) = self.words(&told);
        let refused = RefusedPage {
            title,
            reason: &told.message,
            fix,
            code: &told.error_type,
            request_id: self.request_id.to_string(),
            is_inside: !self.is_about_the_link(),
        };
        let mut response = page(self.status_code(), &refused);
        if let Some(seconds) = told.retry_after {
            let headers = response.headers_mut();
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
