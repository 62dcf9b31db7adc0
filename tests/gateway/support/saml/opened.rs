//! Decrypts what is encrypted in the usual way: RSA-OAEP with SHA-1 around AES-256-GCM.

use aws_lc_rs::aead;
use aws_lc_rs::rsa;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::tree::Element;
use super::tree::Node;

/// What is in the first EncryptedData of a document, if the private key opens it.
pub fn opened(document: &Element, pkcs8: &[u8]) -> Option<String> {
    let data = document.places_of("EncryptedData").into_iter().next()?;
    let data = document.at(&data)?;
    let key = data.places_of("EncryptedKey").into_iter().next()?;
    let wrapped = cipher_value(data.at(&key)?)?;
    let private = rsa::PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
    let private = rsa::OaepPrivateDecryptingKey::new(private).ok()?;
    let mut room = vec![0; private.min_output_size()];
    let by = &rsa::OAEP_SHA1_MGF1SHA1;
    let key = private.decrypt(by, &wrapped, &mut room, None).ok()?;
    let sealed = cipher_value(data)?;
    let (nonce, sealed) = sealed.split_at_checked(aead::NONCE_LEN)?;
    let nonce = aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, key).ok()?;
    let mut octets = sealed.to_vec();
    let opened = aead::LessSafeKey::new(key)
        .open_in_place(nonce, aead::Aad::empty(), &mut octets)
        .ok()?;
    String::from_utf8(opened.to_vec()).ok()
}

fn cipher_value(element: &Element) -> Option<Vec<u8>> {
    let value = element.child("CipherData")?.child("CipherValue")?;
    match value.children.first()? {
        Node::Text(text) => STANDARD.decode(text).ok(),
        _ => None,
    }
}
