//! Each refusal of a sign-in as a plain page: what happened, whom to tell, and by which code.

use std::fmt;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;

use crate::domain::id::RequestId;
use crate::http::sign_in_pages::error::ErrorPage;
use crate::http::sign_in_pages::error::Fix;
use crate::http::sign_in_pages::error::error_response;
use crate::use_cases::oauth::error::OauthRefusal;
use crate::use_cases::sign_in::error::SignInError;

/// A refusal on its way to the browser, with the request that it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct SignInPage {
    error: SignInError,
    request_id: RequestId,
}

impl SignInPage {
    /// The page for an error.
    pub(crate) fn of(error: SignInError, request_id: RequestId) -> Self {
        Self { error, request_id }
    }
}

impl fmt::Display for SignInPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error.code(), sentence(&self.error))
    }
}

impl ResponseError for SignInPage {
    fn status_code(&self) -> StatusCode {
        status(&self.error)
    }

    fn error_response(&self) -> HttpResponse {
        if !self.error.is_refusal() {
            tracing::error!(request_id = %self.request_id, error = ?self.error, "sign-in failed");
        }
        let told = ErrorPage::of_sign_in(&self.error, self.request_id);
        error_response(self.status_code(), &told)
    }
}

/// The status of a refusal.
pub(crate) fn status(error: &SignInError) -> StatusCode {
    use SignInError as E;
    match error {
        E::OrganizationNotFound
        | E::ConnectionNotFound
        | E::PublicTokenNotFound
        | E::LinkNotFound
        | E::Oauth(OauthRefusal::NotOffered) => StatusCode::NOT_FOUND,
        E::ResponseTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        E::Policy(_) => StatusCode::FORBIDDEN,
        E::ProviderUnreachable(_) | E::Oauth(OauthRefusal::Unreadable(_)) => {
            StatusCode::BAD_GATEWAY
        }
        overload if overload.is_overload() => StatusCode::SERVICE_UNAVAILABLE,
        E::Internal(_) | E::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
        E::InvalidQuery(_)
        | E::PublicTokenRequired
        | E::MissingLocator
        | E::TooManyLocators
        | E::NoActiveConnection
        | E::IndeterminateConnection
        | E::UnregisteredRedirectUrl
        | E::NoRedirectUrl
        | E::InvalidCodeChallenge
        | E::Unstartable(_)
        | E::MissingSamlResponse
        | E::IdpInitiatedDisabled
        | E::UnknownFlow(_)
        | E::MissingCookie(_)
        | E::CookieMismatch(_)
        | E::AlreadyUsed(_)
        | E::InvalidSamlEmail(..)
        | E::MissingSamlEmail(..)
        | E::MissingSamlUserId(..)
        | E::TransientNameId
        | E::Saml(_)
        | E::Logout(_)
        | E::Oauth(_)
        | E::Oidc(_) => StatusCode::BAD_REQUEST,
    }
}

/// What helps against a refusal.
pub(crate) fn fix(error: &SignInError) -> Fix {
    use SignInError as E;
    match error {
        E::LinkNotFound => Fix::Do("Ask for another one, or begin again."),
        E::UnknownFlow(_) | E::MissingCookie(_) | E::CookieMismatch(_) | E::AlreadyUsed(_) => {
            Fix::Do("Begin again in the application.")
        }
        overload if overload.is_overload() => Fix::Do("Try again in a moment."),
        _ => Fix::Tell,
    }
}

/// What happened, in plain words.
pub(crate) fn sentence(error: &SignInError) -> String {
    use SignInError as E;
    match error {
        E::Saml(rejection) => format!(
            "Your identity provider's answer was not accepted: {}.",
            rejection.check.rule()
        ),
        E::Oidc(rejection) => {
            format!("Your identity provider's answer was not accepted: {rejection}.")
        }
        E::Oauth(refusal) => refusal.sentence(),
        E::Policy(refusal) => refusal.sentence().to_owned(),
        E::InvalidQuery(reason) => format!("The link that led here cannot be read: {reason}."),
        E::Unstartable(reason) => {
            format!("The connection to your identity provider is not set up rightly: {reason}.")
        }
        E::InvalidSamlEmail(attribute, _) => format!(
            "Your identity provider sent no e-mail address in {attribute:?}, where this \
             connection expects it."
        ),
        E::MissingSamlEmail(attribute, came) => format!(
            "Your identity provider sent nothing in {attribute:?}, where this connection expects \
             your e-mail address. It sent: {came}."
        ),
        E::MissingSamlUserId(attribute, came) => format!(
            "Your identity provider sent nothing in {attribute:?}, by which this connection \
             knows people. It sent: {came}."
        ),
        E::Logout(rejection) => format!(
            "Your identity provider's logout message was not accepted: {}.",
            rejection.check.rule()
        ),
        other => fixed_sentence(other).to_owned(),
    }
}

fn fixed_sentence(error: &SignInError) -> &'static str {
    use SignInError as E;
    match error {
        E::MissingLocator => "The link that led here names no connection or organization.",
        E::TooManyLocators => {
            "The link that led here names a connection and an organization; it may name only one."
        }
        E::PublicTokenRequired => "The link that led here has no public_token.",
        E::PublicTokenNotFound => "The public_token of the link that led here is not known.",
        E::OrganizationNotFound => "There is no such organization.",
        E::ConnectionNotFound => "There is no such connection, or it is not set up completely.",
        E::NoActiveConnection => "Your organization has not set up single sign-on.",
        E::IndeterminateConnection => {
            "Your organization has several connections; the link must name one of them."
        }
        E::NoRedirectUrl => {
            "The application has not registered a URL where people return to after signing in."
        }
        E::UnregisteredRedirectUrl => {
            "The link that led here wants to return to a URL that the application has not \
             registered."
        }
        E::LinkNotFound => {
            "This link was used already, or it has expired. Ask for another one in the application."
        }
        E::InvalidCodeChallenge => {
            "The pkce_code_challenge must be 43 characters of base64url, made with S256."
        }
        E::ResponseTooLarge => "The answer of your identity provider is too large.",
        E::MissingSamlResponse => "Your identity provider sent no SAMLResponse.",
        E::IdpInitiatedDisabled => {
            "This sign-in began at your identity provider, which this connection does not allow. \
             Begin in the application instead."
        }
        E::UnknownFlow(_) => {
            "This sign-in is no longer open: it was finished already or took longer than ten \
             minutes. Begin again in the application."
        }
        E::MissingCookie(_) => {
            "This browser did not begin the sign-in, or it refuses cookies. Begin again in the \
             application, in one browser."
        }
        E::CookieMismatch(_) => {
            "Another browser began this sign-in. Begin again in the application, in one browser."
        }
        E::AlreadyUsed(_) => "This answer was used already. Begin again in the application.",
        E::TransientNameId => {
            "Your identity provider names you differently each time (a transient NameID). Its \
             administrator must send a lasting one, or map idp_user_id."
        }
        E::ProviderUnreachable(_) => "Your identity provider does not answer as it should.",
        _ => "Please try again in a moment.",
    }
}
