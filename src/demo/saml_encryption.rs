//! Encrypts the assertions of the demo IdP, written in canonical form like all that it signs (XML Encryption 1.1).

use aws_lc_rs::aead;
use aws_lc_rs::aead::Aad;
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::aead::Nonce;
use aws_lc_rs::aead::UnboundKey;
use aws_lc_rs::cipher;
use aws_lc_rs::cipher::PaddedBlockEncryptingKey;
use aws_lc_rs::cipher::UnboundCipherKey;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand;
use aws_lc_rs::rsa::OAEP_SHA1_MGF1SHA1;
use aws_lc_rs::rsa::OAEP_SHA256_MGF1SHA256;
use aws_lc_rs::rsa::OaepAlgorithm;
use aws_lc_rs::rsa::OaepPublicEncryptingKey;
use aws_lc_rs::rsa::PublicEncryptingKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::demo::saml_signature::SigningError;
use crate::protocol::saml::Certificate;
use crate::protocol::saml::canonical::attribute;
use crate::protocol::saml::canonical::element;

const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
const ENCRYPTION: &str = "http://www.w3.org/2001/04/xmlenc#";
const ENCRYPTION_11: &str = "http://www.w3.org/2009/xmlenc11#";

/// The cipher of the assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCipher {
    /// AES-128-GCM.
    Aes128Gcm,
    /// AES-256-GCM.
    Aes256Gcm,
    /// AES-128-CBC.
    Aes128Cbc,
    /// AES-256-CBC.
    Aes256Cbc,
}

/// How the key of the cipher is encrypted: always RSA-OAEP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyTransport {
    /// As XML Encryption 1.0 names it, with SHA-1.
    Mgf1Sha1,
    /// As XML Encryption 1.1 names it, with SHA-1 unsaid.
    Sha1,
    /// As XML Encryption 1.1 names it, with SHA-256.
    Sha256,
}

/// To whom, and how, assertions are encrypted.
#[derive(Debug, Clone)]
pub struct Encryption {
    /// The public key of the service provider, a SubjectPublicKeyInfo in DER.
    pub public_key: Vec<u8>,
    /// The cipher of the assertion.
    pub cipher: ContentCipher,
    /// How the cipher's key is encrypted.
    pub key_transport: KeyTransport,
    /// Whether the EncryptedKey stands beside the EncryptedData.
    pub key_is_beside: bool,
}

impl Encryption {
    /// AES-256-GCM under RSA-OAEP with SHA-1, as most products do it.
    pub fn to(certificate_pem: &str) -> Result<Self, SigningError> {
        let certificate = Certificate::parse(certificate_pem).map_err(|_| SigningError::Key)?;
        Ok(Self {
            public_key: certificate.public_key_info,
            cipher: ContentCipher::Aes256Gcm,
            key_transport: KeyTransport::Mgf1Sha1,
            key_is_beside: false,
        })
    }

    /// The EncryptedAssertion that holds an assertion, or whatever else is given.
    pub fn encrypt(&self, assertion: &str) -> Result<String, SigningError> {
        let failed = |_: Unspecified| SigningError::Failed;
        let mut key = vec![0; self.cipher.key_length()];
        rand::fill(&mut key).map_err(failed)?;
        let sealed = self.cipher.seal(&key, assertion.as_bytes());
        let wrapped = self.wrap(&key).map_err(|_| SigningError::Key)?;
        let encrypted_key = self.encrypted_key(&wrapped);
        let inside = if self.key_is_beside {
            String::new()
        } else {
            element(
                "ds:KeyInfo",
                &[attribute("xmlns:ds", SIGNATURE)],
                &encrypted_key,
            )
        };
        let method = attribute("Algorithm", self.cipher.name());
        let parts = [
            element("xenc:EncryptionMethod", &[method], ""),
            inside,
            cipher_data(&sealed.map_err(failed)?),
        ];
        let kind = attribute("Type", "http://www.w3.org/2001/04/xmlenc#Element");
        let namespace = attribute("xmlns:xenc", ENCRYPTION);
        let data = element("xenc:EncryptedData", &[namespace, kind], &parts.concat());
        let beside = if self.key_is_beside {
            encrypted_key
        } else {
            String::new()
        };
        let namespace = attribute("xmlns:saml", ASSERTION);
        Ok(element(
            "saml:EncryptedAssertion",
            &[namespace],
            &format!("{data}{beside}"),
        ))
    }

