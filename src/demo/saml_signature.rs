//! Signs XML that is in exclusive canonical form from the start, so that what is hashed is simply what is written
//! (Exclusive XML Canonicalization 1.0, XML Signature 1.1).

use std::fmt;

use aws_lc_rs::digest::SHA256;
use aws_lc_rs::digest::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// Why nothing could be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningError {
    /// The key could not be made or read.
    Key,
    /// The element has no Issuer after which a signature could stand.
    NoIssuer,
    /// The key could not sign.
    Failed,
}

impl fmt::Display for SigningError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Key => "the signing key is unusable",
            Self::NoIssuer => "an element without an Issuer cannot be signed",
            Self::Failed => "signing failed",
        })
    }
}

impl std::error::Error for SigningError {}

/// The IdP's RSA key and the self-signed certificate that goes with it.
#[derive(Clone)]
pub struct KeyPair {
    /// The certificate in PEM, to be pinned by connections.
    pub certificate_pem: String,
    /// The private key in PKCS#8 DER.
    pub pkcs8: Vec<u8>,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyPair({})", self.certificate_pem)
    }
}

impl KeyPair {
    /// A fresh RSA-2048 key with a certificate for `common_name`.
    pub fn generate(common_name: &str) -> Result<Self, SigningError> {
        let size = rcgen::RsaKeySize::_2048;
        let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size);
        let key = key.map_err(|_| SigningError::Key)?;
        let mut parameters = rcgen::CertificateParams::default();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters
            .distinguished_name
            .push(rcgen::DnType::CommonName, common_name);
        let certificate = parameters
            .self_signed(&key)
            .map_err(|_| SigningError::Key)?;
        Ok(Self {
            certificate_pem: certificate.pem(),
            pkcs8: key.serialize_der(),
        })
    }

    /// Puts an enveloped signature after the Issuer of a canonical element that has the given ID.
    pub fn sign_element(&self, element: &str, id: &str) -> Result<String, SigningError> {
        let end_of_issuer = "</saml:Issuer>";
        let (before, after) = element
            .split_once(end_of_issuer)
            .ok_or(SigningError::NoIssuer)?;
        let signature = self.signature(element, id)?;
        Ok(format!("{before}{end_of_issuer}{signature}{after}"))
    }

    fn signature(&self, signed: &str, id: &str) -> Result<String, SigningError> {
        let digest = STANDARD.encode(digest(&SHA256, signed.as_bytes()));
        let parts = signed_info_parts(id, &digest);
        let namespace = [attribute("xmlns:ds", SIGNATURE)];
        let value = self.sign(&element("ds:SignedInfo", &namespace, &parts))?;
        let certificate = self
            .certificate_pem
            .lines()
            .filter(|line| !line.starts_with('-'));
        let certificate = element("ds:X509Certificate", &[], &certificate.collect::<String>());
        let key_info = element("ds:X509Data", &[], &certificate);
        let inside = [
            element("ds:SignedInfo", &[], &parts),
            element("ds:SignatureValue", &[], &value),
            element("ds:KeyInfo", &[], &key_info),
        ];
        Ok(element("ds:Signature", &namespace, &inside.concat()))
    }

    fn sign(&self, message: &str) -> Result<String, SigningError> {
        let key = RsaKeyPair::from_pkcs8(&self.pkcs8).map_err(|_| SigningError::Key)?;
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            message.as_bytes(),
            &mut signature,
        )
        .map_err(|_| SigningError::Failed)?;
        Ok(STANDARD.encode(signature))
    }
}

fn signed_info_parts(id: &str, digest: &str) -> String {
    let algorithm = |name: &str, uri: &str| element(name, &[attribute("Algorithm", uri)], "");
    let transforms = [
        algorithm(
            "ds:Transform",
            "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        ),
        algorithm("ds:Transform", EXCLUSIVE_C14N),
    ];
    let reference = [
        element("ds:Transforms", &[], &transforms.concat()),
        algorithm("ds:DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256"),
        element("ds:DigestValue", &[], digest),
    ];
    let uri = attribute("URI", &format!("#{id}"));
    [
        algorithm("ds:CanonicalizationMethod", EXCLUSIVE_C14N),
        algorithm(
            "ds:SignatureMethod",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        ),
        element("ds:Reference", &[uri], &reference.concat()),
    ]
    .concat()
}

/// An element as canonical XML has it: no empty-element tag, attributes in the order given, which must be that of their names.
pub(super) fn element(name: &str, attributes: &[String], inside: &str) -> String {
    format!("<{name}{}>{inside}</{name}>", attributes.concat())
}

/// One attribute, with the space before it.
pub(super) fn attribute(name: &str, value: &str) -> String {
    let value = text_without_greater(value)
        .replace('"', "&quot;")
        .replace('\t', "&#x9;")
        .replace('\n', "&#xA;");
    format!(" {name}=\"{value}\"")
}

/// Text between tags.
pub(super) fn text(value: &str) -> String {
    text_without_greater(value).replace('>', "&gt;")
}

fn text_without_greater(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('\r', "&#xD;")
}
