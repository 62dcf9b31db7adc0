//! The algebra of PATCH: what two operations are together, whatever the attribute and its value.

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::patch::apply;
use crate::protocol::scim::patch_request::PATCH_OP_URN;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::representation;
use crate::protocol::scim::representation::Metadata;
use crate::protocol::scim::resource;
use crate::protocol::scim::schema::Attribute;
use crate::protocol::scim::schema::AttributeType;
use crate::protocol::scim::schema::Mutability;
use crate::protocol::scim::tests::random::any_assignment;
use crate::protocol::scim::tests::random::any_leniency;
use crate::protocol::scim::tests::random::any_resource;
use crate::protocol::scim::tests::random::any_set;
use crate::protocol::scim::tests::random::kind;
use crate::protocol::scim::tests::random::two_assignments;
use chrono::DateTime;
use proptest::prelude::Strategy;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_assume;
use proptest::proptest;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

pub(crate) type Resource = Map<String, Value>;

pub(crate) fn patched(
    current: &Resource,
    operations: &[Value],
    leniency: Leniency<'_>,
) -> Result<Resource, ScimError> {
    let body = json!({ "schemas": [PATCH_OP_URN], "Operations": operations });
    apply(current, &PatchRequest::parse(&body)?, kind(), leniency)
}

fn operation(op: &str, path: &str, value: &Value) -> Value {
    json!({ "op": op, "path": path, "value": value })
}

/// The value with a null for each part that only the other one has: a whole replacement.
fn complete(value: &Value, other: &Value) -> Value {
    let (Value::Object(parts), Value::Object(others)) = (value, other) else {
        return value.clone();
    };
    let mut complete: Map<String, Value> = others
        .keys()
        .map(|name| (name.clone(), Value::Null))
        .collect();
    complete.extend(parts.clone());
    Value::Object(complete)
}

/// The operations of an arbitrary, mostly valid request.
fn any_operations() -> impl Strategy<Value = Vec<Value>> {
    let one = (any_assignment(), 0..8_usize).prop_map(|((place, value), form)| {
        let path = place.path();
        let part = place
            .attribute
            .sub_attributes
            .first()
            .map(|part| part.name.clone());
        let filtered = |path: &str| format!("{path}[type eq \"work\"]");
        match (form, part) {
            (0, _) => operation("add", &path, &value),
            (1, _) => operation("replace", &path, &value),
            (2, _) => json!({ "op": "remove", "path": path }),
            (3, _) => operation("remove", &path, &value),
            (4, _) => json!({ "op": "replace", "value": { (path): value } }),
            (5, _) if place.attribute.multi_valued && place.is_complex() => {
                let first = value.get(0).cloned().unwrap_or_default();
                operation("add", &filtered(&path), &first)
            }
            (6, Some(part)) if place.attribute.multi_valued => {
                json!({ "op": "remove", "path": format!("{}.{part}", filtered(&path)) })
            }
            (_, Some(part)) if place.is_complex() => {
                json!({ "op": "remove", "path": format!("{path}.{part}") })
            }
            _ => json!({ "op": "add", "value": { (path): value } }),
        }
    });
    proptest::collection::vec(one, 1..6)
}

