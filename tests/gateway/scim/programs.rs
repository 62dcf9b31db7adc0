//! Random changes of a Group's members do what a set of their ids would do, one after the other.

use std::collections::BTreeSet;

use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::prop_oneof;
use proptest::sample::select;
use proptest::sample::subsequence;
use proptest::strategy::BoxedStrategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::support::TestGateway;

const PROGRAMS: usize = 60;

/// What an operation does to a set of ids.
#[derive(Clone, Debug)]
enum Effect {
    Add(Vec<String>),
    Remove(Vec<String>),
    Keep(Vec<String>),
    Replace(Vec<String>),
}

impl Effect {
    fn apply(&self, members: &mut BTreeSet<String>) {
        match self {
            Self::Add(ids) => members.extend(ids.iter().cloned()),
            Self::Remove(ids) => members.retain(|id| !ids.contains(id)),
            Self::Keep(ids) => members.retain(|id| ids.contains(id)),
            Self::Replace(ids) => *members = ids.iter().cloned().collect(),
        }
    }
}

type Step = (Value, Effect);

fn members(ids: &[String]) -> Value {
    let member = |id: &String| {
        let kind = if id.starts_with("scim-group-") {
            "Group"
        } else {
            "User"
        };
        json!({ "value": id, "type": kind })
    };
    ids.iter().map(member).collect()
}

fn by(ids: &[String], operator: &str, joined: &str) -> String {
    let each = ids.iter().map(|id| format!("value {operator} \"{id}\""));
    format!("members[{}]", each.collect::<Vec<_>>().join(joined))
}

/// A step over some of these ids.
fn step(everybody: &[String]) -> BoxedStrategy<Step> {
    let some = subsequence(everybody.to_vec(), 0..=everybody.len());
    let few = subsequence(everybody.to_vec(), 1..=3);
    let one = select(everybody.to_vec());
    let groups: Vec<String> = everybody
        .iter()
        .filter(|id| id.starts_with("scim-group-"))
        .cloned()
        .collect();
    prop_oneof![
        3 => some.clone().prop_map(|ids| {
            let operation = json!({ "op": "add", "path": "members", "value": members(&ids) });
            (operation, Effect::Add(ids))
        }),
        1 => one.prop_map(|id| {
            let value = members(std::slice::from_ref(&id))[0].clone();
            let operation = json!({ "op": "Add", "path": "members", "value": value });
            (operation, Effect::Add(vec![id]))
        }),
        1 => few.clone().prop_map(|ids| {
            let operation = json!({ "op": "add", "value": { "members": members(&ids) } });
            (operation, Effect::Add(ids))
        }),
        2 => few.clone().prop_map(|ids| {
            let operation = json!({ "op": "remove", "path": "members", "value": members(&ids) });
            (operation, Effect::Remove(ids))
        }),
        2 => few.clone().prop_map(|ids| {
            (json!({ "op": "remove", "path": by(&ids, "eq", " or ") }), Effect::Remove(ids))
        }),
        1 => few.prop_map(|ids| {
            (json!({ "op": "remove", "path": by(&ids, "ne", " and ") }), Effect::Keep(ids))
        }),
        1 => Just((
            json!({ "op": "remove", "path": "members[type eq \"Group\"]" }),
            Effect::Remove(groups),
        )),
        2 => some.prop_map(|ids| {
            let operation = json!({ "op": "replace", "path": "members", "value": members(&ids) });
            (operation, Effect::Replace(ids))
        }),
        1 => Just((json!({ "op": "remove", "path": "members" }), Effect::Replace(Vec::new()))),
    ]
    .boxed()
}

#[actix_web::test]
async fn programs_of_changes_leave_the_members_that_a_set_would_have() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let mut everybody = Vec::new();
    for number in 0..5 {
        everybody.push(directory.user(&format!("user-{number}@acme.test")).await);
    }
    for number in 0..2 {
        everybody.push(directory.group(&format!("Group {number}"), &[]).await);
    }
    let path = format!("/Groups/{}", directory.group("Staff", &[]).await);
    let programs = proptest::collection::vec(step(&everybody), 1..5);
    let mut runner = TestRunner::deterministic();
    let mut expected = BTreeSet::new();
    let (mut version, mut changed) = (String::new(), 0);
    for _ in 0..PROGRAMS {
        let program = programs.new_tree(&mut runner).unwrap().current();
        let before = expected.clone();
        for (_, effect) in &program {
            effect.apply(&mut expected);
        }
        let operations: Vec<Value> = program
            .into_iter()
            .map(|(operation, _)| operation)
            .collect();
        let answer = directory.patch(&path, json!(operations)).await;
        assert!(answer.status < 300, "{operations:?}: {}", answer.text);
        let group = directory.get(&path).await.body;
        let found = ids(&group["members"], "value")
            .into_iter()
            .map(str::to_owned);
        assert_eq!(
            found.collect::<BTreeSet<_>>(),
            expected,
            "{operations:?} of {before:?}"
        );
        // Whoever goes and comes back in one request has not moved.
        let now = text(&group["meta"]["version"]);
        if !version.is_empty() {
            assert_eq!(
                now != version,
                before != expected,
                "{operations:?} of {before:?}"
            );
            changed += usize::from(before != expected);
        }
        version = now;
    }
    assert!((PROGRAMS / 2..PROGRAMS - 1).contains(&changed), "{changed}");
}
