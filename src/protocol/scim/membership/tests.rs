//! Requests as identity providers send them, and the membership changes they mean.

use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::membership::MemberKind;
use crate::protocol::scim::membership::MemberRef;
use crate::protocol::scim::membership::MembershipChange;
use crate::protocol::scim::membership::split_body;
use crate::protocol::scim::membership::split_patch;
use crate::protocol::scim::patch_request::PATCH_OP_URN;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::schema;
use serde_json::Value;
use serde_json::json;

fn user(id: &str) -> MemberRef {
    MemberRef {
        value: id.to_owned(),
        kind: MemberKind::User,
    }
}

fn group(id: &str) -> MemberRef {
    MemberRef {
        value: id.to_owned(),
        kind: MemberKind::Group,
    }
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// The changes, and the operations that are left.
fn split(operations: &Value) -> Result<(Vec<MembershipChange>, Vec<Value>), String> {
    let body = json!({ "schemas": [PATCH_OP_URN], "Operations": operations });
    let request = PatchRequest::parse(&body).unwrap();
    let split = split_patch(&request, schema::group(), Leniency::STRICT);
    let split = split.map_err(|error| error.scim_type().unwrap_or_default().to_owned())?;
    let left = split.attributes.operations.into_iter();
    Ok((
        split.members,
        left.map(|operation| operation.value.unwrap_or_default())
            .collect(),
    ))
}

fn add(members: Vec<MemberRef>) -> Vec<MembershipChange> {
    vec![MembershipChange::Add(members)]
}

fn remove(members: &[&str]) -> Vec<MembershipChange> {
    vec![MembershipChange::Remove(ids(members))]
}

fn replace(members: Vec<MemberRef>) -> Vec<MembershipChange> {
    vec![MembershipChange::ReplaceAll(members)]
}

fn each_means(cases: Vec<(Value, Vec<MembershipChange>)>) {
    for (operation, expected) in cases {
        let (changes, left) = split(&json!([operation])).unwrap();
        assert_eq!(changes, expected, "{operation}");
        assert!(left.is_empty(), "{operation}");
    }
}

#[test]
fn the_operations_of_named_identity_providers_are_changes_by_id() {
    let display = json!([{ "value": "v", "display": "v" }]);
    let entra = json!([{ "$ref": null, "value": "u" }]);
    each_means(vec![
        // Okta
        (
            json!({ "op": "remove", "path": "members[value eq \"u\"]" }),
            remove(&["u"]),
        ),
        (
            json!({ "op": "add", "path": "members", "value": display }),
            add(vec![user("v")]),
        ),
        (
            json!({ "op": "replace", "path": "members", "value": [] }),
            replace(vec![]),
        ),
        (
            json!({ "op": "replace", "path": "members", "value": entra }),
            replace(vec![user("u")]),
        ),
        // Entra, JumpCloud, authentik
        (
            json!({ "op": "Add", "path": "members", "value": entra }),
            add(vec![user("u")]),
        ),
        (
            json!({ "op": "Remove", "path": "members", "value": entra }),
            remove(&["u"]),
        ),
        // OneLogin, WSO2
        (
            json!({ "op": "add", "value": { "members": entra } }),
            add(vec![user("u")]),
        ),
        (
            json!({ "op": "replace", "value": { "MEMBERS": null } }),
            replace(vec![]),
        ),
    ]);
}

#[test]
fn other_ways_to_name_members_are_changes_by_id() {
    let path = format!("{}:members", schema::GROUP_URN);
    let group_by_type = json!({ "value": "g", "type": "group" });
    let group_by_address = json!([{ "value": "g", "$ref": "https://id.example/scim/Groups/g" }]);
    let either = "members[value eq \"u\" or value eq \"v\"]";
    each_means(vec![
        (
            json!({ "op": "remove", "path": "members" }),
            vec![MembershipChange::RemoveAll],
        ),
        (
            json!({ "op": "remove", "path": "members", "value": { "value": "u" } }),
            remove(&["u"]),
        ),
        (
            json!({ "op": "remove", "path": "members", "value": ["u", "v"] }),
            remove(&["u", "v"]),
        ),
        (
            json!({ "op": "remove", "path": either }),
            remove(&["u", "v"]),
        ),
        (
            json!({ "op": "add", "path": "members[value eq \"u\"]" }),
            add(vec![user("u")]),
        ),
        (
            json!({ "op": "add", "path": "members", "value": group_by_type }),
            add(vec![group("g")]),
        ),
        (
            json!({ "op": "add", "path": path, "value": group_by_address }),
            add(vec![group("g")]),
        ),
    ]);
}

#[test]
fn a_list_that_names_nobody_removes_nobody() {
    let lists = [
        json!([]),
        json!(null),
        json!({}),
        json!([{}]),
        json!([{ "value": null }]),
        json!(7),
    ];
    for value in lists {
        let operation = json!({ "op": "remove", "path": "members", "value": value });
        let expected = vec![MembershipChange::Remove(Vec::new())];
        assert_eq!(split(&json!([operation])).unwrap().0, expected, "{value}");
    }
}

#[test]
fn other_filters_are_left_to_whoever_knows_the_members() {
    for filter in [
        "display eq \"Ana\"",
        "type eq \"User\" and value eq \"u\"",
        "not (value eq \"u\")",
    ] {
        let operation = json!({ "op": "remove", "path": format!("members[{filter}]") });
        let (changes, _) = split(&json!([operation])).unwrap();
        let [MembershipChange::RemoveMatching(found)] = changes.as_slice() else {
            panic!("{filter}")
        };
        assert_eq!(found.to_string(), filter);
    }
}

#[test]
fn the_rest_of_the_request_stays_in_order() {
    let (changes, left) = split(&json!([
        { "op": "replace", "value": { "id": "g", "displayName": "A" } },
        { "op": "remove", "path": "members[value eq \"u\"]" },
        { "op": "replace", "value": { "displayName": "B", "members": [{ "value": "v" }] } },
        { "op": "replace", "path": "displayName", "value": "C" },
        { "op": "add", "path": "members", "value": [{ "value": "u" }] },
    ]))
    .unwrap();
    assert_eq!(
        changes,
        vec![
            MembershipChange::Remove(ids(&["u"])),
            MembershipChange::ReplaceAll(vec![user("v")]),
            MembershipChange::Add(vec![user("u")]),
        ]
    );
    let expected = vec![
        json!({ "id": "g", "displayName": "A" }),
        json!({ "displayName": "B" }),
        json!("C"),
    ];
    assert_eq!(left, expected);
}

#[test]
fn what_cannot_be_done_to_members_is_refused() {
    let cases = [
        (json!({ "op": "add", "path": "members" }), "invalidValue"),
        (
            json!({ "op": "replace", "path": "members" }),
            "invalidValue",
        ),
        (
            json!({ "op": "replace", "path": "members", "value": [{ "id": "u" }] }),
            "invalidValue",
        ),
        (
            json!({ "op": "add", "path": "members", "value": [{ "value": 7 }] }),
            "invalidValue",
        ),
        (
            json!({ "op": "add", "path": "members", "value": [{ "value": "u", "type": "Robot" }] }),
            "invalidValue",
        ),
        (
            json!({ "op": "add", "path": "members[display eq \"Ana\"]", "value": {} }),
            "invalidValue",
        ),
        (
            json!({ "op": "replace", "path": "members.value", "value": "u" }),
            "mutability",
        ),
        (
            json!({ "op": "replace", "path": "members[value eq \"u\"].display", "value": "A" }),
            "mutability",
        ),
        (
            json!({ "op": "remove", "path": "members[shoe eq \"u\"]" }),
            "invalidFilter",
        ),
        (json!({ "op": "remove", "path": "membres" }), "invalidPath"),
        (json!({ "op": "remove" }), "noTarget"),
        (
            json!({ "op": "add", "value": [{ "value": "u" }] }),
            "invalidValue",
        ),
    ];
    for (operation, scim_type) in cases {
        let refused = split(&json!([operation])).unwrap_err();
        assert_eq!(refused, scim_type, "{operation}");
    }
}

#[test]
fn a_body_is_parted_from_its_members() {
    let body = json!({ "displayName": "A", "Members": [{ "value": "u" }, null, { "value": "g", "type": "Group" }] });
    let (rest, members) = split_body(body.as_object().unwrap()).unwrap();
    assert_eq!(Value::Object(rest), json!({ "displayName": "A" }));
    assert_eq!(members, vec![user("u"), group("g")]);
    for body in [
        json!({}),
        json!({ "members": null }),
        json!({ "members": [] }),
    ] {
        assert_eq!(split_body(body.as_object().unwrap()).unwrap().1, vec![]);
    }
    let body = json!({ "members": [{ "display": "Ana" }] });
    assert_eq!(
        split_body(body.as_object().unwrap())
            .unwrap_err()
            .scim_type(),
        Some("invalidValue")
    );
}
