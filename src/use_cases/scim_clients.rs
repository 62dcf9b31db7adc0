//! OAuth clients of SCIM connections: create, list, update and delete them, add and delete secrets.
//! `commit` is the one way a client changes.

use chrono::DateTime;
use chrono::Utc;
use serde_json::Value;
use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ScimClientId;
use crate::domain::id::ScimClientSecretId;
use crate::domain::scim_client::ClientSecret;
use crate::domain::scim_client::MOST_CLIENTS;
use crate::domain::scim_client::MOST_SECRETS;
use crate::domain::scim_client::ScimClient;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::scim_access_tokens;
use crate::storage::scim_clients;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Action;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::scim_client::ScimClientError;
use crate::use_cases::scim_clients::assertion::AssertionDraft;
use crate::use_cases::scim_clients::assertion::trust;
use crate::use_cases::scim_connections;

pub mod assertion;

const UPDATE: Action = ("stytch.scim", "update");

/// What a caller asks a client to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScimClientDraft {
    /// What people call it.
    pub display_name: String,
    /// When its first secret stops working.
    pub secret_expires_at: Option<DateTime<Utc>>,
    /// Whose assertions prove it; it then has no secret to begin with.
    pub assertion: Option<AssertionDraft>,
}

/// What a caller asks a client to become; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScimClientUpdate {
    /// What people call it.
    pub display_name: Option<String>,
    /// Whose assertions prove it, all of it anew.
    pub assertion: Option<AssertionDraft>,
}

