//! Create, read, replace, patch and delete Users. `commit` is the one way a User changes.

use std::sync::Arc;

use chrono::DateTime;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::member::Member;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::patch;
use crate::protocol::scim::patch_request::PatchRequest;
use crate::protocol::scim::representation::journaled;
use crate::protocol::scim::resource;
use crate::protocol::scim::schema::ResourceType;
use crate::storage::Transaction;
use crate::storage::addresses::Known;
use crate::storage::error::StorageError;
use crate::storage::foreseen;
use crate::storage::group_members;
use crate::storage::journal;
use crate::storage::listed_users;
use crate::storage::listed_users::ListedUser;
use crate::storage::scim_users;
use crate::storage::scim_users::ScimUser;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::last_admin;
use crate::use_cases::provisioning::Target;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::leniency;
use crate::use_cases::provisioning::linking;
use crate::use_cases::provisioning::mapping;
use crate::use_cases::provisioning::related::MOST_READ;
use crate::use_cases::provisioning::related::refuse_too_many;
use crate::use_cases::provisioning::uniqueness;
use crate::use_cases::provisioning::views::UserView;

pub use crate::storage::foreseen::Newcomer;

/// The one way a User changes: row, memberships when it goes, journal; then what waited for it.
pub fn commit(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (before, after): (Option<&ScimUser>, Option<&ScimUser>),
) -> Result<(), StorageError> {
    let scope = &caller.scope;
    let (kind, id) = match (before, after) {
        (None, None) => return Ok(()),
        (None, Some(user)) => {
            scim_users::insert(tx, scope, user)?;
            (EventKind::ScimUserCreated, user.id)
        }
        (Some(before), Some(user)) => {
            scim_users::save(tx, scope, (before, user))?;
            (EventKind::ScimUserUpdated, user.id)
        }
        (Some(user), None) => {
            group_members::delete_all_of(tx, scope, user.id)?;
            uniqueness::release(tx, caller, &user.id.to_string())?;
            scim_users::delete(tx, scope, user)?;
            (EventKind::ScimUserDeleted, user.id)
        }
    };
    let user_kind = caller.schemas.user();
    let change = Change {
        organization_id: Some(scope.organization_id),
        kind,
        object_id: id.to_string(),
        before: before.map(|user| described(user, user_kind)),
        after: after.map(|user| described(user, user_kind)),
    };
    journal::append(tx, &change)?;
    let members = [before, after].into_iter().flatten();
    if members.into_iter().any(|user| user.member_id.is_some()) {
        last_admin::settle(tx, scope.organization_id)?;
    }
    Ok(())
}

/// A User as the journal keeps it: whom it is projected to is part of what it is.
fn described(user: &ScimUser, kind: &ResourceType) -> Value {
    let mut described = journaled(&user.resource, kind);
    described.insert("memberId".to_owned(), json!(user.member_id));
    Value::Object(described)
}

/// Whom a body is likely to add to a connection, said before anything of it is checked.
pub fn newcomer(connection: ConnectionId, body: &Map<String, Value>) -> Option<Newcomer> {
    let user = mapping::new_user(connection, body.clone(), DateTime::UNIX_EPOCH);
    Some(linking::newcomer(&user.ok()?))
}

/// Creates a User, and its member when it is active and has an address.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    body: &Map<String, Value>,
) -> Result<UserView, ProvisioningError> {
    let resource = resource::create(body, caller.schemas.user(), leniency(caller))?;
    let user = mapping::new_user(caller.connection.id, resource, tx.now)?;
    let known = look(tx, caller, &user)?;
    claim(tx, caller, &user, &Map::new())?;
    let user = linking::arrive(tx, caller, (user, Some(known)))?;
    commit(tx, caller, (None, Some(&user)))?;
    view(caller, &user, Vec::new())
}

/// Makes the unique values of a User its own.
fn claim(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    user: &ScimUser,
    before: &Map<String, Value>,
) -> Result<(), ProvisioningError> {
    let named = (caller.schemas.user(), user.id.to_string());
    uniqueness::claim(tx, caller, (named.0, &named.1), (before, &user.resource))
}

/// Who has to do with the address of a new User, if its member needs one; its userName is nobody's.
fn look(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    user: &ScimUser,
) -> Result<Known, ProvisioningError> {
    let (known, holder) = foreseen::look(tx, &caller.scope, &linking::newcomer(user))?;
    check_free(user, holder)?;
    Ok(known)
}

fn check_user_name(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    user: &ScimUser,
) -> Result<(), ProvisioningError> {
    let connection = caller.connection.id;
    let holder = scim_users::find_by_user_name(tx, &caller.scope, connection, &user.user_name)?;
    check_free(user, holder.map(|holder| holder.id))
}

