//! SCIM Groups and who is in them: rows of one connection.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::AsChangeset;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;
use serde_json::Map;
use serde_json::Value;

use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::schema::scim_group_members;
use crate::storage::schema::scim_group_nesting;
use crate::storage::schema::scim_groups;

/// A SCIM Group record; its members are rows of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimGroup {
    /// Its id.
    pub id: ScimGroupId,
    /// The connection that pushed it.
    pub connection_id: ConnectionId,
    /// `displayName`.
    pub display_name: String,
    /// `externalId`.
    pub external_id: Option<String>,
    /// The resource without `id`, `meta` and `members`.
    pub resource: Map<String, Value>,
    /// Counts its changes; the ETag is made from it.
    pub version: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = scim_groups, treat_none_as_null = true)]
struct ScimGroupRow {
    organization_id: String,
    id: String,
    connection_id: String,
    display_name: String,
    display_name_folded: String,
    external_id: Option<String>,
    resource: String,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl ScimGroupRow {
    fn new(scope: &OrgScope, group: &ScimGroup) -> Result<Self, StorageError> {
        Ok(Self {
            organization_id: scope.key(),
            id: group.id.key(),
            connection_id: group.connection_id.key(),
            display_name: group.display_name.clone(),
            display_name_folded: group.display_name.to_lowercase(),
            external_id: group.external_id.clone(),
            resource: to_json(&group.resource)?,
            version: group.version,
            created_at: instant(group.created_at),
            updated_at: instant(group.updated_at),
        })
    }
}

impl TryFrom<ScimGroupRow> for ScimGroup {
    type Error = StorageError;
    fn try_from(row: ScimGroupRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: ScimGroupId::from_key(&row.id).map_err(StorageError::corrupt)?,
            connection_id: ConnectionId::from_key(ConnectionKind::Scim, &row.connection_id)
                .map_err(StorageError::corrupt)?,
            display_name: row.display_name,
            external_id: row.external_id,
            resource: from_json(&row.resource)?,
            version: row.version,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

/// What a filter has been narrowed to before the rest is matched in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupNarrowing {
    /// `id eq`.
    pub id: Option<ScimGroupId>,
    /// `displayName eq`, folded.
    pub display_name: Option<String>,
    /// `externalId eq`.
    pub external_id: Option<String>,
    /// `members eq`: groups that hold this User.
    pub member: Option<ScimUserId>,
    /// `members eq`: groups that hold this Group.
    pub nested: Option<ScimGroupId>,
}

type Query<'a> = scim_groups::BoxedQuery<'a, <DbConnection as diesel::Connection>::Backend>;

fn narrowed<'a>(
    scope: &OrgScope,
    connection: ConnectionId,
    narrowing: &'a GroupNarrowing,
) -> Query<'a> {
    let mut query = scim_groups::table
        .filter(scim_groups::organization_id.eq(scope.key()))
        .filter(scim_groups::connection_id.eq(connection.key()))
        .into_boxed();
    if let Some(id) = narrowing.id {
        query = query.filter(scim_groups::id.eq(id.key()));
    }
    if let Some(display_name) = &narrowing.display_name {
        query = query.filter(scim_groups::display_name_folded.eq(display_name));
    }
    if let Some(external_id) = &narrowing.external_id {
        query = query.filter(scim_groups::external_id.eq(external_id));
    }
    if let Some(member) = narrowing.member {
        let holding = scim_group_members::table
            .filter(scim_group_members::organization_id.eq(scope.key()))
            .filter(scim_group_members::user_id.eq(member.key()))
            .select(scim_group_members::group_id);
        query = query.filter(scim_groups::id.eq_any(holding));
    }
    if let Some(nested) = narrowing.nested {
        let holding = scim_group_nesting::table
            .filter(scim_group_nesting::organization_id.eq(scope.key()))
            .filter(scim_group_nesting::nested_id.eq(nested.key()))
            .select(scim_group_nesting::group_id);
        query = query.filter(scim_groups::id.eq_any(holding));
    }
    query
}

