//! What is kept of a body, and what is shown of it.

use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::representation::Metadata;
use crate::protocol::scim::representation::represent;
use crate::protocol::scim::resource::create;
use crate::protocol::scim::resource::email_of;
use crate::protocol::scim::resource::is_active;
use crate::protocol::scim::resource::replace;
use crate::protocol::scim::schema;
use crate::protocol::scim::schema::Extension;
use crate::protocol::scim::schema::Schema;
use chrono::TimeZone;
use chrono::Utc;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;

const ENTERPRISE: &str = schema::ENTERPRISE_USER_URN;

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn created(body: Value, leniency: Leniency) -> Result<Value, String> {
    let kept = create(&object(body), schema::user(), leniency);
    kept.map(Value::Object).map_err(|error| error.to_string())
}

#[test]
fn oktas_create_request_is_kept_without_what_is_not_the_clients() {
    let body = json!({
        "schemas": [schema::USER_URN],
        "USERNAME": "Ana@Acme.test",
        "name": { "givenName": "Ana", "familyName": "" },
        "emails": [{ "primary": true, "value": "Ana@Acme.test", "type": "work", "display": "Ana" }],
        "externalId": "00u1", "locale": "en-US", "groups": [], "password": "Xy7!", "active": false,
        "id": "chosen-by-client", "meta": { "resourceType": "User" },
        "shoeSize": 42, "urn:custom:2.0:User": { "a": 1 },
    });
    let expected = json!({
        "userName": "Ana@Acme.test",
        "name": { "givenName": "Ana", "familyName": "" },
        "emails": [{ "primary": true, "value": "Ana@Acme.test", "type": "work", "display": "Ana" }],
        "externalId": "00u1", "locale": "en-US", "active": false,
    });
    assert_eq!(created(body, Leniency::STRICT), Ok(expected));
}

#[test]
fn entras_shapes_of_manager_become_one() {
    let expected = json!({
        "userName": "ana", ENTERPRISE: { "manager": { "value": "7" } }, "active": true,
    });
    for manager in [
        json!("7"),
        json!([{ "value": "7" }]),
        json!({ "value": "7", "displayName": "B" }),
    ] {
        let body = json!({ "userName": "ana", ENTERPRISE: { "manager": manager } });
        assert_eq!(
            created(body, Leniency::MICROSOFT_ENTRA),
            Ok(expected.clone())
        );
    }
    let body = json!({ "userName": "ana", ENTERPRISE: { "manager": "7" } });
    assert!(
        created(body, Leniency::STRICT)
            .unwrap_err()
            .contains("`manager` must be an object")
    );
}

#[test]
fn incomplete_or_ambiguous_bodies_are_refused() {
    let cases = [
        (json!({}), "`userName` is required"),
        (json!({ "userName": null }), "`userName` is required"),
        (json!({ "userName": " " }), "`userName` is required"),
        (
            json!({ "userName": "a", ENTERPRISE: "x" }),
            "must be an object with the extension's",
        ),
        (
            json!({ "userName": "a", "emails": [
                { "value": "x", "primary": true }, { "value": "y", "primary": true },
            ] }),
            "more than one value with `primary` true",
        ),
    ];
    for (body, complaint) in cases {
        let refused = created(body, Leniency::STRICT).unwrap_err();
        assert!(refused.starts_with("invalidValue: "), "{refused}");
        assert!(refused.contains(complaint), "{refused}");
    }
}

#[test]
fn an_attribute_that_is_spelt_in_two_ways_is_refused() {
    for body in [
        json!({ "userName": "a", "username": "b" }),
        json!({ "userName": "a", "name": { "givenName": "a", "GivenName": "b" } }),
        json!({ "userName": "a", "emails": [{ "value": "a", "VALUE": "b" }] }),
        json!({ "userName": "a", ENTERPRISE: { "department": "a", "DEPARTMENT": "b" } }),
    ] {
        let refused = created(body, Leniency::STRICT).unwrap_err();
        assert!(refused.starts_with("invalidSyntax: "), "{refused}");
        assert!(refused.contains("comes twice"), "{refused}");
    }
    let one_is_null = json!({ "userName": "a", "USERNAME": null });
    assert!(created(one_is_null, Leniency::STRICT).is_ok());
}

#[test]
fn replacing_clears_what_is_left_out_except_booleans() {
    let current = object(json!({
        "userName": "ana", "title": "Dr.", "active": false, ENTERPRISE: { "department": "A" },
    }));
    let body = object(json!({ "userName": "ana2", "name": { "givenName": "Ana" } }));
    let replaced = replace(&current, &body, schema::user(), Leniency::STRICT).unwrap();
    let expected = json!({ "userName": "ana2", "name": { "givenName": "Ana" }, "active": false });
    assert_eq!(Value::Object(replaced), expected);
}

