//! Trusted and untrusted metadata: merged at the top level, limited in keys and size.

use serde_json::Map;
use serde_json::Value;

/// A JSON object that callers attach to organizations and members.
pub type Metadata = Map<String, Value>;

const MAX_KEYS: usize = 20;
const MAX_BYTES: usize = 4096;

/// Why metadata was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataRefusal {
    /// More than 20 keys at the top level.
    TooManyKeys,
    /// More than 4096 bytes of JSON.
    TooLarge,
}

/// Merges an update into what is there: given keys replace, `null` deletes.
pub fn merge(current: &Metadata, update: &Metadata) -> Result<Metadata, MetadataRefusal> {
    let mut merged = current.clone();
    for (key, value) in update {
        if value.is_null() {
            merged.shift_remove(key);
        } else {
            merged.insert(key.clone(), value.clone());
        }
    }
    check(merged)
}

fn check(metadata: Metadata) -> Result<Metadata, MetadataRefusal> {
    if metadata.len() > MAX_KEYS {
        return Err(MetadataRefusal::TooManyKeys);
    }
    let bytes = serde_json::to_string(&metadata).map_or(usize::MAX, |text| text.len());
    if bytes > MAX_BYTES {
        Err(MetadataRefusal::TooLarge)
    } else {
        Ok(metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Metadata {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn given_keys_replace_and_null_deletes() {
        let merged = merge(
            &map(json!({"a": 1, "b": {"c": 1}})),
            &map(json!({"b": {"d": 2}, "a": null})),
        );
        assert_eq!(merged, Ok(map(json!({"b": {"d": 2}}))));
    }

    #[test]
    fn limits_hold_after_the_merge() {
        let many: Metadata = (0..21).map(|n| (n.to_string(), json!(n))).collect();
        assert_eq!(merge(&Map::new(), &many), Err(MetadataRefusal::TooManyKeys));
        let large = map(json!({"a": "x".repeat(5000)}));
        assert_eq!(merge(&Map::new(), &large), Err(MetadataRefusal::TooLarge));
    }
}
