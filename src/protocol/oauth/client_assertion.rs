//! A client's assertion of who it is, verified at a given instant (RFC 7523 §3).

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

pub use crate::protocol::oauth::client_assertion::refusal::AssertionRefusal;

mod refusal;

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
    /// What tells it from others.
    pub id: AssertionId,
    /// Until when it could be presented again.
    pub usable_until: DateTime<Utc>,
}

/// What tells an assertion from others, so that it is good once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssertionId {
    /// Its `jti`.
    Jti(String),
    /// What is signed of one without `jti`: header and claims, since some signatures can be made
    /// anew without the key.
    Signed(String),
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
        let id = match self.text("jti") {
            "" => AssertionId::Signed(self.signed.clone()),
            jti => AssertionId::Jti(jti.to_owned()),
        };
        Ok(VerifiedAssertion { id, usable_until })
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
