//! The keys with which an OIDC connection proves itself at its provider: made here, shown in halves,
//! exchanged with an overlap (`private_key_jwt`, OpenID Connect Core 1.0 §9 and §10.1).

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::domain::client_key;
use crate::domain::client_key::ClientJwk;
use crate::domain::client_key::ClientKey;
use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::key_pair::KeyPair;
use crate::domain::oidc_settings::OidcSettings;
use crate::domain::oidc_settings::TokenEndpointAuthMethod;
use crate::domain::secret::CryptoFailure;
use crate::storage::Transaction;
use crate::storage::connections as connection_rows;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::SSO;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::error::oidc_connection::OidcConnectionError;
use crate::use_cases::sign_in::error::SignInError;

const CERTIFICATE_DAYS: i64 = 3650;

/// A new key pair, made outside of any transaction because it takes a while.
pub fn generate(connection: &str, now: DateTime<Utc>) -> Result<KeyPair, CryptoFailure> {
    KeyPair::generate(connection, now, expiry(now))
}

fn expiry(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(CERTIFICATE_DAYS)
}

/// Where the private half belongs.
pub(crate) fn sealing_place(connection: &Connection, kid: &str) -> String {
    connection.sealing_place(&format!("client_keys/{kid}"))
}

/// A key pair as a connection keeps it.
pub(crate) fn sealed(
    deployment: &Deployment,
    connection: &Connection,
    pair: &KeyPair,
    now: DateTime<Utc>,
) -> Result<ClientKey, CryptoFailure> {
    let kid = client_key::key_id(pair);
    let place = sealing_place(connection, &kid);
    let private = pair.private_key_pem.as_bytes();
    Ok(ClientKey {
        sealed_private_key: deployment.master_key.seal(private, &place)?,
        certificate: pair.certificate_pem.clone(),
        kid,
        created_at: now,
        expires_at: expiry(now),
    })
}

/// Refuses whoever may not rotate the key, before one is made.
pub fn check_rotation(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    place: (&str, &str),
) -> Result<(), ManagementError> {
    settings(tx, caller, place).map(|_| ())
}

/// Shows the provider a next key, while the present one goes on signing.
pub fn start_rotation(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    place: (&str, &str),
    pair: &KeyPair,
) -> Result<Connection, ManagementError> {
    let (before, settings) = settings(tx, caller, place)?;
    let next = sealed(deployment, &before, pair, tx.now)?;
    settle(tx, &before, settings.rotating_to(next))
}

/// Signs with the next key from now on, and shows it alone.
pub fn complete_rotation(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    place: (&str, &str),
) -> Result<Connection, ManagementError> {
    let (before, settings) = settings(tx, caller, place)?;
    let rotated = settings.rotated();
    let rotated = rotated.ok_or(OidcConnectionError::NotRotatingClientKey)?;
    settle(tx, &before, rotated)
}

fn settle(
    tx: &mut Transaction<'_>,
    before: &Connection,
    settings: OidcSettings,
) -> Result<Connection, ManagementError> {
    let settings = ConnectionSettings::Oidc(settings);
    connections::settle(tx, before, &Naming::default(), settings)
}

fn settings(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, connection): (&str, &str),
) -> Result<(Connection, OidcSettings), ManagementError> {
    let kind = ConnectionKind::Oidc;
    let organization = caller.enter(tx, organization, &[(SSO, "update")])?;
    let connection = connections::find(tx, &organization, connection, kind)?;
    let missing = ConnectionError::NotFound(Some(kind));
    let settings = connection.oidc().cloned().ok_or(missing)?;
    if settings.token_endpoint_auth_method != TokenEndpointAuthMethod::PrivateKeyJwt {
        return Err(OidcConnectionError::ClientKeyNotUsed.into());
    }
    Ok((connection, settings))
}

/// The public halves of a connection's keys, for its provider to fetch; also before the connection
/// is complete, because the provider is often set up first.
pub fn published(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    id: ConnectionId,
) -> Result<Vec<ClientJwk>, SignInError> {
    let missing = SignInError::ConnectionNotFound;
    let scope = connection_rows::scope_of(tx, &deployment.project_id, id)?;
    let scope = scope.ok_or(missing.clone())?;
    let connection = connection_rows::find(tx, &scope, id)?.ok_or(missing.clone())?;
    let settings = connection.oidc().ok_or(missing)?;
    Ok(settings
        .client_keys
        .iter()
        .filter_map(ClientKey::jwk)
        .collect())
}
