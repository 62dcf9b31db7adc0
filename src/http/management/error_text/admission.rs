//! The table of refusals about a sign-in.

use crate::domain::policy::Refusal;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::sign_in::pkce::PkceRefusal;

pub(super) fn described(error: &AdmissionError) -> Described {
    use AdmissionError as E;
    match error {
        E::Refused(refusal) => refused(*refusal),
        E::IntermediateNotFound => told(
            404,
            "intermediate_session_not_found",
            "The intermediate session is unknown, used already, or over after ten minutes; the \
             person signs in again.",
        ),
        E::FirstFactorFirst => told(
            400,
            "action_available_only_once_primary_authentication_is_met",
            "A second factor alone lets nobody in; give the intermediate_session_token or the \
             session of a first one.",
        ),
        E::EmailVerificationRequired => told(
            400,
            "email_verification_required",
            "The way in which the person signed in does not prove the address; let them read a mail \
             or sign in with Google or Microsoft first.",
        ),
        E::NothingToTakeAlong => told(
            400,
            "insufficient_factors_for_session_exchange",
            "The session holds nothing that counts in another organization: only a mail that was \
             read and an OAuth sign-in do.",
        ),
        E::WrongCode => told(
            401,
            "unable_to_auth_otp_code",
            "The code is not the one that was sent last, or it is used, expired, or was tried too \
             often; ask for a new one.",
        ),
        E::ImpersonationTokenNotFound => told(
            404,
            "impersonation_token_not_found",
            "The impersonation token is unknown, used already, or over after five minutes; an \
             operator makes another one.",
        ),
        E::OauthTokenNotFound => told(
            404,
            "oauth_token_not_found",
            "The token is unknown, used already, or expired; the person signs in again.",
        ),
        E::SsoTokenNotFound => told(
            404,
            "sso_token_not_found",
            "The token is unknown, used already, or expired; the person signs in again.",
        ),
        E::Pkce(refusal) => pkce(*refusal),
    }
}

fn pkce(refusal: PkceRefusal) -> Described {
    match refusal {
        PkceRefusal::InvalidChallenge => told(
            400,
            "invalid_pkce_code_challenge",
            "The pkce_code_challenge must be 43 characters of base64url, made with S256.",
        ),
        PkceRefusal::MissingVerifier => told(
            400,
            "pkce_expected_code_verifier",
            "The sign-in began with a PKCE challenge; give its pkce_code_verifier.",
        ),
        PkceRefusal::UnexpectedVerifier => told(
            400,
            "pkce_did_not_expect_code_verifier",
            "The sign-in began without a PKCE challenge; leave pkce_code_verifier out.",
        ),
        PkceRefusal::Mismatch => told(
            400,
            "pkce_mismatch",
            "pkce_code_verifier does not fit the challenge that the sign-in began with.",
        ),
    }
}

fn refused(refusal: Refusal) -> Described {
    let (status, error_type) = match refusal {
        Refusal::JitNotAllowed | Refusal::ConnectionNotAllowedForJit => {
            (400, "invalid_connection_for_jit_provisioning")
        }
        Refusal::EmailJitNotAllowed => (400, "email_jit_provisioning_not_allowed"),
        Refusal::EmailNotAllowedForJit => (400, "invalid_email_for_jit_provisioning"),
        Refusal::OauthTenantJitNotAllowed => (400, "oauth_tenant_jit_provisioning_not_allowed"),
        Refusal::OauthTenantNotAllowedForJit => (400, "invalid_oauth_tenant_for_jit_provisioning"),
        Refusal::RemovedByDirectory | Refusal::MemberDeleted => {
            (400, "action_available_only_for_active_members")
        }
        Refusal::MethodNotAllowed => (400, "operation_restricted_by_organization_auth_methods"),
        Refusal::EmailTaken => (400, "duplicate_member_email"),
        Refusal::EmailRetired => (400, "retired_member_email"),
        Refusal::DomainClaimed => (400, "action_not_allowed_email_domain_is_claimed"),
    };
    told(status, error_type, refusal.sentence())
}
