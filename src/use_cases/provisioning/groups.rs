//! Create, read, replace, patch and delete Groups. `commit` is the one way a Group changes.
//!
//! Roles that a connection gives by group are derived when they are read: nothing of them is
//! written here.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ScimGroupId;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::membership::MembershipChange;
use crate::protocol::scim::membership::split_body;
use crate::protocol::scim::membership::split_patch;
use crate::protocol::scim::patch;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::representation::journaled;
use crate::protocol::scim::resource;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::group_nesting;
use crate::storage::groups;
use crate::storage::groups::ScimGroup;
use crate::storage::journal;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::last_admin;
use crate::use_cases::provisioning::Target;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::group_member;
use crate::use_cases::provisioning::leniency;
use crate::use_cases::provisioning::mapping;
use crate::use_cases::provisioning::membership;
use crate::use_cases::provisioning::membership::Movements;
use crate::use_cases::provisioning::related::MOST_READ;
use crate::use_cases::provisioning::related::refuse_too_many;
use crate::use_cases::provisioning::uniqueness;
use crate::use_cases::provisioning::views::GroupView;

/// Up to how many members the answer to a PATCH shows of itself.
const FEW: i64 = 500;

/// How much of a Group's members is read for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// None of them.
    Nobody,
    /// All of them, unless there are over 500.
    UnlessMany,
    /// All of them; over 100,000 are refused.
    Everybody,
}

/// The one way a Group changes: row and journal; membership rows change beside it and are named
/// in the event. Then what it means for administrators.
fn commit(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (before, after): (Option<&ScimGroup>, Option<&ScimGroup>),
    movements: &Movements,
) -> Result<(), StorageError> {
    let scope = &caller.scope;
    let (kind, id) = match (before, after) {
        (None, None) => return Ok(()),
        // Its row came before, since memberships refer to it.
        (None, Some(group)) => (EventKind::ScimGroupCreated, group.id),
        (Some(_), Some(group)) => {
            groups::save(tx, scope, group)?;
            (EventKind::ScimGroupUpdated, group.id)
        }
        (Some(group), None) => {
            group_nesting::delete_all_of(tx, scope, group.id)?;
            uniqueness::release(tx, caller, &group.id.to_string())?;
            groups::delete(tx, scope, group)?;
            (EventKind::ScimGroupDeleted, group.id)
        }
    };
    let told = |group: &ScimGroup| journaled(&group.resource, caller.schemas.group());
    let change = Change {
        organization_id: Some(scope.organization_id),
        kind,
        object_id: id.to_string(),
        before: before.map(|group| told(group).into()),
        after: after.map(|group| movements.describe(&told(group))),
    };
    journal::append(tx, &change)?;
    if last_admin::is_given_by(&caller.connection, id) {
        last_admin::keep_one_of(tx, caller, &movements.users_removed())?;
        last_admin::settle(tx, scope.organization_id)?;
    }
    Ok(())
}

/// Creates a Group with its members.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    body: &Map<String, Value>,
    reading: Reading,
) -> Result<GroupView, ProvisioningError> {
    let (rest, members) = split_body(body)?;
    let resource = resource::create(&rest, caller.schemas.group(), leniency(caller))?;
    let group = mapping::new_group(caller.connection.id, resource, tx.now)?;
    check_display_name(tx, caller, (None, &group))?;
    claim(tx, caller, &group, &Map::new())?;
    groups::insert(tx, &caller.scope, &group)?;
    let changes = vec![MembershipChange::Add(members)];
    let movements = membership::apply(tx, caller, group.id, changes)?;
    commit(tx, caller, (None, Some(&group)), &movements)?;
    view(tx, caller, group, reading)
}

/// Makes the unique values of a Group its own.
fn claim(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    group: &ScimGroup,
    before: &Map<String, Value>,
) -> Result<(), ProvisioningError> {
    let named = (caller.schemas.group(), group.id.to_string());
    uniqueness::claim(tx, caller, (named.0, &named.1), (before, &group.resource))
}

/// A name that stays is not asked about again: groups may have shared it when they were allowed to.
fn check_display_name(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (before, group): (Option<&ScimGroup>, &ScimGroup),
) -> Result<(), ProvisioningError> {
    let settings = caller.connection.scim();
    let folded = group.display_name.to_lowercase();
    let stays = before.is_some_and(|before| before.display_name.to_lowercase() == folded);
    if stays || settings.is_some_and(|settings| settings.allow_duplicate_group_names) {
        return Ok(());
    }
    let owner = (&caller.scope, caller.connection.id);
    let holder = groups::find_by_display_name(tx, owner, &group.display_name)?;
    match holder {
        Some(holder) => Err(ScimError::Uniqueness(format!(
            "the displayName \"{}\" is in use by the Group {}; it is unique, whatever its case; \
             allow_duplicate_group_names of the connection lifts this",
            group.display_name, holder.id
        ))
        .into()),
        None => Ok(()),
    }
}

