//! What holds for every PATCH request, however odd.

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::patch::apply;
use crate::protocol::scim::patch_request::PATCH_OP_URN;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::schema;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::prop_oneof;
use proptest::proptest;
use proptest::sample::select;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

const READ_ONLY: [&str; 5] = ["id", "meta", "groups", "schemas", "password"];

fn before() -> Map<String, Value> {
    let user = json!({
        "id": "1",
        "meta": { "version": "W/\"1\"" },
        "groups": [{ "value": "g" }],
        "schemas": [schema::USER_URN],
        "userName": "ana",
        "name": { "givenName": "Ana", "familyName": "Ruiz" },
        "emails": [
            { "value": "a@a.test", "type": "work", "primary": true },
            { "value": "b@a.test", "type": "home" },
        ],
        (schema::ENTERPRISE_USER_URN): { "department": "A", "manager": { "value": "7" } },
    });
    user.as_object().unwrap().clone()
}

fn any_path() -> impl Strategy<Value = String> {
    let attributes = [
        "id",
        "meta",
        "meta.version",
        "groups",
        "groups[value eq \"g\"]",
        "schemas",
        "password",
        "userName",
        "name",
        "name.givenName",
        "emails",
        "emails.value",
        "emails[type eq \"work\"]",
        "emails[type eq \"other\"].value",
        "emails[primary eq true].type",
        "active",
        "title",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
        "unknown",
        "emails[",
    ];
    select(attributes.to_vec()).prop_map(str::to_owned)
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(json!("x")),
        Just(json!(true)),
        Just(json!(1)),
        Just(json!([])),
        Just(json!({ "value": "x", "type": "work", "primary": true })),
        Just(json!({ "givenName": "B", "displayName": "C", "version": "D" })),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..3).prop_map(Value::Array),
            proptest::collection::vec((any_path(), inner), 1..3)
                .prop_map(|members| { Value::Object(members.into_iter().collect()) }),
        ]
    })
}

fn any_operation() -> impl Strategy<Value = Value> {
    let path = proptest::option::of(any_path());
    let value = proptest::option::of(any_value());
    (select(vec!["add", "remove", "replace"]), path, value).prop_map(|(op, path, value)| {
        let mut operation = Map::from_iter([("op".to_owned(), json!(op))]);
        operation.extend(path.map(|path| ("path".to_owned(), json!(path))));
        operation.extend(value.map(|value| ("value".to_owned(), value)));
        Value::Object(operation)
    })
}

fn patched(
    current: &Map<String, Value>,
    operations: &[Value],
) -> Result<Map<String, Value>, ScimError> {
    let body = json!({ "schemas": [PATCH_OP_URN], "Operations": operations });
    let request = PatchRequest::parse(&body)?;
    apply(current, &request, schema::user(), Leniency::MICROSOFT_ENTRA)
}

proptest! {
    #[test]
    fn no_patch_changes_a_read_only_attribute(
        operations in proptest::collection::vec(any_operation(), 1..4)
    ) {
        if let Ok(after) = patched(&before(), &operations) {
            for name in READ_ONLY {
                assert_eq!(after.get(name), before().get(name), "{name}");
            }
            let manager = &after.get(schema::ENTERPRISE_USER_URN).unwrap_or(&Value::Null)["manager"];
            assert_eq!(manager.get("displayName"), None);
        }
    }

    #[test]
    fn replacing_twice_equals_replacing_once(path in any_path(), value in any_value()) {
        // Through a filter the first replacement may change what the second one selects.
        if !path.contains('[') && !value.to_string().contains('[') {
            let operation = json!({ "op": "replace", "path": path, "value": value });
            if let Ok(once) = patched(&before(), std::slice::from_ref(&operation)) {
                let twice = patched(&once, &[operation]);
                assert_eq!(twice, Ok(once));
            }
        }
    }

    #[test]
    fn every_patched_user_is_complete_and_without_empty_values(
        operations in proptest::collection::vec(any_operation(), 1..4)
    ) {
        if let Ok(after) = patched(&before(), &operations) {
            assert!(after["userName"].is_string());
            for (name, value) in after {
                let empty = [Value::Null, json!([]), json!({}), json!([{}])];
                assert!(!empty.contains(&value), "{name}");
            }
        }
    }
}
