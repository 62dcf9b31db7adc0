//! The one catalogue of refusals: for each of them, what helps. Every enum is matched without a
//! wildcard, so that a refusal without a remedy does not compile.

use crate::domain::policy::Refusal;
use crate::protocol::saml::Check;
use crate::protocol::scim::error::ScimError;
use crate::use_cases::error::second_factor::SecondFactorError;
use crate::use_cases::explain::remedy::Remedy;
use crate::use_cases::oauth::error::OauthRefusal;
use crate::use_cases::sign_in::error::SignInError;

mod checks;
pub mod joining;
pub mod scim;
pub mod sso;

/// The remedy with a name, as refusals keep it.
pub fn named(name: &str) -> Option<&'static Remedy> {
    let mut all = sso::ALL.iter().chain(joining::ALL).chain(scim::ALL);
    all.find(|remedy| remedy.name == name)
}

/// What helps when a sign-in is refused.
pub fn of_sign_in(error: &SignInError) -> Remedy {
    use SignInError as E;
    match error {
        E::Policy(refusal) => of_policy(*refusal),
        E::Saml(rejection) => checks::of_saml(&rejection.check),
        E::Oidc(rejection) => checks::of_oidc(rejection),
        E::Oauth(refusal) => of_oauth(refusal),
        E::Logout(_) => sso::LOGOUT,
        E::InvalidQuery(_)
        | E::MissingLocator
        | E::TooManyLocators
        | E::PublicTokenRequired
        | E::PublicTokenNotFound
        | E::OrganizationNotFound
        | E::ConnectionNotFound
        | E::UnregisteredRedirectUrl
        | E::NoRedirectUrl
        | E::InvalidCodeChallenge => sso::LINK,
        E::NoActiveConnection | E::IndeterminateConnection | E::Unstartable(_) => sso::NOT_SET_UP,
        E::ResponseTooLarge | E::MissingSamlResponse => sso::DOCUMENT,
        E::IdpInitiatedDisabled => sso::IDP_INITIATED,
        E::LinkNotFound | E::UnknownFlow(_) | E::AlreadyUsed(_) => sso::BEGIN_AGAIN,
        E::MissingCookie(_) | E::CookieMismatch(_) => sso::COOKIE,
        E::InvalidSamlEmail(..)
        | E::MissingSamlEmail(..)
        | E::MissingSamlUserId(..)
        | E::TransientNameId => sso::ATTRIBUTES,
        E::ProviderUnreachable(_) => sso::UNREACHABLE,
        E::Internal(_) | E::Storage(_) => sso::OURS,
    }
}

/// What helps against a refusal of which only the name of the check is known.
pub fn of_check(code: &str) -> Option<Remedy> {
    let mut checks = Check::ALL.iter();
    let found = checks.find(|check| check.code() == code);
    found.map(checks::of_saml)
}

/// What helps when the organization's rules refuse somebody.
pub fn of_policy(refusal: Refusal) -> Remedy {
    match refusal {
        Refusal::JitNotAllowed => joining::JIT_OFF,
        Refusal::ConnectionNotAllowedForJit => joining::JIT_CONNECTION,
        Refusal::EmailJitNotAllowed => joining::EMAIL_JIT_OFF,
        Refusal::EmailNotAllowedForJit => joining::EMAIL_DOMAIN,
        Refusal::OauthTenantJitNotAllowed => joining::OAUTH_TENANT_OFF,
        Refusal::OauthTenantNotAllowedForJit => joining::OAUTH_TENANT,
        Refusal::RemovedByDirectory => joining::DIRECTORY_REMOVED,
        Refusal::MemberDeleted => joining::MEMBER_DELETED,
        Refusal::MethodNotAllowed => joining::METHOD,
        Refusal::EmailTaken => joining::EMAIL_TAKEN,
        Refusal::EmailRetired => joining::EMAIL_RETIRED,
        Refusal::DomainClaimed => joining::DOMAIN_CLAIMED,
    }
}

/// What helps when a sign-in with an OAuth provider is refused.
pub fn of_oauth(refusal: &OauthRefusal) -> Remedy {
    match refusal {
        OauthRefusal::NotOffered | OauthRefusal::Unreadable(_) => sso::OAUTH,
        OauthRefusal::OrganizationRequired
        | OauthRefusal::UnregisteredRedirectUrl
        | OauthRefusal::ReservedParameter(_) => sso::LINK,
    }
}

