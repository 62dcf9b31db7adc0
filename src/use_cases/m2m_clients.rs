//! Machines of the project that get access tokens: create, find, update, delete them, rotate their
//! secrets. `commit` is the one way such a client changes.

use serde_json::Value;
use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::m2m_client;
use crate::domain::m2m_client::KeptSecret;
use crate::domain::m2m_client::M2mClient;
use crate::domain::metadata;
use crate::domain::metadata::Metadata;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::m2m_clients;
pub use crate::storage::m2m_clients::M2mClientFilter;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::m2m_client::M2mClientError;
use crate::use_cases::organization_search::Conditions;
use crate::use_cases::organization_search::PageStart;
use crate::use_cases::organization_search::cut;
use crate::use_cases::organization_search::total_of;

/// What a caller asks a client to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct M2mClientDraft {
    /// Its id; a new one if absent.
    pub id: Option<String>,
    /// Its secret; a new one if absent.
    pub secret: Option<String>,
    /// The rest.
    pub fields: M2mClientUpdate,
}

/// What a caller asks a client to become; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct M2mClientUpdate {
    /// What people call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it gets tokens.
    pub active: Option<bool>,
    /// What its tokens may say, all of it anew.
    pub scopes: Option<Vec<String>>,
    /// Merged into what is there; null deletes.
    pub trusted_metadata: Option<Metadata>,
}

impl M2mClientUpdate {
    fn applied(&self, before: &M2mClient) -> Result<M2mClient, ManagementError> {
        let mut after = before.clone();
        if let Some(name) = &self.name {
            after.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            after.description.clone_from(description);
        }
        if let Some(active) = self.active {
            after.active = active;
        }
        if let Some(scopes) = &self.scopes {
            after.scopes = m2m_client::distinct(scopes);
        }
        if let Some(update) = &self.trusted_metadata {
            let merged = metadata::merge(&before.trusted_metadata, update);
            after.trusted_metadata = merged.map_err(M2mClientError::Metadata)?;
        }
        after.check().map_err(M2mClientError::Refused)?;
        Ok(after)
    }
}

/// One page of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct M2mClientPage {
    /// The clients, by id.
    pub clients: Vec<M2mClient>,
    /// How many match in all.
    pub total: i64,
    /// Whether another page follows.
    pub has_more: bool,
}

/// Creates a client; its secret is told this once.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    draft: &M2mClientDraft,
) -> Result<(M2mClient, String), ManagementError> {
    let (kept, secret) = match &draft.secret {
        Some(given) => {
            m2m_client::check_secret(given).map_err(M2mClientError::Refused)?;
            (KeptSecret::of(given), given.clone())
        }
        None => KeptSecret::fresh()?,
    };
    let blank = M2mClient {
        id: draft.id.clone().unwrap_or_else(m2m_client::fresh_id),
        project_id: caller.project_id.clone(),
        name: String::new(),
        description: String::new(),
        active: true,
        scopes: Vec::new(),
        trusted_metadata: Metadata::new(),
        secret: kept,
        next_secret: None,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let client = draft.fields.applied(&blank)?;
    if m2m_clients::find(tx, &client.project_id, &client.id)?.is_some() {
        return Err(M2mClientError::DuplicateId(client.id).into());
    }
    commit(tx, None, Some(&client))?;
    Ok((client, secret))
}

/// The client with this id.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    id: &str,
) -> Result<M2mClient, ManagementError> {
    let found = m2m_clients::find(tx, &caller.project_id, id)?;
    Ok(found.ok_or(M2mClientError::NotFound)?)
}

/// One page of what the conditions match.
pub fn search(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    conditions: &Conditions<M2mClientFilter>,
    (start, limit): (Option<PageStart<String>>, i64),
) -> Result<M2mClientPage, ManagementError> {
    let wanted = (&caller.project_id, conditions);
    let after = start.as_ref().map(|start| start.last.as_str());
    let mut clients = m2m_clients::page(tx, wanted, (after, limit + 1))?;
    let has_more = cut(&mut clients, limit);
    let total = total_of(start.as_ref(), (&clients, has_more), || {
        m2m_clients::count(tx, &caller.project_id, conditions)
    })?;
    Ok(M2mClientPage {
        clients,
        total,
        has_more,
    })
}

/// Changes a client. Tokens that it has got already stay good until they expire.
pub fn update(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    id: &str,
    update: &M2mClientUpdate,
) -> Result<M2mClient, ManagementError> {
    let before = get(tx, caller, id)?;
    let after = update.applied(&before)?;
    replace(tx, &before, after)
}

/// Deletes a client. Tokens that it has got already stay good until they expire.
pub fn delete(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    id: &str,
) -> Result<M2mClient, ManagementError> {
    let client = get(tx, caller, id)?;
    commit(tx, Some(&client), None)?;
    Ok(client)
}

/// Gives a client a second secret, told this once; both work. One that waited already is gone.
pub fn start_rotation(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    id: &str,
) -> Result<(M2mClient, String), ManagementError> {
    let before = get(tx, caller, id)?;
    let (kept, secret) = KeptSecret::fresh()?;
    let mut after = before.clone();
    after.next_secret = Some(kept);
    Ok((replace(tx, &before, after)?, secret))
}

/// Takes the second secret away again.
pub fn cancel_rotation(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    id: &str,
) -> Result<M2mClient, ManagementError> {
    let before = get(tx, caller, id)?;
    let mut after = before.clone();
    after
        .next_secret
        .take()
        .ok_or(M2mClientError::NotRotating)?;
    replace(tx, &before, after)
}

/// Lets the second secret take over; the first opens nothing any more.
pub fn complete_rotation(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    id: &str,
) -> Result<M2mClient, ManagementError> {
    let before = get(tx, caller, id)?;
    let mut after = before.clone();
    after.secret = after
        .next_secret
        .take()
        .ok_or(M2mClientError::NotRotating)?;
    replace(tx, &before, after)
}

fn replace(
    tx: &mut Transaction<'_>,
    before: &M2mClient,
    mut after: M2mClient,
) -> Result<M2mClient, ManagementError> {
    if after == *before {
        return Ok(after);
    }
    after.updated_at = tx.now;
    commit(tx, Some(before), Some(&after))?;
    Ok(after)
}

/// The one way a client changes: row and journal.
fn commit(
    tx: &mut Transaction<'_>,
    before: Option<&M2mClient>,
    after: Option<&M2mClient>,
) -> Result<(), StorageError> {
    let (kind, client) = match (before, after) {
        (None, None) => return Ok(()),
        (None, Some(client)) => {
            m2m_clients::insert(tx, client)?;
            (EventKind::M2mClientCreated, client)
        }
        (Some(_), Some(client)) => {
            m2m_clients::save(tx, client)?;
            (EventKind::M2mClientUpdated, client)
        }
        (Some(client), None) => {
            m2m_clients::delete(tx, client)?;
            (EventKind::M2mClientDeleted, client)
        }
    };
    let change = Change {
        organization_id: None,
        kind,
        object_id: client.id.clone(),
        before: before.map(journal_view),
        after: after.map(journal_view),
    };
    journal::append(tx, &change)
}

/// A client as the journal keeps it: of its secrets what may be shown.
fn journal_view(client: &M2mClient) -> Value {
    json!({
        "client_name": client.name,
        "client_description": client.description,
        "active": client.active,
        "scopes": client.scopes,
        "trusted_metadata": client.trusted_metadata,
        "client_secret_last_four": client.secret.last_four,
        "next_client_secret_last_four": client.next_secret.as_ref().map(|it| &it.last_four),
    })
}
