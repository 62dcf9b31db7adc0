//! The two collections of a connection that are searched alike: Users and Groups.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::protocol::scim::schema::ResourceType;
use crate::protocol::scim::schemas::Schemas;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::group_members;
use crate::storage::groups;
use crate::storage::groups::ScimGroup;
use crate::storage::scim_filter::Predicate;
use crate::storage::scim_filter::columns;
use crate::storage::scim_filter::columns::Columns;
use crate::storage::scim_pages::Part;
use crate::storage::scim_users;
use crate::storage::scim_users::ScimUser;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::group_member;
use crate::use_cases::provisioning::mapping::GroupView;
use crate::use_cases::provisioning::mapping::UserView;

/// Resources of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collection {
    /// `/Users`.
    Users,
    /// `/Groups`.
    Groups,
}

/// A row of a collection.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Row {
    /// A User.
    User(ScimUser),
    /// A Group.
    Group(ScimGroup),
}

impl Row {
    /// What orders it among its like.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::User(user) => user.id.key(),
            Self::Group(group) => group.id.key(),
        }
    }
}

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

impl Collection {
    /// The type of its resources.
    pub(crate) fn kind(self, schemas: &Schemas) -> &ResourceType {
        match self {
            Self::Users => schemas.user(),
            Self::Groups => schemas.group(),
        }
    }

    /// Where the values of attributes are.
    pub(crate) fn columns(self) -> &'static Columns {
        match self {
            Self::Users => &columns::USERS,
            Self::Groups => &columns::GROUPS,
        }
    }

    /// The column of its keys.
    pub(crate) fn key_column(self) -> &'static str {
        match self {
            Self::Users => "scim_users.id",
            Self::Groups => "scim_groups.id",
        }
    }

    /// The attribute that other rows tell.
    pub(crate) fn relation(self) -> &'static str {
        match self {
            Self::Users => "groups",
            Self::Groups => "members",
        }
    }

    /// How many match.
    pub(crate) fn count(
        self,
        tx: &mut Transaction<'_>,
        caller: &ScimCaller,
        predicate: &Predicate,
    ) -> Result<i64, StorageError> {
        let owner = (&caller.scope, caller.connection.id);
        match self {
            Self::Users => scim_users::count(tx, owner, predicate),
            Self::Groups => groups::count(tx, owner, predicate),
        }
    }

    /// A part of those that match.
    pub(crate) fn page(
        self,
        tx: &mut Transaction<'_>,
        caller: &ScimCaller,
        predicate: &Predicate,
        part: Part<'_>,
    ) -> Result<Vec<Row>, StorageError> {
        let owner = (&caller.scope, caller.connection.id);
        Ok(match self {
            Self::Users => {
                let users = scim_users::page(tx, owner, predicate, part)?;
                users.into_iter().map(Row::User).collect()
            }
            Self::Groups => {
                let groups = groups::page(tx, owner, predicate, part)?;
                groups.into_iter().map(Row::Group).collect()
            }
        })
    }
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
