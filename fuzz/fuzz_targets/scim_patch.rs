//! PATCH: whatever the operations, what the server keeps to itself stays untouched and the result
//! is a resource that can be put back as it is; `replace` and `remove` done twice are done once.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::sync::LazyLock;
use vestibule_fuzz::protocol::scim::leniency::Leniency;
use vestibule_fuzz::protocol::scim::patch;
use vestibule_fuzz::protocol::scim::patch_request::OperationKind;
use vestibule_fuzz::protocol::scim::patch_request::PatchRequest;
use vestibule_fuzz::protocol::scim::resource;
use vestibule_fuzz::protocol::scim::schema;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

static BEFORE: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let body = json!({
        "userName": "ana",
        "externalId": "a1",
        "active": true,
        "displayName": "Ana",
        "name": { "givenName": "Ana", "familyName": "Anders" },
        "emails": [
            { "value": "ana@work.test", "type": "work", "primary": true },
            { "value": "ana@home.test", "type": "home" },
        ],
        "roles": [{ "value": "reader" }],
        "addresses": [{ "type": "work", "country": "DE" }],
        schema::ENTERPRISE_USER_URN: { "department": "Lab", "manager": { "value": "m1" } },
    });
    let Value::Object(body) = body else {
        unreachable!("an object is written above")
    };
    resource::create(&body, schema::user(), Leniency::STRICT).unwrap()
});

fuzz_target!(|text: &str| {
    let Ok(operations) = serde_json::from_str::<Value>(text) else {
        return;
    };
    let body = json!({ "schemas": [PATCH_OP], "Operations": operations });
    let Ok(request) = PatchRequest::parse(&body) else {
        return;
    };
    for leniency in [Leniency::STRICT, Leniency::MICROSOFT_ENTRA] {
        if let Ok(after) = patch::apply(&BEFORE, &request, schema::user(), leniency) {
            check(&after, &request, leniency);
        }
    }
});

fn check(after: &Map<String, Value>, request: &PatchRequest, leniency: Leniency) {
    for name in ["id", "meta", "groups", "schemas", "password"] {
        assert!(!after.contains_key(name), "{name} is kept in {after:?}");
    }
    let extension = after.get(schema::ENTERPRISE_USER_URN);
    let display_name = extension.and_then(|held| held.pointer("/manager/displayName"));
    assert_eq!(display_name, None);
    let put_back = resource::replace(after, after, schema::user(), leniency);
    assert_eq!(
        put_back.as_ref(),
        Ok(after),
        "what is read cannot be put back"
    );
    if is_done_twice_the_same(request) {
        let again = patch::apply(after, request, schema::user(), leniency);
        match again {
            Ok(again) => assert_eq!(&again, after),
            Err(error) => panic!("refused the second time: {error}"),
        }
    }
}

/// A single `remove` or `replace`; an element that is found by a value may not be found by it once
/// that is replaced.
fn is_done_twice_the_same(request: &PatchRequest) -> bool {
    let [operation] = request.operations.as_slice() else {
        return false;
    };
    let selects = |path: &str| path.contains('[');
    match operation.kind {
        OperationKind::Add => false,
        OperationKind::Remove => true,
        OperationKind::Replace => match (&operation.path, &operation.value) {
            (Some(path), _) => !selects(path),
            (None, Some(Value::Object(keys))) => !keys.keys().any(|key| selects(key)),
            (None, _) => true,
        },
    }
}
