//! Changes of who is in a Group, by id: the cost is that of the change, not of the Group.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::filter::Filter;
use crate::protocol::scim::filter_match::matches_element;
use crate::protocol::scim::membership::MemberKind;
use crate::protocol::scim::membership::MemberRef;
use crate::protocol::scim::membership::MembershipChange;
use crate::protocol::scim::schema;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::group_members;
use crate::storage::group_nesting;
use crate::storage::groups;
use crate::storage::scim_users;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::group_member;
use crate::use_cases::provisioning::group_member::GroupMember;
use crate::use_cases::provisioning::group_member::parted;
use crate::use_cases::provisioning::leniency;
use crate::use_cases::provisioning::scans::refuse_repeated_scans;

/// How many Users are read at once.
const MOST_READ: usize = 500;

/// Who came and who went, all changes of a request taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Movements {
    added: BTreeSet<GroupMember>,
    removed: BTreeSet<GroupMember>,
}

impl Movements {
    /// Whether the Group holds the same members as before.
    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// The Users who went.
    pub(crate) fn users_removed(&self) -> Vec<ScimUserId> {
        let removed: Vec<_> = self.removed.iter().copied().collect();
        parted(&removed).0
    }

    /// What the journal says about them.
    pub(crate) fn describe(&self, resource: &serde_json::Map<String, Value>) -> Value {
        let mut described = resource.clone();
        for (key, members) in [
            ("membersAdded", &self.added),
            ("membersRemoved", &self.removed),
        ] {
            if !members.is_empty() {
                described.insert(key.to_owned(), json!(members));
            }
        }
        Value::Object(described)
    }

    fn add(&mut self, member: GroupMember) {
        if !self.removed.remove(&member) {
            self.added.insert(member);
        }
    }

    fn remove(&mut self, member: GroupMember) {
        if !self.added.remove(&member) {
            self.removed.insert(member);
        }
    }
}

/// Applies changes in order. Who is in already is not added again, and removing somebody who is
/// not in is no error; somebody unknown cannot be added.
pub(crate) fn apply(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    group: ScimGroupId,
    changes: Vec<MembershipChange>,
) -> Result<Movements, ProvisioningError> {
    let mut movements = Movements::default();
    let changes = joined(changes);
    refuse_repeated_scans(caller, group, &changes)?;
    let scope = &caller.scope;
    for change in changes {
        let (leaving, joining) = differences(tx, caller, group, change)?;
        let (users, nested) = parted(&leaving);
        group_members::delete(tx, scope, group, &users)?;
        group_nesting::delete(tx, scope, group, &nested)?;
        for member in leaving {
            movements.remove(member);
        }
        let (users, nested) = parted(&joining);
        refuse_circles(tx, caller, group, &nested)?;
        group_members::insert(tx, scope, group, &users)?;
        group_nesting::insert(tx, scope, group, &nested)?;
        for member in joining {
            movements.add(member);
        }
    }
    Ok(movements)
}

/// Some clients send one operation a member: neighbours of a kind become one change.
fn joined(changes: Vec<MembershipChange>) -> Vec<MembershipChange> {
    let mut joined: Vec<MembershipChange> = Vec::new();
    for change in changes {
        match (joined.last_mut(), change) {
            (Some(MembershipChange::Add(all)), MembershipChange::Add(more)) => all.extend(more),
            (Some(MembershipChange::Remove(all)), MembershipChange::Remove(more)) => {
                all.extend(more);
            }
            (_, change) => joined.push(change),
        }
    }
    joined
}

/// Who leaves and who joins by a change.
fn differences(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    group: ScimGroupId,
    change: MembershipChange,
) -> Result<(Vec<GroupMember>, Vec<GroupMember>), ProvisioningError> {
    let scope = &caller.scope;
    match change {
        MembershipChange::Add(members) => {
            let members = without_those_that_name_nothing(caller, members);
            let mut joining = known(tx, caller, &members)?;
            let asked: Vec<_> = joining.iter().copied().collect();
            for present in group_member::among(tx, scope, group, &asked)? {
                joining.remove(&present);
            }
            Ok((Vec::new(), joining.into_iter().collect()))
        }
        MembershipChange::Remove(ids) => {
            let named: Vec<_> = ids.iter().filter_map(|id| GroupMember::read(id)).collect();
            let leaving = group_member::among(tx, scope, group, &named)?;
            Ok((leaving, Vec::new()))
        }
        MembershipChange::RemoveAll => Ok((group_member::list(tx, scope, group)?, Vec::new())),
        MembershipChange::ReplaceAll(members) => {
            let wanted = known(tx, caller, &members)?;
            let present: BTreeSet<_> = group_member::list(tx, scope, group)?.into_iter().collect();
            let leaving = present.difference(&wanted).copied().collect();
            Ok((leaving, wanted.difference(&present).copied().collect()))
        }
        MembershipChange::RemoveMatching(filter) => {
            Ok((matching(tx, caller, group, &filter)?, Vec::new()))
        }
    }
}

