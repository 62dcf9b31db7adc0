//! The values of a resource that no other resource of its type may have: those of attributes
//! whose `uniqueness` is `server` (RFC 7643 §2.2, §7).
//!
//! `userName` and a Group's `displayName` are not among them: they have columns of their own.

use crate::protocol::scim::filter_match::folded;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::AttributeType;
use crate::protocol::scim::schema::GROUP_URN;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::USER_URN;
use crate::protocol::scim::schema::Uniqueness;
use chrono::DateTime;
use chrono::Utc;
use serde_json::Map;
use serde_json::Value;

/// A value that only one resource may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueValue {
    /// The name of the attribute, with the URN of its extension.
    pub attribute: String,
    /// The value as it was sent.
    pub value: String,
    /// What is compared: resource type, attribute and value, so that equal means taken.
    pub key: String,
}

/// The unique values of a resource, each once.
pub fn of(resource: &Map<String, Value>, kind: &ResourceType) -> Vec<UniqueValue> {
    let mut found = Vec::new();
    if ![USER_URN, GROUP_URN].contains(&kind.schema.id.as_str()) {
        collect(&mut found, ("", resource), &kind.schema.attributes);
    }
    for extension in kind.extension_schemas() {
        if let Some(Value::Object(held)) = resource.get(&extension.id) {
            let urn = format!("{}:", extension.id);
            collect(&mut found, (&urn, held), &extension.attributes);
        }
    }
    let mut unique: Vec<UniqueValue> = Vec::new();
    for mut value in found {
        value.key = format!("{}\0{}", kind.name, value.key);
        if !unique.iter().any(|other| other.key == value.key) {
            unique.push(value);
        }
    }
    unique
}

fn collect(
    found: &mut Vec<UniqueValue>,
    (prefix, holder): (&str, &Map<String, Value>),
    attributes: &[Attribute],
) {
    for attribute in attributes {
        let values = match holder.get(&attribute.name) {
            None => continue,
            Some(Value::Array(values)) => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
        };
        let name = format!("{prefix}{}", attribute.name);
        if attribute.uniqueness == Uniqueness::Server {
            found.extend(values.iter().map(|value| unique(&name, attribute, value)));
        }
        for part in values.iter().filter_map(Value::as_object) {
            collect(
                found,
                (&format!("{name}."), part),
                &attribute.sub_attributes,
            );
        }
    }
}

fn unique(name: &str, attribute: &Attribute, value: &Value) -> UniqueValue {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let compared = match DateTime::parse_from_rfc3339(&text) {
        Ok(instant) if attribute.kind == AttributeType::DateTime => {
            instant.with_timezone(&Utc).to_rfc3339()
        }
        _ => folded(attribute, &text),
    };
    UniqueValue {
        key: format!("{name}\0{compared}"),
        attribute: name.to_owned(),
        value: text,
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::protocol::scim::schemas::Schemas;
    use crate::protocol::scim::schemas_document::read;
    use serde_json::Value;
    use serde_json::json;

    const URN: &str = "urn:example:2.0:Badge";

    fn badge() -> Schemas {
        let documents = json!({
            "schemas": [{ "id": URN, "attributes": [
                { "name": "number", "uniqueness": "server" },
                { "name": "seal", "uniqueness": "server", "caseExact": true },
                { "name": "since", "type": "dateTime", "uniqueness": "server" },
                { "name": "color" },
                { "name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
                    { "name": "value", "type": "integer", "uniqueness": "server" }] },
            ] }],
            "resource_types": [
                { "name": "User", "schemaExtensions": [{ "schema": URN }] },
                { "name": "Badge", "endpoint": "/Badges", "schema": URN },
            ],
        });
        read(&documents).unwrap()
    }

    fn keys(extension: Value) -> Vec<String> {
        let user = json!({ "userName": "ana", URN: extension });
        let found = of(user.as_object().unwrap(), badge().user());
        found.into_iter().map(|value| value.key).collect()
    }

    #[test]
    fn what_compares_as_equal_has_the_same_key() {
        assert_eq!(
            keys(json!({ "number": "A1" })),
            keys(json!({ "number": "a1" }))
        );
        assert_ne!(keys(json!({ "seal": "A1" })), keys(json!({ "seal": "a1" })));
        assert_ne!(
            keys(json!({ "number": "a1" })),
            keys(json!({ "seal": "a1" }))
        );
        let (london, paris) = ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00");
        assert_eq!(
            keys(json!({ "since": london })),
            keys(json!({ "since": paris }))
        );
    }

    #[test]
    fn each_value_counts_once_and_only_where_it_must_be_unique() {
        let doors =
            json!({ "color": "red", "doors": [{ "value": 1 }, { "value": 2 }, { "value": 1 }] });
        assert_eq!(keys(doors).len(), 2);
        assert_eq!(keys(json!({ "color": "red" })), Vec::<String>::new());
    }

    #[test]
    fn resource_types_do_not_share_their_values() {
        let schemas = badge();
        let badge = json!({ "number": "A1" });
        let of_badge = of(
            badge.as_object().unwrap(),
            schemas.resource_type("Badge").unwrap(),
        );
        let [only] = of_badge.as_slice() else {
            panic!("{of_badge:?}")
        };
        assert_eq!(
            (only.attribute.as_str(), only.value.as_str()),
            ("number", "A1")
        );
        assert!(!keys(json!({ "number": "A1" })).contains(&only.key));
    }
}
