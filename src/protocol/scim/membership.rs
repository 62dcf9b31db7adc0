//! Members of Groups, apart from the rest of the Group (RFC 7643 §4.2, RFC 7644 §3.5.2).
//!
//! Memberships are kept as rows of their own, so a request is split: what concerns members
//! becomes a list of changes by id, which costs the same in a group of ten and of ten thousand.

use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter::Operator;
use crate::protocol::scim::leniency::Leniency;
use crate::protocol::scim::patch::read_only;
use crate::protocol::scim::patch::without_path;
use crate::protocol::scim::patch_request::Operation;
use crate::protocol::scim::patch_request::OperationKind;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::path::Path;
use crate::protocol::scim::path::Target;
use crate::protocol::scim::schema::ResourceType;
use serde_json::Map;
use serde_json::Value;

/// What a member of a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MemberKind {
    /// A User.
    #[default]
    User,
    /// A Group inside the group.
    Group,
}

impl MemberKind {
    /// The `type` of such a member, also the name of its resource type.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }
}

/// A member as a client names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MemberRef {
    /// The id of the resource.
    pub value: String,
    /// What it is.
    pub kind: MemberKind,
}

/// A change of the members of a group.
#[derive(Debug, Clone, PartialEq)]
pub enum MembershipChange {
    /// These become members; those who are already stay.
    Add(Vec<MemberRef>),
    /// These ids are no longer members; those who are not stay so.
    Remove(Vec<String>),
    /// Nobody is a member any longer.
    RemoveAll,
    /// These and nobody else are members.
    ReplaceAll(Vec<MemberRef>),
    /// Those whom the filter describes are no longer members; only the caller, who can read the
    /// present members, knows who they are.
    RemoveMatching(Filter),
}

/// A PATCH of a group, split.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupPatch {
    /// What is left for `patch::apply`; it may be without operations.
    pub attributes: PatchRequest,
    /// The changes of members, in order.
    pub members: Vec<MembershipChange>,
}

/// Splits a PATCH request for a Group.
pub fn split_patch(
    request: &PatchRequest,
    group: &ResourceType,
    leniency: Leniency,
) -> Result<GroupPatch, ScimError> {
    let mut split = GroupPatch {
        attributes: PatchRequest {
            operations: Vec::new(),
        },
        members: Vec::new(),
    };
    for operation in &request.operations {
        operation.report(leniency);
        match &operation.path {
            Some(path) => match Path::read(path, group, leniency)? {
                Path::Attribute(target) if is_members(&target) => {
                    let given = (operation.kind, operation.value.as_ref());
                    split.members.extend(changes(&target, given, leniency)?);
                }
                _ => split.attributes.operations.push(operation.clone()),
            },
            None => split_without_path(operation, group, leniency, &mut split)?,
        }
    }
    Ok(split)
}

fn split_without_path(
    operation: &Operation,
    group: &ResourceType,
    leniency: Leniency,
    split: &mut GroupPatch,
) -> Result<(), ScimError> {
    let mut rest = Map::new();
    for (key, value) in without_path(operation.kind, operation.value.as_ref())? {
        match Path::read(key, group, leniency) {
            Ok(Path::Attribute(target)) if is_members(&target) => {
                let given = (operation.kind, Some(value));
                split.members.extend(changes(&target, given, leniency)?);
            }
            _ => {
                rest.insert(key.clone(), value.clone());
            }
        }
    }
    if !rest.is_empty() {
        let rest = Operation {
            value: Some(Value::Object(rest)),
            ..operation.clone()
        };
        split.attributes.operations.push(rest);
    }
    Ok(())
}

/// Takes the members out of the body of a create or replace request for a Group.
pub fn split_body(
    body: &Map<String, Value>,
) -> Result<(Map<String, Value>, Vec<MemberRef>), ScimError> {
    let mut rest = body.clone();
    let mut members = Vec::new();
    for (key, value) in body
        .iter()
        .filter(|(key, _)| key.eq_ignore_ascii_case("members"))
    {
        members = read_members(value)?;
        rest.shift_remove(key);
    }
    Ok((rest, members))
}

fn is_members(target: &Target<'_>) -> bool {
    target.extension.is_none() && target.attribute.name == "members"
}

