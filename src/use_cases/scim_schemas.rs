//! What a SCIM connection declares besides the standards' schemas: read once, looked up by the
//! hash of its text from then on.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde_json::Value;
use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::scope::OrgScope;
use crate::domain::secret::hex_digest;
use crate::protocol::scim::schema_change::Loss;
use crate::protocol::scim::schema_change::losses;
use crate::protocol::scim::schemas::Schemas;
use crate::protocol::scim::schemas_document;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::scim_filter::Predicate;
use crate::storage::scim_resources;
use crate::storage::scim_resources::Place;
use crate::storage::scim_schemas;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::scim_connections::enter;

/// How many connections' documents are kept read; with more, they are read again now and then.
const MOST_KEPT: usize = 256;

static KEPT: LazyLock<Mutex<HashMap<String, Arc<Schemas>>>> = LazyLock::new(Mutex::default);

/// What a connection offers. One that declares nothing is not asked for in the database.
pub(crate) fn of(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: &Connection,
) -> Result<Arc<Schemas>, StorageError> {
    let Some(hash) = connection
        .scim()
        .and_then(|scim| scim.schemas_hash.as_ref())
    else {
        return Ok(Schemas::built_in());
    };
    let kept = KEPT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(hash)
        .cloned();
    if let Some(schemas) = kept {
        return Ok(schemas);
    }
    let text = scim_schemas::find(tx, scope, connection.id)?;
    let text = text.ok_or_else(|| StorageError::corrupt("a connection without its schemas"))?;
    let documents: Value = serde_json::from_str(&text).map_err(StorageError::corrupt)?;
    let schemas = Arc::new(schemas_document::read(&documents).map_err(StorageError::corrupt)?);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
    kept.insert(hex_digest(&text), Arc::clone(&schemas));
    Ok(schemas)
}

/// What a connection declares.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
) -> Result<Arc<Schemas>, ManagementError> {
    let (organization, connection) = enter(tx, caller, named, ("stytch.scim", "get"))?;
    Ok(of(tx, &organization.scope(), &connection)?)
}

/// Makes this all that a connection declares. What resources use can grow, and nothing of it can
/// go: the data would be there and nobody could read or clear it.
pub fn replace(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
    documents: &Value,
) -> Result<Arc<Schemas>, ManagementError> {
    let (organization, connection) = enter(tx, caller, named, ("stytch.scim", "update"))?;
    let scope = organization.scope();
    let before = of(tx, &scope, &connection)?;
    let after = schemas_document::read(documents)
        .map_err(|error| ConnectionError::InvalidScimSchemas(error.to_string()))?;
    if after == *before {
        return Ok(before);
    }
    for loss in losses(&before, &after) {
        if is_felt(tx, (&scope, &connection), &before, &loss)? {
            return Err(ConnectionError::ScimSchemasInUse(loss.reason).into());
        }
    }
    commit(tx, (&scope, &connection), (&before, &after))?;
    Ok(Arc::new(after))
}

/// Whether there are resources that would lose something.
fn is_felt(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, &Connection),
    before: &Schemas,
    loss: &Loss,
) -> Result<bool, StorageError> {
    let place = (scope, connection.id);
    match &loss.extension {
        Some(urn) if loss.resource_type == before.user().name => {
            scim_resources::any_user_with(tx, place, urn)
        }
        Some(urn) if loss.resource_type == before.group().name => {
            scim_resources::any_group_with(tx, place, urn)
        }
        Some(urn) => scim_resources::any_resource_with(tx, place, urn),
        None => {
            let place = Place {
                scope,
                connection: connection.id,
                resource_type: &loss.resource_type,
            };
            Ok(scim_resources::count(tx, place, &Predicate::everything())? > 0)
        }
    }
}

/// The one way the schemas of a connection change: their row, the connection, journal.
fn commit(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, &Connection),
    (before, after): (&Schemas, &Schemas),
) -> Result<(), StorageError> {
    let mut settings = connection.scim().cloned().unwrap_or_default();
    if *after == Schemas::default() {
        scim_schemas::delete(tx, scope, connection.id)?;
        settings.schemas_hash = None;
    } else {
        let text = after.documents().to_string();
        settings.schemas_hash = Some(hex_digest(&text));
        scim_schemas::save(tx, scope, connection.id, text)?;
    }
    let changed = Connection {
        settings: ConnectionSettings::Scim(settings),
        ..connection.clone()
    };
    connections::commit(tx, Some(connection), &changed.settled(tx.now))?;
    let change = Change {
        organization_id: Some(connection.organization_id),
        kind: EventKind::ScimSchemasUpdated,
        object_id: connection.id.to_string(),
        before: Some(summary(before)),
        after: Some(summary(after)),
    };
    journal::append(tx, &change)
}

/// What the journal says: which schemas and resource types there are, not each attribute.
fn summary(schemas: &Schemas) -> Value {
    let names = |list: &str, field: &str| -> Vec<Value> {
        let listed = schemas.documents().get(list).and_then(Value::as_array);
        let listed = listed.into_iter().flatten();
        listed
            .filter_map(|entry| entry.get(field).cloned())
            .collect()
    };
    json!({
        "schemas": names("schemas", "id"),
        "resource_types": names("resource_types", "name"),
    })
}
