//! Signs and checks elements as identity providers do, apart from the code under test: any allowed
//! algorithm, any prefix, any lay-out (XML Signature 1.1, Exclusive XML Canonicalization 1.0).

use aws_lc_rs::digest;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::canonical::canonical;
use super::case::Instead;
use super::tree::Element;
use super::tree::Node;
use super::tree::Place;
use super::tree::parse;

pub const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
pub const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";

/// A private key of an identity provider with its certificate.
#[derive(Clone)]
pub struct SigningKey {
    pub certificate: String,
    pkcs8: Vec<u8>,
}

/// How something is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    RsaSha256,
    RsaSha384,
    RsaSha512,
    EcdsaSha256,
    EcdsaSha384,
    /// With the certificate that everybody knows as the secret.
    HmacSha256,
    /// Named so, and nothing is signed at all.
    Nothing,
}

/// How something is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// How a signature is made and written.
#[derive(Clone, Debug)]
pub struct Manner {
    pub algorithm: Algorithm,
    pub digest: Digest,
    /// The prefix of XML Signature; empty for a default namespace.
    pub prefix: String,
    /// The prefixes that canonicalization takes along.
    pub inclusive: Vec<String>,
    pub canonicalization: String,
    pub has_key_info: bool,
    pub instead: Vec<Instead>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            algorithm: Algorithm::RsaSha256,
            digest: Digest::Sha256,
            prefix: "ds".to_owned(),
            inclusive: Vec::new(),
            canonicalization: EXCLUSIVE.to_owned(),
            has_key_info: true,
            instead: Vec::new(),
        }
    }
}

impl SigningKey {
    /// The key of the built-in identity provider.
    pub fn of(certificate: &str, pkcs8: &[u8]) -> Self {
        Self {
            certificate: certificate.to_owned(),
            pkcs8: pkcs8.to_vec(),
        }
    }

    /// A fresh key on a curve, with a certificate.
    pub fn elliptic(algorithm: &'static rcgen::SignatureAlgorithm) -> Self {
        let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
        let certificate = rcgen::CertificateParams::default().self_signed(&key);
        Self {
            certificate: certificate.unwrap().pem(),
            pkcs8: key.serialize_der(),
        }
    }

    /// The certificate as base64 without its armour.
    pub fn bare_certificate(&self) -> String {
        bare(&self.certificate)
    }

    /// The signature of these bytes.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |padding| {
            let key = rsa::KeyPair::from_pkcs8(&self.pkcs8).unwrap();
            let mut signed = vec![0; key.public_modulus_len()];
            key.sign(padding, &random, message, &mut signed).unwrap();
            signed
        };
        let elliptic = |algorithm| {
            let key = signature::EcdsaKeyPair::from_pkcs8(algorithm, &self.pkcs8).unwrap();
            key.sign(&random, message).unwrap().as_ref().to_vec()
        };
        match algorithm {
            Algorithm::RsaSha256 => rsa(&signature::RSA_PKCS1_SHA256),
            Algorithm::RsaSha384 => rsa(&signature::RSA_PKCS1_SHA384),
            Algorithm::RsaSha512 => rsa(&signature::RSA_PKCS1_SHA512),
            Algorithm::EcdsaSha256 => elliptic(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::EcdsaSha384 => elliptic(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::HmacSha256 => authenticated(&self.certificate, message),
            Algorithm::Nothing => vec![0],
        }
    }

    /// Puts a signature after the Issuer of the element with this ID, or first where there is none.
    pub fn sign_element(&self, xml: &str, id: &str, manner: &Manner) -> String {
        let mut document = parse(xml).unwrap();
        let place = place_of(&document, id).unwrap();
        let signed = canonical(&document, (&place, None), &manner.inclusive).unwrap();
        let skeleton = manner.skeleton(id, &hashed(manner.digest, &signed), self);
        let target = document.at_mut(&place).unwrap();
        let issuer = target.children.iter().position(
            |child| matches!(child, Node::Element(element) if element.local_name() == "Issuer"),
        );
        let index = issuer.map_or(0, |issuer| issuer + 1);
        target.children.insert(index, Node::Element(skeleton));
        let signature_place = [place.as_slice(), &[index]].concat();
        let info = [signature_place.as_slice(), &[0]].concat();
        let message = canonical(&document, (&info, None), &[]).unwrap();
        let value = STANDARD.encode(self.sign(manner.algorithm, message.as_bytes()));
        let value_place = [signature_place.as_slice(), &[1]].concat();
        let element = document.at_mut(&value_place).unwrap();
        element.children = vec![Node::Text(value)];
        document.written()
    }
}

/// What HMAC makes of a message with a certificate for a secret.
pub fn authenticated(certificate: &str, message: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, bare(certificate).as_bytes());
    hmac::sign(&key, message).as_ref().to_vec()
}

/// A certificate in base64 alone.
pub fn bare(certificate: &str) -> String {
    let lines = certificate.lines().filter(|line| !line.starts_with('-'));
    lines.collect()
}