proptest! {
    #[test]
    fn the_last_replacement_counts(
        before in any_resource(), (place, first, last) in two_assignments(), leniency in any_leniency()
    ) {
        let path = place.path();
        let last = complete(&last, &complete(&first, &place.held(&before).cloned().unwrap_or_default()));
        let both = [operation("replace", &path, &first), operation("replace", &path, &last)];
        prop_assert_eq!(patched(&before, &both, leniency), patched(&before, &both[1..], leniency));
    }

    #[test]
    fn adding_twice_is_adding_once(
        before in any_resource(), (place, value) in any_assignment(), leniency in any_leniency()
    ) {
        let add = operation("add", &place.path(), &value);
        let once = patched(&before, std::slice::from_ref(&add), leniency).unwrap();
        prop_assert_eq!(patched(&once, &[add], leniency), Ok(once));
    }

    #[test]
    fn removing_what_was_added_to_nothing_changes_nothing(
        before in any_resource(), (place, value) in any_assignment(), leniency in any_leniency()
    ) {
        prop_assume!(!place.attribute.required);
        let before = place.cleared(&before);
        let path = place.path();
        let both = [operation("add", &path, &value), json!({ "op": "remove", "path": path })];
        prop_assert_eq!(patched(&before, &both, leniency), Ok(before));
    }

    #[test]
    fn removing_elements_that_were_added_leaves_the_others(
        before in any_resource(), place in any_set(), leniency in any_leniency()
    ) {
        let path = place.path();
        let new = json!([{ "value": "https://nobody.else/has", "type": "new" }]);
        let both = [operation("add", &path, &new), operation("remove", &path, &new)];
        prop_assert_eq!(patched(&before, &both, leniency), Ok(before));
    }

    #[test]
    fn a_filter_on_nothing_is_no_target_or_creates_what_it_describes(
        before in any_resource(), place in any_set(), leniency in any_leniency()
    ) {
        let path = format!("{}[type eq \"nobody has this\"]", place.path());
        let replace = operation("replace", &format!("{path}.display"), &json!("x"));
        match patched(&before, std::slice::from_ref(&replace), leniency) {
            Err(error) => prop_assert_eq!(error.scim_type(), Some("noTarget")),
            Ok(after) => {
                prop_assert!(leniency.replace_creates_element);
                let created = place.held(&after).unwrap().as_array().unwrap().last().cloned();
                let described = json!({ "type": "nobody has this", "display": "x" });
                prop_assert_eq!(created, Some(described));
            }
        }
        let remove = json!({ "op": "remove", "path": path });
        prop_assert_eq!(patched(&before, &[remove], leniency), Ok(before));
    }

    #[test]
    fn putting_what_was_read_changes_nothing(before in any_resource(), leniency in any_leniency()) {
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let metadata = Metadata {
            id: "1".to_owned(),
            created: at,
            last_modified: at,
            location: "https://acme.test/Users/1".to_owned(),
            version: 1,
        };
        let shown = representation::represent(&before, &metadata, kind());
        prop_assert_eq!(resource::replace(&before, &shown, kind(), leniency), Ok(before));
    }

    #[test]
    fn what_a_request_makes_is_true_to_the_schema(
        before in any_resource(), operations in any_operations(), leniency in any_leniency()
    ) {
        if let Ok(after) = patched(&before, &operations, leniency) {
            check_resource(&after);
            prop_assert_eq!(resource::replace(&after, &after, kind(), Leniency::STRICT), Ok(after));
        }
    }

    #[test]
    fn what_no_schema_knows_survives(
        before in any_resource(), operations in any_operations(), leniency in any_leniency()
    ) {
        let urn = "urn:example:2.0:Forgotten";
        let mut with_it = before;
        with_it.insert(urn.to_owned(), json!({ "number": 7 }));
        if let Ok(after) = patched(&with_it, &operations, leniency) {
            prop_assert_eq!(after.get(urn), with_it.get(urn));
        }
    }

    #[test]
    fn operations_one_by_one_do_what_they_do_together(
        before in any_resource(), operations in any_operations(), leniency in any_leniency()
    ) {
        let mut one_by_one = Ok(before.clone());
        for operation in &operations {
            one_by_one = one_by_one.and_then(|current| {
                patched(&current, std::slice::from_ref(operation), leniency)
            });
        }
        if let Ok(after) = one_by_one {
            prop_assert_eq!(patched(&before, &operations, leniency), Ok(after));
        }
    }
}

fn check_resource(resource: &Resource) {
    for (name, value) in resource {
        match kind().extension(name) {
            Some(extension) => {
                assert_eq!(extension.id, *name);
                for (name, value) in value.as_object().unwrap() {
                    check(extension.attribute(name).unwrap(), name, value);
                }
            }
            None => check(kind().attribute(name).unwrap(), name, value),
        }
    }
    assert!(resource["userName"].is_string());
}

fn check(attribute: &Attribute, name: &str, value: &Value) {
    assert_eq!(attribute.name, name);
    assert_ne!(attribute.mutability, Mutability::ReadOnly, "{name}");
    assert_ne!(attribute.mutability, Mutability::WriteOnly, "{name}");
    if !attribute.multi_valued {
        return check_one(attribute, value);
    }
    let elements = value.as_array().unwrap();
    assert!(!elements.is_empty(), "{name}");
    let primary = elements
        .iter()
        .filter(|element| element.get("primary") == Some(&json!(true)));
    assert!(primary.count() < 2, "{value}");
    for element in elements {
        check_one(attribute, element);
    }
}

fn check_one(attribute: &Attribute, value: &Value) {
    let fits = match attribute.kind {
        AttributeType::Boolean => value.is_boolean(),
        AttributeType::Integer => value.is_i64() || value.is_u64(),
        AttributeType::Decimal => value.is_number(),
        AttributeType::Complex => {
            let parts = value.as_object().unwrap();
            for (name, part) in parts {
                check(attribute.sub_attribute(name).unwrap(), name, part);
            }
            !parts.is_empty()
        }
        _ => value.is_string(),
    };
    assert!(fits, "{} is {value}", attribute.name);
}
