//! What operations of a bulk request call each other: `bulkId:` and a name, in place of an id that
//! is not known yet (RFC 7644 §3.7.2).

use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::operation::Operation;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeSet;
use std::collections::HashMap;

const PREFIX: &str = "bulkId:";

/// What became of the resources that a bulk request makes.
#[derive(Debug, Clone, Default)]
pub struct Made(HashMap<String, Option<String>>);

impl Made {
    /// A resource was made, or could not be.
    pub fn note(&mut self, name: &str, id: Option<String>) {
        self.0.insert(name.to_owned(), id);
    }

    /// The operation with ids in place of names.
    pub fn resolve(&self, operation: &Operation) -> Result<Operation, ScimError> {
        let mut resolved = operation.clone();
        let mut missing = None;
        each_reference(&mut resolved, &mut |name| {
            let id = self.0.get(name).cloned().flatten();
            if id.is_none() {
                missing.get_or_insert_with(|| name.to_owned());
            }
            id
        });
        match missing {
            None => Ok(resolved),
            Some(name) => Err(ScimError::InvalidValue(format!(
                "\"bulkId:{name}\" refers to an operation that failed or was not done"
            ))),
        }
    }

    /// The operation with what is known by now: attributes that refer to what is not made yet are
    /// left out, for a later operation to write.
    pub fn resolve_in_part(&self, operation: &Operation) -> Operation {
        let mut body = operation.body.clone();
        let is_known = |value: &Value| {
            let is_missing = |name: &String| self.0.get(name).is_none_or(Option::is_none);
            !references_in(value).iter().any(is_missing)
        };
        body.retain(|name, value| {
            // What is below a URN is an extension, whose attributes can do without each other.
            if let (true, Value::Object(attributes)) = (name.contains(':'), &mut *value) {
                attributes.retain(|_, value| is_known(value));
            }
            is_known(value)
        });
        let known = Operation {
            body,
            ..operation.clone()
        };
        self.resolve(&known).unwrap_or(known)
    }
}

/// The names that an operation refers to.
pub fn references(operation: &Operation) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    each_reference(&mut operation.clone(), &mut |name| {
        names.insert(name.to_owned());
        None
    });
    names
}

fn references_in(value: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    in_value("", &mut value.clone(), &mut |name| {
        names.insert(name.to_owned());
        None
    });
    names
}

/// Gives each name to a closure, and puts what it answers in the place of the reference.
type Answer<'a> = dyn FnMut(&str) -> Option<String> + 'a;

fn each_reference(operation: &mut Operation, answer: &mut Answer<'_>) {
    if let Some(id) = &mut operation.id {
        whole(id, answer);
    }
    in_object(&mut operation.body, answer);
}

fn in_object(fields: &mut Map<String, Value>, answer: &mut Answer<'_>) {
    for (name, value) in fields {
        in_value(name, value, answer);
    }
}

fn in_value(name: &str, value: &mut Value, answer: &mut Answer<'_>) {
    match value {
        Value::Object(fields) => in_object(fields, answer),
        Value::Array(values) => {
            for value in values {
                in_value(name, value, answer);
            }
        }
        // The end of an address, and what the filter in the path of a PATCH compares with.
        Value::String(text) if name.eq_ignore_ascii_case("$ref") => between('/', text, answer),
        Value::String(text) if name.eq_ignore_ascii_case("path") => between('"', text, answer),
        Value::String(text) => whole(text, answer),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn whole(text: &mut String, answer: &mut Answer<'_>) {
    if let Some(id) = text.strip_prefix(PREFIX).and_then(answer) {
        *text = id;
    }
}

fn between(separator: char, text: &mut String, answer: &mut Answer<'_>) {
    if !text.contains(PREFIX) {
        return;
    }
    let parts = text.split(separator).map(|part| {
        let id = part.strip_prefix(PREFIX).and_then(&mut *answer);
        id.unwrap_or_else(|| part.to_owned())
    });
    *text = parts
        .collect::<Vec<_>>()
        .join(separator.encode_utf8(&mut [0; 4]));
}

#[cfg(test)]
mod tests {
    use super::Made;
    use super::references;
    use crate::protocol::scim::operation::Method;
    use crate::protocol::scim::operation::Operation;
    use serde_json::Value;
    use serde_json::json;

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn operation(method: Method, path: &str, body: Value) -> Operation {
        Operation::read(method, path, Some(body)).unwrap()
    }

    fn made() -> Made {
        let mut made = Made::default();
        made.note("a", Some("1".to_owned()));
        made.note("b", None);
        made
    }

    #[test]
    fn references_are_found_where_ids_stand() {
        let filter = "members[value eq \"bulkId:a\" or value eq \"bulkId:a b\"].display";
        let patch = operation(
            Method::Patch,
            "/Groups/bulkId:g",
            json!({ "Operations": [
                { "path": filter, "value": "see bulkId:x" },
                { "value": [{ "value": "bulkId:v", "$ref": "https://id/Users/bulkId:r" }] },
            ]}),
        );
        let found = references(&patch);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["a", "a b", "g", "r", "v"]);
    }

    #[test]
    fn names_give_way_to_ids() {
        let body = json!({
            "Operations": [{ "path": "members[value eq \"bulkId:a\"]", "value": ["bulkId:a", 7] }],
            "$ref": "../Users/bulkId:a",
        });
        let resolved = made()
            .resolve(&operation(Method::Patch, "/Groups/bulkId:a", body))
            .unwrap();
        assert_eq!(resolved.id.as_deref(), Some("1"));
        let expected = json!({
            "Operations": [{ "path": "members[value eq \"1\"]", "value": ["1", 7] }],
            "$ref": "../Users/1",
        });
        assert_eq!(Value::Object(resolved.body), expected);
    }

    #[test]
    fn what_was_not_made_cannot_be_referred_to() {
        for name in ["b", "c"] {
            let post = operation(
                Method::Post,
                "/Users",
                json!({ "x": format!("bulkId:{name}") }),
            );
            let refused = made().resolve(&post).unwrap_err();
            assert_eq!(refused.scim_type(), Some("invalidValue"));
            assert!(refused.detail().contains(&format!("bulkId:{name}")));
        }
    }

    #[test]
    fn what_is_not_known_yet_is_left_for_later() {
        let body = json!({
            "displayName": "Staff",
            "members": [{ "value": "bulkId:a" }, { "value": "bulkId:c" }],
            "other": "bulkId:a",
            ENTERPRISE: { "department": "R&D", "manager": { "value": "bulkId:c" } },
        });
        let known = made().resolve_in_part(&operation(Method::Post, "/Users", body));
        let expected = json!({
            "displayName": "Staff",
            "other": "1",
            ENTERPRISE: { "department": "R&D" },
        });
        assert_eq!(Value::Object(known.body), expected);
    }
}
