//! What is kept of a resource has to fit where it is kept.

use serde_json::Map;
use serde_json::Value;

use crate::protocol::scim::error::ScimError;
use crate::use_cases::provisioning::refuse_nul;

/// Looked-up values sit in indexes, whose entries PostgreSQL limits to 2704 bytes.
const MAX_INDEXED_CHARACTERS: usize = 512;
const MAX_RESOURCE_BYTES: usize = 64 * 1024;

/// Lists load hundreds of resources at once, so that none may be large.
pub(super) fn check_storable(resource: &Map<String, Value>) -> Result<(), ScimError> {
    resource.values().try_for_each(refuse_nul)?;
    let bytes = serde_json::to_string(resource).map_or(usize::MAX, |text| text.len());
    if bytes > MAX_RESOURCE_BYTES {
        return Err(ScimError::InvalidValue(format!(
            "the resource has {bytes} bytes as JSON; at most {MAX_RESOURCE_BYTES} are accepted"
        )));
    }
    Ok(())
}

/// A text that is not blank.
pub(super) fn text<'r>(resource: &'r Map<String, Value>, name: &str) -> Option<&'r str> {
    let text = resource.get(name).and_then(Value::as_str);
    text.filter(|text| !text.trim().is_empty())
}

/// A text that is not blank, for a column with an index.
pub(super) fn indexed(
    resource: &Map<String, Value>,
    name: &str,
) -> Result<Option<String>, ScimError> {
    let value = resource.get(name).and_then(Value::as_str);
    check_indexed(name, value.unwrap_or_default())?;
    Ok(text(resource, name).map(str::to_owned))
}

/// A text for a column with an index.
pub(super) fn check_indexed(name: &str, value: &str) -> Result<(), ScimError> {
    let characters = value.chars().count();
    if characters > MAX_INDEXED_CHARACTERS {
        return Err(ScimError::InvalidValue(format!(
            "`{name}` has {characters} characters; at most {MAX_INDEXED_CHARACTERS} are accepted"
        )));
    }
    Ok(())
}

/// Each address is in an index.
pub(super) fn check_emails(user: &Map<String, Value>) -> Result<(), ScimError> {
    let emails = user.get("emails").and_then(Value::as_array);
    let mut emails = emails.into_iter().flatten();
    emails.try_for_each(|email| {
        let value = email.get("value").and_then(Value::as_str);
        check_indexed("emails.value", value.unwrap_or_default())
    })
}
