//! Runs the cases in `fixtures/scim/patch`: a resource, a request, and what becomes of it.

use crate::protocol::scim::cases::Folder;
use crate::protocol::scim::cases::Outcome;
use crate::protocol::scim::cases::object;
use crate::protocol::scim::cases::resource_type;
use crate::protocol::scim::filter_match::matches_element;
use crate::protocol::scim::leniency::IdentityProvider;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::membership::MemberRef;
use crate::protocol::scim::membership::MembershipChange;
use crate::protocol::scim::membership::split_patch;
use crate::protocol::scim::patch::apply;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::schema;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The resource afterwards.
fn outcome(case: &Value, provider: IdentityProvider) -> Outcome {
    let leniency = provider.leniency();
    let before = object(case, "before");
    let request = PatchRequest::parse(&case["request"])?;
    let kind = &*resource_type(case);
    let after = if kind.name == "Group" {
        patched_group(before, &request, leniency)
    } else {
        apply(before, &request, kind, leniency)
    };
    after.map(Value::Object)
}

/// Members are rows elsewhere, so the changes of them are played on a list of them here.
fn patched_group(
    before: &Map<String, Value>,
    request: &PatchRequest,
    leniency: Leniency,
) -> Result<Map<String, Value>, crate::protocol::scim::error::ScimError> {
    let mut rest = before.clone();
    let members = rest.shift_remove("members");
    let split = split_patch(request, schema::group(), leniency)?;
    let mut after = apply(&rest, &split.attributes, schema::group(), leniency)?;
    if members.is_some() || !split.members.is_empty() {
        let mut members = match members {
            Some(Value::Array(members)) => members,
            _ => Vec::new(),
        };
        for change in split.members {
            change_members(&mut members, change);
        }
        after.insert("members".to_owned(), Value::Array(members));
    }
    Ok(after)
}

fn change_members(members: &mut Vec<Value>, change: MembershipChange) {
    let add = |members: &mut Vec<Value>, new: Vec<MemberRef>| {
        for member in new {
            if !members.iter().any(|held| held["value"] == member.value) {
                members.push(json!({ "value": member.value, "type": member.kind.name() }));
            }
        }
    };
    match change {
        MembershipChange::Add(new) => add(members, new),
        MembershipChange::Remove(ids) => {
            members.retain(|held| !ids.iter().any(|id| held["value"] == *id));
        }
        MembershipChange::RemoveAll => members.clear(),
        MembershipChange::ReplaceAll(new) => {
            members.clear();
            add(members, new);
        }
        MembershipChange::RemoveMatching(filter) => {
            let attribute = schema::group().attribute("members").unwrap();
            members.retain(|held| !matches_element(&filter, held, attribute));
        }
    }
}

#[test]
fn each_patch_case_yields_what_its_file_says() {
    let folder = Folder {
        name: "patch",
        given: &["before", "request"],
        expected: "after",
    };
    folder.play(outcome);
}
