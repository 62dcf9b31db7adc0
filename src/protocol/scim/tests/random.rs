//! Resources, paths and values, generated from the schema tree.

use crate::protocol::scim::leniency::IdentityProvider;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::resource;
use crate::protocol::scim::schema;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::AttributeType;
use crate::protocol::scim::schema::Extension;
use crate::protocol::scim::schema::Mutability;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schema::Schema;
use proptest::prelude::BoxedStrategy;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop_oneof;
use proptest::sample::select;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::sync::LazyLock;

/// User with the enterprise extension and one that has the types which the others lack.
pub(crate) fn kind() -> &'static ResourceType {
    static KIND: LazyLock<ResourceType> = LazyLock::new(|| {
        let attribute = |name: &str, kind: &str, multi_valued: bool| {
            json!({
                "name": name, "type": kind, "multiValued": multi_valued, "description": "Test.",
                "required": false, "caseExact": true, "mutability": "readWrite",
                "returned": "default", "uniqueness": "none",
            })
        };
        let badge = json!({
            "id": "urn:example:2.0:Badge",
            "name": "Badge",
            "description": "What is on the badge.",
            "attributes": [
                attribute("number", "integer", false),
                attribute("height", "decimal", false),
                attribute("issued", "dateTime", false),
                attribute("doors", "string", true),
                attribute("floors", "integer", true),
            ],
        });
        let mut kind = schema::user().clone();
        kind.extensions.push(Extension {
            schema: Schema::parse(&badge.to_string()).unwrap().into(),
            required: false,
        });
        kind
    });
    &KIND
}

/// An attribute and the URN of its extension.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) extension: Option<String>,
    pub(crate) attribute: Attribute,
}

impl Place {
    /// The path without a sub-attribute.
    pub(crate) fn path(&self) -> String {
        match &self.extension {
            Some(urn) => format!("{urn}:{}", self.attribute.name),
            None => self.attribute.name.clone(),
        }
    }

    /// What a resource holds there.
    pub(crate) fn held<'r>(&self, resource: &'r Map<String, Value>) -> Option<&'r Value> {
        match &self.extension {
            Some(urn) => resource.get(urn)?.get(&self.attribute.name),
            None => resource.get(&self.attribute.name),
        }
    }

    /// The resource without what it holds there.
    pub(crate) fn cleared(&self, resource: &Map<String, Value>) -> Map<String, Value> {
        let mut cleared = resource.clone();
        let Some(urn) = &self.extension else {
            cleared.shift_remove(&self.attribute.name);
            return cleared;
        };
        if let Some(Value::Object(held)) = cleared.get_mut(urn) {
            held.shift_remove(&self.attribute.name);
            if held.is_empty() {
                cleared.shift_remove(urn);
            }
        }
        cleared
    }

    pub(crate) fn is_complex(&self) -> bool {
        self.attribute.kind == AttributeType::Complex
    }
}

/// Every attribute that a client may write and that is kept.
pub(crate) fn places() -> Vec<Place> {
    let own = kind().attributes().map(|attribute| (None, attribute));
    let extensions = kind().extensions.iter().flat_map(|extension| {
        let attributes = extension.schema.attributes.iter();
        attributes.map(|attribute| (Some(extension.schema.id.clone()), attribute))
    });
    let all = own.chain(extensions);
    all.filter(|(_, attribute)| attribute.mutability == Mutability::ReadWrite)
        .map(|(extension, attribute)| Place {
            extension,
            attribute: attribute.clone(),
        })
        .collect()
}

pub(crate) fn any_place() -> impl Strategy<Value = Place> {
    select(places())
}

/// A multi-valued attribute whose elements have a text as `value`, a `type` and a `display`.
pub(crate) fn any_set() -> impl Strategy<Value = Place> {
    let mut sets = places();
    sets.retain(|place| {
        let value = place.attribute.sub_attribute("value");
        let is_text = value.is_some_and(|value| value.kind != AttributeType::Binary);
        place.attribute.multi_valued && is_text && place.attribute.sub_attribute("type").is_some()
    });
    select(sets)
}

pub(crate) fn any_leniency() -> impl Strategy<Value = Leniency<'static>> {
    let providers = [
        IdentityProvider::Generic,
        IdentityProvider::Okta,
        IdentityProvider::MicrosoftEntra,
        IdentityProvider::OneLogin,
        IdentityProvider::Authentik,
    ];
    select(providers.to_vec()).prop_map(IdentityProvider::leniency)
}

