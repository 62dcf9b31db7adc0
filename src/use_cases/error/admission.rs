//! Why a sign-in does not end in a session.

use crate::domain::policy::Refusal;
use crate::use_cases::sign_in::pkce::PkceRefusal;

/// Why a sign-in does not end in a session.
#[derive(Clone, Debug, PartialEq)]
pub enum AdmissionError {
    /// The SSO token is unknown, used or expired.
    SsoTokenNotFound,
    /// The OAuth token is unknown, used or expired.
    OauthTokenNotFound,
    /// The intermediate session is unknown, over or used up.
    IntermediateNotFound,
    /// A code is not the one that was sent last, or it is used up or expired.
    WrongCode,
    /// Nothing that was proven says who somebody is.
    FirstFactorFirst,
    /// Nothing that was proven shows that the address is the person's own.
    EmailVerificationRequired,
    /// Nothing that the session holds counts in another organization.
    NothingToTakeAlong,
    /// A sign-in that the organization's rules refuse, as the token was redeemed.
    Refused(Refusal),
    /// The challenge or its verifier is wrong.
    Pkce(PkceRefusal),
    /// The impersonation token is unknown, used or expired.
    ImpersonationTokenNotFound,
}

impl AdmissionError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let refusals = [
            Refusal::JitNotAllowed,
            Refusal::ConnectionNotAllowedForJit,
            Refusal::EmailJitNotAllowed,
            Refusal::EmailNotAllowedForJit,
            Refusal::OauthTenantJitNotAllowed,
            Refusal::OauthTenantNotAllowedForJit,
            Refusal::RemovedByDirectory,
            Refusal::MemberDeleted,
            Refusal::MethodNotAllowed,
            Refusal::EmailTaken,
            Refusal::EmailRetired,
            Refusal::DomainClaimed,
        ];
        let mut all: Vec<Self> = refusals.into_iter().map(Self::Refused).collect();
        let pkce = [
            PkceRefusal::InvalidChallenge,
            PkceRefusal::MissingVerifier,
            PkceRefusal::UnexpectedVerifier,
            PkceRefusal::Mismatch,
        ];
        all.extend(pkce.map(Self::Pkce));
        all.extend([
            Self::SsoTokenNotFound,
            Self::OauthTokenNotFound,
            Self::IntermediateNotFound,
            Self::WrongCode,
            Self::ImpersonationTokenNotFound,
            Self::FirstFactorFirst,
            Self::EmailVerificationRequired,
            Self::NothingToTakeAlong,
        ]);
        all
    }
}
