//! The key with which an OIDC connection proves itself at its provider (RFC 7523 §2.2), and how the
//! provider is shown its public half.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;
use x509_parser::public_key::PublicKey;

use crate::domain::key_pair::KeyPair;
use crate::domain::key_pair::certificate_der;

/// A key of ours at a provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClientKey {
    /// The SHA-256 thumbprint of its certificate, by which the provider finds it.
    pub kid: String,
    /// The certificate in PEM, for providers that are given one instead of a URL.
    pub certificate: String,
    /// The private key (PKCS#8 in PEM), sealed.
    pub sealed_private_key: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its certificate ends.
    pub expires_at: DateTime<Utc>,
}

/// A public key as a provider reads it (RFC 7517 §4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientJWK)]
#[expect(
    missing_docs,
    reason = "the members are those of RFC 7517 and RFC 7518"
)]
pub struct ClientJwk {
    pub kty: &'static str,
    #[serde(rename = "use")]
    pub usage: &'static str,
    pub kid: String,
    pub n: String,
    pub e: String,
    pub x5c: Vec<String>,
    #[serde(rename = "x5t#S256")]
    pub x5t_s256: String,
}

/// The name of a key pair: its certificate's thumbprint (RFC 7515 §4.1.8).
pub fn key_id(pair: &KeyPair) -> String {
    thumbprint(&pair.certificate_der)
}

fn thumbprint(der: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, der))
}

impl ClientKey {
    /// Its public half; none if the certificate cannot be read.
    pub fn jwk(&self) -> Option<ClientJwk> {
        let der = certificate_der(&self.certificate)?;
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).ok()?;
        let PublicKey::RSA(rsa) = certificate.public_key().parsed().ok()? else {
            return None;
        };
        let modulus = rsa.modulus.iter().copied().skip_while(|byte| *byte == 0);
        let modulus: Vec<u8> = modulus.collect();
        Some(ClientJwk {
            kty: "RSA",
            usage: "sig",
            kid: self.kid.clone(),
            n: URL_SAFE_NO_PAD.encode(modulus),
            e: URL_SAFE_NO_PAD.encode(rsa.exponent),
            x5c: vec![STANDARD.encode(&der)],
            x5t_s256: thumbprint(&der),
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_provider_is_shown_the_public_half_alone() {
        let now = DateTime::UNIX_EPOCH;
        let pair = KeyPair::generate("oidc", now, now + TimeDelta::days(1)).unwrap();
        let key = ClientKey {
            kid: key_id(&pair),
            certificate: pair.certificate_pem,
            sealed_private_key: "sealed".to_owned(),
            created_at: now,
            expires_at: now + TimeDelta::days(1),
        };
        let jwk = key.jwk().unwrap();
        assert_eq!(
            (jwk.kid.as_str(), jwk.e.as_str()),
            (jwk.x5t_s256.as_str(), "AQAB")
        );
        assert_eq!(URL_SAFE_NO_PAD.decode(&jwk.n).unwrap().len(), 256);
        let shown = serde_json::to_value(&jwk).unwrap();
        let names: Vec<&str> = shown
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(names, ["kty", "use", "kid", "n", "e", "x5c", "x5t#S256"]);
    }
}
