//! Metadata that is read again in the background, and certificates that end: what is due, and what
//! comes of it.

use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::saml_flows::MetadataFailure;
use crate::domain::saml_flows::WaitingMetadata;
use crate::domain::saml_keys::VerificationCertificate;
use crate::protocol::saml::IdentityProvider;
use crate::storage::Transaction;
use crate::storage::connections as rows;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::use_cases::Deployment;
use crate::use_cases::connections;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::saml_keys;
use crate::use_cases::saml_keys::MAX_CERTIFICATES;
use crate::use_cases::saml_metadata::take_endpoints;

/// A connection that was due, and the metadata that its caller has to read, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The connection.
    pub connection_id: ConnectionId,
    /// Where its metadata is.
    pub metadata_url: Option<String>,
}

/// Takes the connection that is due longest, warns of its certificates, and plans its next turn, so
/// that of several nodes one takes it; none if none is due.
pub fn claim(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
) -> Result<Option<Due>, ManagementError> {
    let Some(connection) = rows::find_due(tx, &deployment.project_id)? else {
        return Ok(None);
    };
    let Some(mut settings) = connection.saml().cloned() else {
        rows::save(tx, &connection)?;
        return Ok(Some(Due {
            connection_id: connection.id,
            metadata_url: None,
        }));
    };
    for certificate in &mut settings.verification_certificates {
        if let Some(days) = certificate.due_warning(tx.now) {
            warn(tx, &connection, (certificate, days))?;
            certificate.warned_days = Some(days);
        }
    }
    let followed = &settings.metadata;
    let metadata_url =
        Some(followed.url.clone()).filter(|url| !url.is_empty() && followed.is_due(tx.now));
    keep(tx, &connection, settings)?;
    Ok(Some(Due {
        connection_id: connection.id,
        metadata_url,
    }))
}

fn warn(
    tx: &mut Transaction<'_>,
    connection: &Connection,
    (certificate, days): (&VerificationCertificate, i64),
) -> Result<(), StorageError> {
    let told = json!({
        "certificate_id": certificate.certificate_id,
        "issuer": certificate.issuer,
        "expires_at": certificate.expires_at,
        "days": days,
    });
    tell(tx, connection, EventKind::SamlCertificateExpiring, told)
}

fn tell(
    tx: &mut Transaction<'_>,
    connection: &Connection,
    kind: EventKind,
    told: serde_json::Value,
) -> Result<(), StorageError> {
    let change = Change {
        organization_id: Some(connection.organization_id),
        kind,
        object_id: connection.id.to_string(),
        before: None,
        after: Some(told),
    };
    journal::append(tx, &change)
}

/// Notes of the upkeep itself, which change nothing that anybody configured and are no event.
fn keep(
    tx: &mut Transaction<'_>,
    connection: &Connection,
    settings: SamlSettings,
) -> Result<(), StorageError> {
    let after = Connection {
        settings: ConnectionSettings::Saml(settings),
        ..connection.clone()
    };
    rows::save(tx, &after)
}

/// Reads what a followed URL gave, or says why it is no use.
pub fn read(xml: &str) -> Result<IdentityProvider, String> {
    IdentityProvider::from_metadata(xml).map_err(|error| error.to_string())
}

fn reason(refused: &ManagementError) -> String {
    match refused {
        ManagementError::Connection(ConnectionError::UnusableMetadata(_, reason)) => reason.clone(),
        ManagementError::Connection(ConnectionError::TooManyCertificates) => {
            format!("it holds more than {MAX_CERTIFICATES} certificates")
        }
        _ => "its URLs cannot be used here: they must be https".to_owned(),
    }
}

/// What became of reading the metadata of a connection again; nothing if it follows another one by
/// now. What cannot be read or taken changes nothing and is told once.
pub fn take(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (id, url): (ConnectionId, &str),
    read: Result<&IdentityProvider, &str>,
) -> Result<(), ManagementError> {
    let Some(scope) = rows::scope_of(tx, &deployment.project_id, id)? else {
        return Ok(());
    };
    let found = rows::find(tx, &scope, id)?;
    let Some((connection, settings)) = found.and_then(|it| Some((it.clone(), it.saml()?.clone())))
    else {
        return Ok(());
    };
    if settings.metadata.url != url {
        return Ok(());
    }
    let taken = match read {
        Ok(metadata) => merged(tx, deployment, (&settings, metadata))?,
        Err(reason) => Err(reason.to_owned()),
    };
    match taken {
        Ok(after) => Ok(succeed(tx, &connection, (&settings, after))?),
        Err(reason) => Ok(fail(tx, &connection, (settings, &reason))?),
    }
}