#[test]
fn replacing_with_what_was_shown_changes_nothing() {
    let current = object(json!({
        "userName": "ana", "emails": [{ "value": "x", "type": "work" }], "active": true,
        ENTERPRISE: { "manager": { "value": "7" } },
    }));
    let shown = represent(&current, &metadata(), schema::user());
    assert_eq!(
        replace(&current, &shown, schema::user(), Leniency::STRICT),
        Ok(current)
    );
}

#[test]
fn immutable_attributes_are_set_once() {
    let mut kind = schema::user().clone();
    let badge = Schema::parse(
        r#"{ "id": "urn:example:Badge", "name": "Badge", "description": "", "attributes": [
                { "name": "number", "type": "string", "multiValued": false, "required": false,
                  "caseExact": true, "mutability": "immutable", "returned": "default" }] }"#,
    )
    .unwrap();
    kind.extensions = vec![Extension {
        schema: Arc::new(badge),
        required: false,
    }];
    let body = |number: Value| {
        object(json!({ "userName": "a", "urn:example:Badge": { "number": number } }))
    };
    let current = create(&body(json!("1")), &kind, Leniency::STRICT).unwrap();
    let put = |body: Map<String, Value>| replace(&current, &body, &kind, Leniency::STRICT);
    assert_eq!(put(body(json!("1"))), Ok(current.clone()));
    assert_eq!(put(object(json!({ "userName": "a" }))), Ok(current.clone()));
    assert_eq!(
        put(body(json!("2"))).unwrap_err().scim_type(),
        Some("mutability")
    );
}

fn metadata() -> Metadata {
    Metadata {
        id: "1".to_owned(),
        created: Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap(),
        last_modified: Utc.with_ymd_and_hms(2026, 2, 3, 4, 5, 6).unwrap(),
        location: "https://id.example/scim/Users/1".to_owned(),
        version: 3,
    }
}

#[test]
fn a_resource_is_shown_with_its_schemas_and_metadata() {
    let kept = object(json!({ "userName": "ana", ENTERPRISE: { "department": "A" } }));
    let shown = represent(&kept, &metadata(), schema::user());
    let expected = json!({
        "schemas": [schema::USER_URN, ENTERPRISE],
        "id": "1",
        "userName": "ana",
        ENTERPRISE: { "department": "A" },
        "meta": {
            "resourceType": "User",
            "created": "2026-01-02T03:04:05.000Z",
            "lastModified": "2026-02-03T04:05:06.000Z",
            "location": "https://id.example/scim/Users/1",
            "version": "W/\"3\"",
        },
    });
    assert_eq!(Value::Object(shown), expected);
    let plain = represent(
        &object(json!({ "userName": "ana" })),
        &metadata(),
        schema::user(),
    );
    assert_eq!(plain.get("schemas"), Some(&json!([schema::USER_URN])));
}

#[test]
fn the_address_of_a_user_is_found_in_order_of_preference() {
    let home = json!({ "value": "home@a.test", "type": "home" });
    let work = json!({ "value": "work@a.test", "type": "Work" });
    let primary = json!({ "value": "first@a.test", "primary": true });
    let cases = [
        (
            json!({ "emails": [home, work, primary] }),
            Some("first@a.test"),
        ),
        (json!({ "emails": [home, work] }), Some("work@a.test")),
        (json!({ "emails": [home] }), Some("home@a.test")),
        (
            json!({ "emails": [{ "type": "work" }, home] }),
            Some("home@a.test"),
        ),
        (json!({ "userName": "ana@a.test" }), Some("ana@a.test")),
        (
            json!({ "userName": "ana@a.test", "emails": [{ "type": "work" }] }),
            Some("ana@a.test"),
        ),
        (json!({ "userName": "ana" }), None),
        (json!({ "userName": "@" }), None),
        (json!({ "userName": "a@b@c" }), None),
    ];
    for (user, expected) in cases {
        assert_eq!(email_of(user.as_object().unwrap()), expected, "{user}");
    }
}

#[test]
fn only_an_explicit_false_makes_a_user_inactive() {
    for (user, expected) in [
        (json!({}), true),
        (json!({ "active": true }), true),
        (json!({ "active": false }), false),
    ] {
        assert_eq!(is_active(user.as_object().unwrap()), expected);
    }
}
