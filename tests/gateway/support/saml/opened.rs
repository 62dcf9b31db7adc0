//! Decrypts assertions apart from the code under test: strictly, or with one weakness.

use aws_lc_rs::aead;
use aws_lc_rs::cipher;
use aws_lc_rs::cipher::DecryptionContext;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::tree::Element;
use super::tree::Node;
use super::tree::parse;

pub const READERS: [&str; 11] = [
    "takes_cbc_without_a_signature",
    "checks_no_tag",
    "takes_content_for_an_element",
    "opens_as_often_as_asked",
    "takes_anything_from_inside",
    "takes_rsa_1_5",
    "takes_the_cipher_from_the_key",
    "takes_an_id_twice",
    "takes_the_mask_for_granted",
    "takes_the_first_key",
    "tells_faults_of_decryption_apart",
];

const OAEP: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
const OAEP_11: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
const RSA_1_5: &str = "http://www.w3.org/2001/04/xmlenc#rsa-1_5";
const TAG: usize = 16;

/// What a reader that tells faults apart says of a letter that it cannot decrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not written as it should be.
    Structure,
    Key,
    Content,
}

/// How a reader decrypts.
#[derive(Clone, Copy)]
pub struct Opener<'a> {
    pub reader: &'a str,
    pub pkcs8: &'a [u8],
}

/// What is in the first EncryptedData of a document, if the private key opens it.
pub fn opened(document: &Element, pkcs8: &[u8]) -> Option<String> {
    let data = document.places_of("EncryptedData").into_iter().next()?;
    let opener = Opener { reader: "", pkcs8 };
    opener.of_data(document.at(&data)?, document).ok()
}

impl Opener<'_> {
    fn is(self, reader: &str) -> bool {
        self.reader == reader
    }

    /// The letter with its assertion in the place of the ciphertext; itself if there is none.
    pub fn in_place(self, text: &str) -> Result<String, Fault> {
        let mut document = parse(text).ok_or(Fault::Structure)?;
        let Some(place) = document.places_of("EncryptedAssertion").into_iter().next() else {
            return Ok(text.to_owned());
        };
        let sealed = document.at(&place).ok_or(Fault::Structure)?;
        let is_signed = !document.places_of("Signature").is_empty();
        let inside = self.of_assertion(sealed, is_signed)?;
        let opened = parse(&inside).ok_or(Fault::Content)?;
        let root = opened.elements().next().ok_or(Fault::Content)?;
        match root.local_name() {
            "Assertion" => {}
            _ if self.is("takes_anything_from_inside") => {}
            "EncryptedAssertion" if self.is("opens_as_often_as_asked") => {
                return self.in_place(&text.replace(&sealed.written(), &inside));
            }
            _ => return Err(Fault::Structure),
        }
        let taken = ids(&document);
        if ids(&opened).iter().any(|id| taken.contains(id)) {
            let alone = self.is("takes_an_id_twice");
            return alone.then_some(inside).ok_or(Fault::Structure);
        }
        let (index, above) = place.split_last().ok_or(Fault::Structure)?;
        let above = document.at_mut(above).ok_or(Fault::Structure)?;
        above.children.splice(*index..=*index, opened.children);
        Ok(document.written())
    }

    fn of_assertion(self, sealed: &Element, is_signed: bool) -> Result<String, Fault> {
        let data = sealed.child("EncryptedData").ok_or(Fault::Structure)?;
        let is_element = data
            .attribute("Type")
            .is_none_or(|it| it.ends_with("#Element"));
        let is_whole = is_element || self.is("takes_content_for_an_element");
        let is_cbc = method(data).is_some_and(|it| it.contains("#aes") && it.ends_with("-cbc"));
        let is_covered = is_signed || self.is("takes_cbc_without_a_signature");
        if !is_whole || (is_cbc && !is_covered) {
            return Err(Fault::Structure);
        }
        self.of_data(data, sealed)
    }

    fn of_data(self, data: &Element, around: &Element) -> Result<String, Fault> {
        let keys = around.places_of("EncryptedKey");
        if keys.len() > 1 && !self.is("takes_the_first_key") {
            return Err(Fault::Structure);
        }
        let key = keys.first().and_then(|place| around.at(place));
        let key = self
            .unwrapped(key.ok_or(Fault::Structure)?)
            .ok_or(Fault::Key)?;
        let sealed = cipher_value(data).ok_or(Fault::Structure)?;
        let octets = self.deciphered(method(data).unwrap_or_default(), &key, &sealed);
        String::from_utf8(octets.ok_or(Fault::Content)?).map_err(|_| Fault::Content)
    }

    fn unwrapped(self, key: &Element) -> Option<Vec<u8>> {
        let wrapped = cipher_value(key)?;
        let private = rsa::PrivateDecryptingKey::from_pkcs8(self.pkcs8).ok()?;
        let mut room = vec![0; private.key_size_bytes()];
        if method(key)? == RSA_1_5 && self.is("takes_rsa_1_5") {
            let private = rsa::Pkcs1PrivateDecryptingKey::new(private).ok()?;
            return Some(private.decrypt(&wrapped, &mut room).ok()?.to_vec());
        }
        let by = self.transport(key.child("EncryptionMethod")?)?;
        let private = rsa::OaepPrivateDecryptingKey::new(private).ok()?;
        Some(
            private
                .decrypt(by, &wrapped, &mut room, None)
                .ok()?
                .to_vec(),
        )
    }

    fn transport(self, method: &Element) -> Option<&'static rsa::OaepAlgorithm> {
        let part = |name: &str| method.child(name).and_then(|it| it.attribute("Algorithm"));
        let is_256 = |name: &str| part(name).is_some_and(|it| it.ends_with("sha256"));
        let granted = self.is("takes_the_mask_for_granted");
        match (method.attribute("Algorithm")?, is_256("DigestMethod")) {
            (OAEP, _) => Some(&rsa::OAEP_SHA1_MGF1SHA1),
            (OAEP_11, true) if granted || is_256("MGF") => Some(&rsa::OAEP_SHA256_MGF1SHA256),
            (OAEP_11, false) if granted || !is_256("MGF") => Some(&rsa::OAEP_SHA1_MGF1SHA1),
            _ => None,
        }
    }

    fn deciphered(self, named: &str, key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (_, cipher) = named.rsplit_once('#')?;
        match (cipher, key.len()) {
            ("aes128-gcm" | "aes256-gcm", _) if self.is("checks_no_tag") => counted(key, sealed),
            ("aes128-gcm", 16) => authenticated(&aead::AES_128_GCM, key, sealed),
            ("aes256-gcm", 32) => authenticated(&aead::AES_256_GCM, key, sealed),
            ("aes128-cbc", 16) => chained(&cipher::AES_128, key, sealed),
            ("aes256-cbc", 32) => chained(&cipher::AES_256, key, sealed),
            (_, 32) if self.is("takes_the_cipher_from_the_key") => {
                authenticated(&aead::AES_256_GCM, key, sealed)
            }
            _ => None,
        }
    }
}

