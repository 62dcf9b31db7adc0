//! The certificates and keys of a SAML connection: whom it believes and how it signs (contract 3.4).

use chrono::TimeDelta;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::id::CertificateId;
use crate::domain::id::ConnectionKind;
use crate::domain::key_pair::KeyPair;
use crate::domain::rsa_private_key::PrivateKeyRefusal;
use crate::domain::rsa_private_key::RsaPrivateKey;
use crate::domain::saml_keys::RequestSigningKey;
use crate::domain::saml_keys::VerificationCertificate;
use crate::protocol::saml::Certificate;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::SSO;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;

/// How many certificates a connection believes at most.
pub(crate) const MAX_CERTIFICATES: usize = 5;
const SIGNING_CERTIFICATE_DAYS: i64 = 3650;

/// Adds a certificate to those believed; the same one given again changes nothing.
pub(crate) fn add_certificate(
    tx: &Transaction<'_>,
    settings: &mut SamlSettings,
    pasted: &str,
) -> Result<(), ManagementError> {
    let invalid = |reason: String| ConnectionError::InvalidCertificate(reason);
    let certificate = Certificate::parse(pasted).map_err(|error| invalid(error.to_string()))?;
    check_strength(&certificate).map_err(invalid)?;
    let known = &mut settings.verification_certificates;
    if known
        .iter()
        .any(|known| known.certificate == certificate.pem)
    {
        return Ok(());
    }
    known.push(believed(tx, &certificate));
    check_count(known)
}

/// Believes these certificates and no others; those known already stay what they are.
pub(crate) fn replace_certificates(
    tx: &Transaction<'_>,
    settings: &mut SamlSettings,
    certificates: &[Certificate],
) -> Result<(), ManagementError> {
    let known = std::mem::take(&mut settings.verification_certificates);
    for certificate in certificates {
        check_strength(certificate).map_err(|reason| {
            ConnectionError::UnusableMetadata("saml_connection_metadata_invalid_format", reason)
        })?;
        let same = known
            .iter()
            .find(|known| known.certificate == certificate.pem);
        let kept = same.cloned().unwrap_or_else(|| believed(tx, certificate));
        settings.verification_certificates.push(kept);
    }
    check_count(&settings.verification_certificates)
}

fn believed(tx: &Transaction<'_>, certificate: &Certificate) -> VerificationCertificate {
    VerificationCertificate {
        certificate_id: CertificateId::fresh(),
        certificate: certificate.pem.clone(),
        issuer: certificate.issuer.clone(),
        created_at: tx.now,
        expires_at: certificate.not_after,
        warned_days: None,
    }
}

fn check_strength(certificate: &Certificate) -> Result<(), String> {
    let key = certificate.public_key;
    if key.is_strong_enough() {
        Ok(())
    } else {
        Err(format!(
            "its key is {key}; at least RSA with 2048 bits or EC on P-256 is needed"
        ))
    }
}

fn check_count(certificates: &[VerificationCertificate]) -> Result<(), ManagementError> {
    if certificates.len() > MAX_CERTIFICATES {
        Err(ConnectionError::TooManyCertificates.into())
    } else {
        Ok(())
    }
}

/// Signs requests with this key from now on, under a fresh certificate; the same key given again
/// changes nothing.
pub(crate) fn take_signing_key(
    tx: &Transaction<'_>,
    (connection, deployment): (&Connection, &Deployment),
    settings: &mut SamlSettings,
    pasted: &str,
) -> Result<(), ManagementError> {
    let key = private_key(pasted, SIGNING_ERRORS)?;
    let current = settings.request_signing_key.as_ref();
    if current.is_some_and(|current| current.fingerprint == key.fingerprint) {
        return Ok(());
    }
    let expires_at = tx.now + TimeDelta::days(SIGNING_CERTIFICATE_DAYS);
    let name = connection.id.to_string();
    let pair = KeyPair::certify(&key.pem, &name, (tx.now, expires_at))?;
    let place = connection.sealing_place("request_signing_key");
    settings.request_signing_key = Some(RequestSigningKey {
        certificate_id: CertificateId::fresh(),
        certificate: pair.certificate_pem,
        fingerprint: key.fingerprint,
        sealed_private_key: deployment.master_key.seal(key.pem.as_bytes(), &place)?,
        created_at: tx.now,
        expires_at,
    });
    Ok(())
}

/// The error types of a key that cannot be read, and of one in another format.
pub(crate) type KeyErrors = (&'static str, &'static str);

const SIGNING_ERRORS: KeyErrors = (
    "saml_signing_private_key_invalid",
    "saml_signing_private_key_format_not_supported",
);

/// Reads a pasted key.
pub(crate) fn private_key(
    pasted: &str,
    errors: KeyErrors,
) -> Result<RsaPrivateKey, ManagementError> {
    RsaPrivateKey::from_pkcs1(pasted).map_err(|refusal| {
        let (invalid, not_supported) = errors;
        let (error_type, reason) = match refusal {
            PrivateKeyRefusal::Invalid(reason) => (invalid, reason),
            PrivateKeyRefusal::FormatNotSupported => (not_supported, "must be PKCS#1"),
        };
        ConnectionError::InvalidPrivateKey(error_type, reason).into()
    })
}

/// Believes a certificate no longer; an active connection keeps at least one.
pub fn delete_certificate(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    place: (&str, &str),
    certificate: &str,
) -> Result<CertificateId, ManagementError> {
    let (before, mut settings) = settings(tx, caller, place)?;
    let known = &mut settings.verification_certificates;
    let id = certificate.parse().ok();
    let id = id.filter(|id| known.iter().any(|known| known.certificate_id == *id));
    let id = id.ok_or(ConnectionError::CertificateNotFound)?;
    known.retain(|known| known.certificate_id != id);
    if known.is_empty() && before.is_active() {
        return Err(ConnectionError::LastCertificate.into());
    }
    let settings = ConnectionSettings::Saml(settings);
    connections::settle(tx, &before, &Naming::default(), settings)?;
    Ok(id)
}

/// The settings of a connection whose keys the caller may change.
pub(crate) fn settings(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, connection): (&str, &str),
) -> Result<(Connection, SamlSettings), ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "update")])?;
    let connection = connections::find(tx, &organization, connection, ConnectionKind::Saml)?;
    let missing = ConnectionError::NotFound(Some(ConnectionKind::Saml));
    let settings = connection.saml().cloned().ok_or(missing)?;
    Ok((connection, settings))
}
