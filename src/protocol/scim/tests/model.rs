//! PATCH beside a model of it: a resource is a flat map from names to values, and an operation
//! sets or forgets names.

use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::tests::algebra::Resource;
use crate::protocol::scim::tests::algebra::patched;
use crate::protocol::scim::tests::random::Place;
use crate::protocol::scim::tests::random::any_assignment;
use crate::protocol::scim::tests::random::any_resource;
use proptest::prelude::Strategy;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::sample::select;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

type Model = BTreeMap<String, Value>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Add,
    Remove,
    Replace,
}

#[derive(Debug, Clone)]
struct Step {
    op: Op,
    place: Place,
    value: Value,
    /// Whether the path names the first part of a complex value.
    part: bool,
    /// Whether the value is given under its name, without a path.
    pathless: bool,
}

impl Step {
    fn part(&self) -> Option<String> {
        let parts = self.value.as_object()?.keys();
        parts.take(usize::from(self.part)).next().cloned()
    }

    fn path(&self) -> String {
        match self.part() {
            Some(part) => format!("{}.{part}", self.place.path()),
            None => self.place.path(),
        }
    }

    fn given(&self) -> Value {
        match self.part() {
            Some(part) => self.value[part.as_str()].clone(),
            None => self.value.clone(),
        }
    }

    fn operation(&self) -> Value {
        let (path, value) = (self.path(), self.given());
        match self.op {
            Op::Remove => json!({ "op": "remove", "path": path }),
            op if self.pathless => json!({ "op": name(op), "value": { (path): value } }),
            op => json!({ "op": name(op), "path": path, "value": value }),
        }
    }

    fn play(&self, model: &mut Model) {
        let (path, value) = (self.path(), self.given());
        match (self.op, value) {
            (Op::Remove, _) => {
                let below = format!("{path}.");
                model.retain(|name, _| *name != path && !name.starts_with(&below));
            }
            (Op::Replace, Value::Array(values)) => {
                model.insert(path, Value::Array(values));
            }
            (Op::Add, Value::Array(values)) => {
                let held = model.entry(path).or_insert_with(|| json!([]));
                let held = held.as_array_mut().unwrap();
                for value in values {
                    if !held.contains(&value) {
                        held.push(value);
                    }
                }
            }
            (_, Value::Object(parts)) => {
                for (name, part) in parts {
                    model.insert(format!("{path}.{name}"), part);
                }
            }
            (_, value) => {
                model.insert(path, value);
            }
        }
    }
}

fn name(op: Op) -> &'static str {
    match op {
        Op::Add => "add",
        Op::Remove => "remove",
        Op::Replace => "replace",
    }
}

fn flat(resource: &Resource) -> Model {
    let mut model = Model::new();
    let mut insert = |path: &str, value: &Value| match value {
        Value::Object(parts) => {
            for (name, part) in parts {
                model.insert(format!("{path}.{name}"), part.clone());
            }
        }
        value => {
            model.insert(path.to_owned(), value.clone());
        }
    };
    for (name, value) in resource {
        match value {
            Value::Object(attributes) if name.starts_with("urn:") => {
                for (attribute, value) in attributes {
                    insert(&format!("{name}:{attribute}"), value);
                }
            }
            value => insert(name, value),
        }
    }
    model
}

/// Elements of complex attributes meet each other by value and type, which is more than the model
/// knows; they have laws of their own.
fn any_step() -> impl Strategy<Value = Step> {
    let ops = select(vec![Op::Add, Op::Remove, Op::Replace]);
    let forms = (proptest::bool::ANY, proptest::bool::ANY);
    let steps = (ops, any_assignment(), forms);
    let steps = steps.prop_map(|(op, (place, value), (part, pathless))| Step {
        op,
        place,
        value,
        part,
        pathless,
    });
    steps.prop_filter("beyond the model", |step| {
        let elements = step.place.attribute.multi_valued && step.place.is_complex();
        let required = step.op == Op::Remove && step.place.attribute.required;
        !required && (!elements || step.op != Op::Add)
    })
}

proptest! {
    #[test]
    fn the_engine_does_what_a_flat_map_does(
        before in any_resource(), steps in proptest::collection::vec(any_step(), 1..10)
    ) {
        let mut model = flat(&before);
        let mut operations = Vec::new();
        for step in &steps {
            step.play(&mut model);
            operations.push(step.operation());
        }
        let after = patched(&before, &operations, Leniency::STRICT).unwrap();
        prop_assert_eq!(flat(&after), model);
    }
}
