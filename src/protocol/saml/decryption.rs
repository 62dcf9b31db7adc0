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
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::KeyPair;
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

/// A private key of a connection, with which assertions are decrypted.
#[derive(Clone)]
pub struct DecryptionKey {
    pkcs8: Vec<u8>,
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DecryptionKey")
    }
}

impl DecryptionKey {
    /// Reads an RSA private key in PEM, PKCS#1 or PKCS#8; `None` if it is anything else.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let lines = pem.lines().filter(|line| !line.starts_with('-'));
        let der = lines.collect::<String>().replace(is_space, "");
        let der = STANDARD.decode(der).ok()?;
        let key = KeyPair::from_der(&der).or_else(|_| KeyPair::from_pkcs8(&der));
        let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&key.ok()?).ok()?;
        Some(Self {
            pkcs8: pkcs8.as_ref().to_vec(),
        })
    }

    fn unwrap_key(&self, sealed: &Sealed) -> Option<Vec<u8>> {
        let key = PrivateDecryptingKey::from_pkcs8(&self.pkcs8).ok()?;
        let key = OaepPrivateDecryptingKey::new(key).ok()?;
        if sealed.wrapped_key.len() != key.key_size_bytes() {
            return None;
        }
        let mut room = vec![0; key.min_output_size()];
        let unwrapped = key.decrypt(sealed.key_transport, &sealed.wrapped_key, &mut room, None);
        unwrapped.ok().map(|bytes| bytes.to_vec())
    }
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