/// A member may be added before its id is known; a list that replaces the members says who leaves,
/// so nothing in it is passed over.
fn without_those_that_name_nothing(
    caller: &ScimCaller,
    mut members: Vec<MemberRef>,
) -> Vec<MemberRef> {
    let leniency = leniency(caller);
    if leniency.members_without_id {
        let given = members.len();
        members.retain(|member| GroupMember::read(&member.value).is_some());
        if members.len() < given {
            leniency.used(Departure::MemberWithoutIdIgnored);
        }
    }
    members
}

/// What a client names, all of it known to the connection.
fn known(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    members: &[MemberRef],
) -> Result<BTreeSet<GroupMember>, ProvisioningError> {
    let named = members.iter().map(read);
    let asked = named.collect::<Result<BTreeSet<_>, ScimError>>()?;
    let (users, groups) = parted(&asked.iter().copied().collect::<Vec<_>>());
    let place = (&caller.scope, caller.connection.id);
    let found_users = group_members::known(tx, place, &users)?;
    let found_groups = groups::names(tx, place, &groups)?;
    let found_users = found_users.into_iter().map(GroupMember::User);
    let found_groups = found_groups
        .into_iter()
        .map(|(id, _)| GroupMember::Group(id));
    let found: BTreeSet<_> = found_users.chain(found_groups).collect();
    match asked.difference(&found).next() {
        Some(GroupMember::User(missing)) => Err(unknown("User", &missing.to_string()).into()),
        Some(GroupMember::Group(missing)) => Err(unknown("Group", &missing.to_string()).into()),
        None => Ok(asked),
    }
}

/// The id must be one of what the client says it is.
fn read(member: &MemberRef) -> Result<GroupMember, ScimError> {
    let (kind, id) = (member.kind, &member.value);
    match (GroupMember::read(id), kind) {
        (Some(user @ GroupMember::User(_)), MemberKind::User) => Ok(user),
        (Some(group @ GroupMember::Group(_)), MemberKind::Group) => Ok(group),
        (Some(GroupMember::Group(_)), MemberKind::User) => Err(ScimError::InvalidValue(format!(
            "`members` names \"{id}\" as a User, and this is the id of a Group; send it with \
             \"type\": \"Group\""
        ))),
        (Some(GroupMember::User(_)) | None, _) => Err(unknown(kind.name(), id)),
    }
}

fn unknown(kind: &str, id: &str) -> ScimError {
    ScimError::InvalidValue(format!(
        "`members` names \"{id}\", and there is no {kind} with this id; create the {kind} first"
    ))
}

/// A Group cannot be inside itself, neither directly nor through others.
fn refuse_circles(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    group: ScimGroupId,
    joining: &[ScimGroupId],
) -> Result<(), ProvisioningError> {
    if joining.is_empty() {
        return Ok(());
    }
    if joining.contains(&group) {
        let detail = format!("`members` names the Group \"{group}\" itself; leave it out");
        return Err(ScimError::InvalidValue(detail).into());
    }
    let above = group_nesting::above(tx, &caller.scope, group)?;
    match joining.iter().find(|nested| above.contains(nested)) {
        Some(nested) => Err(ScimError::InvalidValue(format!(
            "`members` names the Group \"{nested}\", which holds this Group already, directly or \
             through others, and a Group cannot be inside itself; take this Group out of it first"
        ))
        .into()),
        None => Ok(()),
    }
}

/// The members that a value filter describes, such as `members[display eq "ana"]`.
fn matching(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    group: ScimGroupId,
    filter: &Filter,
) -> Result<Vec<GroupMember>, StorageError> {
    let Some(attribute) = schema::group().attribute("members") else {
        return Ok(Vec::new());
    };
    let members = group_member::list(tx, &caller.scope, group)?;
    let (users, nested) = parted(&members);
    let place = (&caller.scope, caller.connection.id);
    let mut leaving = Vec::new();
    // Users are large, and a Group may have many.
    for some in users.chunks(MOST_READ) {
        for user in scim_users::list_by_ids(tx, place, some)? {
            let display = user.display_name.as_ref().unwrap_or(&user.user_name);
            let element = json!({ "value": user.id, "type": "User", "display": display });
            if matches_element(filter, &element, attribute) {
                leaving.push(GroupMember::User(user.id));
            }
        }
    }
    for (id, name) in groups::names(tx, place, &nested)? {
        let element = json!({ "value": id, "type": "Group", "display": name });
        if matches_element(filter, &element, attribute) {
            leaving.push(GroupMember::Group(id));
        }
    }
    Ok(leaving)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_leaves_and_comes_back_has_not_moved() {
        let user = || GroupMember::User(ScimUserId::fresh());
        let (ana, ben) = (user(), user());
        let mut movements = Movements::default();
        movements.remove(ana);
        movements.add(ben);
        movements.add(ana);
        movements.remove(ben);
        assert!(movements.is_empty());
    }

    #[test]
    fn neighbours_of_a_kind_become_one_change() {
        let remove = |id: &str| MembershipChange::Remove(vec![id.to_owned()]);
        let changes = vec![
            remove("a"),
            remove("b"),
            MembershipChange::RemoveAll,
            remove("c"),
        ];
        let both = MembershipChange::Remove(vec!["a".to_owned(), "b".to_owned()]);
        let expected = vec![both, MembershipChange::RemoveAll, remove("c")];
        assert_eq!(joined(changes), expected);
    }
}
