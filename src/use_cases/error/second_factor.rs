//! Why a second factor cannot be given, proven or shown.

use crate::domain::authentication_settings::MfaMethod;

/// Why a second factor cannot be given, proven or shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondFactorError {
    /// The organization does not allow the method.
    MethodNotAllowed(MfaMethod),
    /// The session is another member's.
    MemberMismatch,
    /// The intermediate session holds nothing that counts for the member.
    IntermediateMismatch,
    /// What was proven first is not what the organization asks for.
    FirstFactorFirst,
    /// The member has a second factor, and nothing brought along proves it.
    InsufficientFactors,
    /// The member has a proven authenticator application.
    ActiveTotpExists,
    /// The authenticator application was not proven in time.
    TotpExpired,
    /// The code is none of this time.
    WrongTotp,
    /// The code was accepted before.
    UsedTotp,
    /// The member has no recovery codes.
    RecoveryCodesNotFound,
    /// None of the member's recovery codes.
    WrongRecoveryCode,
    /// The member has no number, and none was given.
    NoPhoneNumber,
    /// No code is on its way to the member.
    CodeNotFound,
    /// Not the code that was sent.
    WrongCode,
}

impl SecondFactorError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        vec![
            Self::MethodNotAllowed(MfaMethod::SmsOtp),
            Self::MemberMismatch,
            Self::IntermediateMismatch,
            Self::FirstFactorFirst,
            Self::InsufficientFactors,
            Self::ActiveTotpExists,
            Self::TotpExpired,
            Self::WrongTotp,
            Self::UsedTotp,
            Self::RecoveryCodesNotFound,
            Self::WrongRecoveryCode,
            Self::NoPhoneNumber,
            Self::CodeNotFound,
            Self::WrongCode,
        ]
    }
}
