//! The order of resources by one of their attributes (RFC 7644 §3.4.2.3).

use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::filter_match::folded;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::resource::is_primary;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::AttributeType;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Returned;
use chrono::DateTime;
use serde_json::Map;
use serde_json::Value;
use std::cmp::Ordering;

/// The attribute that `sortBy` names, in canonical spelling; a complex one stands for its
/// `value`. `None` if nothing of this type can be sorted by it.
pub fn resolve(
    by: &str,
    resource_type: &ResourceType,
    leniency: Leniency,
) -> Option<AttributeName> {
    let found = AttributeName::parse(by)?;
    let found = found.resolve(resource_type, leniency)?;
    let (mut name, mut leaf) = (found.name(), found.leaf());
    if leaf.kind == AttributeType::Complex {
        leaf = leaf.sub_attribute("value")?;
        name.sub_attribute = Some(leaf.name.clone());
    }
    let is_hidden = |definition: &Attribute| definition.returned == Returned::Never;
    (!is_hidden(leaf) && !is_hidden(found.attribute)).then_some(name)
}

/// What a resource is sorted by.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum SortKey {
    /// False before true.
    Flag(bool),
    /// By size.
    Number(f64),
    /// By time, in milliseconds.
    Instant(i64),
    /// By letters, folded where case does not matter.
    Text(String),
}

impl SortKey {
    /// The value of a resource, in full representation: of several the primary one, else the
    /// first.
    pub fn of(
        resource: &Map<String, Value>,
        (name, resource_type): (&AttributeName, &ResourceType),
    ) -> Option<Self> {
        let found = name.resolve(resource_type, Leniency::STRICT)?;
        let holder = match found.extension {
            Some(extension) => resource.get(&extension.id)?.as_object()?,
            None => resource,
        };
        let value = one_of(holder.get(&found.attribute.name)?)?;
        let value = match found.sub_attribute {
            Some(sub_attribute) => one_of(value.get(&sub_attribute.name)?)?,
            None => value,
        };
        Self::read(value, found.leaf())
    }

    fn read(value: &Value, definition: &Attribute) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(Self::Flag(*flag)),
            Value::Number(number) => number.as_f64().map(Self::Number),
            Value::String(text) if definition.kind == AttributeType::DateTime => {
                let instant = DateTime::parse_from_rfc3339(text).ok()?;
                Some(Self::Instant(instant.timestamp_millis()))
            }
            Value::String(text) => Some(Self::Text(folded(definition, text))),
            _ => None,
        }
    }

    /// How much it holds, in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Flag(_) | Self::Number(_) | Self::Instant(_) => 8,
        }
    }
}

fn one_of(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(values) => {
            let primary = values.iter().find(|value| is_primary(value));
            primary.or_else(|| values.first())
        }
        Value::Null => None,
        value => Some(value),
    }
}

/// Who comes first; without a value one is last, or first when the order descends.
pub fn compare(left: Option<&SortKey>, right: Option<&SortKey>, is_descending: bool) -> Ordering {
    let ascending = match (left, right) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(left), Some(right)) => left.partial_cmp(right).unwrap_or(Ordering::Equal),
    };
    if is_descending {
        ascending.reverse()
    } else {
        ascending
    }
}

#[cfg(test)]
mod tests {
    use super::SortKey;
    use super::compare;
    use super::resolve;
    use crate::protocol::scim::leniency::Leniency;
    use crate::protocol::scim::schema;
    use serde_json::Value;
    use serde_json::json;

    fn sorted(by: &str, is_descending: bool, users: &[Value]) -> Vec<String> {
        let kind = schema::user();
        let name = resolve(by, kind, Leniency::STRICT).unwrap();
        let mut keyed: Vec<_> = users
            .iter()
            .map(|user| {
                let key = SortKey::of(user.as_object().unwrap(), (&name, kind));
                (key, user["id"].as_str().unwrap().to_owned())
            })
            .collect();
        keyed.sort_by(|left, right| compare(left.0.as_ref(), right.0.as_ref(), is_descending));
        keyed.into_iter().map(|keyed| keyed.1).collect()
    }

    #[test]
    fn values_are_ordered_as_their_attribute_compares() {
        let urn = schema::ENTERPRISE_USER_URN;
        let users = [
            json!({ "id": "1", "userName": "b", "externalId": "b", "active": true,
                "emails": [{ "value": "z@x" }, { "value": "a@x", "primary": true }],
                "meta": { "created": "2026-01-01T10:00:00+02:00" }, urn: { "department": "B" } }),
            json!({ "id": "2", "userName": "A", "externalId": "a", "active": false,
                "emails": [{ "value": "m@x" }, { "value": "b@x" }],
                "meta": { "created": "2026-01-01T09:00:00Z" }, urn: { "department": "a" } }),
            json!({ "id": "3", "userName": "C", "externalId": "C",
                "meta": { "created": "2026-01-01T08:30:00Z" } }),
        ];
        let department = format!("{urn}:department");
        let cases = [
            ("userName", ["2", "1", "3"]),
            ("externalId", ["3", "2", "1"]),
            ("active", ["2", "1", "3"]),
            ("emails", ["1", "2", "3"]),
            ("emails.value", ["1", "2", "3"]),
            ("meta.created", ["1", "3", "2"]),
            (department.as_str(), ["2", "1", "3"]),
            ("title", ["1", "2", "3"]),
        ];
        for (by, expected) in cases {
            assert_eq!(sorted(by, false, &users), expected, "{by}");
        }
        assert_eq!(sorted("userName", true, &users), ["3", "1", "2"]);
        assert_eq!(sorted("active", true, &users), ["3", "1", "2"]);
    }

    #[test]
    fn nothing_is_sorted_by_what_has_no_order_or_is_never_returned() {
        for by in ["password", "name", "nothing", "a b", ""] {
            assert_eq!(resolve(by, schema::user(), Leniency::STRICT), None, "{by}");
        }
    }
}
