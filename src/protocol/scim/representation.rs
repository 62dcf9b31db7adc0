//! What is shown of a kept resource: its attributes with `schemas`, `id` and `meta`
//! (RFC 7643 §3.1, RFC 7644 §3.14).

use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Returned;
use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::Utc;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// What the server knows about a resource besides its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The identifier.
    pub id: String,
    /// When the resource was created.
    pub created: DateTime<Utc>,
    /// When the resource last changed.
    pub last_modified: DateTime<Utc>,
    /// The address.
    pub location: String,
    /// How many times the resource was written.
    pub version: i64,
}

/// The full representation of a kept resource, before projection.
pub fn represent(
    kept: &Map<String, Value>,
    metadata: &Metadata,
    resource_type: &ResourceType,
) -> Map<String, Value> {
    let extensions = resource_type
        .extension_schemas()
        .map(|extension| extension.id.as_str());
    let present = extensions.filter(|urn| kept.contains_key(*urn));
    let schemas: Vec<&str> = [resource_type.schema.id.as_str()]
        .into_iter()
        .chain(present)
        .collect();
    let mut shown = Map::new();
    shown.insert("schemas".to_owned(), json!(schemas));
    shown.insert("id".to_owned(), Value::from(metadata.id.as_str()));
    shown.extend(
        kept.iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    shown.insert("meta".to_owned(), json!(meta(metadata, resource_type)));
    shown
}

/// `meta` of a resource (RFC 7643 §3.1).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta<'m> {
    resource_type: &'m str,
    created: String,
    last_modified: String,
    location: &'m str,
    version: String,
}

/// `meta` of a resource of this type.
pub(crate) fn meta<'m>(metadata: &'m Metadata, resource_type: &'m ResourceType) -> Meta<'m> {
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    Meta {
        resource_type: &resource_type.name,
        created: instant(metadata.created),
        last_modified: instant(metadata.last_modified),
        location: &metadata.location,
        version: etag(metadata.version),
    }
}

/// A kept resource as the journal tells of it: without what no response may ever show.
pub fn journaled(kept: &Map<String, Value>, resource_type: &ResourceType) -> Map<String, Value> {
    let mut told = kept.clone();
    withhold(&mut told, resource_type.attributes());
    for extension in resource_type.extension_schemas() {
        if let Some(Value::Object(held)) = told.get_mut(&extension.id) {
            withhold(held, extension.attributes.iter());
        }
    }
    told
}

fn withhold<'a>(holder: &mut Map<String, Value>, attributes: impl Iterator<Item = &'a Attribute>) {
    for attribute in attributes {
        if attribute.returned == Returned::Never {
            holder.shift_remove(&attribute.name);
            continue;
        }
        let values = match holder.get_mut(&attribute.name) {
            Some(Value::Array(values)) => values.as_mut_slice(),
            Some(value) => std::slice::from_mut(value),
            None => continue,
        };
        for parts in values.iter_mut().filter_map(Value::as_object_mut) {
            parts.retain(|name, _| {
                let part = attribute.sub_attribute(name);
                part.is_none_or(|part| part.returned != Returned::Never)
            });
        }
    }
}

/// The weak entity tag of a version (RFC 7644 §3.14).
pub fn etag(version: i64) -> String {
    format!("W/\"{version}\"")
}
