//! The certificates and keys that a SAML connection holds (contract 3.4).

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::CertificateId;
use crate::domain::id::EncryptionKeyId;

/// A certificate with which the identity provider signs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerificationCertificate {
    /// Its id.
    pub certificate_id: CertificateId,
    /// PEM.
    pub certificate: String,
    /// Who issued it.
    pub issuer: String,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// The key with which this connection signs its requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestSigningKey {
    /// The id of its certificate.
    pub certificate_id: CertificateId,
    /// The certificate in PEM.
    pub certificate: String,
    /// SHA-256 of its public half, by which equal keys are told.
    #[serde(default)]
    pub fingerprint: String,
    /// The private key in PEM, sealed.
    pub sealed_private_key: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its certificate ends.
    pub expires_at: DateTime<Utc>,
}

/// A key with which encrypted responses are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncryptionKey {
    /// Its id.
    pub private_key_id: EncryptionKeyId,
    /// SHA-256 of its public half, by which equal keys are told.
    pub fingerprint: String,
    /// The private key (PKCS#1), sealed.
    pub sealed_private_key: String,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}