fn authenticated(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    sealed: &[u8],
) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(aead::NONCE_LEN)?;
    let nonce = aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
    let key = aead::UnboundKey::new(algorithm, key).ok()?;
    let mut octets = sealed.to_vec();
    let key = aead::LessSafeKey::new(key);
    let opened = key
        .open_in_place(nonce, aead::Aad::empty(), &mut octets)
        .ok()?;
    Some(opened.to_vec())
}

/// GCM without its tag is a counter that starts at two.
fn counted(key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(aead::NONCE_LEN)?;
    let mut octets = sealed.get(..sealed.len().checked_sub(TAG)?)?.to_vec();
    let start: [u8; 16] = [nonce, &[0, 0, 0, 2]].concat().try_into().ok()?;
    let by = if key.len() == 16 {
        &cipher::AES_128
    } else {
        &cipher::AES_256
    };
    let key = cipher::UnboundCipherKey::new(by, key).ok()?;
    let context = DecryptionContext::Iv128(FixedLength::from(&start));
    let key = cipher::DecryptingKey::ctr(key).ok()?;
    Some(key.decrypt(&mut octets, context).ok()?.to_vec())
}

fn chained(algorithm: &'static cipher::Algorithm, key: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (start, blocks) = sealed.split_first_chunk::<16>()?;
    let key = cipher::UnboundCipherKey::new(algorithm, key).ok()?;
    let key = cipher::PaddedBlockDecryptingKey::cbc_iso10126(key).ok()?;
    let context = DecryptionContext::Iv128(FixedLength::from(start));
    let mut octets = blocks.to_vec();
    Some(key.decrypt(&mut octets, context).ok()?.to_vec())
}

fn method(element: &Element) -> Option<&str> {
    element.child("EncryptionMethod")?.attribute("Algorithm")
}

fn ids(document: &Element) -> Vec<&str> {
    let places = document.places().into_iter();
    let ids = places.filter_map(|place| document.at(&place)?.attribute("ID"));
    ids.collect()
}

/// Whether a reader that cuts nonce and tag off without looking at the length falls over.
pub fn falls_over(text: &str) -> bool {
    let data = parse(text).and_then(|document| {
        let place = document.places_of("EncryptedData").into_iter().next()?;
        cipher_value(document.at(&place)?)
    });
    let cut = |sealed: Vec<u8>| sealed[aead::NONCE_LEN..sealed.len() - TAG].len();
    data.is_some_and(|sealed| std::panic::catch_unwind(|| cut(sealed)).is_err())
}

fn cipher_value(element: &Element) -> Option<Vec<u8>> {
    let value = element.child("CipherData")?.child("CipherValue")?;
    match value.children.first() {
        Some(Node::Text(text)) => STANDARD.decode(text).ok(),
        _ => Some(Vec::new()),
    }
}
