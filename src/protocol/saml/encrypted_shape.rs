//! What an encrypted assertion may say of how it was encrypted, settled before anything is decrypted (XML Encryption 1.1 §5).

use aws_lc_rs::rsa::OAEP_SHA1_MGF1SHA1;
use aws_lc_rs::rsa::OAEP_SHA256_MGF1SHA256;
use aws_lc_rs::rsa::OaepAlgorithm;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Node;

use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::xml::ENCRYPTION;
use crate::protocol::saml::xml::ENCRYPTION_11;
use crate::protocol::saml::xml::SIGNATURE;
use crate::protocol::saml::xml::child;
use crate::protocol::saml::xml::describe;
use crate::protocol::saml::xml::is;
use crate::protocol::saml::xml::is_space;
use crate::protocol::saml::xml::text;

const WHOLE_ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";

/// An encrypted assertion of an allowed kind.
pub(super) struct Sealed {
    pub(super) key_transport: &'static OaepAlgorithm,
    pub(super) wrapped_key: Vec<u8>,
    pub(super) cipher: Cipher,
    /// The initialization vector, the encrypted octets, and what the cipher adds.
    pub(super) ciphertext: Vec<u8>,
}

/// A cipher, with the length of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cipher {
    Aes128Gcm,
    Aes256Gcm,
    Aes128Cbc,
    Aes256Cbc,
}

impl Cipher {
    fn named(uri: &str) -> Option<Self> {
        match uri {
            "http://www.w3.org/2009/xmlenc11#aes128-gcm" => Some(Self::Aes128Gcm),
            "http://www.w3.org/2009/xmlenc11#aes256-gcm" => Some(Self::Aes256Gcm),
            "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => Some(Self::Aes128Cbc),
            "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => Some(Self::Aes256Cbc),
            _ => None,
        }
    }

    /// Whether an altered ciphertext is told from the original.
    fn has_integrity(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes256Gcm)
    }
}

impl Sealed {
    /// Reads an EncryptedAssertion; CBC passes only where a signature covers the ciphertext.
    pub(super) fn read(
        encrypted: Node<'_, '_>,
        is_inside_signature: bool,
    ) -> Result<Self, Rejection> {
        let data = part(encrypted, "EncryptedData")?;
        let kind = data.attribute("Type").unwrap_or(WHOLE_ELEMENT);
        if kind != WHOLE_ELEMENT {
            return Err(Check::EncryptionStructure.refuses(WHOLE_ELEMENT, kind));
        }
        let key = encrypted_key(encrypted, data)?;
        let cipher = cipher(part(data, "EncryptionMethod")?)?;
        if !cipher.has_integrity() && !is_inside_signature {
            let received = "AES-CBC in an unsigned Response";
            return Err(Check::CipherWithoutIntegrity.refuses("AES-GCM", received));
        }
        Ok(Self {
            key_transport: key_transport(part(key, "EncryptionMethod")?)?,
            wrapped_key: cipher_value(key)?,
            cipher,
            ciphertext: cipher_value(data)?,
        })
    }
}

fn encrypted_key<'a, 'input>(
    encrypted: Node<'a, 'input>,
    data: Node<'a, 'input>,
) -> Result<Node<'a, 'input>, Rejection> {
    let name = (ENCRYPTION, "EncryptedKey");
    let all = encrypted.descendants().filter(|node| is(*node, name));
    let inside = child(data, (SIGNATURE, "KeyInfo")).and_then(|info| child(info, name));
    let beside = child(encrypted, name);
    match (inside.or(beside), all.count()) {
        (Some(key), 1) => Ok(key),
        (_, count) => Err(Check::EncryptedKeyCount.refuses(1, count)),
    }
}

fn cipher(method: Node<'_, '_>) -> Result<Cipher, Rejection> {
    let uri = algorithm(method);
    let known = Cipher::named(uri).filter(|_| method.first_element_child().is_none());
    known.ok_or_else(|| Check::EncryptionMethod.refuses("AES-GCM or AES-CBC", uri))
}

fn key_transport(method: Node<'_, '_>) -> Result<&'static OaepAlgorithm, Rejection> {
    let part = |name, default| child(method, name).map_or(default, algorithm);
    let digest = part(
        (SIGNATURE, "DigestMethod"),
        "http://www.w3.org/2000/09/xmldsig#sha1",
    );
    let mask = part(
        (ENCRYPTION_11, "MGF"),
        "http://www.w3.org/2009/xmlenc11#mgf1sha1",
    );
    let mask = match algorithm(method) {
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" => {
            "http://www.w3.org/2009/xmlenc11#mgf1sha1"
        }
        "http://www.w3.org/2009/xmlenc11#rsa-oaep" => mask,
        other => return Err(Check::KeyTransport.refuses("RSA-OAEP", other)),
    };
    match (digest, mask) {
        ("http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2009/xmlenc11#mgf1sha1") => {
            Ok(&OAEP_SHA1_MGF1SHA1)
        }
        (
            "http://www.w3.org/2001/04/xmlenc#sha256",
            "http://www.w3.org/2009/xmlenc11#mgf1sha256",
        ) => Ok(&OAEP_SHA256_MGF1SHA256),
        _ => Err(Check::KeyTransport.refuses(
            "SHA-1 for digest and mask, or SHA-256 for both",
            format!("{digest} and {mask}"),
        )),
    }
}

fn cipher_value(node: Node<'_, '_>) -> Result<Vec<u8>, Rejection> {
    let value = child(part(node, "CipherData")?, (ENCRYPTION, "CipherValue"));
    let written = value.map(text).unwrap_or_default().replace(is_space, "");
    let bytes = STANDARD.decode(written).ok().filter(|it| !it.is_empty());
    bytes.ok_or_else(|| Check::EncryptionStructure.refuses("base64", "something else"))
}

fn part<'a, 'input>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> Result<Node<'a, 'input>, Rejection> {
    let missing =
        || Check::EncryptionStructure.refuses(name, format!("{} without it", describe(node)));
    child(node, (ENCRYPTION, name)).ok_or_else(missing)
}

fn algorithm<'a>(node: Node<'a, '_>) -> &'a str {
    node.attribute("Algorithm").unwrap_or_default()
}