    fn wrap(&self, key: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let public = PublicEncryptingKey::from_der(&self.public_key)?;
        let public = OaepPublicEncryptingKey::new(public)?;
        let mut room = vec![0; public.ciphertext_size()];
        let wrapped = public.encrypt(self.key_transport.algorithm(), key, &mut room, None)?;
        Ok(wrapped.to_vec())
    }

    fn encrypted_key(&self, wrapped: &[u8]) -> String {
        let (outer, ds) = if self.key_is_beside {
            (
                vec![attribute("xmlns:xenc", ENCRYPTION)],
                vec![attribute("xmlns:ds", SIGNATURE)],
            )
        } else {
            (vec![], vec![])
        };
        let sha256 = attribute("Algorithm", "http://www.w3.org/2001/04/xmlenc#sha256");
        let mask = [
            attribute("xmlns:xenc11", ENCRYPTION_11),
            attribute("Algorithm", "http://www.w3.org/2009/xmlenc11#mgf1sha256"),
        ];
        let details = match self.key_transport {
            KeyTransport::Mgf1Sha1 | KeyTransport::Sha1 => String::new(),
            KeyTransport::Sha256 => [
                element("ds:DigestMethod", &[ds, vec![sha256]].concat(), ""),
                element("xenc11:MGF", &mask, ""),
            ]
            .concat(),
        };
        let method = attribute("Algorithm", self.key_transport.name());
        let method = element("xenc:EncryptionMethod", &[method], &details);
        element(
            "xenc:EncryptedKey",
            &outer,
            &format!("{method}{}", cipher_data(wrapped)),
        )
    }
}

fn cipher_data(bytes: &[u8]) -> String {
    let value = element("xenc:CipherValue", &[], &STANDARD.encode(bytes));
    element("xenc:CipherData", &[], &value)
}

impl ContentCipher {
    fn name(self) -> &'static str {
        match self {
            Self::Aes128Gcm => "http://www.w3.org/2009/xmlenc11#aes128-gcm",
            Self::Aes256Gcm => "http://www.w3.org/2009/xmlenc11#aes256-gcm",
            Self::Aes128Cbc => "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
            Self::Aes256Cbc => "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
        }
    }

    fn key_length(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Cbc => 16,
            Self::Aes256Gcm | Self::Aes256Cbc => 32,
        }
    }

    fn seal(self, key: &[u8], octets: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Aes128Gcm => authenticated(&aead::AES_128_GCM, key, octets),
            Self::Aes256Gcm => authenticated(&aead::AES_256_GCM, key, octets),
            Self::Aes128Cbc => chained(&cipher::AES_128, key, octets),
            Self::Aes256Cbc => chained(&cipher::AES_256, key, octets),
        }
    }
}

fn authenticated(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    octets: &[u8],
) -> Result<Vec<u8>, Unspecified> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key)?);
    let mut nonce = [0; aead::NONCE_LEN];
    rand::fill(&mut nonce)?;
    let mut sealed = octets.to_vec();
    let assumed = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(assumed, Aad::empty(), &mut sealed)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn chained(
    algorithm: &'static cipher::Algorithm,
    key: &[u8],
    octets: &[u8],
) -> Result<Vec<u8>, Unspecified> {
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(algorithm, key)?)?;
    let mut sealed = octets.to_vec();
    let context = key.encrypt(&mut sealed)?;
    let start: &[u8] = (&context).try_into()?;
    Ok([start, &sealed].concat())
}

impl KeyTransport {
    fn name(self) -> &'static str {
        match self {
            Self::Mgf1Sha1 => "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
            Self::Sha1 | Self::Sha256 => "http://www.w3.org/2009/xmlenc11#rsa-oaep",
        }
    }

    fn algorithm(self) -> &'static OaepAlgorithm {
        match self {
            Self::Mgf1Sha1 | Self::Sha1 => &OAEP_SHA1_MGF1SHA1,
            Self::Sha256 => &OAEP_SHA256_MGF1SHA256,
        }
    }
}
