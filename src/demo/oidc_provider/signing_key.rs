//! The RSA key that signs the demo provider's ID tokens.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::rsa::KeySize;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::jwk::PublicKeyUse;
use jsonwebtoken::jwk::ThumbprintHash;
use serde_json::Value;

use crate::demo::oidc_provider::error::DemoProviderError;

/// A key pair that lives as long as the process.
pub(crate) struct SigningKey {
    private: EncodingKey,
    public: Jwk,
    kid: String,
}

impl SigningKey {
    /// Makes a key pair.
    pub(crate) fn generate() -> Result<Self, DemoProviderError> {
        let pair = KeyPair::generate(KeySize::Rsa2048)
            .map_err(|error| DemoProviderError::new("RSA key", error))?;
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair)
            .map_err(|error| DemoProviderError::new("RSA key", error))?;
        let body = BASE64_STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        Self::from_pem(&pem).map_err(|error| DemoProviderError::new("RSA key", error))
    }

    fn from_pem(pem: &str) -> jsonwebtoken::errors::Result<Self> {
        let private = EncodingKey::from_rsa_pem(pem.as_bytes())?;
        let mut public = Jwk::from_encoding_key(&private, Algorithm::RS256)?;
        let kid = public.thumbprint(ThumbprintHash::SHA256)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            private,
            public,
            kid,
        })
    }

    /// The public half, as it stands in the key set.
    pub(crate) fn public(&self) -> &Jwk {
        &self.public
    }

    /// Signs claims.
    pub(crate) fn sign(&self, claims: &Value) -> Result<String, DemoProviderError> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.private)
            .map_err(|error| DemoProviderError::new("ID token", error))
    }
}
