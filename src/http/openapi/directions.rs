//! What is asked and what is answered: an answer has every field, a request may leave some out. A
//! type that goes both ways gets a second schema for requests where the two differ.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::http::openapi::reading::items;
use crate::http::openapi::reading::members;
use crate::http::openapi::reading::operations;
use crate::http::openapi::reading::operations_mut;
use crate::http::openapi::reading::reachable;
use crate::http::openapi::reading::reference;
use crate::http::openapi::reading::reference_to;
use crate::http::openapi::reading::schemas_mut;
use crate::http::openapi::reading::text;

const OF_REQUESTS: &str = "Given";

/// Makes the difference.
pub(super) fn part(document: &mut Value) {
    let (asked, answered) = directions(document);
    let twofold = twofold(document, &asked, &answered);
    let Some(schemas) = schemas_mut(document) else {
        return;
    };
    for name in &twofold {
        if let Some(schema) = schemas.get(name).cloned() {
            schemas.insert(format!("{name}{OF_REQUESTS}"), schema);
        }
    }
    for (name, schema) in schemas.iter_mut() {
        if answered.contains(name) {
            require_all(schema);
        } else {
            drop_null_defaults(schema);
            point_at_requests(schema, &twofold);
        }
    }
    schemas.sort_keys();
    for operation in operations_mut(document) {
        if let Some(body) = operation.get_mut("requestBody") {
            point_at_requests(body, &twofold);
        }
    }
}

/// The names of the schemas of requests, and of those of answers.
fn directions(document: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for operation in operations(document) {
        if let Some(body) = operation.body() {
            reachable(document, body, &mut asked);
        }
        if let Some(answer) = operation.answer() {
            reachable(document, answer, &mut answered);
        }
    }
    (asked, answered)
}

/// Those of both directions in which a request may leave something out, directly or further down.
fn twofold(
    document: &Value,
    asked: &BTreeSet<String>,
    answered: &BTreeSet<String>,
) -> BTreeSet<String> {
    let differs = |name: &str| {
        let Some(schema) = document
            .pointer("/components/schemas")
            .and_then(|it| it.get(name))
        else {
            return false;
        };
        let mut whole = schema.clone();
        require_all(&mut whole);
        whole != *schema
    };
    let of_both = asked.intersection(answered);
    let different: BTreeSet<String> = of_both.clone().filter(|it| differs(it)).cloned().collect();
    let leads_there = |name: &&String| {
        let mut further = BTreeSet::new();
        reachable(
            document,
            &json!({ "$ref": reference_to(name) }),
            &mut further,
        );
        !further.is_disjoint(&different)
    };
    of_both.filter(leads_there).cloned().collect()
}

fn require_all(schema: &mut Value) {
    if let Some(fields) = schema.as_object_mut() {
        let names: Vec<Value> = members(fields.get("properties"))
            .map(|(name, _)| Value::from(name.clone()))
            .collect();
        if !names.is_empty() {
            put_required(fields, names);
        }
    }
    each_inner(schema, require_all);
}

/// Beside the properties, where it stands when it is there from the start.
fn put_required(fields: &mut Map<String, Value>, names: Vec<Value>) {
    let same: BTreeSet<&str> = items(fields.get("required")).map(text).collect();
    if same != names.iter().map(text).collect() {
        fields.insert("required".to_owned(), Value::from(names));
    }
}

/// A null that stands for nothing given tells nobody anything.
fn drop_null_defaults(schema: &mut Value) {
    if let Some(fields) = schema.as_object_mut()
        && fields.get("default").is_some_and(Value::is_null)
    {
        fields.shift_remove("default");
    }
    each_inner(schema, drop_null_defaults);
}

fn point_at_requests(part: &mut Value, twofold: &BTreeSet<String>) {
    let name = reference(part).filter(|name| twofold.contains(*name));
    if let Some(target) = name.map(|name| reference_to(&format!("{name}{OF_REQUESTS}")))
        && let Some(fields) = part.as_object_mut()
    {
        fields.insert("$ref".to_owned(), Value::from(target));
    }
    each_inner(part, |inner| point_at_requests(inner, twofold));
}

fn each_inner(value: &mut Value, mut change: impl FnMut(&mut Value)) {
    match value {
        Value::Object(object) => object.values_mut().for_each(&mut change),
        Value::Array(list) => list.iter_mut().for_each(&mut change),
        _ => {}
    }
}