/// What helps when a second factor is refused.
pub fn of_second_factor(error: &SecondFactorError) -> Remedy {
    use SecondFactorError as E;
    match error {
        E::MethodNotAllowed(_) => joining::FACTOR_METHOD,
        E::MemberMismatch
        | E::IntermediateMismatch
        | E::FirstFactorFirst
        | E::InsufficientFactors
        | E::ActiveTotpExists
        | E::NoPhoneNumber => joining::FACTOR_ORDER,
        E::TotpExpired
        | E::WrongTotp
        | E::UsedTotp
        | E::RecoveryCodesNotFound
        | E::WrongRecoveryCode
        | E::CodeNotFound
        | E::WrongCode => joining::SECOND_FACTOR,
    }
}

/// What helps when a directory's request is refused.
pub fn of_scim(error: &ScimError) -> Remedy {
    use ScimError as E;
    match error {
        E::Unauthorized(_) => scim::TOKEN,
        E::Uniqueness(_) | E::Conflict(_) => scim::UNIQUENESS,
        E::InvalidFilter(_)
        | E::Mutability(_)
        | E::InvalidSyntax(_)
        | E::InvalidPath(_)
        | E::NoTarget(_)
        | E::InvalidValue(_)
        | E::InvalidCursor(_)
        | E::ExpiredCursor(_)
        | E::InvalidCount(_)
        | E::InvalidVersion(_)
        | E::Sensitive(_) => scim::VALUE,
        E::NotFound(_) => scim::MISSING,
        E::PreconditionFailed(_) => scim::VERSION,
        E::Forbidden(_) => scim::FORBIDDEN,
        E::TooMany(_) | E::PayloadTooLarge(_) => scim::SIZE,
        E::TooManyRequests(_) => scim::RATE,
        E::MethodNotAllowed(_) | E::UnsupportedMediaType(_) | E::NotImplemented(_) => {
            scim::UNSUPPORTED
        }
        E::Internal(_) => scim::OURS,
    }
}

/// The same for what the request log kept of it: the status and the `scimType` of the answer.
pub fn of_logged(status: u16, scim_type: Option<&str>) -> Remedy {
    match (status, scim_type) {
        (401, _) => scim::TOKEN,
        (403, _) => scim::FORBIDDEN,
        (404, _) => scim::MISSING,
        (409, _) => scim::UNIQUENESS,
        (412, _) => scim::VERSION,
        (413, _) | (_, Some("tooMany")) => scim::SIZE,
        (429, _) => scim::RATE,
        (405 | 415 | 501, _) => scim::UNSUPPORTED,
        (500.., _) => scim::OURS,
        _ => scim::VALUE,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_remedy_says_what_to_do_and_where_under_a_name_of_its_own() {
        let mut names = HashSet::new();
        for remedy in sso::ALL.iter().chain(joining::ALL).chain(scim::ALL) {
            assert!(names.insert(remedy.name), "{} twice", remedy.name);
            assert_eq!(named(remedy.name), Some(remedy));
            for text in [remedy.meaning, remedy.fix] {
                assert!(
                    text.ends_with('.') && text.len() > 20,
                    "{}: {text}",
                    remedy.name
                );
            }
            assert!(!remedy.place.is_empty());
        }
        assert_eq!(named("no such remedy"), None);
    }

    #[test]
    fn what_the_request_log_keeps_leads_to_the_remedy_of_the_error_itself() {
        let text = || "detail".to_owned();
        for error in [
            ScimError::Unauthorized(text()),
            ScimError::Forbidden(text()),
            ScimError::NotFound(text()),
            ScimError::MethodNotAllowed(text()),
            ScimError::Uniqueness(text()),
            ScimError::Conflict(text()),
            ScimError::InvalidValue(text()),
            ScimError::InvalidFilter(text()),
            ScimError::TooMany(text()),
            ScimError::PreconditionFailed(text()),
            ScimError::PayloadTooLarge(text()),
            ScimError::UnsupportedMediaType(text()),
            ScimError::TooManyRequests(text()),
            ScimError::Internal(text()),
            ScimError::NotImplemented(text()),
        ] {
            let logged = of_logged(error.status(), error.scim_type());
            assert_eq!(logged, of_scim(&error), "{error:?}");
        }
    }
}
