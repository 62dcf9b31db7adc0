//! Values that only one resource may have, of attributes that a connection declares.

use serde_json::Map;
use serde_json::Value;

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::unique_values;
use crate::protocol::scim::unique_values::UniqueValue;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::unique_values as held_values;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::error::ProvisioningError;

/// Makes the values of a resource its own, and frees those that it no longer has; refuses what
/// another one has already.
pub(crate) fn claim(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (kind, id): (&ResourceType, &str),
    (before, after): (&Map<String, Value>, &Map<String, Value>),
) -> Result<(), ProvisioningError> {
    if declares_nothing(caller) {
        return Ok(());
    }
    let (before, after) = (
        unique_values::of(before, kind),
        unique_values::of(after, kind),
    );
    if keys(&before) == keys(&after) {
        return Ok(());
    }
    let place = (&caller.scope, caller.connection.id);
    if let Some((index, holder)) = held_values::holder_but(tx, place, id, &keys(&after))?
        && let Some(taken) = after.get(index)
    {
        return Err(ScimError::Uniqueness(format!(
            "the value \"{}\" of `{}` is in use by the {} {holder}; it is unique in this \
             connection",
            taken.value, taken.attribute, kind.name
        ))
        .into());
    }
    Ok(held_values::hold(tx, place, id, &keys(&after))?)
}

/// Frees the values of a resource that goes.
pub(crate) fn release(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    id: &str,
) -> Result<(), StorageError> {
    if declares_nothing(caller) {
        return Ok(());
    }
    held_values::release(tx, &caller.scope, id)
}

fn declares_nothing(caller: &ScimCaller) -> bool {
    let settings = caller.connection.scim();
    settings.is_none_or(|settings| settings.schemas_hash.is_none())
}

fn keys(values: &[UniqueValue]) -> Vec<&str> {
    values.iter().map(|value| value.key.as_str()).collect()
}
