//! The one page that people meet when signing in does not go on: what happened in plain words, what
//! helps, a code, the request, and a message that they can pass on to whoever can mend it.

use std::fmt;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::http::header::REFERRER_POLICY;
use actix_web::http::header::RETRY_AFTER;
use actix_web::http::header::X_FRAME_OPTIONS;
use askama::Template;

use crate::domain::id::RequestId;
use crate::domain::secret::CryptoFailure;
use crate::http::management::error_text::described;
use crate::http::pages::page;
use crate::http::sso::error as sso;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::error::magic_link::MagicLinkError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::sign_in::error::SignInError;

/// Why a hosted page does not go on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum HostedError {
    /// The browser's leg of a sign-in is refused.
    SignIn(SignInError),
    /// A use case refuses.
    Management(ManagementError),
    /// The browser has no sign-in under way.
    NoFlow,
    /// The form belongs to another sign-in than the one that is under way.
    OtherFlow,
    /// There is no such organization, or it has no sign-in page.
    UnknownOrganization,
    /// The project does not let people create organizations.
    MayNotCreate,
    /// Something failed that nobody outside can mend.
    Internal(String),
}

impl From<SignInError> for HostedError {
    fn from(error: SignInError) -> Self {
        Self::SignIn(error)
    }
}

impl From<ManagementError> for HostedError {
    fn from(error: ManagementError) -> Self {
        match error {
            ManagementError::Admission(AdmissionError::Refused(refusal)) => {
                Self::SignIn(SignInError::Policy(refusal))
            }
            ManagementError::Admission(AdmissionError::IntermediateNotFound) => Self::NoFlow,
            ManagementError::MagicLink(MagicLinkError::Unusable | MagicLinkError::NotFound)
            | ManagementError::Password(PasswordError::TokenNotFound) => {
                Self::SignIn(SignInError::LinkNotFound)
            }
            ManagementError::Storage(error) => Self::SignIn(SignInError::Storage(error)),
            other => Self::Management(other),
        }
    }
}

impl From<CryptoFailure> for HostedError {
    fn from(failure: CryptoFailure) -> Self {
        Self::Internal(failure.to_string())
    }
}

/// The page itself.
#[derive(Template)]
#[template(path = "sign_in/error.html")]
pub(crate) struct ErrorPage {
    title: &'static str,
    sentence: String,
    fix: &'static str,
    code: String,
    check: Option<String>,
    request_id: RequestId,
    /// Whether to begin again on the hosted pages may help.
    may_begin_again: bool,
    /// Whether somebody has to be told.
    is_for_others: bool,
    message: String,
    mail: String,
}

const TELL: &str = "Send the message below to whoever looks after sign-in at your company. It has all \
                    that they need to find the cause.";
const AGAIN: &str = "Begin again.";

impl ErrorPage {
    /// The page of a refused sign-in.
    pub(crate) fn of_sign_in(error: &SignInError, request_id: RequestId) -> Self {
        let title = match error {
            SignInError::Logout(_) => "You may not be signed out everywhere",
            error if error.is_refusal() => "You could not be signed in",
            _ => "Signing in does not work right now",
        };
        let check = Some(error.check()).filter(|check| *check != error.code());
        Self {
            check: check.map(str::to_owned),
            ..Self::new(
                (title, sso::sentence(error)),
                sso::fix(error),
                error.code(),
                request_id,
            )
        }
    }

    fn new(
        (title, sentence): (&'static str, String),
        fix: Fix,
        code: &str,
        request_id: RequestId,
    ) -> Self {
        let message = format!(
            "Hello,\n\nI tried to sign in and was told: {title}. {sentence}\n\nCode: {code}\n\
             Request: {request_id}\n\nCan you help?\n"
        );
        Self {
            title,
            fix: match fix {
                Fix::Tell => TELL,
                Fix::Again => AGAIN,
                Fix::Do(text) => text,
            },
            code: code.to_owned(),
            check: None,
            request_id,
            may_begin_again: fix == Fix::Again,
            is_for_others: fix == Fix::Tell,
            mail: mail("I cannot sign in", &message),
            message,
            sentence,
        }
    }
}

/// What helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fix {
    /// Somebody else has to mend it.
    Tell,
    /// To begin again.
    Again,
    /// Something else.
    Do(&'static str),
}

/// A `mailto:` address without a recipient, whom we do not know (RFC 6068).
fn mail(subject: &str, body: &str) -> String {
    let escape = |text: &str| {
        let text = text.replace('\n', "\r\n");
        let escaped: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        escaped.replace('+', "%20")
    };
    format!("mailto:?subject={}&body={}", escape(subject), escape(body))
}

/// A refusal on its way to the browser, with the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HostedRefusal {
    pub(crate) error: HostedError,
    pub(crate) request_id: RequestId,
}

