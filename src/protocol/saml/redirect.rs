//! A signed query as an IdP sends it, checked over the octets as they came (SAML bindings §3.4.4.1).
//!
//! Nothing is decoded before its signature holds but the signature itself and its algorithm, and no
//! other reader of the query is asked for what was signed: two readings of one query are how forged
//! messages got in elsewhere.

use std::io::Read;

use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
use aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA384;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA512;
use aws_lc_rs::signature::UnparsedPublicKey;
use aws_lc_rs::signature::VerificationAlgorithm;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use url::form_urlencoded;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use crate::protocol::saml::certificate::Certificate;
use crate::protocol::saml::certificate::PublicKey;
use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::signature::PinnedKeys;
use crate::protocol::saml::xml::is_space;

const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";
const LARGEST_QUERY: usize = 64 * 1024;
const LARGEST_MESSAGE: u64 = 256 * 1024;
const NAMES: [&str; 6] = [
    "SAMLRequest",
    "SAMLResponse",
    "RelayState",
    "SigAlg",
    "Signature",
    "SAMLEncoding",
];

/// The SAML parameters of a query, as they came.
pub(super) struct Query<'a> {
    values: [Option<&'a str>; 6],
}

impl<'a> Query<'a> {
    /// Finds the parameters; each may be there once, under its plain name.
    pub(super) fn parse(raw: &'a str) -> Result<Self, Rejection> {
        if raw.len() > LARGEST_QUERY {
            return Err(
                Check::TooLarge.refuses(format!("at most {LARGEST_QUERY} bytes"), raw.len())
            );
        }
        let mut values = [None; 6];
        for pair in raw.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = decoded(name);
            let known = NAMES.iter().zip(values.iter_mut());
            for (_, slot) in known.filter(|(known, _)| known.eq_ignore_ascii_case(&decoded)) {
                if slot.is_some() || !NAMES.contains(&name) {
                    let received = format!("another {decoded}");
                    return Err(Check::QueryParameters.refuses("each parameter once", received));
                }
                *slot = Some(value);
            }
        }
        let query = Self { values };
        if query.get("SAMLRequest").is_some() == query.get("SAMLResponse").is_some() {
            let received = "both, or none of them";
            return Err(Check::QueryParameters.refuses("SAMLRequest or SAMLResponse", received));
        }
        Ok(query)
    }

    /// Whether the message is a request.
    pub(super) fn is_request(&self) -> bool {
        self.get("SAMLRequest").is_some()
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let mut named = NAMES.iter().zip(self.values);
        named
            .find(|(known, _)| **known == name)
            .and_then(|(_, it)| it)
    }

    /// What the receiver is to get back with the answer, or has sent; empty if there is nothing.
    pub(super) fn relay_state(&self) -> String {
        self.get("RelayState").map(form_decoded).unwrap_or_default()
    }

    /// The message as XML.
    pub(super) fn inflated(&self) -> Result<String, Rejection> {
        if let Some(encoding) = self.get("SAMLEncoding").map(decoded)
            && encoding != DEFLATE
        {
            return Err(Check::NotDeflate.refuses(DEFLATE, encoding));
        }
        let message = self.get("SAMLRequest").or(self.get("SAMLResponse"));
        let compressed = from_base64(message.unwrap_or_default())?;
        let mut xml = Vec::new();
        DeflateDecoder::new(compressed.as_slice())
            .take(LARGEST_MESSAGE + 1)
            .read_to_end(&mut xml)
            .map_err(|_| Check::NotDeflate.refuses("DEFLATE data", "something else"))?;
        let length = u64::try_from(xml.len()).unwrap_or(u64::MAX);
        if length > LARGEST_MESSAGE {
            return Err(Check::TooLarge.refuses(format!("at most {LARGEST_MESSAGE} bytes"), "more"));
        }
        String::from_utf8(xml).map_err(|error| Check::NotUtf8.refuses("UTF-8", error.utf8_error()))
    }

    /// The octets that are signed: the parameters as they came, in the order of the binding.
    fn signed_octets(&self) -> String {
        let names = ["SAMLRequest", "SAMLResponse", "RelayState", "SigAlg"];
        let pairs = names
            .iter()
            .filter_map(|name| self.get(name).map(|value| format!("{name}={value}")));
        pairs.collect::<Vec<_>>().join("&")
    }
}

/// Verifies the signature of a query with one of the pinned keys.
pub(super) fn verify(query: &Query<'_>, certificates: &[String]) -> Result<(), Rejection> {
    PinnedKeys::of(certificates)?;
    let (Some(algorithm), Some(signature)) = (query.get("SigAlg"), query.get("Signature")) else {
        return Err(Check::Unsigned.refuses("SigAlg and Signature", "a query without them"));
    };
    let uri = decoded(algorithm);
    let allowed = allowed(&uri)
        .ok_or_else(|| Check::SignatureMethod.refuses("RSA or ECDSA with SHA-2", &uri))?;
    let signature = from_base64(signature)?;
    let octets = query.signed_octets();
    let holds = |pem: &String| {
        let certificate = Certificate::parse(pem).ok();
        certificate.is_some_and(|it| verifies(&it, allowed, octets.as_bytes(), &signature))
    };
    if certificates.iter().any(holds) {
        return Ok(());
    }
    let expected = format!("a signature by one of {} certificates", certificates.len());
    Err(Check::Signature.refuses(expected, "a signature by another key, or altered"))
}

type Allowed = (&'static dyn VerificationAlgorithm, Option<usize>);

/// The algorithm, and the size of the curve that it needs, if it needs one.
fn allowed(uri: &str) -> Option<Allowed> {
    let name = uri.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")?;
    Some(match name {
        "rsa-sha256" => (&RSA_PKCS1_2048_8192_SHA256, None),
        "rsa-sha384" => (&RSA_PKCS1_2048_8192_SHA384, None),
        "rsa-sha512" => (&RSA_PKCS1_2048_8192_SHA512, None),
        "ecdsa-sha256" => (&ECDSA_P256_SHA256_FIXED, Some(256)),
        "ecdsa-sha384" => (&ECDSA_P384_SHA384_FIXED, Some(384)),
        _ => return None,
    })
}

fn verifies(
    certificate: &Certificate,
    (algorithm, curve): Allowed,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let fits = match certificate.public_key {
        PublicKey::Rsa { .. } => curve.is_none() && certificate.public_key.is_strong_enough(),
        PublicKey::EllipticCurve { bits } => curve == Some(bits),
        PublicKey::Unsupported => false,
    };
    let Ok((_, parsed)) = X509Certificate::from_der(&certificate.der) else {
        return false;
    };
    let key = &parsed.public_key().subject_public_key.data;
    fits && UnparsedPublicKey::new(algorithm, key)
        .verify(message, signature)
        .is_ok()
}

// A plus sign that was not encoded is one, since neither base64 nor a URI has a space to stand for.
fn decoded(raw: &str) -> String {
    form_decoded(&raw.replace('+', "%2B"))
}

fn form_decoded(raw: &str) -> String {
    // As a value, so that an equals sign in it is one.
    let parameter = format!("value={raw}");
    let mut parameters = form_urlencoded::parse(parameter.as_bytes());
    let value = parameters.next().map(|(_, value)| value.into_owned());
    value.unwrap_or_default()
}

fn from_base64(raw: &str) -> Result<Vec<u8>, Rejection> {
    let written = decoded(raw).replace(is_space, "");
    STANDARD
        .decode(written)
        .map_err(|error| Check::NotBase64.refuses("standard base64 with padding", error))
}
