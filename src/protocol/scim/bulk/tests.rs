//! The order of operations, and which of them are refused by themselves.

use super::Plan;
use super::Step;
use crate::protocol::scim::bulk_request::BulkRequest;
use crate::protocol::scim::error::ScimError;
use proptest::collection::btree_set;
use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::proptest;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

fn plan(operations: Value) -> Result<Plan, ScimError> {
    Plan::of(BulkRequest {
        fail_on_errors: None,
        operations: operations.as_array().unwrap().clone(),
    })
}

fn post(name: &str, references: &[&str]) -> Value {
    let references: Vec<String> = references.iter().map(|it| format!("bulkId:{it}")).collect();
    json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": { "x": references } })
}

/// Positions in the order of the steps, those of a circle together.
fn order(plan: &Plan) -> Vec<Vec<usize>> {
    let steps = plan.steps.iter();
    steps
        .map(|step| match step {
            Step::Single(entry) => vec![entry.position],
            Step::Circle(entries) => entries.iter().map(|entry| entry.position).collect(),
        })
        .collect()
}

#[test]
fn what_is_needed_comes_first_and_the_rest_as_it_came() {
    let patch = json!({ "method": "PATCH", "path": "/Groups/bulkId:d", "data": [] });
    let delete = json!({ "method": "DELETE", "path": "/Users/1" });
    let cases = [
        (
            json!([delete, post("a", &[]), post("b", &["a"])]),
            "[[0], [1], [2]]",
        ),
        (
            json!([delete, post("a", &["b"]), post("b", &[])]),
            "[[0], [2], [1]]",
        ),
        (
            json!([patch, post("a", &[]), post("d", &["a"])]),
            "[[1], [2], [0]]",
        ),
        (json!([post("a", &["a"]), delete]), "[[0], [1]]"),
        (
            json!([post("a", &["b"]), post("b", &["a", "c"]), post("c", &[])]),
            "[[2], [0, 1]]",
        ),
        (
            json!([post("a", &["b"]), post("b", &["c"]), post("c", &["b"])]),
            "[[1, 2], [0]]",
        ),
    ];
    for (operations, expected) in cases {
        let plan = plan(operations.clone()).unwrap();
        assert_eq!(format!("{:?}", order(&plan)), expected, "{operations}");
    }
    let alone = plan(json!([post("a", &["a"])])).unwrap();
    assert!(
        matches!(alone.steps[0], Step::Circle(_)),
        "it refers to itself"
    );
}

#[test]
fn what_cannot_be_done_is_refused_by_itself() {
    let cases = [
        (json!(7), "invalidSyntax", "`method`"),
        (json!({ "path": "/Users/1" }), "invalidSyntax", "`method`"),
        (
            json!({ "method": "GET", "path": "/Users/1" }),
            "invalidSyntax",
            "`method`",
        ),
        (
            json!({ "method": "HEAD", "path": "/Users/1" }),
            "invalidSyntax",
            "`method`",
        ),
        (json!({ "method": "DELETE" }), "invalidPath", "`path`"),
        (
            json!({ "method": "DELETE", "path": "/Users" }),
            "invalidPath",
            "/Users/{id}",
        ),
        (
            json!({ "method": "POST", "path": "/Users/1", "bulkId": "a", "data": {} }),
            "invalidPath",
            "\"/Users\"",
        ),
        (
            json!({ "method": "POST", "path": "/Users", "data": {} }),
            "invalidValue",
            "`bulkId`",
        ),
        (
            json!({ "method": "POST", "path": "/Users", "bulkId": "", "data": {} }),
            "invalidValue",
            "`bulkId`",
        ),
        (
            json!({ "method": "PUT", "path": "/Users/1" }),
            "invalidSyntax",
            "JSON object",
        ),
        (
            json!({ "method": "POST", "path": "/Bulk", "bulkId": "a", "data": {} }),
            "invalidPath",
            "another",
        ),
        (
            json!({ "method": "DELETE", "path": "/Users/bulkId:nobody" }),
            "invalidValue",
            "bulkId:nobody",
        ),
        (post("a", &["nobody"]), "invalidValue", "bulkId:nobody"),
    ];
    for (operation, scim_type, named) in cases {
        let plan = plan(json!([operation, post("z", &[])])).unwrap();
        let [Step::Single(refused), Step::Single(_)] = &plan.steps[..] else {
            panic!("two steps: {operation}")
        };
        let error = refused.operation.as_ref().unwrap_err();
        assert_eq!(error.scim_type(), Some(scim_type), "{operation}");
        assert!(error.detail().contains(named), "{operation}: {error}");
    }
}