fn check_free(user: &ScimUser, holder: Option<ScimUserId>) -> Result<(), ProvisioningError> {
    match holder {
        Some(holder) => Err(ScimError::Uniqueness(format!(
            "the userName \"{}\" is in use by the User {holder}; userName is unique, whatever its case",
            user.user_name
        ))
        .into()),
        None => Ok(()),
    }
}

/// Reads a User, with its groups if they will be shown.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    target: &Target,
    with_groups: bool,
) -> Result<UserView, ProvisioningError> {
    let place = (&caller.scope, caller.connection.id);
    let found = match target.id.parse::<ScimUserId>() {
        Ok(id) => listed_users::find(tx, place, id)?,
        Err(_) => None,
    };
    let user = found.ok_or_else(|| missing(&target.id))?;
    let is_shown = !target.conditions.is_known(user.version.into());
    Ok(UserView {
        groups: groups(tx, caller, user.id, with_groups && is_shown)?,
        user,
        schemas: Arc::clone(&caller.schemas),
    })
}

fn missing(named: &str) -> ProvisioningError {
    ScimError::NotFound(format!("there is no User \"{named}\"")).into()
}

/// A User that is to be changed, and what else has to be known for it.
struct Found {
    user: ScimUser,
    member: Option<Member>,
    groups: Groups,
}

type Groups = Vec<(ScimGroupId, String)>;

/// What is to be changed, at the version that the client expects. Its groups are read already,
/// which the change leaves as they are, so that what it writes can wait for the end.
fn find_to_change(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (target, with_groups): (&Target, bool),
) -> Result<Found, ProvisioningError> {
    let (scope, connection) = (&caller.scope, caller.connection.id);
    let found = match target.id.parse::<ScimUserId>() {
        Ok(id) => scim_users::find_with_member(tx, scope, connection, id)?,
        Err(_) => None,
    };
    let (user, member) = found.ok_or_else(|| missing(&target.id))?;
    target.conditions.check_change(user.version.into())?;
    Ok(Found {
        groups: groups(tx, caller, user.id, with_groups)?,
        user,
        member,
    })
}

fn groups(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    user: ScimUserId,
    are_shown: bool,
) -> Result<Groups, ProvisioningError> {
    if !are_shown {
        return Ok(Vec::new());
    }
    let places = group_members::places(tx, &caller.scope, &[user], MOST_READ)?;
    refuse_too_many(places.len(), "groups")?;
    Ok(places.into_iter().map(|place| (place.1, place.2)).collect())
}

fn view(
    caller: &ScimCaller,
    user: &ScimUser,
    groups: Groups,
) -> Result<UserView, ProvisioningError> {
    Ok(UserView {
        user: ListedUser::of(user)?,
        groups,
        schemas: Arc::clone(&caller.schemas),
    })
}

/// Replaces a User by what the client sent.
pub fn replace(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    target: (&Target, bool),
    body: &Map<String, Value>,
) -> Result<UserView, ProvisioningError> {
    let found = find_to_change(tx, caller, target)?;
    let (before, kind) = (&found.user.resource, caller.schemas.user());
    let resource = resource::replace(before, body, kind, leniency(caller))?;
    change(tx, caller, found, resource)
}

/// Applies the operations of a PATCH request, all or none.
pub fn patch(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    target: (&Target, bool),
    request: &PatchRequest,
) -> Result<UserView, ProvisioningError> {
    let found = find_to_change(tx, caller, target)?;
    let (before, kind) = (&found.user.resource, caller.schemas.user());
    let resource = patch::apply(before, request, kind, leniency(caller))?;
    change(tx, caller, found, resource)
}

/// What stays the same is not written: clients send whole Users whenever one thing changes.
fn change(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    found: Found,
    resource: Map<String, Value>,
) -> Result<UserView, ProvisioningError> {
    let (before, member) = (found.user, found.member.as_ref());
    if resource == before.resource {
        return view(caller, &before, found.groups);
    }
    let after = mapping::changed_user(&before, resource, tx.now)?;
    if after.user_name != before.user_name {
        check_user_name(tx, caller, &after)?;
    }
    claim(tx, caller, &after, &before.resource)?;
    // A User that stays inactive leaves its member alone: an administrator may have brought the
    // person back meanwhile.
    let after = if before.active || after.active {
        linking::link(tx, caller, (after, member))?
    } else {
        after
    };
    commit(tx, caller, (Some(&before), Some(&after)))?;
    view(caller, &after, found.groups)
}

/// Deletes a User; its member goes too, its `userName` is free again.
pub fn delete(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    target: &Target,
) -> Result<(), ProvisioningError> {
    let found = find_to_change(tx, caller, (target, false))?;
    linking::leave(tx, caller, found.member.as_ref())?;
    Ok(commit(tx, caller, (Some(&found.user), None))?)
}
