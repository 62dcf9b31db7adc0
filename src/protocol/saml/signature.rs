//! The signature engine behind the gate; only bytes that a pinned key has signed leave this file.

use std::panic::catch_unwind;

use samael::crypto::CertificateDer;
use samael::crypto::Crypto;
use samael::crypto::CryptoProvider;
use samael::crypto::ReduceMode;

use crate::protocol::saml::algorithms::KeyKind;
use crate::protocol::saml::algorithms::SIGNATURE_ALGORITHMS;
use crate::protocol::saml::certificate::Certificate;
use crate::protocol::saml::certificate::PublicKey;
use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::shape::Letter;

/// The connection's keys, the only ones that are believed.
pub(super) struct PinnedKeys(Vec<Certificate>);

impl PinnedKeys {
    /// The usable certificates of a connection, of which there must be one at least.
    pub(super) fn of(certificates: &[String]) -> Result<Self, Rejection> {
        let (strong, failures): (Vec<_>, Vec<_>) = certificates
            .iter()
            .map(|pem| pin(pem))
            .partition(Result::is_ok);
        let strong: Vec<Certificate> = strong.into_iter().flatten().collect();
        if !strong.is_empty() {
            return Ok(Self(strong));
        }
        let first_failure = failures.into_iter().find_map(Result::err);
        Err(first_failure.unwrap_or_else(|| Check::NoCertificates.refuses("at least one", 0)))
    }

    fn of_kind(&self, kind: KeyKind) -> Vec<CertificateDer> {
        let fits = |key: PublicKey| match key {
            PublicKey::Rsa { .. } => kind == KeyKind::Rsa,
            PublicKey::EllipticCurve { .. } => kind == KeyKind::EllipticCurve,
            PublicKey::Unsupported => false,
        };
        let fitting = self.0.iter().filter(|it| fits(it.public_key));
        fitting
            .map(|it| CertificateDer::from(it.der.clone()))
            .collect()
    }

    fn fingerprints(&self) -> String {
        let starts = self
            .0
            .iter()
            .map(|it| it.fingerprint.chars().take(16).collect::<String>());
        format!("a signature by {}", starts.collect::<Vec<_>>().join(" or "))
    }
}

fn pin(pem: &str) -> Result<Certificate, Rejection> {
    let certificate = Certificate::parse(pem)
        .map_err(|error| Check::UnreadableCertificate.refuses("an X.509 certificate", error))?;
    if certificate.public_key.is_strong_enough() {
        return Ok(certificate);
    }
    Err(Check::WeakCertificateKey.refuses("RSA with 2048 bits or more", certificate.public_key))
}

/// Canonical bytes that a pinned key has signed, and nothing around them.
pub(super) struct SignedXml {
    canonical: String,
}

impl SignedXml {
    /// The signed element: the Response if that was signed, else the Assertion.
    pub(super) fn text(&self) -> &str {
        &self.canonical
    }
}

/// Verifies every signature of a letter that passed the gate.
pub(super) fn verify(
    text: &str,
    letter: &Letter<'_, '_>,
    keys: &PinnedKeys,
) -> Result<SignedXml, Rejection> {
    let refusal = |received: &str| Check::Signature.refuses(keys.fingerprints(), received);
    let kinds = [letter.signatures.response, letter.signatures.assertion];
    let mut kinds = kinds.into_iter().flatten();
    let kind = kinds.next().ok_or_else(|| refusal("no signature"))?;
    if kinds.any(|other| other != kind) {
        return Err(refusal("signatures by an RSA key and by an EC key"));
    }
    let candidates = keys.of_kind(kind);
    if candidates.is_empty() {
        return Err(refusal("a signature by a key of another kind"));
    }
    let canonical = attempts(&candidates).find_map(|keys| hashed_bytes(text, keys));
    let canonical = canonical.ok_or_else(|| refusal("a signature by another key, or altered"))?;
    Ok(SignedXml { canonical })
}

// The engine gives up at the first key whose size does not fit, so each key is tried alone; all together are
// for the letter whose two signatures come from an old and a new key.
fn attempts(candidates: &[CertificateDer]) -> impl Iterator<Item = &[CertificateDer]> {
    let together = Some(candidates).filter(|all| all.len() > 1);
    candidates.chunks(1).chain(together)
}

// A panic in the engine must cost one letter, not one server thread.
fn hashed_bytes(text: &str, keys: &[CertificateDer]) -> Option<String> {
    let reduced = catch_unwind(|| {
        Crypto::reduce_xml_to_signed_with_allowed_algorithms(
            text,
            keys,
            ReduceMode::PreDigest,
            Some(&SIGNATURE_ALGORITHMS),
        )
    });
    reduced.ok()?.ok()
}
