//! What a conversation expects of an answer, and what it has learnt from earlier ones.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use crate::support::Answer;

/// Stands for any value that is there.
const ANY: &str = "{{any}}";

/// The values that `{{name}}` stands for.
#[derive(Default)]
pub struct Known(BTreeMap<String, String>);

impl Known {
    pub fn learn(&mut self, name: &str, value: String) {
        self.0.insert(name.to_owned(), value);
    }

    /// A text with the values of its names.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &self.0 {
            filled = filled.replace(&format!("{{{{{name}}}}}"), value);
        }
        filled
    }

    /// A body with the values of its names.
    pub fn fill_all(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::from(self.fill(text)),
            Value::Array(values) => values.iter().map(|value| self.fill_all(value)).collect(),
            Value::Object(fields) => {
                let filled = fields.iter();
                let filled = filled.map(|(name, value)| (self.fill(name), self.fill_all(value)));
                Value::Object(filled.collect())
            }
            other => other.clone(),
        }
    }

    /// Objects may have more than is expected; arrays and the rest must be the same.
    pub fn compare(&self, expected: &Value, found: &Value, place: &str) -> Result<(), String> {
        match (expected, found) {
            (Value::String(text), found) if text == ANY => {
                let missing = format!("{place} is missing");
                (!found.is_null()).then_some(()).ok_or(missing)
            }
            (Value::Object(fields), Value::Object(held)) => {
                fields.iter().try_for_each(|(name, expected)| {
                    let found = held.get(name).unwrap_or(&Value::Null);
                    self.compare(expected, found, &format!("{place}/{name}"))
                })
            }
            (Value::Array(values), Value::Array(held)) if values.len() == held.len() => values
                .iter()
                .zip(held)
                .enumerate()
                .try_for_each(|(number, (expected, found))| {
                    self.compare(expected, found, &format!("{place}/{number}"))
                }),
            (expected, found) => {
                let expected = self.fill_all(expected);
                let differs = format!("{place} is {found}, not {expected},");
                (expected == *found).then_some(()).ok_or(differs)
            }
        }
    }
}

/// A member as the management API shows it, or null. `roles` lists the ids of all but the role
/// that every member has.
pub fn member(known: &Known, expected: &Value, found: &Value) -> Result<(), String> {
    let mut found = found.clone();
    if let Some(roles) = found["roles"].as_array() {
        let ids = roles.iter().filter_map(|role| role["role_id"].as_str());
        let ids: BTreeSet<&str> = ids.filter(|id| *id != "stytch_member").collect();
        found["roles"] = json!(ids);
    }
    known.compare(expected, &found, "")
}

/// What holds for every answer, whatever was asked.
pub fn of_every_answer(answer: &Answer) -> Result<(), String> {
    let told = |complaint: &str| Err(complaint.to_owned());
    let header = |name: &str| answer.headers.get(name).and_then(|it| it.to_str().ok());
    if [204, 304].contains(&answer.status) {
        if answer.text.is_empty() {
            return Ok(());
        }
        return told("a body without content");
    }
    if header("content-type") != Some("application/scim+json") {
        return told("not application/scim+json");
    }
    if answer.status >= 400 {
        let error = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": answer.status.to_string(),
            "detail": ANY,
        });
        return Known::default().compare(&error, &answer.body, "");
    }
    if answer.status == 201 && answer.body["meta"]["location"].as_str() != header("location") {
        return told("`location` differs from `meta.location`");
    }
    if has_null(&answer.body) {
        return told("a null");
    }
    if answer.text.contains("\"password\":") {
        return told("a password");
    }
    Ok(())
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(has_null),
        Value::Object(fields) => fields.values().any(has_null),
        _ => false,
    }
}

#[test]
fn what_differs_is_named_with_its_place() {
    let mut known = Known::default();
    known.learn("id", "7".to_owned());
    let found = json!({ "a": [{ "id": "7", "more": 1 }], "b": true });
    let fits = json!({ "a": [{ "id": "{{id}}" }], "b": "{{any}}" });
    assert_eq!(known.compare(&fits, &found, ""), Ok(()));
    for (expected, complaint) in [
        (
            json!({ "a": [] }),
            "/a is [{\"id\":\"7\",\"more\":1}], not [],",
        ),
        (
            json!({ "a": [{ "id": "8" }] }),
            "/a/0/id is \"7\", not \"8\",",
        ),
        (json!({ "c": "{{any}}" }), "/c is missing"),
        (json!({ "c": false }), "/c is null, not false,"),
    ] {
        assert_eq!(
            known.compare(&expected, &found, ""),
            Err(complaint.to_owned())
        );
    }
}