fn fail(
    tx: &mut Transaction<'_>,
    connection: &Connection,
    (mut settings, reason): (SamlSettings, &str),
) -> Result<(), StorageError> {
    if settings.metadata.failure.is_some() {
        return Ok(());
    }
    let told = json!({ "metadata_url": settings.metadata.url, "reason": reason });
    settings.metadata.failure = Some(MetadataFailure {
        reason: reason.to_owned(),
        since: tx.now,
    });
    keep(tx, connection, settings)?;
    tell(tx, connection, EventKind::SamlMetadataFailed, told)
}

fn succeed(
    tx: &mut Transaction<'_>,
    connection: &Connection,
    (before, mut after): (&SamlSettings, SamlSettings),
) -> Result<(), StorageError> {
    after.metadata.refreshed_at = Some(tx.now);
    after.metadata.failure = None;
    if let Some(waiting) = &after.metadata.waiting
        && before.metadata.waiting.is_none()
    {
        let told = json!({
            "metadata_url": after.metadata.url,
            "certificates": waiting.certificates,
        });
        tell(tx, connection, EventKind::SamlMetadataWaits, told)?;
    }
    let is_new = |settings: &SamlSettings| SamlSettings {
        metadata: before.metadata.clone(),
        ..settings.clone()
    };
    if is_new(&after) == *before {
        return keep(tx, connection, after);
    }
    let changed = Connection {
        settings: ConnectionSettings::Saml(after),
        ..connection.clone()
    };
    connections::commit(tx, Some(connection), &changed.settled(tx.now))
}

/// The settings with what metadata says now, or why that cannot be taken.
fn merged(
    tx: &Transaction<'_>,
    deployment: &Deployment,
    (before, metadata): (&SamlSettings, &IdentityProvider),
) -> Result<Result<SamlSettings, String>, ManagementError> {
    if metadata.entity_id != before.idp_entity_id {
        let reason = format!("it describes {}, another IdP", metadata.entity_id);
        return Ok(Err(reason));
    }
    let mut after = before.clone();
    after.metadata.waiting = None;
    let told = take_endpoints(&mut after, metadata, deployment.allow_http)
        .and_then(|()| saml_keys::replace_certificates(tx, &mut after, &metadata.certificates));
    match told {
        Ok(()) => {}
        Err(ManagementError::Storage(error)) => return Err(error.into()),
        Err(refused) => return Ok(Err(reason(&refused))),
    }
    let known = &before.verification_certificates;
    let is_known = |it: &VerificationCertificate| known.iter().any(|known| same(known, it));
    if !known.is_empty() && !after.verification_certificates.iter().any(is_known) {
        return Ok(Ok(waiting(tx, before, after)));
    }
    // Responses that were signed with a key before it was taken out are still on their way.
    for old in known {
        let certificates = &mut after.verification_certificates;
        let is_gone = !certificates.iter().any(|it| same(it, old));
        if is_gone && old.expires_at > tx.now && certificates.len() < MAX_CERTIFICATES {
            certificates.push(old.clone());
        }
    }
    Ok(Ok(after))
}

/// The settings as they were, with the change beside them; one that waits already keeps waiting.
fn waiting(tx: &Transaction<'_>, before: &SamlSettings, after: SamlSettings) -> SamlSettings {
    let mut held = before.clone();
    let noticed_at = before.metadata.waiting.as_ref().map(|it| it.noticed_at);
    held.metadata.waiting = Some(WaitingMetadata {
        noticed_at: noticed_at.unwrap_or(tx.now),
        idp_sso_url: after.idp_sso_url,
        binding: after.requests.binding,
        logout: after.logout,
        certificates: after.verification_certificates,
    });
    held
}

fn same(one: &VerificationCertificate, other: &VerificationCertificate) -> bool {
    one.certificate == other.certificate
}