/// A place and a value that it may hold.
pub(crate) fn any_assignment() -> impl Strategy<Value = (Place, Value)> {
    any_place().prop_flat_map(|place| {
        let value = value_of(&place.attribute);
        (Just(place), value)
    })
}

/// A place and two values that it may hold.
pub(crate) fn two_assignments() -> impl Strategy<Value = (Place, Value, Value)> {
    any_place().prop_flat_map(|place| {
        let (one, other) = (value_of(&place.attribute), value_of(&place.attribute));
        (Just(place), one, other)
    })
}

/// A value of an attribute's type, of many elements if it may have many.
pub(crate) fn value_of(attribute: &Attribute) -> BoxedStrategy<Value> {
    if !attribute.multi_valued {
        return element_of(attribute);
    }
    proptest::collection::vec(element_of(attribute), 1..4)
        .prop_map(|elements| Value::Array(with_one_primary(elements)))
        .boxed()
}

/// One value of an attribute's type.
pub(crate) fn element_of(attribute: &Attribute) -> BoxedStrategy<Value> {
    match attribute.kind {
        AttributeType::Complex => complex(attribute),
        AttributeType::Boolean => any::<bool>().prop_map(Value::Bool).boxed(),
        AttributeType::Integer => any::<i64>().prop_map(Value::from).boxed(),
        AttributeType::Decimal => any::<i32>().prop_map(|n| json!(f64::from(n) / 8.0)).boxed(),
        AttributeType::DateTime => (0..28_u32, 0..24_u32)
            .prop_map(|(day, hour)| json!(format!("2026-01-{:02}T{hour:02}:00:00Z", day + 1)))
            .boxed(),
        AttributeType::Binary => select(vec!["AA==", "MIIB", "/+8="])
            .prop_map(Value::from)
            .boxed(),
        AttributeType::Reference => "https://[a-z]{1,6}\\.test/[a-z]{0,3}"
            .prop_map(Value::from)
            .boxed(),
        AttributeType::String => text().prop_map(Value::from).boxed(),
    }
}

/// Few texts, so that equal ones meet, and odd ones.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec!["a", "A", "b", "work", "home"]).prop_map(str::to_owned),
        1 => "[^\\x00]{1,8}".prop_filter("blank", |text: &String| !text.trim().is_empty()),
    ]
}

fn complex(attribute: &Attribute) -> BoxedStrategy<Value> {
    let parts = attribute.sub_attributes.iter();
    let writable = parts.filter(|part| part.mutability != Mutability::ReadOnly);
    let mut whole: BoxedStrategy<Map<String, Value>> = Just(Map::new()).boxed();
    for part in writable {
        let (name, value) = (part.name.clone(), proptest::option::of(value_of(part)));
        whole = (whole, value)
            .prop_map(move |(mut whole, value)| {
                whole.extend(value.map(|value| (name.clone(), value)));
                whole
            })
            .boxed();
    }
    let first = attribute.sub_attributes.first().cloned();
    whole
        .prop_map(move |mut whole| {
            if let (Some(first), true) = (&first, whole.is_empty()) {
                let text = match first.kind {
                    AttributeType::Binary => "AA==",
                    _ => "https://a.test/",
                };
                whole.insert(first.name.clone(), json!(text));
            }
            Value::Object(whole)
        })
        .boxed()
}

fn with_one_primary(mut elements: Vec<Value>) -> Vec<Value> {
    let mut taken = false;
    for element in &mut elements {
        if let Some(primary) = element.get_mut("primary") {
            let is = *primary == json!(true);
            *primary = json!(is && !taken);
            taken |= is;
        }
    }
    elements
}

/// A resource as it is kept.
pub(crate) fn any_resource() -> impl Strategy<Value = Map<String, Value>> {
    let assignments = proptest::collection::vec(any_assignment(), 0..8);
    (assignments, any::<bool>()).prop_map(|(assignments, active)| {
        let mut body = Map::from_iter([
            ("userName".to_owned(), json!("ana")),
            ("active".to_owned(), json!(active)),
        ]);
        for (place, value) in assignments {
            match place.extension {
                None => body.insert(place.attribute.name, value),
                Some(urn) => {
                    let held = body.entry(urn).or_insert_with(|| json!({}));
                    held[place.attribute.name.as_str()] = value;
                    None
                }
            };
        }
        resource::create(&body, kind(), Leniency::STRICT).unwrap()
    })
}
