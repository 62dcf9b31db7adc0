//! An ID token before its verification, read only to say what is wrong with it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::Utc;
use openidconnect::ClaimsVerificationError;
use openidconnect::SignatureVerificationError;
use serde_json::Map;
use serde_json::Value;

use crate::protocol::oidc::error::Rejection;
use crate::protocol::oidc::expectation::ACCEPTED_ALGORITHMS;
use crate::protocol::oidc::expectation::Expectation;
use crate::protocol::oidc::expectation::LEEWAY;

/// Header and claims as anybody could have written them.
pub(crate) struct UnverifiedToken {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl UnverifiedToken {
    /// Reads header and claims.
    pub(crate) fn read(raw: &str) -> Result<Self, Rejection> {
        let mut parts = raw.split('.');
        let (Some(header), Some(claims), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            let reason = "it does not have three parts".to_owned();
            return Err(Rejection::IdTokenMalformed { reason });
        };
        Ok(Self {
            header: read_part("header", header)?,
            claims: read_part("claims", claims)?,
        })
    }

    /// Refuses algorithms that are not accepted before anything is computed.
    pub(crate) fn check_algorithm(&self) -> Result<(), Rejection> {
        let algorithm = self
            .header
            .get("alg")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if ACCEPTED_ALGORITHMS.contains(&algorithm) {
            return Ok(());
        }
        let received = algorithm.to_owned();
        Err(Rejection::AlgorithmRefused { received })
    }

    /// Refuses a token that lacks a claim.
    pub(crate) fn check_presence(&self) -> Result<(), Rejection> {
        let is_absent = |name: &str| self.claims.get(name).is_none_or(Value::is_null);
        if self.text("sub").is_empty() {
            return Err(Rejection::SubjectMissing);
        }
        if is_absent("iat") {
            return Err(Rejection::IssuedAtMissing);
        }
        if is_absent("exp") {
            return Err(Rejection::ExpiryMissing);
        }
        if self.text("nonce").is_empty() {
            return Err(Rejection::NonceMissing);
        }
        Ok(())
    }

    /// The claims, once the token they stand in has been verified.
    pub(crate) fn into_claims(self) -> Map<String, Value> {
        self.claims
    }

    fn text(&self, claim: &str) -> &str {
        self.claims
            .get(claim)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn kid(&self) -> Option<String> {
        self.header
            .get("kid")
            .and_then(Value::as_str)
            .map(str::to_owned)
    }

    fn audiences(&self) -> Vec<String> {
        match self.claims.get("aud") {
            Some(Value::String(audience)) => vec![audience.clone()],
            Some(Value::Array(audiences)) => audiences
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        }
    }

    // A time that cannot be read here has been read by the library, so only the message suffers.
    fn time(&self, claim: &str) -> DateTime<Utc> {
        let text = self
            .claims
            .get(claim)
            .map(Value::to_string)
            .unwrap_or_default();
        let seconds = text
            .split('.')
            .next()
            .and_then(|seconds| seconds.parse().ok());
        seconds
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .unwrap_or_default()
    }

    /// What the library's error means for this token.
    pub(crate) fn rejection(
        &self,
        error: ClaimsVerificationError,
        expectation: &Expectation<'_>,
        now: DateTime<Utc>,
    ) -> Rejection {
        match error {
            ClaimsVerificationError::InvalidIssuer(_) => Rejection::Issuer {
                expected: expectation.issuer.to_owned(),
                received: self.text("iss").to_owned(),
            },
            ClaimsVerificationError::InvalidAudience(_) => self.audience(expectation),
            ClaimsVerificationError::InvalidNonce(_) => Rejection::NonceMismatch,
            ClaimsVerificationError::Expired(_) => self.wrong_time(now),
            ClaimsVerificationError::SignatureVerification(error) => self.signature(error),
            ClaimsVerificationError::Unsupported(reason) => Rejection::HeaderRefused { reason },
            other => Rejection::IdTokenMalformed {
                reason: other.to_string(),
            },
        }
    }

    fn audience(&self, expectation: &Expectation<'_>) -> Rejection {
        let expected = expectation.client_id.to_owned();
        let received = self.audiences();
        if received.contains(&expected) {
            Rejection::ExtraAudience { expected, received }
        } else {
            Rejection::Audience { expected, received }
        }
    }

    // The library reports both times in the same way.
    fn wrong_time(&self, now: DateTime<Utc>) -> Rejection {
        let received = self.time("exp");
        if received <= now - LEEWAY {
            return Rejection::Expired { now, received };
        }
        let received = self.time("iat");
        Rejection::IssuedInFuture { now, received }
    }

    fn signature(&self, error: SignatureVerificationError) -> Rejection {
        let kid = self.kid();
        match error {
            SignatureVerificationError::NoMatchingKey => Rejection::KeyUnknown { kid },
            SignatureVerificationError::AmbiguousKeyId(_) => Rejection::KeyAmbiguous { kid },
            SignatureVerificationError::CryptoError(_) => Rejection::SignatureInvalid { kid },
            SignatureVerificationError::DisallowedAlg(received)
            | SignatureVerificationError::UnsupportedAlg(received) => {
                Rejection::AlgorithmRefused { received }
            }
            other => Rejection::KeyUnusable {
                kid,
                reason: other.to_string(),
            },
        }
    }
}

fn read_part(name: &str, part: &str) -> Result<Map<String, Value>, Rejection> {
    let malformed = |reason: &str| Rejection::IdTokenMalformed {
        reason: format!("its {name}: {reason}"),
    };
    let json = BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|error| malformed(&error.to_string()))?;
    serde_json::from_slice(&json).map_err(|error| malformed(&error.to_string()))
}
