//! Decrypts assertions: RSA-OAEP, then AES (XML Encryption 1.1 §5.2, §5.5); whatever goes wrong is one and the same refusal.

use std::fmt;

use aws_lc_rs::aead;
use aws_lc_rs::aead::Aad;
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::aead::Nonce;
use aws_lc_rs::aead::UnboundKey;
use aws_lc_rs::cipher;
use aws_lc_rs::cipher::DecryptionContext;
use aws_lc_rs::cipher::PaddedBlockDecryptingKey;
use aws_lc_rs::cipher::UnboundCipherKey;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::OaepPrivateDecryptingKey;
use aws_lc_rs::rsa::PrivateDecryptingKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::protocol::saml::encrypted_shape::Cipher;
use crate::protocol::saml::encrypted_shape::Sealed;
use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::xml::is_space;

const BLOCK: usize = 16;
/// INTEGER 0, then the AlgorithmIdentifier rsaEncryption (RFC 5208 §5, RFC 8017 appendix C).
const PKCS8_VERSION_AND_RSA: &[u8] = &[
    0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
    0x05, 0x00,
];

/// A private key of a connection, with which assertions are decrypted. It is taken apart when it is
/// used: that costs more than all else about a response, and most responses are not encrypted.
#[derive(Clone)]
pub struct DecryptionKey {
    der: Vec<u8>,
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DecryptionKey")
    }
}

impl DecryptionKey {
    /// An RSA private key in PEM, PKCS#1 or PKCS#8; `None` if it is no PEM. A key of another kind
    /// decrypts nothing.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let lines = pem.lines().filter(|line| !line.starts_with('-'));
        let der = lines.collect::<String>().replace(is_space, "");
        let der = STANDARD.decode(der).ok().filter(|der| !der.is_empty())?;
        Some(Self { der })
    }

    fn read(&self) -> Option<PrivateDecryptingKey> {
        let wrapped = || PrivateDecryptingKey::from_pkcs8(&pkcs8_of(&self.der)?).ok();
        PrivateDecryptingKey::from_pkcs8(&self.der)
            .ok()
            .or_else(wrapped)
    }

    fn unwrap_key(&self, sealed: &Sealed) -> Option<Vec<u8>> {
        let key = OaepPrivateDecryptingKey::new(self.read()?).ok()?;
        if sealed.wrapped_key.len() != key.key_size_bytes() {
            return None;
        }
        let mut room = vec![0; key.min_output_size()];
        let unwrapped = key.decrypt(sealed.key_transport, &sealed.wrapped_key, &mut room, None);
        unwrapped.ok().map(|bytes| bytes.to_vec())
    }
}

/// The PKCS#8 around a PKCS#1 key; keys of 2048 bits and more have lengths of two bytes.
fn pkcs8_of(pkcs1: &[u8]) -> Option<Vec<u8>> {
    let length = |of: &[u8]| u16::try_from(of.len()).ok().map(u16::to_be_bytes);
    let octets = [[0x04, 0x82].as_slice(), &length(pkcs1)?, pkcs1].concat();
    let inside = [PKCS8_VERSION_AND_RSA, &octets].concat();
    Some([[0x30, 0x82].as_slice(), &length(&inside)?, &inside].concat())
}

/// The text that was encrypted to one of the keys, each tried in its turn.
pub(super) fn decrypt(sealed: &Sealed, keys: &[DecryptionKey]) -> Result<String, Rejection> {
    if keys.is_empty() {
        let received = "an EncryptedAssertion";
        return Err(Check::EncryptedAssertion.refuses("a plain Assertion", received));
    }
    let content_keys = keys.iter().filter_map(|key| key.unwrap_key(sealed));
    let mut texts = content_keys.filter_map(|key| {
        let octets = opened(sealed, &key)?;
        String::from_utf8(octets).ok()
    });
    let failed = || Check::Decryption.refuses("to be decrypted", "not decrypted");
    texts.next().ok_or_else(failed)
}

fn opened(sealed: &Sealed, key: &[u8]) -> Option<Vec<u8>> {
    match sealed.cipher {
        Cipher::Aes128Gcm => authenticated(&aead::AES_128_GCM, key, &sealed.ciphertext),
        Cipher::Aes256Gcm => authenticated(&aead::AES_256_GCM, key, &sealed.ciphertext),
        Cipher::Aes128Cbc => chained(&cipher::AES_128, key, &sealed.ciphertext),
        Cipher::Aes256Cbc => chained(&cipher::AES_256, key, &sealed.ciphertext),
    }
}

fn authenticated(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    ciphertext: &[u8],
) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let (nonce, sealed) = ciphertext.split_at_checked(algorithm.nonce_len())?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut octets = sealed.to_vec();
    let opened = key.open_in_place(nonce, Aad::empty(), &mut octets).ok()?;
    Some(opened.to_vec())
}

// The padding of XML Encryption is that of ISO 10126: any octets, and at the end their number.
fn chained(
    algorithm: &'static cipher::Algorithm,
    key: &[u8],
    ciphertext: &[u8],
) -> Option<Vec<u8>> {
    let (start, blocks) = ciphertext.split_first_chunk::<BLOCK>()?;
    if blocks.is_empty() || !blocks.len().is_multiple_of(BLOCK) {
        return None;
    }
    let key = UnboundCipherKey::new(algorithm, key).ok()?;
    let key = PaddedBlockDecryptingKey::cbc_iso10126(key).ok()?;
    let context = DecryptionContext::Iv128(FixedLength::from(start));
    let mut octets = blocks.to_vec();
    let opened = key.decrypt(&mut octets, context).ok()?;
    Some(opened.to_vec())
}