/// The Group with this id, of this connection.
pub fn find(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
    id: ScimGroupId,
) -> Result<Option<ScimGroup>, StorageError> {
    let narrowing = GroupNarrowing {
        id: Some(id),
        ..GroupNarrowing::default()
    };
    Ok(list(tx, (scope, connection), &narrowing, (0, 1))?.pop())
}

/// Groups in the order of creation: `limit` of them after `offset`.
pub fn list(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    narrowing: &GroupNarrowing,
    (offset, limit): (i64, i64),
) -> Result<Vec<ScimGroup>, StorageError> {
    let rows = narrowed(scope, connection, narrowing)
        .order(scim_groups::id.asc())
        .offset(offset)
        .limit(limit)
        .load::<ScimGroupRow>(tx.connection)?;
    rows.into_iter().map(ScimGroup::try_from).collect()
}

/// How many Groups there are.
pub fn count(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    narrowing: &GroupNarrowing,
) -> Result<i64, StorageError> {
    Ok(narrowed(scope, connection, narrowing)
        .count()
        .get_result::<i64>(tx.connection)?)
}

/// Names of those of these Groups that the connection has.
pub fn names(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    ids: &[ScimGroupId],
) -> Result<Vec<(ScimGroupId, String)>, StorageError> {
    let all = GroupNarrowing::default();
    let mut names = Vec::new();
    // SQLite takes a limited number of values in one statement.
    for some in ids.chunks(500) {
        let keys: Vec<_> = some.iter().map(ScimGroupId::key).collect();
        let found = narrowed(scope, connection, &all).filter(scim_groups::id.eq_any(keys));
        names.extend(named(found, tx)?);
    }
    Ok(names)
}

/// Names of the Groups after one of them, in the order of creation.
pub fn names_after(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    (after, limit): (Option<ScimGroupId>, i64),
) -> Result<Vec<(ScimGroupId, String)>, StorageError> {
    let all = GroupNarrowing::default();
    let mut page = narrowed(scope, connection, &all);
    if let Some(after) = after {
        page = page.filter(scim_groups::id.gt(after.key()));
    }
    named(page.order(scim_groups::id.asc()).limit(limit), tx)
}

fn named(
    query: Query<'_>,
    tx: &mut Transaction<'_>,
) -> Result<Vec<(ScimGroupId, String)>, StorageError> {
    let rows = query
        .select((scim_groups::id, scim_groups::display_name))
        .load::<(String, String)>(tx.connection)?;
    rows.into_iter()
        .map(|(id, name)| {
            let id = ScimGroupId::from_key(&id).map_err(StorageError::corrupt)?;
            Ok((id, name))
        })
        .collect()
}

/// Adds a Group.
pub fn insert(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: &ScimGroup,
) -> Result<(), StorageError> {
    let row = ScimGroupRow::new(scope, group)?;
    diesel::insert_into(scim_groups::table)
        .values(row)
        .execute(tx.connection)?;
    Ok(())
}

/// Writes a Group as it now is.
pub fn save(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: &ScimGroup,
) -> Result<(), StorageError> {
    let this = scim_groups::table
        .filter(scim_groups::organization_id.eq(scope.key()))
        .filter(scim_groups::id.eq(group.id.key()));
    diesel::update(this)
        .set(ScimGroupRow::new(scope, group)?)
        .execute(tx.connection)?;
    Ok(())
}

/// Removes a Group and its memberships; Groups in it and around it must be out already.
pub fn delete(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: &ScimGroup,
) -> Result<(), StorageError> {
    let memberships = scim_group_members::table
        .filter(scim_group_members::organization_id.eq(scope.key()))
        .filter(scim_group_members::group_id.eq(group.id.key()));
    diesel::delete(memberships).execute(tx.connection)?;
    let this = scim_groups::table
        .filter(scim_groups::organization_id.eq(scope.key()))
        .filter(scim_groups::id.eq(group.id.key()));
    diesel::delete(this).execute(tx.connection)?;
    Ok(())
}