/// Reads a Group, with its members if they will be shown.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    target: &Target,
    reading: Reading,
) -> Result<GroupView, ProvisioningError> {
    let group = find(tx, caller, &target.id)?;
    let reading = if target.conditions.is_known(group.version.into()) {
        Reading::Nobody
    } else {
        reading
    };
    view(tx, caller, group, reading)
}

fn find(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    named: &str,
) -> Result<ScimGroup, ProvisioningError> {
    let found = match named.parse::<ScimGroupId>() {
        Ok(id) => groups::find(tx, &caller.scope, caller.connection.id, id)?,
        Err(_) => None,
    };
    let missing = || ScimError::NotFound(format!("there is no Group \"{named}\"")).into();
    found.ok_or_else(missing)
}

/// What is to be changed, at the version that the client expects.
fn find_to_change(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    target: &Target,
) -> Result<ScimGroup, ProvisioningError> {
    let found = find(tx, caller, &target.id)?;
    target.conditions.check_change(found.version.into())?;
    Ok(found)
}

fn view(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    group: ScimGroup,
    reading: Reading,
) -> Result<GroupView, ProvisioningError> {
    let scope = &caller.scope;
    let members = match reading {
        Reading::Nobody => None,
        Reading::Everybody => {
            let mut members = group_member::list_all(tx, scope, &[group.id], MOST_READ)?;
            let members = members.remove(&group.id).unwrap_or_default();
            refuse_too_many(members.len(), "members")?;
            Some(members)
        }
        Reading::UnlessMany => group_member::list_few(tx, scope, group.id, FEW)?,
    };
    Ok(GroupView {
        group,
        members,
        schemas: Arc::clone(&caller.schemas),
    })
}

/// Replaces a Group by what the client sent, its members too.
pub fn replace(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (target, reading): (&Target, Reading),
    body: &Map<String, Value>,
) -> Result<GroupView, ProvisioningError> {
    let before = find_to_change(tx, caller, target)?;
    let (rest, members) = split_body(body)?;
    let kind = caller.schemas.group();
    let resource = resource::replace(&before.resource, &rest, kind, leniency(caller))?;
    let changes = vec![MembershipChange::ReplaceAll(members)];
    let after = change(tx, caller, before, (resource, changes))?;
    view(tx, caller, after, reading)
}

/// Applies the operations of a PATCH request, all or none.
pub fn patch(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (target, reading): (&Target, Reading),
    request: &PatchRequest,
) -> Result<GroupView, ProvisioningError> {
    let before = find_to_change(tx, caller, target)?;
    let (kind, leniency) = (caller.schemas.group(), leniency(caller));
    let split = split_patch(request, kind, leniency)?;
    let resource = patch::apply(&before.resource, &split.attributes, kind, leniency)?;
    let after = change(tx, caller, before, (resource, split.members))?;
    view(tx, caller, after, reading)
}

/// What stays the same is not written: some clients send a Group's name with each of its members.
fn change(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    before: ScimGroup,
    (resource, changes): (Map<String, Value>, Vec<MembershipChange>),
) -> Result<ScimGroup, ProvisioningError> {
    let movements = membership::apply(tx, caller, before.id, changes)?;
    if resource == before.resource && movements.is_empty() {
        return Ok(before);
    }
    let after = mapping::changed_group(&before, resource, tx.now)?;
    check_display_name(tx, caller, (Some(&before), &after))?;
    claim(tx, caller, &after, &before.resource)?;
    commit(tx, caller, (Some(&before), Some(&after)), &movements)?;
    Ok(after)
}

/// Deletes a Group; its Users lose what they had through it.
pub fn delete(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    target: &Target,
) -> Result<(), ProvisioningError> {
    let group = find_to_change(tx, caller, target)?;
    let everybody = vec![MembershipChange::RemoveAll];
    let movements = if last_admin::is_given_by(&caller.connection, group.id) {
        membership::apply(tx, caller, group.id, everybody)?
    } else {
        Movements::default()
    };
    Ok(commit(tx, caller, (Some(&group), None), &movements)?)
}
