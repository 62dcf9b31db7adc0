//! PATCH: whatever the operations, what the server keeps to itself stays untouched and the result
//! is a resource that can be put back as it is; `replace` and `remove` done twice are done once. A
//! Group's members are never among its attributes. It all takes little time and memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::sync::LazyLock;
use vestibule_fuzz::bounds::within_bounds;
use vestibule_fuzz::protocol::scim::leniency::Leniency;
use vestibule_fuzz::protocol::scim::membership::MembershipChange;
use vestibule_fuzz::protocol::scim::membership::split_patch;
use vestibule_fuzz::protocol::scim::patch;
use vestibule_fuzz::protocol::scim::patch_request::OperationKind;
use vestibule_fuzz::protocol::scim::patch_request::PatchRequest;
use vestibule_fuzz::protocol::scim::resource;
use vestibule_fuzz::protocol::scim::schema;
use vestibule_fuzz::protocol::scim::schema::ResourceType;

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
        let user = schema::user();
        let after = within_bounds(|| patch::apply(&BEFORE, &request, user, leniency));
        if let Ok(after) = after {
            check(&after, &request, (user, leniency));
        }
        within_bounds(|| check_group(&request, leniency));
    }
});

static GROUP: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let body = json!({ "displayName": "Staff", "externalId": "g1" });
    let Value::Object(body) = body else {
        unreachable!("an object is written above")
    };
    resource::create(&body, schema::group(), Leniency::STRICT).unwrap()
});

/// What is said of members is split off, and what is left is a PATCH of the rest.
fn check_group(request: &PatchRequest, leniency: Leniency) {
    let group = schema::group();
    let Ok(split) = split_patch(request, group, leniency) else {
        return;
    };
    for change in &split.members {
        let named = match change {
            MembershipChange::Add(members) | MembershipChange::ReplaceAll(members) => members.len(),
            MembershipChange::Remove(ids) => ids.len(),
            MembershipChange::RemoveAll | MembershipChange::RemoveMatching(_) => 0,
        };
        assert!(named <= 1024, "{named} members out of 1,024 bytes");
    }
    let again = split_patch(&split.attributes, group, leniency);
    assert_eq!(again.map(|again| again.members), Ok(Vec::new()));
    if let Ok(after) = patch::apply(&GROUP, &split.attributes, group, leniency) {
        assert!(!after.contains_key("members"), "{after:?}");
        check(&after, &split.attributes, (group, leniency));
    }
}

fn check(
    after: &Map<String, Value>,
    request: &PatchRequest,
    (kind, leniency): (&ResourceType, Leniency),
) {
    for name in ["id", "meta", "groups", "schemas", "password"] {
        assert!(!after.contains_key(name), "{name} is kept in {after:?}");
    }
    let extension = after.get(schema::ENTERPRISE_USER_URN);
    let display_name = extension.and_then(|held| held.pointer("/manager/displayName"));
    assert_eq!(display_name, None);
    let put_back = resource::replace(after, after, kind, leniency);
    assert_eq!(
        put_back.as_ref(),
        Ok(after),
        "what is read cannot be put back"
    );
    if is_done_twice_the_same(request) {
        let again = patch::apply(after, request, kind, leniency);
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
