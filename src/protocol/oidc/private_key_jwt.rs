//! `private_key_jwt`: the assertion by which a client proves itself at the token endpoint
//! (OpenID Connect Core 1.0 §9, RFC 7523 §2.2 and §3).

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use serde_json::json;

use crate::protocol::oidc::error::Rejection;
use crate::protocol::oidc::expectation::LEEWAY;

/// The form's `client_assertion_type`.
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const LIFETIME: TimeDelta = TimeDelta::minutes(2);

/// How an assertion is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AssertionAlgorithm {
    /// RSASSA-PKCS1-v1_5, which nearly every provider takes.
    #[default]
    Rs256,
    /// RSASSA-PSS, which Entra wants.
    Ps256,
}

impl AssertionAlgorithm {
    /// Its name in a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }
}

/// What an assertion says.
#[derive(Clone, Copy, Debug)]
pub struct AssertionDraft<'a> {
    /// Our client id at the provider.
    pub client_id: &'a str,
    /// Whom it is for: the token endpoint.
    pub token_url: &'a str,
    /// The name of the key, which is its certificate's SHA-256 thumbprint.
    pub key_id: &'a str,
    /// What makes it good once.
    pub unique: &'a str,
    /// How it is signed.
    pub algorithm: AssertionAlgorithm,
}

impl AssertionDraft<'_> {
    /// The signed assertion.
    ///
    /// # Errors
    /// The key is none.
    pub fn sign(&self, private_key_pem: &str, now: DateTime<Utc>) -> Result<String, Rejection> {
        let unsigned = |error: jsonwebtoken::errors::Error| Rejection::AssertionUnsigned {
            reason: error.to_string(),
        };
        let key = EncodingKey::from_rsa_pem(private_key_pem.as_bytes()).map_err(unsigned)?;
        let mut header = Header::new(match self.algorithm {
            AssertionAlgorithm::Rs256 => Algorithm::RS256,
            AssertionAlgorithm::Ps256 => Algorithm::PS256,
        });
        header.kid = Some(self.key_id.to_owned());
        header.x5t_s256 = Some(self.key_id.to_owned());
        let claims = json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.token_url,
            "jti": self.unique,
            "iat": now.timestamp(),
            "nbf": (now - LEEWAY).timestamp(),
            "exp": (now + LIFETIME).timestamp(),
        });
        jsonwebtoken::encode(&header, &claims, &key).map_err(unsigned)
    }
}
