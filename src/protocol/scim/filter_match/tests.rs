//! Runs the cases in `fixtures/scim/filter`: a filter, resources, and which of them match.

use crate::protocol::scim::filter_check;
use crate::protocol::scim::filter_match::matches;
use crate::protocol::scim::leniency::IdentityProvider;
use crate::protocol::scim::schema;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scim/filter");

/// What a case yields: the ids of the matching resources, or the error's scimType.
fn outcome(case: &Value) -> Value {
    let kind = match case["resourceType"].as_str() {
        Some("Group") => schema::group(),
        _ => schema::user(),
    };
    let provider = case["provider"].as_str().unwrap_or("generic");
    let leniency = IdentityProvider::from_name(provider).unwrap().leniency();
    let filter = match filter_check::read(case["filter"].as_str().unwrap(), kind, leniency) {
        Ok(filter) => filter,
        Err(error) => return Value::from(error.scim_type()),
    };
    let resources = case["resources"].as_array().unwrap().iter();
    let found = resources.filter(|one| matches(&filter, one.as_object().unwrap(), kind));
    found.map(|resource| resource["id"].clone()).collect()
}

#[test]
fn each_filter_case_yields_what_its_file_says() {
    let mut files: Vec<PathBuf> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 40, "only {} cases in {FOLDER}", files.len());
    let mut failures = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let case: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{file:?}: {e}"));
        let expected = case
            .get("matches")
            .unwrap_or_else(|| &case["error"]["scimType"]);
        assert!(
            !expected.is_null(),
            "{} has neither `matches` nor `error`",
            file.display()
        );
        let found = outcome(&case);
        if found != *expected {
            failures.push(format!(
                "{}: expected {expected}, found {found}",
                file.display()
            ));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
