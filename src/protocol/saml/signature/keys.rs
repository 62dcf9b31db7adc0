//! The keys of a connection, the only ones that are believed, whatever a document's KeyInfo says.

use crate::protocol::saml::algorithms::KeyKind;
use crate::protocol::saml::certificate::Certificate;
use crate::protocol::saml::certificate::PublicKey;
use crate::protocol::saml::error::Check;
use crate::protocol::saml::error::Rejection;

/// The connection's usable certificates, whatever the end of their validity.
pub(in crate::protocol::saml) struct PinnedKeys(Vec<Certificate>);

impl PinnedKeys {
    /// The usable certificates of a connection, of which there must be one at least.
    pub(in crate::protocol::saml) fn of(certificates: &[String]) -> Result<Self, Rejection> {
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

    /// Those that can have made a signature of that kind.
    pub(super) fn of_kind(&self, kind: KeyKind) -> Self {
        let fits = |key: PublicKey| match key {
            PublicKey::Rsa { .. } => kind == KeyKind::Rsa,
            PublicKey::EllipticCurve { .. } => kind == KeyKind::EllipticCurve,
            PublicKey::Unsupported => false,
        };
        let fitting = self.0.iter().filter(|it| fits(it.public_key));
        Self(fitting.cloned().collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Certificate> {
        self.0.iter()
    }

    /// What a signature should have been made with, for an administrator's eyes.
    pub(super) fn fingerprints(&self) -> String {
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