fn changes(
    target: &Target<'_>,
    (kind, value): (OperationKind, Option<&Value>),
    leniency: Leniency<'_>,
) -> Result<Vec<MembershipChange>, ScimError> {
    if target.is_read_only() {
        return Err(read_only(target));
    }
    if target.sub_attribute.is_some() {
        return Err(ScimError::Mutability(format!(
            "`{}` cannot change; remove the member and add another",
            target.name()
        )));
    }
    let given = || value.ok_or_else(value_missing).and_then(read_members);
    Ok(match (&target.filter, kind, value) {
        (None, OperationKind::Add, _) => vec![MembershipChange::Add(given()?)],
        (None, OperationKind::Replace, _) => vec![MembershipChange::ReplaceAll(given()?)],
        (None, OperationKind::Remove, None) => vec![MembershipChange::RemoveAll],
        (None, OperationKind::Remove, Some(value)) => {
            leniency.used(Departure::RemoveByValue);
            vec![MembershipChange::Remove(ids(value))]
        }
        (Some(filter), OperationKind::Remove, _) => vec![removal(filter)],
        (Some(filter), OperationKind::Add, _) => {
            leniency.used(Departure::AddCreatedElement);
            vec![MembershipChange::Add(described(filter)?)]
        }
        (Some(filter), OperationKind::Replace, _) => {
            vec![removal(filter), MembershipChange::Add(given()?)]
        }
    })
}

/// The members that a value lists; each must be readable.
fn read_members(value: &Value) -> Result<Vec<MemberRef>, ScimError> {
    let given = listed(value).iter().filter(|member| !member.is_null());
    given
        .map(|member| MemberRef::read(member).ok_or_else(unreadable))
        .collect()
}

impl MemberRef {
    /// Reads an element of `members`; `None` if it names nobody.
    ///
    /// Without a `type` the address tells groups from users, and without an address it is a
    /// user: many clients send the `value` alone.
    fn read(member: &Value) -> Option<Self> {
        let value = id(member)?;
        let kind = match part(member, "type").and_then(Value::as_str) {
            Some(label) if label.eq_ignore_ascii_case("user") => MemberKind::User,
            Some(label) if label.eq_ignore_ascii_case("group") => MemberKind::Group,
            Some(_) => return None,
            None => {
                let address = part(member, "$ref")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let segments = address.rsplit('/').nth(1);
                if segments == Some("Groups") {
                    MemberKind::Group
                } else {
                    MemberKind::User
                }
            }
        };
        Some(Self { value, kind })
    }
}

/// The ids that a value lists; what cannot be read names nobody.
fn ids(value: &Value) -> Vec<String> {
    listed(value).iter().filter_map(id).collect()
}

fn id(member: &Value) -> Option<String> {
    let value = part(member, "value").unwrap_or(member).as_str()?;
    (!value.trim().is_empty()).then(|| value.to_owned())
}

fn part<'v>(member: &'v Value, name: &str) -> Option<&'v Value> {
    let mut parts = member.as_object()?.iter();
    parts
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn listed(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

/// `members[value eq "x"]` is a removal by id; any other filter has to be looked up.
fn removal(filter: &Filter) -> MembershipChange {
    match ids_of_filter(filter) {
        Some(ids) => MembershipChange::Remove(ids),
        None => MembershipChange::RemoveMatching(filter.clone()),
    }
}

fn ids_of_filter(filter: &Filter) -> Option<Vec<String>> {
    match filter {
        Filter::Compare {
            attribute,
            operator: Operator::Equal,
            value: Value::String(id),
        } if attribute.attribute == "value" => Some(vec![id.clone()]),
        Filter::Or(filters) => {
            let ids = filters
                .iter()
                .map(ids_of_filter)
                .collect::<Option<Vec<_>>>()?;
            Some(ids.into_iter().flatten().collect())
        }
        Filter::Compare { .. }
        | Filter::Present(_)
        | Filter::Element { .. }
        | Filter::And(_)
        | Filter::Not(_) => None,
    }
}

/// Adding through a filter adds the member that the filter describes.
fn described(filter: &Filter) -> Result<Vec<MemberRef>, ScimError> {
    let values = filter.required_values().into_iter();
    let member = values
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    read_members(&Value::Object(member))
}

fn unreadable() -> ScimError {
    ScimError::InvalidValue(
        "each of `members` must be an object with the id of a User or Group as `value`, \
         and \"User\" or \"Group\" as `type` if it has one"
            .to_owned(),
    )
}

fn value_missing() -> ScimError {
    ScimError::InvalidValue(
        "the operation on `members` has no `value`; send an array of members".to_owned(),
    )
}

#[cfg(test)]
mod tests;
