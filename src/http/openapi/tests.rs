use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::http::openapi::completion::beyond_the_contract;
use crate::http::openapi::completion::on_behalf_of_a_member;
use crate::http::openapi::reading::Operation;
use crate::http::openapi::reading::items;
use crate::http::openapi::reading::members;
use crate::http::openapi::reading::operations;
use crate::http::openapi::reading::reference;
use crate::http::openapi::reading::schema;
use crate::http::openapi::reading::text;

fn calls() -> BTreeMap<&'static str, Operation<'static>> {
    let described = operations(document()).into_iter();
    described.map(|it| (it.text("operationId"), it)).collect()
}

fn facts(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn contract_calls() -> Value {
    facts(include_str!("../../../fixtures/contract/calls.json"))
}

#[test]
fn no_two_types_share_a_name() {
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    for calls in management::calls() {
        let calls = serde_json::to_value(calls).unwrap();
        for (name, schema) in members(calls.pointer("/components/schemas")) {
            let before = known.insert(name.clone(), schema.clone());
            assert!(
                before.is_none_or(|it| it == *schema),
                "two different {name}"
            );
        }
    }
}

#[test]
fn each_call_is_where_the_contract_has_it() {
    let calls = calls();
    for call in items(Some(&contract_calls())) {
        let name = call["call"].as_str().unwrap();
        let Some(operation) = calls.get(name) else {
            continue;
        };
        let wanted = (
            call["method"].as_str().unwrap(),
            call["path"].as_str().unwrap(),
        );
        assert_eq!((operation.method, operation.path), wanted, "{name}");
    }
    for (name, operation) in calls {
        let inside = operation.path.split('{').skip(1);
        let inside: BTreeSet<&str> = inside
            .filter_map(|it| Some(it.split_once('}')?.0))
            .collect();
        let in_path = items(operation.fields.get("parameters")).filter(|it| it["in"] == "path");
        let described: BTreeSet<&str> = in_path.map(|it| text(&it["name"])).collect();
        assert_eq!(inside, described, "{name}");
        assert!(!operation.text("summary").is_empty(), "{name}");
    }
}

#[test]
fn a_member_session_may_be_given_where_the_contract_says() {
    let contract = contract_calls();
    let on_behalf = items(Some(&contract)).filter(|it| it["on_behalf_of_a_member"] == true);
    let wanted: BTreeSet<&str> = on_behalf.map(|it| text(&it["call"])).collect();
    let ours: BTreeSet<&str> = on_behalf_of_a_member().iter().copied().collect();
    assert_eq!(ours, wanted);
    for (name, operation) in calls() {
        let headers = items(operation.fields.get("parameters")).filter(|it| !it["$ref"].is_null());
        assert_eq!(
            headers.count(),
            if ours.contains(name) || beyond_the_contract().contains(&name) {
                2
            } else {
                0
            },
            "{name}"
        );
    }
}

#[test]
fn each_answer_has_what_typed_clients_refuse_to_miss() {
    let (contract, calls) = (contract_calls(), calls());
    let objects = facts(include_str!("../../../fixtures/contract/answers.json"));
    let mut all_missing = Vec::new();
    for call in items(Some(&contract)) {
        let Some(object) = call["answer"].as_str() else {
            continue;
        };
        let name = text(&call["call"]);
        let mut missing = Vec::new();
        let answer = calls[name].answer().unwrap();
        compare(answer, object, &objects, &mut (Vec::new(), &mut missing));
        all_missing.extend(missing.iter().map(|place| format!("{name}: {place}")));
    }
    assert_eq!(all_missing, [""; 0]);
}

/// Walks one of our schemas beside one of the contract's objects.
fn compare(
    ours: &Value,
    object: &str,
    objects: &Value,
    (path, missing): &mut (Vec<String>, &mut Vec<String>),
) {
    let shape = Shape::of(ours);
    let wanted = &objects[object];
    for name in items(Some(&wanted["required"])).map(text) {
        let field = shape
            .fields
            .get(name)
            .filter(|_| shape.required.contains(name));
        if field.is_none_or(may_be_null) {
            missing.push(format!("{}/{name}", path.join("/")));
        }
    }
    for (name, inner) in members(Some(&wanted["inner"])) {
        if let Some(field) = shape.fields.get(name.as_str()) {
            path.push(name.clone());
            compare(field, text(inner), objects, &mut (path.clone(), missing));
            path.pop();
        }
    }
}

fn may_be_null(schema: &Value) -> bool {
    let type_is_null = |it: &Value| it["type"] == "null";
    items(schema.get("type")).any(|it| it == "null") || items(schema.get("oneOf")).any(type_is_null)
}

/// The fields of an object, whatever it is composed of; of the items of a list or a map.
#[derive(Default)]
struct Shape {
    fields: BTreeMap<String, Value>,
    required: BTreeSet<String>,
}

impl Shape {
    fn of(schema: &Value) -> Self {
        let mut shape = Self::default();
        shape.add(schema);
        shape
    }

    fn add(&mut self, part: &Value) {
        if let Some(name) = reference(part) {
            self.add(schema(document(), name).unwrap());
        }
        for all in ["allOf", "oneOf", "anyOf"] {
            items(part.get(all)).for_each(|inner| self.add(inner));
        }
        for inner in ["items", "additionalProperties"] {
            part.get(inner)
                .into_iter()
                .for_each(|inner| self.add(inner));
        }
        for (name, field) in members(part.get("properties")) {
            self.fields.insert(name.clone(), field.clone());
        }
        self.required
            .extend(items(part.get("required")).map(|it| text(it).to_owned()));
    }
}

/// Served and not described: an alias of a route that is.
const UNDESCRIBED: [&str; 2] = ["/v1/sessions/jwks/{}", "/v1/public/{}/oauth2/token"];

#[test]
fn every_route_of_the_management_api_is_described() {
    let tables = [
        include_str!("../management/discovery.rs"),
        include_str!("../management/domains.rs"),
        include_str!("../management/email_codes.rs"),
        include_str!("../management/explanations.rs"),
        include_str!("../management/foreign_tokens.rs"),
        include_str!("../management/m2m_routes.rs"),
        include_str!("../management/magic_links.rs"),
        include_str!("../management/oauth.rs"),
        include_str!("../management/password_discovery.rs"),
        include_str!("../management/password_resets.rs"),
        include_str!("../management/password_sign_in.rs"),
        include_str!("../management/passwords.rs"),
        include_str!("../management/member_routes.rs"),
        include_str!("../management/mod.rs"),
        include_str!("../management/refusals.rs"),
        include_str!("../management/saml_routes.rs"),
        include_str!("../management/second_factor_routes.rs"),
        include_str!("../management/portal_links.rs"),
        include_str!("../management/sso_routes.rs"),
    ];
    let routes = tables.map(|table| table.split_once("fn routes").unwrap().1);
    let routes = routes.concat();
    let described: BTreeSet<(String, String)> = operations(document())
        .iter()
        .map(|it| (it.method.to_lowercase(), without_names(it.path)))
        .collect();
    let mut served = BTreeSet::new();
    for route in routes.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap();
        let method = route.split_once("().to(").unwrap().0;
        let method = method.rsplit(|c: char| !c.is_alphabetic()).next().unwrap();
        served.insert((method.to_owned(), without_names(path)));
    }
    let is_exempt = |(_, path): &&(String, String)| UNDESCRIBED.contains(&path.as_str());
    let missing: Vec<_> = served
        .difference(&described)
        .filter(|it| !is_exempt(it))
        .collect();
    assert!(missing.is_empty(), "not described: {missing:#?}");
    let invented: Vec<_> = described.difference(&served).collect();
    assert!(invented.is_empty(), "not served: {invented:#?}");
}