impl HostedRefusal {
    fn page(&self) -> ErrorPage {
        let refused = "You could not be signed in";
        let (told, fix, code) = match &self.error {
            HostedError::SignIn(error) => {
                let told = ErrorPage::of_sign_in(error, self.request_id);
                return ErrorPage {
                    may_begin_again: !told.is_for_others,
                    ..told
                };
            }
            HostedError::NoFlow => (
                "This sign-in is no longer open: it was finished already, took too long, or this \
                 browser does not keep cookies."
                    .to_owned(),
                Fix::Again,
                "sign_in_not_open".to_owned(),
            ),
            HostedError::OtherFlow => (
                "You have begun another sign-in in this browser since, in another tab perhaps. \
                 Nothing was done."
                    .to_owned(),
                Fix::Again,
                "sign_in_replaced".to_owned(),
            ),
            HostedError::UnknownOrganization => (
                "There is no sign-in page at this address.".to_owned(),
                Fix::Again,
                "organization_not_found".to_owned(),
            ),
            HostedError::MayNotCreate => (
                "New organizations are not created here.".to_owned(),
                Fix::Do("Ask whoever runs your organization to invite you."),
                "organization_creation_not_allowed".to_owned(),
            ),
            HostedError::Management(error) => {
                let told = described(error);
                (plain(error, told.message), fix(error), told.error_type)
            }
            HostedError::Internal(_) => (
                "Please try again in a moment.".to_owned(),
                Fix::Tell,
                "internal_server_error".to_owned(),
            ),
        };
        ErrorPage::new((refused, told), fix, &code, self.request_id)
    }
}

/// What the error says to people, where the API's words are for programmers.
fn plain(error: &ManagementError, message: String) -> String {
    match error {
        ManagementError::Request(RequestError::TooManyRequests(seconds)) => {
            format!("There were too many attempts. Wait {seconds} seconds and try again.")
        }
        ManagementError::Password(PasswordError::Busy) => {
            "Very many people are signing in right now.".to_owned()
        }
        _ => message,
    }
}

fn fix(error: &ManagementError) -> Fix {
    match error {
        ManagementError::Request(RequestError::TooManyRequests(_))
        | ManagementError::Password(PasswordError::Busy) => Fix::Do("Try again in a moment."),
        _ => Fix::Tell,
    }
}

impl fmt::Display for HostedRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = self.page();
        write!(f, "{}: {}", page.code, page.sentence)
    }
}

impl ResponseError for HostedRefusal {
    fn status_code(&self) -> StatusCode {
        match &self.error {
            HostedError::SignIn(error) => sso::status(error),
            HostedError::Management(error) => {
                let status = StatusCode::from_u16(described(error).status);
                status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
            HostedError::NoFlow => StatusCode::BAD_REQUEST,
            HostedError::MayNotCreate => StatusCode::FORBIDDEN,
            HostedError::OtherFlow => StatusCode::CONFLICT,
            HostedError::UnknownOrganization => StatusCode::NOT_FOUND,
            HostedError::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        if status.is_server_error() {
            tracing::error!(request_id = %self.request_id, error = ?self.error, "hosted page failed");
        }
        error_response(status, &self.page())
    }
}

/// The answer with an error page.
pub(crate) fn error_response(status: StatusCode, told: &ErrorPage) -> HttpResponse {
    let mut response = page(status, told);
    let headers = response.headers_mut();
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // There is no form on it, and the address that led here may hold a token.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_the_way_into_a_mail() {
        let address = mail("a+b & c", "one\ntwo?");
        assert_eq!(
            address,
            "mailto:?subject=a%2Bb%20%26%20c&body=one%0D%0Atwo%3F"
        );
    }

    #[test]
    fn what_others_wrote_is_escaped_on_the_page() {
        let error = SignInError::InvalidSamlEmail("<script>'&\"".to_owned(), String::new());
        let html = ErrorPage::of_sign_in(&error, RequestId::fresh());
        let html = html.render().unwrap();
        assert!(html.contains("&#60;script&#62;") && !html.contains("<script>"));
        assert!(html.contains("<dd>invalid_saml_response_email</dd>"));
    }
}
