//! Why a session cannot be used, opened or extended.

use crate::domain::session::SessionRefusal;

/// Why a session cannot be used, opened or extended.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionError {
    /// No token and no JWT were given.
    NoArguments,
    /// Both a token and a JWT were given.
    TooManyArguments,
    /// Nothing says which sessions have to end.
    NoRevocationArguments,
    /// More than one thing says which sessions have to end.
    TooManyRevocationArguments,
    /// The session is unknown, over or revoked.
    NotFound,
    /// The JWT is none of ours: why.
    UnparsableJwt(String),
    /// The session cannot be opened or extended as asked.
    Refused(SessionRefusal),
    /// The session's roles do not allow the action.
    Authorization,
    /// Somebody acts as the member, and what was asked for would outlast that.
    Impersonated,
    /// The session belongs to another organization.
    Tenancy,
    /// The URL to return to after a logout is not registered.
    UnregisteredLogoutUrl,
    /// Trusted metadata was given on behalf of a member.
    TrustedMetadata,
}

impl SessionError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let refusals = [
            SessionRefusal::InvalidDuration,
            SessionRefusal::CustomClaimsTooLarge,
            SessionRefusal::ReservedNamespace,
        ];
        let mut all: Vec<Self> = refusals.into_iter().map(Self::Refused).collect();
        all.extend([
            Self::NoArguments,
            Self::TooManyArguments,
            Self::NoRevocationArguments,
            Self::TooManyRevocationArguments,
            Self::NotFound,
            Self::UnparsableJwt("the session JWT names no session".to_owned()),
            Self::Authorization,
            Self::Impersonated,
            Self::Tenancy,
            Self::TrustedMetadata,
            Self::UnregisteredLogoutUrl,
        ]);
        all
    }
}