#[test]
fn the_description_that_is_checked_in_is_this_one() {
    let known = include_str!("../../../docs/openapi.json");
    let is_same = known.trim_end() == format!("{:#}", document());
    assert!(
        is_same,
        "`cargo run -- openapi >docs/openapi.json` brings the file up to date"
    );
}

fn without_names(path: &str) -> String {
    let parts = path.split('/');
    let parts: Vec<_> = parts
        .map(|it| if it.starts_with('{') { "{}" } else { it })
        .collect();
    parts.join("/")
}

#[test]
fn each_body_has_an_example_that_fits_it() {
    for (name, operation) in calls() {
        let Some(body) = operation.body() else {
            continue;
        };
        let media = &operation.fields["requestBody"]["content"]["application/json"];
        assert!(media["example"].is_object(), "{name} has no example");
        let mut root = body.clone();
        root["components"] = document()["components"].clone();
        let validator = jsonschema::draft202012::new(&root).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&media["example"])
            .map(|it| it.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let fields = Shape::of(body).fields;
        for (field, _) in members(media.get("example")) {
            assert!(fields.contains_key(field), "{name} has no {field}");
        }
    }
}

#[test]
fn an_answer_has_every_field_and_a_request_may_leave_some_out() {
    let mut document = json!({
        "paths": { "/": { "post": {
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Ask" } } } },
            "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Both" } } } } }
        } } },
        "components": { "schemas": {
            "Ask": { "properties": { "both": { "$ref": "#/components/schemas/Both" }, "same": { "$ref": "#/components/schemas/Same" } } },
            "Both": { "properties": { "inner": { "$ref": "#/components/schemas/Inner" }, "same": { "$ref": "#/components/schemas/Same" } } },
            "Inner": { "properties": { "a": {}, "b": { "default": null } }, "required": ["a"] },
            "Same": { "properties": { "c": {} }, "required": ["c"] }
        } }
    });
    directions::part(&mut document);
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Inner"]["required"], json!(["a", "b"]));
    assert_eq!(schemas["InnerGiven"]["required"], json!(["a"]));
    assert_eq!(schemas["InnerGiven"]["properties"]["b"], json!({}));
    assert_eq!(
        schemas["Both"]["properties"]["inner"]["$ref"],
        "#/components/schemas/Inner"
    );
    assert_eq!(
        schemas["BothGiven"]["properties"]["inner"]["$ref"],
        "#/components/schemas/InnerGiven"
    );
    assert_eq!(
        schemas["Ask"]["properties"]["both"]["$ref"],
        "#/components/schemas/BothGiven"
    );
    assert_eq!(
        schemas["Ask"]["properties"]["same"]["$ref"],
        "#/components/schemas/Same"
    );
    assert!(schemas["SameGiven"].is_null());
}
