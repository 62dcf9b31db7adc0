//! Rows of collections in full representation, with what they are related to.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::protocol::scim::projection::Projection;
use crate::protocol::scim::schema::ResourceType;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::group_members;
use crate::storage::listed_users::ListedUser;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::collection::Row;
use crate::use_cases::provisioning::group_member;
use crate::use_cases::provisioning::group_member::GroupMember;
use crate::use_cases::provisioning::views;
use crate::use_cases::provisioning::views::GroupView;
use crate::use_cases::provisioning::views::ListedView;

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
) -> Result<
    (
        usize,
        impl Iterator<Item = Result<Shown, StorageError>> + use<'r>,
    ),
    StorageError,
> {
    let (read, mut relations) = Relations::of(tx, reader, &rows, related)?;
    let shown = rows.into_iter().map(move |row| relations.show(reader, row));
    Ok((read, shown))
}

/// Shows rows as a response has them, each with its key; what is kept as it is shown is not looked
/// into.
pub(crate) fn texts(
    tx: &mut Transaction<'_>,
    reader: Reader<'_>,
    (rows, related): (Vec<Row>, Option<i64>),
    (projection, kind): (&Projection, &ResourceType),
) -> Result<(usize, Vec<(String, String)>), StorageError> {
    let (read, mut relations) = Relations::of(tx, reader, &rows, related)?;
    let mut texts = Vec::with_capacity(rows.len());
    for row in rows {
        let key = row.key();
        let as_kept = match &row {
            Row::Listed(user) => relations.listed(user).as_kept(reader.base_url),
            _ => None,
        };
        let text = if let Some(text) = as_kept {
            text
        } else {
            let shown = relations.show(reader, row)?;
            Value::Object(projection.apply(&shown.full, kind)).to_string()
        };
        texts.push((key, text));
    }
    Ok((read, texts))
}

/// What rows are related to, as far as it was read.
struct Relations {
    places: HashMap<ScimUserId, Vec<(ScimGroupId, String)>>,
    members: HashMap<ScimGroupId, Vec<GroupMember>>,
    are_read: bool,
}

impl Relations {
    /// Those of all rows, up to so many, and how many they are.
    fn of(
        tx: &mut Transaction<'_>,
        reader: Reader<'_>,
        rows: &[Row],
        related: Option<i64>,
    ) -> Result<(usize, Self), StorageError> {
        let (mut users, mut groups): (Vec<ScimUserId>, Vec<ScimGroupId>) = Default::default();
        for row in rows.iter().filter(|_| related.is_some()) {
            match row {
                Row::User(user) => users.push(user.id),
                Row::Listed(user) => users.push(user.id),
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
        let members = group_member::list_all(tx, scope, &groups, most)?;
        read += members.values().map(Vec::len).sum::<usize>();
        let relations = Self {
            places,
            members,
            are_read: related.is_some(),
        };
        Ok((read, relations))
    }

    fn listed<'l>(&'l self, user: &'l ListedUser) -> ListedView<'l> {
        let groups = self.places.get(&user.id).map(Vec::as_slice);
        ListedView {
            user,
            groups: groups.unwrap_or_default(),
        }
    }

    fn show(&mut self, reader: Reader<'_>, row: Row) -> Result<Shown, StorageError> {
        let schemas = &reader.caller.schemas;
        let full = match &row {
            Row::User(user) => {
                let groups = self.places.get(&user.id).map(Vec::as_slice);
                let place = (reader.base_url, schemas.as_ref());
                views::user(user, groups.unwrap_or_default(), place)
            }
            Row::Listed(user) => self.listed(user).represent(reader.base_url, schemas)?,
            Row::Group(group) => {
                let members = self.members.remove(&group.id);
                let view = GroupView {
                    group: group.clone(),
                    members: self.are_read.then(|| members.unwrap_or_default()),
                    schemas: Arc::clone(schemas),
                };
                view.represent(reader.base_url)
            }
            Row::Own(view) => view.represent(reader.base_url),
            Row::Right(asked, right) => right.represent(asked.kind(), reader.base_url),
        };
        Ok(Shown { row, full })
    }
}
