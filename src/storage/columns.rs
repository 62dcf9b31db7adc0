//! How instants, JSON and identifiers sit in columns.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;

use crate::storage::error::StorageError;

/// JSON as text.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(StorageError::corrupt)
}

/// JSON from text that we wrote.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(StorageError::corrupt)
}

/// An attribute of a resource, as it is there.
pub(crate) fn text(resource: &Map<String, Value>, name: &str) -> Option<String> {
    let text = resource.get(name).and_then(Value::as_str);
    text.map(str::to_owned)
}

/// An instant as a column holds it.
pub(crate) fn instant(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.naive_utc()
}

/// The text inside a `LIKE` pattern: its own wildcards are literal.
pub(crate) fn like_anywhere(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}
