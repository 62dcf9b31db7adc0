use super::Departure;
use super::Departures;
use super::TABLE;
use crate::protocol::scim::filter_check;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::membership::split_patch;
use crate::protocol::scim::patch;
use crate::protocol::scim::patch_request::PATCH_OP_URN;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::resource;
use crate::protocol::scim::schema;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

#[test]
fn each_departure_has_its_own_name_and_a_sentence() {
    for (departure, name, sentence) in TABLE {
        assert_eq!(Departure::from_name(name), Some(departure));
        assert_eq!(departure.name(), name);
        assert!(sentence.ends_with('.'), "{sentence}");
    }
}

fn recorded(work: impl FnOnce(Leniency<'_>)) -> Vec<Departure> {
    let departures = Departures::default();
    work(Leniency::MICROSOFT_ENTRA.recorded(&departures));
    departures.list()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn request(operation: &Value) -> PatchRequest {
    let body = json!({ "schemas": [PATCH_OP_URN], "Operations": [operation] });
    PatchRequest::parse(&body).unwrap()
}

#[test]
fn a_request_by_the_letter_departs_from_nothing() {
    let body = json!({ "schemas": [schema::USER_URN], "id": "1", "userName": "ana", "active": true,
        "emails": [{ "value": "ana@acme.test", "type": "work" }] });
    let found = recorded(|leniency| {
        resource::create(&object(body), schema::user(), leniency).unwrap();
        let operation = json!({ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@b.test" });
        let current =
            object(json!({ "userName": "ana", "emails": [{ "value": "x", "type": "work" }] }));
        patch::apply(&current, &request(&operation), schema::user(), leniency).unwrap();
        filter_check::read("emails[value eq \"]. \"]", schema::user(), leniency).unwrap();
    });
    assert_eq!(found, []);
}

#[test]
fn what_a_body_departs_by_is_recorded() {
    let cases = [
        (json!({ "active": "False" }), Departure::BooleanString),
        (
            json!({ "emails": { "value": "a@b.test" } }),
            Departure::ValueWithoutArray,
        ),
        (
            json!({ "shoeSize": 44 }),
            Departure::UnknownAttributeIgnored,
        ),
        (
            json!({ "name": { "nick": "A" } }),
            Departure::UnknownAttributeIgnored,
        ),
        (
            json!({ schema::ENTERPRISE_USER_URN: { "manager": "7" } }),
            Departure::LooseComplexValue,
        ),
        (
            json!({ schema::ENTERPRISE_USER_URN: { "car": "7" } }),
            Departure::UnknownAttributeIgnored,
        ),
    ];
    for (part, departure) in cases {
        let mut body = object(json!({ "schemas": [], "userName": "ana" }));
        body.extend(object(part.clone()));
        let found = recorded(|leniency| {
            resource::create(&body, schema::user(), leniency).unwrap();
        });
        assert_eq!(found, [departure], "{part}");
    }
    let found = recorded(|leniency| {
        resource::create(
            &object(json!({ "userName": "ana" })),
            schema::user(),
            leniency,
        )
        .unwrap();
    });
    assert_eq!(found, [Departure::SchemasMissing]);
}

#[test]
fn what_an_operation_departs_by_is_recorded() {
    let work = "emails[type eq \"work\"].value";
    let cases = [
        (
            json!({ "op": "replace", "path": work, "value": "x" }),
            Departure::ReplaceCreatedElement,
        ),
        (
            json!({ "op": "add", "path": work, "value": "x" }),
            Departure::AddCreatedElement,
        ),
        (
            json!({ "op": "remove", "path": "photos", "value": [{ "value": "x" }] }),
            Departure::RemoveByValue,
        ),
        (
            json!({ "op": "Replace", "path": "active", "value": false }),
            Departure::OperationSpelling,
        ),
        (
            json!({ "op": "replace", "value": { "name.givenName": "Ana" } }),
            Departure::KeyAsPath,
        ),
        (
            json!({ "op": "replace", "value": { "id": "7" } }),
            Departure::ReadOnlyIgnored,
        ),
        (
            json!({ "op": "replace", "value": { "shoeSize": 44 } }),
            Departure::UnknownAttributeIgnored,
        ),
        (
            json!({ "op": "replace", "path": "department", "value": "R&D" }),
            Departure::ExtensionAttributeWithoutUrn,
        ),
    ];
    let current = object(json!({ "userName": "ana" }));
    for (operation, departure) in cases {
        let found = recorded(|leniency| {
            patch::apply(&current, &request(&operation), schema::user(), leniency).unwrap();
        });
        assert_eq!(found, [departure], "{operation}");
    }
}

#[test]
fn what_a_filter_or_a_change_of_members_departs_by_is_recorded() {
    let cases = [
        ("members eq \"7\"", Departure::ValueComparedDirectly),
        (
            "members[type eq \"User\"].value eq \"7\"",
            Departure::FilteredSubAttribute,
        ),
    ];
    for (text, departure) in cases {
        let found = recorded(|leniency| {
            filter_check::read(text, schema::group(), leniency).unwrap();
        });
        assert_eq!(found, [departure], "{text}");
    }
    let cases = [
        (
            json!({ "op": "remove", "path": "members", "value": [{ "value": "7" }] }),
            Departure::RemoveByValue,
        ),
        (
            json!({ "op": "add", "path": "members[value eq \"7\"]" }),
            Departure::AddCreatedElement,
        ),
        (
            json!({ "op": "ADD", "path": "members", "value": [{ "value": "7" }] }),
            Departure::OperationSpelling,
        ),
    ];
    for (operation, departure) in cases {
        let found = recorded(|leniency| {
            split_patch(&request(&operation), schema::group(), leniency).unwrap();
        });
        assert_eq!(found, [departure], "{operation}");
    }
}
