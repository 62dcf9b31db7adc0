//! Rows of collections in full representation, with what they are related to.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::group_members;
use crate::storage::groups::ScimGroup;
use crate::storage::scim_users::ScimUser;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::collection::Row;
use crate::use_cases::provisioning::group_member;
use crate::use_cases::provisioning::mapping::GroupView;
use crate::use_cases::provisioning::mapping::UserView;

/// A row in full representation.
pub(crate) struct Shown {
    /// The row.
    pub(crate) row: Row,
    /// The representation, before projection.
    pub(crate) full: Map<String, Value>,
}

/// Who searches, and the base address of the resources.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) caller: &'a ScimCaller,
    pub(crate) base_url: &'a str,
}

/// Shows rows, with up to so many of those that they are related to, or without. All of these are
/// read at once, and it is said how many they are; each representation is made when it is its turn.
pub(crate) fn show<'r>(
    tx: &mut Transaction<'_>,
    reader: Reader<'r>,
    rows: Vec<Row>,
    related: Option<i64>,
) -> Result<(usize, impl Iterator<Item = Shown> + use<'r>), StorageError> {
    let (mut users, mut groups): (Vec<ScimUserId>, Vec<ScimGroupId>) = (Vec::new(), Vec::new());
    for row in rows.iter().filter(|_| related.is_some()) {
        match row {
            Row::User(user) => users.push(user.id),
            Row::Group(group) => groups.push(group.id),
            Row::Own(_) | Row::Right(..) => {}
        }
    }
    let (scope, most) = (&reader.caller.scope, related.unwrap_or_default());
    let mut places: HashMap<_, Vec<_>> = HashMap::new();
    let found = group_members::places(tx, scope, &users, most)?;
    let mut read = found.len();
    for (user, group, name) in found {
        places.entry(user).or_default().push((group, name));
    }
    let mut members = group_member::list_all(tx, scope, &groups, most)?;
    read += members.values().map(Vec::len).sum::<usize>();
    let shown = rows.into_iter().map(move |row| match row {
        Row::User(user) => {
            let groups = places.remove(&user.id).unwrap_or_default();
            shown_user(reader, user, groups)
        }
        Row::Group(group) => {
            let members = related.map(|_| members.remove(&group.id).unwrap_or_default());
            shown_group(reader, group, members)
        }
        Row::Own(view) => Shown {
            full: view.represent(reader.base_url),
            row: Row::Own(view),
        },
        Row::Right(asked, right) => Shown {
            full: right.represent(asked.kind(), reader.base_url),
            row: Row::Right(asked, right),
        },
    });
    Ok((read, shown))
}

fn shown_user(reader: Reader<'_>, user: ScimUser, groups: Vec<(ScimGroupId, String)>) -> Shown {
    let view = UserView {
        user,
        groups,
        schemas: Arc::clone(&reader.caller.schemas),
    };
    Shown {
        full: view.represent(reader.base_url),
        row: Row::User(view.user),
    }
}

fn shown_group(
    reader: Reader<'_>,
    group: ScimGroup,
    members: Option<Vec<group_member::GroupMember>>,
) -> Shown {
    let view = GroupView {
        group,
        members,
        schemas: Arc::clone(&reader.caller.schemas),
    };
    Shown {
        full: view.represent(reader.base_url),
        row: Row::Group(view.group),
    }
}
