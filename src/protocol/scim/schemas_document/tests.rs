use super::read;
use crate::protocol::scim::attribute_name::AttributeName;
use crate::protocol::scim::discovery;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::resource::create;
use crate::protocol::scim::resource::replace;
use crate::protocol::scim::schema;
use crate::protocol::scim::schema::Mutability;
use crate::protocol::scim::schema::Returned;
use crate::protocol::scim::schemas::Schemas;
use proptest::prelude::*;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

const URN: &str = "urn:example:2.0:Badge";

/// One schema with these attributes, as an extension of User.
fn extension(attributes: Value) -> Value {
    json!({
        "schemas": [{ "id": URN, "attributes": attributes }],
        "resource_types": [{ "name": "User", "schemaExtensions": [{ "schema": URN }] }],
    })
}

/// One schema, as the main one of a resource type with these fields besides.
fn custom(fields: Value) -> Value {
    let mut kind = json!({ "name": "Device", "endpoint": "/Devices", "schema": URN });
    let fields = fields.as_object().unwrap().clone();
    kind.as_object_mut().unwrap().extend(fields);
    json!({
        "schemas": [{ "id": URN, "attributes": [{ "name": "number" }] }],
        "resource_types": [kind],
    })
}

fn complaint(documents: &Value) -> String {
    read(documents).unwrap_err().to_string()
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_rfc() {
    let schemas = read(&extension(json!([
        { "name": "number" },
        { "name": "picture", "type": "reference", "referenceTypes": ["external"] },
        { "name": "pin", "mutability": "writeOnly" },
    ])))
    .unwrap();
    let badge = schemas.user().extension(URN).unwrap();
    assert_eq!(
        (badge.name.as_str(), badge.description.as_str()),
        ("Badge", "")
    );
    let stated = json!({
        "name": "number", "type": "string", "multiValued": false, "description": "",
        "required": false, "caseExact": false, "mutability": "readWrite",
        "returned": "default", "uniqueness": "none",
    });
    assert_eq!(badge.document["attributes"][0], stated);
    assert!(badge.attribute("picture").unwrap().case_exact);
    let pin = badge.attribute("pin").unwrap();
    assert_eq!(
        (pin.mutability, pin.returned),
        (Mutability::WriteOnly, Returned::Never)
    );
    assert!(schemas.group().extension(URN).is_none());
}

#[test]
fn complete_documents_are_read_as_they_are() {
    let once = read(&custom(json!({
        "description": "A thing.",
        "schemaExtensions": [{ "schema": schema::ENTERPRISE_USER_URN, "required": true }],
    })))
    .unwrap();
    let again = read(once.documents()).unwrap();
    assert_eq!(again, once);
    let nothing = json!({ "schemas": [], "resource_types": [] });
    assert_eq!(read(&nothing).unwrap(), Schemas::default());
    assert_eq!(read(&json!({})).unwrap().documents(), &nothing);
}

#[test]
fn what_is_wrong_with_an_attribute_is_named() {
    let sub = |part: Value| json!({ "name": "a", "type": "complex", "multiValued": true, "subAttributes": [part] });
    let cases = [
        (json!({}), "name` is required"),
        (json!({ "name": "1a" }), "name` must begin with a letter"),
        (json!({ "name": "a b" }), "name` must begin with a letter"),
        (json!({ "name": "$ref" }), "name` must begin with a letter"),
        (
            json!({ "name": "ID" }),
            "name` is an attribute that every resource has",
        ),
        (
            json!({ "name": "a", "type": "text" }),
            "type` must be one of string, boolean",
        ),
        (json!({ "name": "a", "type": 5 }), "type` must be a string"),
        (
            json!({ "name": "a", "multivalued": true }),
            "multivalued` means nothing here",
        ),
        (
            json!({ "name": "a", "required": "yes" }),
            "required` must be true or false",
        ),
        (
            json!({ "name": "a", "canonicalValues": [1] }),
            "canonicalValues` must be an array of",
        ),
        (
            json!({ "name": "a", "mutability": "mutable" }),
            "mutability` must be one of readOnly",
        ),
        (
            json!({ "name": "a", "returned": "ever" }),
            "returned` must be one of always",
        ),
        (
            json!({ "name": "a", "uniqueness": "global" }),
            "uniqueness` \"global\" cannot be",
        ),
        (
            json!({ "name": "a", "type": "reference" }),
            "referenceTypes` must say what",
        ),
        (
            json!({ "name": "a", "type": "complex" }),
            "subAttributes` must list at least one",
        ),
        (
            json!({ "name": "a", "type": "complex", "uniqueness": "server",
                "subAttributes": [{ "name": "b" }] }),
            "uniqueness` belongs on a sub-attribute",
        ),
        (
            json!({ "name": "a", "subAttributes": [{ "name": "b" }] }),
            "subAttributes` belong to attributes of type complex",
        ),
        (
            sub(json!({ "name": "b", "type": "complex", "subAttributes": [{ "name": "c" }] })),
            "subAttributes[0].type` cannot be complex",
        ),
        (
            json!({ "name": "a", "mutability": "writeOnly", "returned": "always" }),
            "returned` must be \"never\"",
        ),
        (
            json!({ "name": "a", "mutability": "writeOnly", "required": true }),
            "required` cannot be true for a writeOnly",
        ),
    ];
    for (attribute, complaint_part) in cases {
        let complaint = complaint(&extension(json!([attribute])));
        assert!(complaint.contains(complaint_part), "{complaint}");
        assert!(
            complaint.starts_with("`schemas[0].attributes[0]."),
            "{complaint}"
        );
    }
    let twice = complaint(&extension(json!([{ "name": "a" }, { "name": "A" }])));
    assert!(
        twice.starts_with("`schemas[0].attributes[1].name` is the name of another"),
        "{twice}"
    );
    assert!(read(&extension(json!([sub(json!({ "name": "$ref" }))]))).is_ok());
}

#[test]
fn what_is_wrong_with_a_resource_type_is_named() {
    let urn = "urn:example:2.0:Nothing";
    let cases = [
        (
            json!({ "name": "Schema" }),
            "name` is the name of something else",
        ),
        (
            json!({ "name": "role" }),
            "name` is the name of something else",
        ),
        (
            json!({ "name": "user" }),
            "name` is the name of something else",
        ),
        (json!({ "name": "a/b" }), "name` must begin with a letter"),
        (
            json!({ "endpoint": "Devices" }),
            "endpoint` must be \"/\" and a word",
        ),
        (
            json!({ "endpoint": "/a/b" }),
            "endpoint` must be \"/\" and a word",
        ),
        (
            json!({ "endpoint": "/.search" }),
            "endpoint` must be \"/\" and a word",
        ),
        (
            json!({ "endpoint": "/users" }),
            "endpoint` is the address of something else",
        ),
        (
            json!({ "endpoint": "/connection" }),
            "endpoint` is the address of something else",
        ),
        (
            json!({ "schema": urn }),
            "schema` must be the `id` of one of `schemas`",
        ),
        (
            json!({ "schemaExtensions": [{ "schema": URN }] }),
            "and not the main schema",
        ),
        (
            json!({ "schemaExtensions": [{ "schema": urn }] }),
            "schema` must be the `id`",
        ),
        (
            json!({ "schemaExtensions": [{ "schema": schema::ENTERPRISE_USER_URN, "needed": 1 }] }),
            "needed` means nothing here",
        ),
    ];
    for (fields, complaint_part) in cases {
        let complaint = complaint(&custom(fields));
        assert!(complaint.contains(complaint_part), "{complaint}");
        assert!(complaint.starts_with("`resource_types[0]."), "{complaint}");
    }
}

#[test]
fn urns_are_unique_and_cannot_be_taken_for_names() {
    let cases = [
        ("example:Badge", "must be a URN"),
        ("urn:Badge", "must be a URN"),
        ("urn:example:a b", "must be a URN"),
        (schema::USER_URN, "is the URN of another schema"),
        ("URN:EXAMPLE:2.0:BADGE", "is the URN of another schema"),
        (
            "urn:example:2.0:Badge:NUMBER",
            "cannot be told from an attribute's name",
        ),
        (
            "urn:ietf:params:scim:api:messages:2.0:X",
            "is a URN of messages",
        ),
    ];
    for (urn, complaint_part) in cases {
        let mut documents = extension(json!([{ "name": "number" }]));
        let second = json!({ "id": urn, "attributes": [{ "name": "color" }] });
        documents["schemas"].as_array_mut().unwrap().push(second);
        let complaint = complaint(&documents);
        assert!(complaint.starts_with("`schemas[1].id`"), "{complaint}");
        assert!(complaint.contains(complaint_part), "{complaint}");
    }
}

#[test]
fn a_schema_that_nothing_names_is_refused() {
    let mut documents = extension(json!([{ "name": "number" }]));
    documents["resource_types"] = json!([]);
    assert!(complaint(&documents).starts_with("`schemas[0].id` is named by no entry"));
}

#[test]
fn documents_are_limited_in_size() {
    let names = |count: usize| -> Value {
        let names = (0..count).map(|number| json!({ "name": format!("a{number}") }));
        names.collect()
    };
    assert!(read(&extension(names(200))).is_ok());
    assert!(complaint(&extension(names(201))).contains("at most 200 are accepted"));
    let mut half = names(101);
    for attribute in half.as_array_mut().unwrap() {
        attribute["type"] = json!("complex");
        attribute["subAttributes"] = json!([{ "name": "value" }]);
    }
    assert!(complaint(&extension(half)).contains("are 202 with their sub-attributes"));
    let schema = json!({ "id": URN, "attributes": [{ "name": "number" }] });
    let many = json!({ "schemas": vec![schema; 21] });
    assert_eq!(
        complaint(&many),
        "`schemas` has 21 entries; at most 20 are accepted"
    );
    let long = extension(json!([{ "name": "a", "description": "x".repeat(256 * 1024) }]));
    assert!(complaint(&long).contains("at most 262144 are accepted"));
}

#[test]
fn required_extensions_are_there_on_create_and_replace() {
    let mut documents = extension(json!([{ "name": "number", "required": true }]));
    documents["resource_types"][0]["schemaExtensions"][0]["required"] = json!(true);
    let schemas = read(&documents).unwrap();
    let (kind, strict) = (schemas.user(), Leniency::STRICT);
    let without = object(json!({ "userName": "ana" }));
    let with = object(json!({ "userName": "ana", URN: { "number": "1" } }));
    let blank = object(json!({ "userName": "ana", URN: { "number": " " } }));
    let kept = create(&with, kind, strict).unwrap();
    for body in [&without, &blank] {
        let refused = [
            create(body, kind, strict),
            replace(&kept, body, kind, strict),
        ];
        for refused in refused {
            assert_eq!(refused.unwrap_err().scim_type(), Some("invalidValue"));
        }
    }
    assert!(replace(&kept, &with, kind, strict).is_ok());
}

#[test]
fn required_parts_are_in_each_value() {
    let schemas = read(&extension(json!([{ "name": "doors", "type": "complex",
        "multiValued": true, "subAttributes": [
            { "name": "value", "required": true }, { "name": "floor", "type": "integer" }] }])))
    .unwrap();
    let user = |doors: Value| object(json!({ "userName": "ana", URN: { "doors": doors } }));
    let made = |doors: Value| create(&user(doors), schemas.user(), Leniency::STRICT);
    assert!(made(json!([{ "value": "a" }, { "value": "b", "floor": 1 }])).is_ok());
    let refused = made(json!([{ "value": "a" }, { "floor": 1 }])).unwrap_err();
    assert!(
        refused.detail().contains("in `doors`: `value` is required"),
        "{refused}"
    );
}

#[test]
fn discovery_shows_what_a_connection_declares() {
    let schemas = read(&custom(json!({}))).unwrap();
    let base = "https://id.example/scim";
    let described = discovery::resource_type(&schemas, "Device", base).unwrap();
    assert_eq!(described["endpoint"], json!("/Devices"));
    let listed = discovery::schemas(&schemas, base);
    assert!(
        listed
            .iter()
            .any(|schema| schema["id"] == described["schema"])
    );
    assert!(discovery::schema(&schemas, URN, base).is_some());
    assert_eq!(discovery::schema(&Schemas::default(), URN, base), None);
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn attributes() -> impl Strategy<Value = Vec<Value>> {
    let kinds = prop::sample::select(vec!["string", "boolean", "integer", "dateTime"]);
    let mutability = prop::sample::select(vec!["readWrite", "readOnly", "immutable"]);
    let one = (
        "[a-zA-Z][a-zA-Z0-9_-]{0,8}",
        kinds,
        any::<bool>(),
        any::<bool>(),
        mutability,
    );
    prop::collection::vec(one, 1..8).prop_map(|drawn| {
        let named = (0..).zip(drawn);
        named
            .map(|(number, (name, kind, many, exact, mutability))| {
                json!({ "name": format!("{name}_{number}"), "type": kind, "multiValued": many,
                    "caseExact": exact, "mutability": mutability })
            })
            .collect()
    })
}

proptest! {
    /// Whatever JSON comes, it is read or refused, and what was read is read again alike.
    #[test]
    fn reading_is_stable(attributes in attributes()) {
        let once = read(&extension(Value::Array(attributes))).unwrap();
        prop_assert_eq!(&read(once.documents()).unwrap(), &once);
    }

    /// Each attribute is found by its qualified name in any case, and by nothing shorter.
    #[test]
    fn every_attribute_is_found_by_its_urn(attributes in attributes()) {
        let schemas = read(&extension(Value::Array(attributes.clone()))).unwrap();
        for attribute in &attributes {
            let name = attribute["name"].as_str().unwrap();
            let qualified = format!("{}:{}", URN.to_uppercase(), name.to_lowercase());
            let found = AttributeName::parse(&qualified).unwrap();
            let found = found.resolve(schemas.user(), Leniency::STRICT).unwrap();
            prop_assert_eq!(found.name().to_string(), format!("{URN}:{name}"));
            let bare = AttributeName::parse(name).unwrap();
            prop_assert!(bare.resolve(schemas.user(), Leniency::STRICT).is_none());
        }
    }

    /// A damaged document is refused with the place that is wrong, and never accepted by half.
    #[test]
    fn a_wrong_word_is_refused_where_it_stands(
        attributes in attributes(),
        place in any::<prop::sample::Index>(),
        field in prop::sample::select(vec!["type", "mutability", "returned", "uniqueness"]),
    ) {
        let mut attributes = attributes;
        let place = place.index(attributes.len());
        attributes[place][field] = json!("sometimes");
        let refused = read(&extension(Value::Array(attributes))).unwrap_err();
        prop_assert_eq!(refused.field, format!("schemas[0].attributes[{place}].{field}"));
    }
}
