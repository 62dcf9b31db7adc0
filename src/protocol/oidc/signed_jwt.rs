//! A compact JWS with claims, verified with a key set (RFC 7515 §5.2, RFC 7519 §7.2).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::Utc;
use openidconnect::JsonWebKey;
use openidconnect::JsonWebKeyAlgorithm;
use openidconnect::JsonWebKeyUse;
use openidconnect::JwsSigningAlgorithm;
use openidconnect::core::CoreJsonWebKey;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde_json::Map;
use serde_json::Value;

use crate::protocol::oidc::expectation::ACCEPTED_ALGORITHMS;
use crate::protocol::oidc::expectation::Jwks;

/// Why a JWT proves nothing about who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwtFault {
    /// It is no JWT, and why.
    Malformed(&'static str),
    /// Its algorithm is not accepted.
    Algorithm(String),
    /// No key has its `kid` and algorithm.
    KeyUnknown,
    /// Several keys fit.
    KeyAmbiguous,
    /// The signature is not that of the key.
    Signature,
}

impl JwtFault {
    /// Whether fresh keys may lead to another verdict.
    pub fn may_be_key_rotation(&self) -> bool {
        matches!(self, Self::KeyUnknown | Self::Signature)
    }
}

impl std::fmt::Display for JwtFault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed(reason) => write!(out, "it is no JWT: {reason}"),
            Self::Algorithm(given) => write!(
                out,
                "its algorithm is {given:?}, expected RS, PS, ES256, ES384 or EdDSA"
            ),
            Self::KeyUnknown => out.write_str("no key of its issuer has its kid and algorithm"),
            Self::KeyAmbiguous => out.write_str("several keys of its issuer fit"),
            Self::Signature => out.write_str("its signature is wrong"),
        }
    }
}

/// A JWT as anybody could have written it, until its signature has been checked.
#[derive(Clone)]
pub struct SignedJwt {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: String,
    signature: Vec<u8>,
}

impl SignedJwt {
    /// Takes a compact JWS apart.
    ///
    /// # Errors
    /// It is none.
    pub fn read(raw: &str) -> Result<Self, JwtFault> {
        let malformed = JwtFault::Malformed;
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

    /// What is signed: header and claims as they came.
    pub fn signed(&self) -> &str {
        &self.signed
    }

    /// Its claims.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// A member of its header that is a string.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }

    /// A claim that is a string; empty if it is none.
    pub fn text(&self, claim: &str) -> &str {
        let value = self.claims.get(claim).and_then(Value::as_str);
        value.unwrap_or_default()
    }

    /// Whether this is one of those whom the JWT is for, and how many those are.
    pub fn audience(&self, client: &str) -> (bool, usize) {
        match self.claims.get("aud") {
            Some(Value::String(only)) => (only == client, 1),
            Some(Value::Array(several)) => (several.iter().any(|one| one == client), several.len()),
            _ => (false, 0),
        }
    }

    /// A `NumericDate`, to the second.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn time(&self, claim: &str) -> Result<Option<DateTime<Utc>>, JwtFault> {
        let Some(value) = self.claims.get(claim) else {
            return Ok(None);
        };
        match numeric_date(value) {
            Some(time) => Ok(Some(time)),
            None => Err(JwtFault::Malformed("a time in it is no NumericDate")),
        }
    }

    /// Checks the signature with the one key that fits.
    ///
    /// # Errors
    /// One variant for each check.
    pub fn check_signature(&self, keys: &Jwks) -> Result<(), JwtFault> {
        if self.header.contains_key("crit") {
            return Err(JwtFault::Malformed(
                "its header has crit, of which nothing is understood",
            ));
        }
        let algorithm = self.algorithm()?;
        let key = self.key(keys, &algorithm)?;
        key.verify_signature(&algorithm, self.signed.as_bytes(), &self.signature)
            .map_err(|_| JwtFault::Signature)
    }

    fn algorithm(&self) -> Result<CoreJwsSigningAlgorithm, JwtFault> {
        let named = self.header("alg").unwrap_or_default();
        let refused = || JwtFault::Algorithm(named.to_owned());
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
    ) -> Result<&'k CoreJsonWebKey, JwtFault> {
        let kid = self.header("kid");
        let mut fitting = keys.keys().iter().filter(|key| {
            let known = key.key_id().map(|id| id.as_str());
            kid.is_none_or(|kid| known == Some(kid)) && verifies(key, algorithm)
        });
        let found = fitting.next().ok_or(JwtFault::KeyUnknown)?;
        match fitting.next() {
            Some(_) => Err(JwtFault::KeyAmbiguous),
            None => Ok(found),
        }
    }
}

/// A `NumericDate` (RFC 7519 §2), to the second; none if it is no number or far from any date.
pub(crate) fn numeric_date(value: &Value) -> Option<DateTime<Utc>> {
    let number = value.as_number()?.to_string();
    let seconds = number.split('.').next()?.parse().ok();
    // A bound far below that of the type, so that sums with it do not overflow.
    let seconds = seconds.filter(|seconds: &i64| seconds.unsigned_abs() < 1 << 40)?;
    DateTime::from_timestamp(seconds, 0)
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