/// The place of the first element with this ID.
pub fn place_of(document: &Element, id: &str) -> Option<Place> {
    let has_id = |place: &Place| document.at(place).unwrap().attribute("ID") == Some(id);
    document.places().into_iter().find(has_id)
}

/// A hash in base64.
pub fn hashed(by: Digest, text: &str) -> String {
    let algorithm = match by {
        Digest::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        Digest::Sha256 => &digest::SHA256,
        Digest::Sha384 => &digest::SHA384,
        Digest::Sha512 => &digest::SHA512,
    };
    STANDARD.encode(digest::digest(algorithm, text.as_bytes()))
}

impl Algorithm {
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            ("rsa-sha256", Self::RsaSha256),
            ("rsa-sha384", Self::RsaSha384),
            ("rsa-sha512", Self::RsaSha512),
            ("ecdsa-sha256", Self::EcdsaSha256),
            ("ecdsa-sha384", Self::EcdsaSha384),
            ("hmac-sha256", Self::HmacSha256),
            ("none", Self::Nothing),
        ];
        let found = all.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, algorithm)| algorithm)
    }

    pub fn of_uri(uri: &str) -> Option<Self> {
        Self::named(uri.strip_prefix(MORE)?)
    }

    fn uri(self) -> String {
        let name = match self {
            Self::RsaSha256 => "rsa-sha256",
            Self::RsaSha384 => "rsa-sha384",
            Self::RsaSha512 => "rsa-sha512",
            Self::EcdsaSha256 => "ecdsa-sha256",
            Self::EcdsaSha384 => "ecdsa-sha384",
            Self::HmacSha256 => "hmac-sha256",
            Self::Nothing => "none",
        };
        format!("{MORE}{name}")
    }
}

impl Digest {
    const ALL: [(&'static str, &'static str, Self); 4] = [
        ("sha1", "http://www.w3.org/2000/09/xmldsig#sha1", Self::Sha1),
        (
            "sha256",
            "http://www.w3.org/2001/04/xmlenc#sha256",
            Self::Sha256,
        ),
        (
            "sha384",
            "http://www.w3.org/2001/04/xmldsig-more#sha384",
            Self::Sha384,
        ),
        (
            "sha512",
            "http://www.w3.org/2001/04/xmlenc#sha512",
            Self::Sha512,
        ),
    ];

    pub fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(known, ..)| *known == name);
        found.map(|(.., digest)| digest)
    }

    pub fn of_uri(uri: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|(_, known, _)| *known == uri);
        found.map(|(.., digest)| digest)
    }

    fn uri(self) -> &'static str {
        let found = Self::ALL.into_iter().find(|(.., digest)| *digest == self);
        found.unwrap().1
    }
}

impl Manner {
    /// The signature with everything but its value.
    fn skeleton(&self, id: &str, digest: &str, key: &SigningKey) -> Element {
        let prefix = match self.prefix.as_str() {
            "" => String::new(),
            prefix => format!("{prefix}:"),
        };
        let declaration = match self.prefix.as_str() {
            "" => format!("xmlns=\"{SIGNATURE}\""),
            prefix => format!("xmlns:{prefix}=\"{SIGNATURE}\""),
        };
        let list = self.inclusive.join(" ");
        let inclusive = match list.as_str() {
            "" => String::new(),
            list => {
                format!("<ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" PrefixList=\"{list}\"/>")
            }
        };
        let key_info = if self.has_key_info {
            format!(
                "<{prefix}KeyInfo><{prefix}X509Data><{prefix}X509Certificate>{}\
                 </{prefix}X509Certificate></{prefix}X509Data></{prefix}KeyInfo>",
                key.bare_certificate()
            )
        } else {
            String::new()
        };
        let written = format!(
            "<{prefix}Signature {declaration}><{prefix}SignedInfo>\
             <{prefix}CanonicalizationMethod Algorithm=\"{canonicalization}\"/>\
             <{prefix}SignatureMethod Algorithm=\"{algorithm}\"/>\
             <{prefix}Reference URI=\"#{id}\"><{prefix}Transforms>\
             <{prefix}Transform Algorithm=\"{ENVELOPED}\"/>\
             <{prefix}Transform Algorithm=\"{EXCLUSIVE}\">{inclusive}</{prefix}Transform>\
             </{prefix}Transforms><{prefix}DigestMethod Algorithm=\"{digest_uri}\"/>\
             <{prefix}DigestValue>{digest}</{prefix}DigestValue></{prefix}Reference>\
             </{prefix}SignedInfo><{prefix}SignatureValue/>{key_info}</{prefix}Signature>",
            canonicalization = self.canonicalization,
            algorithm = self.algorithm.uri(),
            digest_uri = self.digest.uri(),
        );
        let written = self.instead.iter().fold(written, |written, instead| {
            let of = instead.of.replace("{{id}}", id);
            let (before, rest) = written.split_once(&of).unwrap();
            let (_, after) = rest.split_once(&instead.to).unwrap();
            let with = instead.with.replace("{{id}}", id);
            format!("{before}{with}{after}")
        });
        let document = parse(&written).unwrap();
        document.elements().next().unwrap().clone()
    }
}
