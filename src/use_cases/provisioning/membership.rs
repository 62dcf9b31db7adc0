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
use crate::storage::scim_users;
use crate::storage::scim_users::ScimUser;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::leniency;

/// How often one request may go through all members of a Group.
const MOST_SCANS: usize = 10;

/// Who came and who went, all changes of a request taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Movements {
    added: BTreeSet<ScimUserId>,
    removed: BTreeSet<ScimUserId>,
}

impl Movements {
    /// Whether the Group holds the same people as before.
    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// What the journal says about them.
    pub(crate) fn describe(&self, resource: &serde_json::Map<String, Value>) -> Value {
        let mut described = resource.clone();
        for (key, users) in [
            ("membersAdded", &self.added),
            ("membersRemoved", &self.removed),
        ] {
            if !users.is_empty() {
                described.insert(key.to_owned(), json!(users));
            }
        }
        Value::Object(described)
    }

    fn add(&mut self, user: ScimUserId) {
        if !self.removed.remove(&user) {
            self.added.insert(user);
        }
    }

    fn remove(&mut self, user: ScimUserId) {
        if !self.added.remove(&user) {
            self.removed.insert(user);
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
    refuse_repeated_scans(&changes)?;
    for change in changes {
        let (leaving, joining) = differences(tx, caller, group, change)?;
        group_members::delete(tx, &caller.scope, group, &leaving)?;
        for user in leaving {
            movements.remove(user);
        }
        for user in joining {
            group_members::insert(tx, &caller.scope, group, user)?;
            movements.add(user);
        }
    }
    Ok(movements)
}

/// A change that names nobody reads the whole Group, so a request has few of them.
fn refuse_repeated_scans(changes: &[MembershipChange]) -> Result<(), ScimError> {
    let scans = changes.iter().filter(|change| match change {
        MembershipChange::Add(_) | MembershipChange::Remove(_) => false,
        MembershipChange::RemoveAll
        | MembershipChange::ReplaceAll(_)
        | MembershipChange::RemoveMatching(_) => true,
    });
    let count = scans.count();
    if count <= MOST_SCANS {
        return Ok(());
    }
    Err(ScimError::InvalidValue(format!(
        "{count} operations go through all `members`; at most {MOST_SCANS} are accepted in one \
         request: name members by their ids instead"
    )))
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
) -> Result<(Vec<ScimUserId>, Vec<ScimUserId>), ProvisioningError> {
    let scope = &caller.scope;
    match change {
        MembershipChange::Add(members) => {
            let members = without_those_that_name_nothing(caller, members);
            let mut joining = users(tx, caller, &members)?;
            let asked: Vec<_> = joining.iter().copied().collect();
            for present in group_members::among(tx, scope, group, &asked)? {
                joining.remove(&present);
            }
            Ok((Vec::new(), joining.into_iter().collect()))
        }
        MembershipChange::Remove(ids) => {
            let known: Vec<ScimUserId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
            Ok((group_members::among(tx, scope, group, &known)?, Vec::new()))
        }
        MembershipChange::RemoveAll => Ok((group_members::list(tx, scope, group)?, Vec::new())),
        MembershipChange::ReplaceAll(members) => {
            let wanted = users(tx, caller, &members)?;
            let present: BTreeSet<_> = group_members::list(tx, scope, group)?.into_iter().collect();
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
        members.retain(|member| {
            member.value.parse::<ScimUserId>().is_ok()
                || member.value.parse::<ScimGroupId>().is_ok()
        });
        if members.len() < given {
            leniency.used(Departure::MemberWithoutIdIgnored);
        }
    }
    members
}

/// The Users that a client names, all of them known to the connection.
fn users(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    members: &[MemberRef],
) -> Result<BTreeSet<ScimUserId>, ProvisioningError> {
    if let Some(group) = members
        .iter()
        .find(|member| member.kind == MemberKind::Group)
    {
        return Err(ScimError::InvalidValue(format!(
            "`members` names the Group \"{}\", and groups inside groups are not supported; \
             name its Users instead",
            group.value
        ))
        .into());
    }
    let mut asked = BTreeSet::new();
    for member in members {
        asked.insert(member.value.parse().map_err(|_| unknown(&member.value))?);
    }
    let ids: Vec<ScimUserId> = asked.iter().copied().collect();
    let place = (&caller.scope, caller.connection.id);
    let found = scim_users::list_by_ids(tx, place, &ids)?;
    let found: BTreeSet<ScimUserId> = found.iter().map(|user| user.id).collect();
    match asked.difference(&found).next() {
        Some(missing) => Err(unknown(&missing.to_string()).into()),
        None => Ok(asked),
    }
}

fn unknown(id: &str) -> ScimError {
    ScimError::InvalidValue(format!(
        "`members` names \"{id}\", and there is no User with this id; create the User first"
    ))
}

/// The members that a value filter describes, such as `members[display eq "ana"]`.
fn matching(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    group: ScimGroupId,
    filter: &Filter,
) -> Result<Vec<ScimUserId>, StorageError> {
    let Some(attribute) = schema::group().attribute("members") else {
        return Ok(Vec::new());
    };
    let ids = group_members::list(tx, &caller.scope, group)?;
    let place = (&caller.scope, caller.connection.id);
    let users = scim_users::list_by_ids(tx, place, &ids)?;
    let described = users.iter().filter(|user| {
        let element = element(user);
        matches_element(filter, &element, attribute)
    });
    Ok(described.map(|user| user.id).collect())
}

fn element(user: &ScimUser) -> Value {
    let display = user.display_name.as_ref().unwrap_or(&user.user_name);
    json!({ "value": user.id, "type": "User", "display": display })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_leaves_and_comes_back_has_not_moved() {
        let (ana, ben) = (ScimUserId::fresh(), ScimUserId::fresh());
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