#[test]
fn a_name_stands_for_one_operation() {
    let delete = json!({ "method": "DELETE", "path": "/Users/1", "bulkId": "a" });
    for operations in [
        json!([post("a", &[]), post("a", &[])]),
        json!([post("a", &[]), delete]),
    ] {
        let refused = plan(operations).unwrap_err();
        assert_eq!(refused.scim_type(), Some("invalidValue"));
        assert!(refused.detail().contains("\"a\""));
    }
    // What is not made cannot be referred to.
    let of_deleted = plan(json!([delete, post("b", &["a"])])).unwrap();
    let Step::Single(entry) = &of_deleted.steps[1] else {
        panic!("it is no circle")
    };
    assert!(entry.operation.is_err());
}

#[test]
fn a_version_is_asked_of_what_is_there() {
    let versions = [
        (
            json!({ "method": "DELETE", "path": "/Users/1", "version": "W/\"1\"" }),
            Some("W/\"1\""),
        ),
        (
            json!({ "METHOD": "delete", "Path": "/Users/1", "version": null }),
            None,
        ),
        (
            json!({ "method": "POST", "path": "/Users", "bulkId": "a", "data": {}, "version": "*" }),
            None,
        ),
    ];
    for (operation, expected) in versions {
        let plan = plan(json!([operation])).unwrap();
        let Step::Single(entry) = &plan.steps[0] else {
            panic!("one step: {operation}")
        };
        let read = entry.operation.as_ref().unwrap();
        assert_eq!(read.version.as_deref(), expected, "{operation}");
    }
}

/// For each of some operations, which ones it refers to.
fn graph() -> impl Strategy<Value = Vec<BTreeSet<usize>>> {
    (1_usize..9).prop_flat_map(|count| vec(btree_set(0..count, 0..4), count))
}

fn reached(graph: &[BTreeSet<usize>], start: usize) -> BTreeSet<usize> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
    while let Some(node) = next.pop() {
        next.extend(graph[node].iter().filter(|it| seen.insert(**it)));
    }
    seen
}

proptest! {
    #[test]
    fn each_step_needs_only_those_before_it(graph in graph()) {
        let names: Vec<String> = (0..graph.len()).map(|number| number.to_string()).collect();
        let operations: Vec<Value> = graph
            .iter()
            .enumerate()
            .map(|(number, needed)| {
                let needed: Vec<&str> = needed.iter().map(|it| names[*it].as_str()).collect();
                post(&names[number], &needed)
            })
            .collect();
        let plan = plan(json!(operations)).unwrap();
        let mut done = BTreeSet::new();
        for (step, members) in plan.steps.iter().zip(order(&plan)) {
            let circle: BTreeSet<usize> = members.iter().copied().collect();
            let is_circle = matches!(step, Step::Circle(_));
            for member in members {
                // A circle is exactly those that reach each other.
                let reached = reached(&graph, member);
                assert_eq!(is_circle, reached.contains(&member));
                for other in 0..graph.len() {
                    let mutual = reached.contains(&other) && self::reached(&graph, other).contains(&member);
                    assert_eq!(mutual || other == member, circle.contains(&other));
                }
                let outside = graph[member].difference(&circle);
                assert!(outside.into_iter().all(|needed| done.contains(needed)));
            }
            done.extend(circle);
        }
        assert_eq!(done.len(), graph.len());
    }
}
