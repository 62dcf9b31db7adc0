//! What can be in a Group, and what is: Users, and Groups, which bring nobody's roles along.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::group_members;
use crate::storage::group_nesting;

/// Something that is in a Group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum GroupMember {
    /// A User.
    User(ScimUserId),
    /// A Group.
    Group(ScimGroupId),
}

impl GroupMember {
    /// Reads the id of either.
    pub(crate) fn read(id: &str) -> Option<Self> {
        let user = id.parse().map(Self::User);
        user.or_else(|_| id.parse().map(Self::Group)).ok()
    }

    /// The element of `members`, for a connection at this base address.
    pub(crate) fn represent(&self, base_url: &str) -> Value {
        let (kind, path) = match self {
            Self::User(_) => ("User", "Users"),
            Self::Group(_) => ("Group", "Groups"),
        };
        let reference = format!(
            "{base_url}/{path}/{}",
            json!(self).as_str().unwrap_or_default()
        );
        json!({ "value": self, "$ref": reference, "type": kind })
    }
}

/// Users and Groups apart.
pub(crate) fn parted(members: &[GroupMember]) -> (Vec<ScimUserId>, Vec<ScimGroupId>) {
    let (mut users, mut groups) = (Vec::new(), Vec::new());
    for member in members {
        match member {
            GroupMember::User(id) => users.push(*id),
            GroupMember::Group(id) => groups.push(*id),
        }
    }
    (users, groups)
}

fn joined(users: Vec<ScimUserId>, groups: Vec<ScimGroupId>) -> Vec<GroupMember> {
    let users = users.into_iter().map(GroupMember::User);
    users
        .chain(groups.into_iter().map(GroupMember::Group))
        .collect()
}

/// All that is in a Group: Users, then Groups, in the order they were made.
pub(crate) fn list(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
) -> Result<Vec<GroupMember>, StorageError> {
    Ok(joined(
        group_members::list(tx, scope, group, i64::MAX)?,
        group_nesting::list(tx, scope, group, i64::MAX)?,
    ))
}

/// The first of all that is in these Groups, in two statements.
pub(crate) fn list_all(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    groups: &[ScimGroupId],
    most: i64,
) -> Result<HashMap<ScimGroupId, Vec<GroupMember>>, StorageError> {
    let mut members: HashMap<ScimGroupId, Vec<GroupMember>> = HashMap::new();
    if groups.is_empty() {
        return Ok(members);
    }
    let users = group_members::list_all(tx, scope, groups, most)?;
    let left = most.saturating_sub(i64::try_from(users.len()).unwrap_or(i64::MAX));
    for (group, user) in users {
        let found = members.entry(group).or_default();
        found.push(GroupMember::User(user));
    }
    for (group, nested) in group_nesting::list_all(tx, scope, groups, left)? {
        let found = members.entry(group).or_default();
        found.push(GroupMember::Group(nested));
    }
    Ok(members)
}

/// All that is in a Group, unless that is more than so much.
pub(crate) fn list_few(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
    most: i64,
) -> Result<Option<Vec<GroupMember>>, StorageError> {
    let enough = most.saturating_add(1);
    let members = joined(
        group_members::list(tx, scope, group, enough)?,
        group_nesting::list(tx, scope, group, enough)?,
    );
    let is_few = i64::try_from(members.len()).is_ok_and(|count| count <= most);
    Ok(is_few.then_some(members))
}

/// Which of these are in the Group.
pub(crate) fn among(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
    asked: &[GroupMember],
) -> Result<Vec<GroupMember>, StorageError> {
    let (users, groups) = parted(asked);
    let users = group_members::among(tx, scope, group, &users)?;
    Ok(joined(
        users,
        group_nesting::among(tx, scope, group, &groups)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_it_is_of() {
        let (user, group) = (ScimUserId::fresh(), ScimGroupId::fresh());
        assert_eq!(
            GroupMember::read(&user.to_string()),
            Some(GroupMember::User(user))
        );
        assert_eq!(
            GroupMember::read(&group.to_string()),
            Some(GroupMember::Group(group))
        );
        assert_eq!(GroupMember::read(&user.key()), None);
        let shown = GroupMember::Group(group).represent("https://here");
        assert_eq!(shown["type"], "Group");
        assert_eq!(shown["$ref"], format!("https://here/Groups/{group}"));
    }
}
