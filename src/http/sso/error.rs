//! Each refusal of a sign-in as a plain page: what happened, whom to tell, and by which code.

use std::fmt;

use actix_web::HttpResponse;
use actix_web::ResponseError;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::http::header::REFERRER_POLICY;
use actix_web::http::header::RETRY_AFTER;
use actix_web::http::header::X_CONTENT_TYPE_OPTIONS;
use actix_web::http::header::X_FRAME_OPTIONS;

use crate::domain::id::RequestId;
use crate::http::html::document;
use crate::http::html::escape;
use crate::http::html::policy;
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

    fn html(&self) -> String {
        let title = match &self.error {
            SignInError::Logout(_) => "You may not be signed out everywhere",
            error if error.is_refusal() => "You could not be signed in",
            _ => "Signing in does not work right now",
        };
        let (code, check) = (self.error.code(), self.error.check());
        let check = if check == code {
            String::new()
        } else {
            format!("<dt>Check</dt><dd>{}</dd>", escape(check))
        };
        let told = format!(
            "<p>{sentence}</p><dl><dt>Code</dt><dd>{code}</dd>{check}\
             <dt>Request</dt><dd>{request_id}</dd></dl>",
            sentence = escape(&sentence(&self.error)),
            code = escape(code),
            request_id = self.request_id,
        );
        document(title, &told)
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
        let mut response = HttpResponse::build(self.status_code());
        if self.status_code() == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((RETRY_AFTER, "1"));
        }
        response
            .insert_header((CONTENT_SECURITY_POLICY, policy()))
            .insert_header((X_FRAME_OPTIONS, "DENY"))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((REFERRER_POLICY, "no-referrer"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .content_type("text/html; charset=utf-8")
            .body(self.html())
    }
}

fn status(error: &SignInError) -> StatusCode {
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

fn sentence(error: &SignInError) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_escaped_on_the_page() {
        let error = SignInError::InvalidSamlEmail("<script>'&\"".to_owned(), String::new());
        let html = SignInPage::of(error, RequestId::fresh()).html();
        assert!(html.contains("&lt;script&gt;") && !html.contains("<script"));
        assert!(html.contains("<dd>invalid_saml_response_email</dd>"));
    }
}
