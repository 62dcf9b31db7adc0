//! Every answer of the management API is held against the API's description: its status, its type,
//! every field, and no field besides.

use std::collections::HashMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;
use serde_json::json;
use vestibule::http::openapi::document;

use crate::support::Answer;

/// Served and not described: an alias of a route that is.
const UNDESCRIBED: [&str; 1] = ["/v1/sessions/jwks/{project_id}"];

/// Fails unless the description allows this answer to this request. A refusal looks the same
/// everywhere, where nothing is served too.
pub fn check(method: &str, path: &str, answer: &Answer) {
    if !is_management(path) {
        return;
    }
    let told = || format!("{method} {path} -> {}: {}", answer.status, answer.text);
    let validator = if (400..600).contains(&answer.status) {
        refusal()
    } else {
        assert_eq!(answer.status, 200, "{}", told());
        let Some(operation) = operation(method, path) else {
            let is_known = UNDESCRIBED.iter().any(|route| fits(route, path));
            assert!(is_known, "not described: {}", told());
            return;
        };
        &operation.success
    };
    let content_type = answer.headers.get("content-type");
    let content_type = content_type.map(|it| it.to_str().unwrap());
    assert_eq!(content_type, Some("application/json"), "{}", told());
    let errors: Vec<String> = validator
        .iter_errors(&answer.body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}\n{}", told(), errors.join("\n"));
    assert_eq!(answer.body["status_code"], answer.status, "{}", told());
    if [429, 503].contains(&answer.status) {
        assert!(answer.headers.contains_key("retry-after"), "{}", told());
    }
}

/// SCIM and the browser's legs of a sign-in speak protocols of their own.
fn is_management(path: &str) -> bool {
    let of_browser = [
        "/v1/public/",
        "/v1/b2b/public/oauth/",
        "/v1/b2b/oauth/callback/",
        "/v1/b2b/sso/callback/",
        "/v1/magic_links/redirect",
    ];
    let in_scim = path.strip_prefix("/v1/b2b/scim/");
    path.starts_with("/v1/")
        && !of_browser.iter().any(|start| path.starts_with(start))
        && in_scim.is_none_or(|it| it.split('/').nth(1) == Some("connection"))
}

struct Operation {
    method: String,
    template: String,
    success: Validator,
}

/// The operation with the fewest parameters that fits.
fn operation(method: &str, path: &str) -> Option<&'static Operation> {
    static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();
    let operations = OPERATIONS.get_or_init(operations);
    let fitting = operations
        .iter()
        .filter(|it| it.method == method && fits(&it.template, path));
    fitting.min_by_key(|it| it.template.matches('{').count())
}

fn refusal() -> &'static Validator {
    static REFUSAL: OnceLock<Validator> = OnceLock::new();
    REFUSAL.get_or_init(|| validator(json!({ "$ref": "#/components/schemas/Refusal" })))
}

fn operations() -> Vec<Operation> {
    let mut found = Vec::new();
    for (template, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let media = &operation["responses"]["200"]["content"]["application/json"];
            found.push(Operation {
                method: method.to_uppercase(),
                template: template.clone(),
                success: validator(media["schema"].clone()),
            });
        }
    }
    found
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template
            .zip(path)
            .all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
}

fn validator(schema: Value) -> Validator {
    static SCHEMAS: OnceLock<Value> = OnceLock::new();
    let schemas = SCHEMAS.get_or_init(closed_schemas);
    let mut root = closed(&schema, false);
    root["components"] = json!({ "schemas": schemas });
    jsonschema::draft202012::new(&root).unwrap()
}

/// Each schema twice: by itself nothing may stand beside its fields; as a part of another, the whole
/// decides.
fn closed_schemas() -> Value {
    let mut schemas = HashMap::new();
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        schemas.insert(name.clone(), closed(schema, false));
        schemas.insert(format!("{name}.part"), closed(schema, true));
    }
    json!(schemas)
}

fn closed(schema: &Value, is_part: bool) -> Value {
    let Some(fields) = schema.as_object() else {
        return schema.clone();
    };
    let mut closed_fields = serde_json::Map::new();
    for (name, value) in fields {
        let value = match name.as_str() {
            "$ref" if is_part => json!(format!("{}.part", value.as_str().unwrap())),
            "allOf" => each(value, |part| closed(part, true)),
            "oneOf" | "anyOf" => each(value, |one| closed(one, is_part)),
            "properties" => {
                let properties = value.as_object().unwrap().iter();
                properties
                    .map(|(name, it)| (name.clone(), closed(it, false)))
                    .collect()
            }
            "items" | "additionalProperties" => closed(value, false),
            _ => value.clone(),
        };
        closed_fields.insert(name.clone(), value);
    }
    let names_fields = fields.contains_key("properties") || fields.contains_key("allOf");
    if names_fields && !is_part && !fields.contains_key("additionalProperties") {
        closed_fields.insert("unevaluatedProperties".to_owned(), json!(false));
    }
    Value::Object(closed_fields)
}

fn each(list: &Value, change: impl Fn(&Value) -> Value) -> Value {
    list.as_array().unwrap().iter().map(change).collect()
}

#[test]
fn a_wrong_answer_is_noticed() {
    let right = json!({ "request_id": "request-id-test-1", "status_code": 200, "project_id": "p", "name": "n" });
    let answer = |status: u16, body: &Value| Answer {
        status,
        headers: [("content-type", "application/json")]
            .into_iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect(),
        text: body.to_string(),
        body: body.clone(),
    };
    let passes = |status: u16, body: &Value| {
        let answer = answer(status, body);
        std::panic::catch_unwind(|| check("GET", "/v1/debug/whoami", &answer)).is_ok()
    };
    assert!(passes(200, &right));
    let with = |name: &str, value: Value| {
        let mut body = right.clone();
        body[name] = value;
        body
    };
    assert!(
        !passes(200, &with("more", json!(1))),
        "an undocumented field"
    );
    assert!(!passes(200, &with("name", Value::Null)), "a null");
    assert!(
        !passes(200, &with("status_code", json!(201))),
        "another status inside"
    );
    assert!(!passes(201, &right), "another status");
    assert!(!passes(400, &right), "a success as a refusal");
    let mut without = right.clone();
    without.as_object_mut().unwrap().remove("name");
    assert!(!passes(200, &without), "a field missing");
}
