//! In what two states of a resource differ, for people.

use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeSet;

/// One thing that is not the same before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The attribute; an extension's parts stand behind its URN.
    pub path: String,
    /// What was there before.
    pub before: Option<Value>,
    /// What is there after.
    pub after: Option<Value>,
}

/// What differs between two representations, but for `meta`, which differs with anything.
pub fn differences(
    before: Option<&Map<String, Value>>,
    after: Option<&Map<String, Value>>,
) -> Vec<Difference> {
    let empty = Map::new();
    let mut found = Vec::new();
    compare_parts(
        "",
        (before.unwrap_or(&empty), after.unwrap_or(&empty)),
        &mut found,
    );
    found.retain(|difference| difference.path != "meta" && !difference.path.starts_with("meta."));
    found
}

fn compare_parts(
    path: &str,
    (before, after): (&Map<String, Value>, &Map<String, Value>),
    found: &mut Vec<Difference>,
) {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let below = match path {
            "" => name.clone(),
            urn if urn.starts_with("urn:") => format!("{urn}:{name}"),
            path => format!("{path}.{name}"),
        };
        compare(below, (before.get(name), after.get(name)), found);
    }
}

fn compare(
    path: String,
    (before, after): (Option<&Value>, Option<&Value>),
    found: &mut Vec<Difference>,
) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            compare_parts(&path, (before, after), found);
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            let gone = before.iter().filter(|value| !after.contains(value));
            let come = after.iter().filter(|value| !before.contains(value));
            let gone = gone.map(|value| (Some(value.clone()), None));
            let come = come.map(|value| (None, Some(value.clone())));
            found.extend(gone.chain(come).map(|(before, after)| Difference {
                path: path.clone(),
                before,
                after,
            }));
        }
        (before, after) => found.push(Difference {
            path,
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::differences;
    use serde_json::json;

    #[test]
    fn attributes_parts_and_elements_are_compared_and_meta_is_not() {
        let before = json!({ "active": true, "name": { "givenName": "A", "familyName": "B" },
            "emails": [{ "value": "a" }, { "value": "b" }], "urn:x:User": { "a": 1 },
            "meta": { "version": "1" } });
        let after = json!({ "active": false, "name": { "givenName": "A" }, "title": "Dr",
            "emails": [{ "value": "b" }, { "value": "c" }], "urn:x:User": { "a": 2 },
            "meta": { "version": "2" } });
        let found = differences(before.as_object(), after.as_object());
        let shown: Vec<_> = found
            .iter()
            .map(|d| (d.path.as_str(), d.before.clone(), d.after.clone()))
            .collect();
        let expected = [
            ("active", Some(json!(true)), Some(json!(false))),
            ("emails", Some(json!({ "value": "a" })), None),
            ("emails", None, Some(json!({ "value": "c" }))),
            ("name.familyName", Some(json!("B")), None),
            ("title", None, Some(json!("Dr"))),
            ("urn:x:User:a", Some(json!(1)), Some(json!(2))),
        ];
        assert_eq!(shown, expected);
        assert_eq!(differences(before.as_object(), before.as_object()), []);
        assert_eq!(differences(None, None), []);
    }
}
