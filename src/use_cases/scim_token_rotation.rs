//! Rotate the bearer token of a SCIM connection: between start and completion both the current
//! token and the next one work, so that the directory can be told in between (contract 3.5).

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::ScimSettings;
use crate::domain::connection_settings::ShownToken;
use crate::domain::organization::Organization;
use crate::domain::secret;
use crate::domain::secret::last_four;
use crate::storage::Transaction;
use crate::storage::credentials;
use crate::storage::credentials::ScimTokenTurn;
use crate::use_cases::caller::Action;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections::commit;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::scim_connections;
use crate::use_cases::scim_connections::ScimConnectionView;

const UPDATE: Action = ("stytch.scim", "update");

/// Makes the next token, which is told this once; one that was waiting stops working.
pub fn start(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
) -> Result<(ScimConnectionView, String), ManagementError> {
    let (organization, before) = scim_connections::enter(tx, caller, named, UPDATE)?;
    let token = secret::fresh_alphanumeric()?;
    let expires_at = scim_connections::token_expiry(tx.now);
    credentials::delete_scim_tokens(tx, &before, ScimTokenTurn::Next)?;
    let next = (token.as_str(), ScimTokenTurn::Next);
    credentials::insert_scim_token(tx, &before, next, expires_at)?;
    let settings = before.scim().cloned().unwrap_or_default();
    let settings = settings.rotating_to(ShownToken {
        last_four: last_four(&token),
        expires_at,
    });
    Ok((change(tx, &organization, &before, settings)?, token))
}

/// Lets the next token take over; the one before stops working.
pub fn complete(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
) -> Result<ScimConnectionView, ManagementError> {
    let (organization, before) = scim_connections::enter(tx, caller, named, UPDATE)?;
    let settings = before.scim().and_then(ScimSettings::rotated);
    let settings = settings.ok_or(ConnectionError::NotRotatingScimToken)?;
    credentials::delete_scim_tokens(tx, &before, ScimTokenTurn::Current)?;
    credentials::promote_scim_token(tx, &before)?;
    change(tx, &organization, &before, settings)
}

/// Drops the next token; everything is as it was before the rotation.
pub fn cancel(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
) -> Result<ScimConnectionView, ManagementError> {
    let (organization, before) = scim_connections::enter(tx, caller, named, UPDATE)?;
    let settings = before.scim().and_then(ScimSettings::not_rotated);
    let settings = settings.ok_or(ConnectionError::NotRotatingScimToken)?;
    credentials::delete_scim_tokens(tx, &before, ScimTokenTurn::Next)?;
    change(tx, &organization, &before, settings)
}

fn change(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    before: &Connection,
    settings: ScimSettings,
) -> Result<ScimConnectionView, ManagementError> {
    let after = Connection {
        settings: ConnectionSettings::Scim(settings),
        ..before.clone()
    };
    let after = after.settled(tx.now);
    commit(tx, Some(before), &after)?;
    scim_connections::view(tx, organization, after)
}
