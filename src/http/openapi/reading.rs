//! Ways through the description: its operations and the schemas that a part of it names.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

const SCHEMAS: &str = "#/components/schemas/";

/// One call.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'a> {
    /// In capitals.
    pub method: &'a str,
    /// With the names of its parameters in braces.
    pub path: &'a str,
    /// The operation object of OpenAPI.
    pub fields: &'a Map<String, Value>,
}

impl<'a> Operation<'a> {
    /// A text of the operation object; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> &'a str {
        self.fields.get(name).map_or("", text)
    }

    /// The schema of its body.
    pub(crate) fn body(&self) -> Option<&'a Value> {
        media_schema(self.fields.get("requestBody")?)
    }

    /// The schema of its success.
    pub(crate) fn answer(&self) -> Option<&'a Value> {
        media_schema(self.fields.get("responses")?.get("200")?)
    }
}

/// All calls, in the order of the description.
pub(crate) fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut found = Vec::new();
    for (path, item) in members(document.get("paths")) {
        for (method, operation) in members(Some(item)) {
            let method = METHODS
                .iter()
                .find(|known| known.eq_ignore_ascii_case(method));
            if let (Some(method), Some(fields)) = (method, operation.as_object()) {
                found.push(Operation {
                    method,
                    path,
                    fields,
                });
            }
        }
    }
    found
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// The operation objects, to be changed.
pub(super) fn operations_mut(
    document: &mut Value,
) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut);
    let operations = items
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut);
    operations.filter_map(Value::as_object_mut)
}

/// The schemas that have a name.
pub(super) fn schemas_mut(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.pointer_mut("/components/schemas")?.as_object_mut()
}

/// The schema that has this name.
pub(crate) fn schema<'a>(document: &'a Value, name: &str) -> Option<&'a Value> {
    document.pointer("/components/schemas")?.get(name)
}

/// The names and values of an object; none where there is no object.
pub(crate) fn members(object: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    object.and_then(Value::as_object).into_iter().flatten()
}

/// The values of a list; none where there is no list.
pub(crate) fn items(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

/// A text; empty where there is none.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn media_schema(of: &Value) -> Option<&Value> {
    of.get("content")?.get("application/json")?.get("schema")
}

/// The name of the schema that this is a reference to.
pub(crate) fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix(SCHEMAS)
}

/// A reference to a schema.
pub(super) fn reference_to(name: &str) -> String {
    format!("{SCHEMAS}{name}")
}

/// The names of all schemas that a part of the description leads to.
pub(crate) fn reachable(document: &Value, from: &Value, found: &mut BTreeSet<String>) {
    if let Some(name) = reference(from)
        && found.insert(name.to_owned())
        && let Some(schema) = schema(document, name)
    {
        reachable(document, schema, found);
    }
    let values: Vec<&Value> = match from {
        Value::Object(object) => object.values().collect(),
        Value::Array(list) => list.iter().collect(),
        _ => Vec::new(),
    };
    for value in values {
        reachable(document, value, found);
    }
}