/// Creates a client; its first secret, if it has one, is told this once.
pub fn create(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    named: (&str, &str),
    draft: &ScimClientDraft,
) -> Result<(ScimClient, Option<String>), ManagementError> {
    let (_, connection) = scim_connections::enter(tx, caller, named, UPDATE)?;
    if scim_clients::list(tx, &connection)?.len() >= MOST_CLIENTS {
        return Err(ScimClientError::TooManyClients(MOST_CLIENTS).into());
    }
    let mut client = ScimClient {
        id: ScimClientId::fresh(),
        organization_id: connection.organization_id,
        connection_id: connection.id,
        display_name: draft.display_name.clone(),
        secrets: Vec::new(),
        trust: None,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let mut secret = None;
    if let Some(assertion) = &draft.assertion {
        client.trust = Some(trust((&connection, &client), deployment, assertion)?);
    } else {
        secret = Some(take_secret(&mut client, tx.now, draft.secret_expires_at)?);
    }
    commit(tx, None, Some(&client))?;
    Ok((client, secret))
}

fn take_secret(
    client: &mut ScimClient,
    now: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
) -> Result<String, ManagementError> {
    if expires_at.is_some_and(|end| end <= now) {
        return Err(ScimClientError::InvalidExpiry.into());
    }
    let (kept, secret) = ClientSecret::fresh(now, expires_at)?;
    client.secrets.push(kept);
    Ok(secret)
}

/// The clients of a connection.
pub fn list(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
) -> Result<Vec<ScimClient>, ManagementError> {
    let (_, connection) = scim_connections::enter(tx, caller, named, ("stytch.scim", "get"))?;
    Ok(scim_clients::list(tx, &connection)?)
}

/// Changes a client. When others are trusted to prove it than before, the access tokens that it got
/// with assertions stop working at once.
pub fn update(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    (named, client): ((&str, &str), &str),
    update: &ScimClientUpdate,
) -> Result<ScimClient, ManagementError> {
    let (connection, before) = enter(tx, caller, named, client)?;
    let mut after = before.clone();
    if let Some(name) = &update.display_name {
        after.display_name.clone_from(name);
    }
    if let Some(assertion) = &update.assertion {
        after.trust = Some(trust((&connection, &before), deployment, assertion)?);
    }
    if after == before {
        return Ok(before);
    }
    if after.trust != before.trust {
        scim_access_tokens::delete_got_with_assertions(tx, &before)?;
    }
    after.updated_at = tx.now;
    commit(tx, Some(&before), Some(&after))?;
    Ok(after)
}

/// Deletes a client; its access tokens stop working at once.
pub fn delete(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
    client: &str,
) -> Result<ScimClientId, ManagementError> {
    let (_, client) = enter(tx, caller, named, client)?;
    end(tx, &client)?;
    Ok(client.id)
}

/// Deletes the clients of a connection that ends.
pub(crate) fn end_all(
    tx: &mut Transaction<'_>,
    connection: &Connection,
) -> Result<(), StorageError> {
    for client in scim_clients::list(tx, connection)? {
        end(tx, &client)?;
    }
    Ok(())
}

fn end(tx: &mut Transaction<'_>, client: &ScimClient) -> Result<(), StorageError> {
    scim_access_tokens::delete_all_of(tx, client)?;
    commit(tx, Some(client), None)
}

/// Adds a secret, which is told this once; the others go on working.
pub fn add_secret(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (named, client): ((&str, &str), &str),
    expires_at: Option<DateTime<Utc>>,
) -> Result<(ScimClient, String), ManagementError> {
    let (_, before) = enter(tx, caller, named, client)?;
    if before.secrets.len() >= MOST_SECRETS {
        return Err(ScimClientError::TooManySecrets(MOST_SECRETS).into());
    }
    let mut after = ScimClient {
        updated_at: tx.now,
        ..before.clone()
    };
    let secret = take_secret(&mut after, tx.now, expires_at)?;
    commit(tx, Some(&before), Some(&after))?;
    Ok((after, secret))
}

/// Deletes a secret; the access tokens that were got with it stop working at once.
pub fn delete_secret(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (named, client): ((&str, &str), &str),
    secret: &str,
) -> Result<ScimClient, ManagementError> {
    let (_, before) = enter(tx, caller, named, client)?;
    let secret: Option<ScimClientSecretId> = secret.parse().ok();
    let mut after = ScimClient {
        updated_at: tx.now,
        ..before.clone()
    };
    after.secrets.retain(|known| Some(known.id) != secret);
    let gone = secret.filter(|_| after.secrets.len() < before.secrets.len());
    let gone = gone.ok_or(ScimClientError::SecretNotFound)?;
    scim_access_tokens::delete_got_with(tx, &before, gone)?;
    commit(tx, Some(&before), Some(&after))?;
    Ok(after)
}

fn enter(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
    client: &str,
) -> Result<(Connection, ScimClient), ManagementError> {
    let (organization, connection) = scim_connections::enter(tx, caller, named, UPDATE)?;
    let id = client.parse().map_err(|_| ScimClientError::NotFound)?;
    let found = scim_clients::find(tx, (&organization.scope(), connection.id), id)?;
    let client = found.ok_or(ScimClientError::NotFound)?;
    Ok((connection, client))
}

/// The one way a client changes: row and journal.
fn commit(
    tx: &mut Transaction<'_>,
    before: Option<&ScimClient>,
    after: Option<&ScimClient>,
) -> Result<(), StorageError> {
    let (kind, client) = match (before, after) {
        (None, None) => return Ok(()),
        (None, Some(client)) => {
            scim_clients::insert(tx, client)?;
            (EventKind::ScimClientCreated, client)
        }
        (Some(_), Some(client)) => {
            scim_clients::save(tx, client)?;
            (EventKind::ScimClientUpdated, client)
        }
        (Some(client), None) => {
            scim_clients::delete(tx, client)?;
            (EventKind::ScimClientDeleted, client)
        }
    };
    let change = Change {
        organization_id: Some(client.organization_id),
        kind,
        object_id: client.id.to_string(),
        before: before.map(journal_view),
        after: after.map(journal_view),
    };
    journal::append(tx, &change)
}

/// A client as the journal keeps it: of its secrets what may be shown.
fn journal_view(client: &ScimClient) -> Value {
    let secret = |secret: &ClientSecret| {
        json!({
            "id": secret.id,
            "last_four": secret.last_four,
            "created_at": secret.created_at,
            "expires_at": secret.expires_at,
        })
    };
    let secrets: Vec<Value> = client.secrets.iter().map(secret).collect();
    json!({
        "connection_id": client.connection_id,
        "display_name": client.display_name,
        "secrets": secrets,
        "assertion_trust": client.trust,
    })
}
