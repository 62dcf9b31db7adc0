//! The keys with which a SAML connection reads encrypted responses: pasted or made here, tried by age,
//! the newest shown to the IdP (contract 3.4).

use std::cmp::Reverse;

use chrono::TimeDelta;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::id::EncryptionKeyId;
use crate::domain::key_pair::KeyPair;
use crate::domain::rsa_private_key::RsaPrivateKey;
use crate::domain::saml_keys::EncryptionKey;
use crate::domain::secret::CryptoFailure;
use crate::protocol::saml::DecryptionKey;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::saml_keys;
use crate::use_cases::saml_keys::KeyErrors;

const MAX_ENCRYPTION_KEYS: usize = 5;
const CERTIFICATE_DAYS: i64 = 3650;
const ENCRYPTION_ERRORS: KeyErrors = (
    "saml_encryption_private_key_invalid",
    "saml_encryption_private_key_format_not_supported",
);

/// Adds a pasted key; the same one given again changes nothing.
pub(crate) fn add(
    tx: &Transaction<'_>,
    place: (&Connection, &Deployment),
    settings: &mut SamlSettings,
    pasted: &str,
) -> Result<(), ManagementError> {
    let key = saml_keys::private_key(pasted, ENCRYPTION_ERRORS)?;
    keep(tx, place, settings, key)
}

/// Adds a key that was made here. The older ones are tried as before, so that whoever still encrypts to them is understood
/// until they are deleted.
pub fn create(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    place: (&str, &str),
    key: RsaPrivateKey,
) -> Result<Connection, ManagementError> {
    let (before, mut settings) = saml_keys::settings(tx, caller, place)?;
    keep(tx, (&before, deployment), &mut settings, key)?;
    let settings = ConnectionSettings::Saml(settings);
    connections::settle(tx, &before, &Naming::default(), settings)
}

fn keep(
    tx: &Transaction<'_>,
    (connection, deployment): (&Connection, &Deployment),
    settings: &mut SamlSettings,
    key: RsaPrivateKey,
) -> Result<(), ManagementError> {
    let known = &mut settings.encryption_keys;
    if known
        .iter()
        .any(|known| known.fingerprint == key.fingerprint)
    {
        return Ok(());
    }
    if known.len() >= MAX_ENCRYPTION_KEYS {
        return Err(ConnectionError::TooManyEncryptionKeys.into());
    }
    let validity = (tx.now, tx.now + TimeDelta::days(CERTIFICATE_DAYS));
    let pair = KeyPair::certify(&key.pem, &connection.id.to_string(), validity)?;
    let place = connection.sealing_place("encryption_keys");
    known.push(EncryptionKey {
        private_key_id: EncryptionKeyId::fresh(),
        fingerprint: key.fingerprint,
        sealed_private_key: deployment.master_key.seal(key.pem.as_bytes(), &place)?,
        certificate: pair.certificate_pem,
        created_at: tx.now,
    });
    Ok(())
}

/// The certificate that the IdP is to encrypt to: that of the newest key.
pub(crate) fn certificate(settings: &SamlSettings) -> Option<String> {
    let mut certificates = newest_first(settings).into_iter().map(|it| &it.certificate);
    certificates.find(|pem| !pem.is_empty()).cloned()
}

/// The keys of a connection, the newest first.
pub(crate) fn open(
    deployment: &Deployment,
    connection: &Connection,
    settings: &SamlSettings,
) -> Result<Vec<DecryptionKey>, CryptoFailure> {
    let place = connection.sealing_place("encryption_keys");
    let opened = newest_first(settings).into_iter().map(|key| {
        let pem = deployment
            .master_key
            .open(&key.sealed_private_key, &place)?;
        DecryptionKey::from_pem(&String::from_utf8_lossy(&pem)).ok_or(CryptoFailure)
    });
    opened.collect()
}

fn newest_first(settings: &SamlSettings) -> Vec<&EncryptionKey> {
    let mut keys: Vec<&EncryptionKey> = settings.encryption_keys.iter().rev().collect();
    keys.sort_by_key(|key| Reverse(key.created_at));
    keys
}

/// Forgets a key for encrypted responses.
pub fn delete(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    place: (&str, &str),
    key: &str,
) -> Result<EncryptionKeyId, ManagementError> {
    let (before, mut settings) = saml_keys::settings(tx, caller, place)?;
    let known = &mut settings.encryption_keys;
    let id = key.parse().ok();
    let id = id.filter(|id| known.iter().any(|known| known.private_key_id == *id));
    let id = id.ok_or(ConnectionError::EncryptionKeyNotFound)?;
    known.retain(|known| known.private_key_id != id);
    let settings = ConnectionSettings::Saml(settings);
    connections::settle(tx, &before, &Naming::default(), settings)?;
    Ok(id)
}
