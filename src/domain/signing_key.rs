//! A key that signs JWTs of the project: its term, what it signs, and what it is to those who check
//! (RFC 7517, RFC 7518).

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::Validation;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::id::JwkId;
use crate::domain::recent_jwts::RecentJwts;
use crate::domain::secret::hex;

/// What the certificates of these keys are called.
pub const CERTIFICATE_NAME: &str = "Vestibule session signing";
/// How long such a certificate lasts; readers trust the key itself.
pub const CERTIFICATE_LIFE: TimeDelta = TimeDelta::days(3650);

/// Why a JWT was not accepted or not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRefusal(pub String);

impl fmt::Display for TokenRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A public key as the JWKS shows it; all nine members, since typed SDKs ask for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = JWK)]
#[expect(
    missing_docs,
    reason = "the members are those of RFC 7517 and RFC 7518"
)]
pub struct PublicJwk {
    pub kty: &'static str,
    #[serde(rename = "use")]
    pub usage: &'static str,
    pub key_ops: Vec<&'static str>,
    pub alg: &'static str,
    pub kid: String,
    pub x5c: Vec<String>,
    #[serde(rename = "x5tS256")]
    pub x5t_s256: String,
    pub n: String,
    pub e: String,
}

/// From when a key signs, and until when what it signed is believed: from its making on it is
/// published, so that whoever checks knows it before it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// From when it signs.
    pub signs_from: DateTime<Utc>,
    /// Until when it is believed; without end as long as no other key follows.
    pub verifies_until: Option<DateTime<Utc>>,
}

impl Term {
    /// Whether it may sign.
    pub fn has_begun(&self, now: DateTime<Utc>) -> bool {
        self.signs_from <= now
    }

    /// Whether what it signed is believed.
    pub fn is_believed(&self, now: DateTime<Utc>) -> bool {
        self.verifies_until.is_none_or(|until| now < until)
    }
}

/// Which of these keys signs: the one that began last, or, before any has begun, the first to begin.
pub fn signing_of<K>(keys: &[K], term: impl Fn(&K) -> Term, now: DateTime<Utc>) -> Option<&K> {
    let begun = keys.iter().filter(|key| term(key).has_begun(now));
    let latest = begun.max_by_key(|key| term(key).signs_from);
    latest.or_else(|| keys.iter().min_by_key(|key| term(key).signs_from))
}

/// A key in use.
pub struct SigningKey {
    id: JwkId,
    signing: KeyPair,
    verifying: DecodingKey,
    jwk: PublicJwk,
    recent: RecentJwts,
}

/// A part of a JWT (RFC 7515 section 7.1).
fn part(value: &impl Serialize) -> Result<String, TokenRefusal> {
    let json = serde_json::to_vec(value).map_err(|error| TokenRefusal(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

impl SigningKey {
    /// Takes a key into use: PKCS#8 PEM and its certificate in DER.
    pub fn new(
        id: JwkId,
        private_key_pem: &str,
        certificate_der: &[u8],
    ) -> Result<Self, TokenRefusal> {
        let unusable = |what: &str| TokenRefusal(format!("signing key {id}: {what}"));
        let signing = EncodingKey::from_rsa_pem(private_key_pem.as_bytes())
            .map_err(|_| unusable("not an RSA key in PEM"))?;
        let signing = KeyPair::from_der(signing.as_bytes())
            .map_err(|_| unusable("not an RSA key of 2048 bits or more"))?;
        let (_, certificate) = x509_parser::parse_x509_certificate(certificate_der)
            .map_err(|_| unusable("certificate unreadable"))?;
        let key = certificate
            .public_key()
            .parsed()
            .map_err(|_| unusable("key unreadable"))?;
        let x509_parser::public_key::PublicKey::RSA(rsa) = key else {
            return Err(unusable("not an RSA key"));
        };
        let modulus = rsa.modulus.iter().copied().skip_while(|byte| *byte == 0);
        let n = URL_SAFE_NO_PAD.encode(modulus.collect::<Vec<u8>>());
        let e = URL_SAFE_NO_PAD.encode(rsa.exponent);
        let verifying = DecodingKey::from_rsa_components(&n, &e)
            .map_err(|_| unusable("public key unreadable"))?;
        let thumbprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate_der);
        let jwk = PublicJwk {
            kty: "RSA",
            usage: "sig",
            key_ops: vec!["verify"],
            alg: "RS256",
            kid: id.to_string(),
            x5c: vec![STANDARD.encode(certificate_der)],
            x5t_s256: hex(thumbprint.as_ref()),
            n,
            e,
        };
        Ok(Self {
            id,
            signing,
            verifying,
            jwk,
            recent: RecentJwts::default(),
        })
    }

    /// Its id.
    pub fn id(&self) -> JwkId {
        self.id
    }

    /// The public half.
    pub fn jwk(&self) -> &PublicJwk {
        &self.jwk
    }

    /// The session JWTs that it signed a moment ago; they go when it goes.
    pub(crate) fn recent(&self) -> &RecentJwts {
        &self.recent
    }

    /// Signs claims.
    pub(crate) fn sign(&self, claims: &Map<String, Value>) -> Result<String, TokenRefusal> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.id.to_string());
        let mut jwt = [part(&header)?, part(claims)?].join(".");
        // Not by `jsonwebtoken`, which reads and checks the key for each signature, and that takes as
        // long as the signature.
        let mut signature = vec![0; self.signing.public_modulus_len()];
        let (message, random) = (jwt.as_bytes(), SystemRandom::new());
        self.signing
            .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
            .map_err(|_| TokenRefusal("the signing key failed".to_owned()))?;
        jwt.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jwt);
        Ok(jwt)
    }

    /// The claims of a JWT that this key signed.
    pub(crate) fn read(
        &self,
        jwt: &str,
        validation: &Validation,
    ) -> Result<Map<String, Value>, jsonwebtoken::errors::Error> {
        jsonwebtoken::decode::<Map<String, Value>>(jwt, &self.verifying, validation)
            .map(|decoded| decoded.claims)
    }
}
