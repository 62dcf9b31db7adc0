//! A client's assertion of who it is, verified at a given instant (RFC 7523 §3).

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use openidconnect::JsonWebKey;
use openidconnect::JsonWebKeyAlgorithm;
use openidconnect::JsonWebKeyUse;
use openidconnect::JwsSigningAlgorithm;
use openidconnect::core::CoreJsonWebKey;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde_json::Map;
use serde_json::Value;

use crate::protocol::oidc::Jwks;
use crate::protocol::oidc::expectation::ACCEPTED_ALGORITHMS;
use crate::protocol::oidc::expectation::LEEWAY;

/// How long before its expiry an assertion may be used.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// What an assertion must say.
#[derive(Clone, Copy, Debug)]
pub struct AssertionExpectation<'a> {
    /// Its `iss`.
    pub issuer: &'a str,
    /// Its `sub`.
    pub subject: &'a str,
    /// Its one `aud`.
    pub audience: &'a str,
}

/// What of a verified assertion is still of use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// Its `jti`, if it has one; it is good once.
    pub id: Option<String>,
    /// Until when it could be presented again.
    pub usable_until: DateTime<Utc>,
}

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
            Self::Replayed => "the assertion's jti has been used before; sign a new one each time",
        };
        f.write_str(text)
    }
}

/// An assertion as anybody could have written it.
#[derive(Clone)]
pub struct ClientAssertion {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: String,
    signature: Vec<u8>,
}

