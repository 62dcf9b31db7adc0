//! The seeds of the fuzz target `json_bodies` go where they are meant to go, and every call of SCIM
//! has one.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// The calls that the target knows: those of SCIM, then those of the description.
fn calls(root: &Path) -> (Vec<String>, Vec<String>) {
    let scim = read(&root.join("fuzz/gateway/scim_calls.txt"));
    let description: Value = serde_json::from_str(&read(&root.join("docs/openapi.json"))).unwrap();
    let mut described = Vec::new();
    for (path, methods) in description.pointer("/paths").unwrap().as_object().unwrap() {
        for (method, call) in methods.as_object().unwrap() {
            if call.get("requestBody").is_some() {
                described.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    (scim.lines().map(str::to_owned).collect(), described)
}

#[test]
fn each_seed_names_its_call_and_each_call_of_scim_has_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (scim, described) = calls(root);
    let mut named = BTreeSet::new();
    for seed in fs::read_dir(root.join("fuzz/corpus/json_bodies")).unwrap() {
        let path = seed.unwrap().path();
        let text = read(&path);
        let (line, body) = text.split_once('\n').unwrap();
        let is_known = scim.iter().chain(&described).any(|call| call == line);
        assert!(is_known, "{}: {line}", path.display());
        let is_object = serde_json::from_str::<Value>(body).is_ok_and(|body| body.is_object());
        assert!(is_object, "{}: {body}", path.display());
        named.insert(line.to_owned());
    }
    let unnamed: Vec<_> = scim.iter().filter(|call| !named.contains(*call)).collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
    assert!(named.iter().filter(|call| described.contains(call)).count() >= 8);
}
