//! Why a client assertion proves nothing, and which reasons may be told (RFC 7523 §3).

use std::fmt;

use crate::protocol::oidc::signed_jwt::JwtFault;

/// Why an assertion proves nothing: a variant for each check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the text of each says what it is")]
pub enum AssertionRefusal {
    Malformed(&'static str),
    Algorithm(String),
    KeyUnknown,
    KeyAmbiguous,
    Signature,
    Issuer,
    Subject,
    Audience,
    ExpiryMissing,
    Expired,
    TooLong,
    NotYetValid,
    IssuedInFuture,
    Replayed,
}

impl From<JwtFault> for AssertionRefusal {
    fn from(fault: JwtFault) -> Self {
        match fault {
            JwtFault::Malformed(reason) => Self::Malformed(reason),
            JwtFault::Algorithm(given) => Self::Algorithm(given),
            JwtFault::KeyUnknown => Self::KeyUnknown,
            JwtFault::KeyAmbiguous => Self::KeyAmbiguous,
            JwtFault::Signature => Self::Signature,
        }
    }
}

impl AssertionRefusal {
    /// Whether fresh keys may lead to another verdict.
    pub fn may_be_key_rotation(&self) -> bool {
        matches!(self, Self::KeyUnknown | Self::Signature)
    }

    /// Whether somebody signed this whose keys are trusted, so that the reason may be told.
    pub fn is_signed(&self) -> bool {
        match self {
            Self::Malformed(_)
            | Self::Algorithm(_)
            | Self::KeyUnknown
            | Self::KeyAmbiguous
            | Self::Signature => false,
            Self::Issuer
            | Self::Subject
            | Self::Audience
            | Self::ExpiryMissing
            | Self::Expired
            | Self::TooLong
            | Self::NotYetValid
            | Self::IssuedInFuture
            | Self::Replayed => true,
        }
    }
}

impl fmt::Display for AssertionRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Malformed(reason) => return write!(f, "the assertion is no JWT: {reason}"),
            Self::Algorithm(given) => return write!(f, "the algorithm {given:?} is not accepted"),
            Self::KeyUnknown => "no key of its issuer has the assertion's kid and algorithm",
            Self::KeyAmbiguous => "more than one key of its issuer fits the assertion",
            Self::Signature => "the assertion's signature is wrong",
            Self::Issuer => "the assertion's iss is not the issuer configured for this client",
            Self::Subject => "the assertion's sub is not the subject configured for this client",
            Self::Audience => {
                "the assertion's aud is not the one audience configured for this client"
            }
            Self::ExpiryMissing => "the assertion has no exp",
            Self::Expired => "the assertion has expired",
            Self::TooLong => "the assertion's exp is more than a day away",
            Self::NotYetValid => "the assertion's nbf is still to come",
            Self::IssuedInFuture => "the assertion's iat is still to come",
            Self::Replayed => {
                "the assertion, or its jti, has been used before; sign a new one each time"
            }
        };
        f.write_str(text)
    }
}