impl ClientAssertion {
    /// Takes a compact JWS apart (RFC 7515 §7.1).
    ///
    /// # Errors
    /// It is none.
    pub fn read(raw: &str) -> Result<Self, AssertionRefusal> {
        let malformed = AssertionRefusal::Malformed;
        let (signed, signature) = raw
            .rsplit_once('.')
            .ok_or(malformed("it does not have three parts"))?;
        let (header, claims) = signed
            .split_once('.')
            .filter(|(_, claims)| !claims.contains('.'))
            .ok_or(malformed("it does not have three parts"))?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature);
        Ok(Self {
            header: json_part(header).ok_or(malformed("its header is no JSON object"))?,
            claims: json_part(claims).ok_or(malformed("its claims are no JSON object"))?,
            signed: signed.to_owned(),
            signature: signature.map_err(|_| malformed("its signature is no base64url"))?,
        })
    }

    /// Who claims to have issued it.
    pub fn issuer(&self) -> &str {
        self.text("iss")
    }

    /// Whom it claims to be about.
    pub fn subject(&self) -> &str {
        self.text("sub")
    }

    /// Checks signature and claims.
    ///
    /// # Errors
    /// One variant for each check that can fail; the signature comes first.
    pub fn verify(
        &self,
        expected: &AssertionExpectation<'_>,
        keys: &Jwks,
        now: DateTime<Utc>,
    ) -> Result<VerifiedAssertion, AssertionRefusal> {
        self.check_signature(keys)?;
        let checks = [
            (self.issuer() == expected.issuer, AssertionRefusal::Issuer),
            (
                self.subject() == expected.subject,
                AssertionRefusal::Subject,
            ),
            (self.is_for(expected.audience), AssertionRefusal::Audience),
        ];
        if let Some((_, refusal)) = checks.into_iter().find(|(holds, _)| !holds) {
            return Err(refusal);
        }
        let usable_until = self.check_times(now)?;
        let id = Some(self.text("jti")).filter(|id| !id.is_empty());
        Ok(VerifiedAssertion {
            id: id.map(str::to_owned),
            usable_until,
        })
    }

    fn check_signature(&self, keys: &Jwks) -> Result<(), AssertionRefusal> {
        if self.header.contains_key("crit") {
            return Err(AssertionRefusal::Malformed(
                "its header has crit, of which nothing is understood",
            ));
        }
        let algorithm = self.algorithm()?;
        let key = self.key(keys, &algorithm)?;
        key.verify_signature(&algorithm, self.signed.as_bytes(), &self.signature)
            .map_err(|_| AssertionRefusal::Signature)
    }

    fn algorithm(&self) -> Result<CoreJwsSigningAlgorithm, AssertionRefusal> {
        let named = self.header.get("alg").and_then(Value::as_str);
        let named = named.unwrap_or_default();
        let refused = || AssertionRefusal::Algorithm(named.to_owned());
        if !ACCEPTED_ALGORITHMS.contains(&named) {
            return Err(refused());
        }
        serde_json::from_value(Value::from(named)).map_err(|_| refused())
    }

    /// The one key with the header's `kid`; without a `kid`, the only one that fits.
    fn key<'k>(
        &self,
        keys: &'k Jwks,
        algorithm: &CoreJwsSigningAlgorithm,
    ) -> Result<&'k CoreJsonWebKey, AssertionRefusal> {
        let kid = self.header.get("kid").and_then(Value::as_str);
        let mut fitting = keys.keys().iter().filter(|key| {
            let known = key.key_id().map(|id| id.as_str());
            kid.is_none_or(|kid| known == Some(kid)) && verifies(key, algorithm)
        });
        let found = fitting.next().ok_or(AssertionRefusal::KeyUnknown)?;
        match fitting.next() {
            Some(_) => Err(AssertionRefusal::KeyAmbiguous),
            None => Ok(found),
        }
    }

    /// An assertion that is good elsewhere too is not good here.
    fn is_for(&self, audience: &str) -> bool {
        match self.claims.get("aud") {
            Some(Value::String(only)) => only == audience,
            Some(Value::Array(several)) => {
                matches!(several.as_slice(), [Value::String(only)] if only == audience)
            }
            _ => false,
        }
    }

    fn check_times(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, AssertionRefusal> {
        let expiry = self.time("exp", AssertionRefusal::ExpiryMissing)?;
        let expiry = expiry.ok_or(AssertionRefusal::ExpiryMissing)?;
        let not_before = self.time("nbf", AssertionRefusal::NotYetValid)?;
        let issued_at = self.time("iat", AssertionRefusal::IssuedInFuture)?;
        let is_ahead = |time: Option<DateTime<Utc>>| time.is_some_and(|time| time > now + LEEWAY);
        let checks = [
            (expiry + LEEWAY <= now, AssertionRefusal::Expired),
            (expiry > now + LONGEST + LEEWAY, AssertionRefusal::TooLong),
            (is_ahead(not_before), AssertionRefusal::NotYetValid),
            (is_ahead(issued_at), AssertionRefusal::IssuedInFuture),
        ];
        match checks.into_iter().find(|(fails, _)| *fails) {
            Some((_, refusal)) => Err(refusal),
            None => Ok(expiry + LEEWAY),
        }
    }

    fn text(&self, claim: &str) -> &str {
        self.claims
            .get(claim)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A `NumericDate`, to the second; one that cannot be read fails the check it is for.
    fn time(
        &self,
        claim: &str,
        unreadable: AssertionRefusal,
    ) -> Result<Option<DateTime<Utc>>, AssertionRefusal> {
        let Some(value) = self.claims.get(claim) else {
            return Ok(None);
        };
        let number = value.as_number().map(ToString::to_string);
        let number = number.unwrap_or_default();
        let seconds = number.split('.').next().and_then(|it| it.parse().ok());
        // A bound far below that of the type, so that sums with it do not overflow.
        let seconds = seconds.filter(|seconds: &i64| seconds.unsigned_abs() < 1 << 40);
        let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        time.map(Some).ok_or(unreadable)
    }
}

fn verifies(key: &CoreJsonWebKey, algorithm: &CoreJwsSigningAlgorithm) -> bool {
    let is_for_signatures = key.key_use().is_none_or(JsonWebKeyUse::allows_signature);
    let is_for_algorithm = match key.signing_alg() {
        JsonWebKeyAlgorithm::Algorithm(only) => only == algorithm,
        JsonWebKeyAlgorithm::Unspecified => true,
        JsonWebKeyAlgorithm::Unsupported => false,
    };
    is_for_signatures && is_for_algorithm && algorithm.key_type().as_ref() == Some(key.key_type())
}

fn json_part(part: &str) -> Option<Map<String, Value>> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests;
