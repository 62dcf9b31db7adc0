//! Why a sign-in does not end in a session.

use crate::domain::policy::Refusal;

/// Why a sign-in does not end in a session.
#[derive(Clone, Debug, PartialEq)]
pub enum AdmissionError {
    /// The SSO token is unknown, used or expired.
    SsoTokenNotFound,
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
    /// The impersonation token is unknown, used or expired.
    ImpersonationTokenNotFound,
    /// A PKCE challenge was given and the verifier is missing.
    MissingCodeVerifier,
    /// A verifier was given without a challenge.
    UnexpectedCodeVerifier,
    /// The verifier does not fit the challenge.
    PkceMismatch,
}

impl AdmissionError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let refusals = [
            Refusal::JitNotAllowed,
            Refusal::ConnectionNotAllowedForJit,
            Refusal::EmailJitNotAllowed,
            Refusal::EmailNotAllowedForJit,
            Refusal::RemovedByDirectory,
            Refusal::MemberDeleted,
            Refusal::MethodNotAllowed,
            Refusal::EmailTaken,
            Refusal::EmailRetired,
            Refusal::DomainClaimed,
        ];
        let mut all: Vec<Self> = refusals.into_iter().map(Self::Refused).collect();
        all.extend([
            Self::SsoTokenNotFound,
            Self::IntermediateNotFound,
            Self::WrongCode,
            Self::ImpersonationTokenNotFound,
            Self::FirstFactorFirst,
            Self::EmailVerificationRequired,
            Self::NothingToTakeAlong,
            Self::MissingCodeVerifier,
            Self::UnexpectedCodeVerifier,
            Self::PkceMismatch,
        ]);
        all
    }
}
