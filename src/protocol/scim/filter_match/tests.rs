//! Runs the cases in `fixtures/scim/filter`: a filter, resources, and which of them match.

use crate::protocol::scim::cases::Folder;
use crate::protocol::scim::cases::Outcome;
use crate::protocol::scim::cases::resource_type;
use crate::protocol::scim::filter_check;
use crate::protocol::scim::filter_match::matches;
use crate::protocol::scim::leniency::IdentityProvider;
use serde_json::Value;

/// The ids of the matching resources, in order.
fn outcome(case: &Value, provider: IdentityProvider) -> Outcome {
    let kind = &*resource_type(case);
    let text = case["filter"].as_str().unwrap();
    let filter = filter_check::read(text, kind, provider.leniency())?;
    let resources = case["resources"].as_array().unwrap().iter();
    let found = resources.filter(|one| matches(&filter, one.as_object().unwrap(), kind));
    Ok(found.map(|resource| resource["id"].clone()).collect())
}

#[test]
fn each_filter_case_yields_what_its_file_says() {
    let folder = Folder {
        name: "filter",
        given: &["filter", "resources"],
        expected: "matches",
    };
    folder.play(outcome);
}
