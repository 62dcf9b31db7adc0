//! SCIM Groups and who is in them: rows of one connection.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
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
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::text;
use crate::storage::columns::to_json;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::scim_group_members;
use crate::storage::schema::scim_groups;
use crate::storage::scim_filter::Owner;
use crate::storage::scim_filter::Predicate;
use crate::storage::scim_pages::Part;
use crate::storage::scim_pages::pages_of;

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
#[diesel(table_name = scim_groups, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
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
            external_id: text(&group.resource, "externalId"),
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

type Query<'a> = scim_groups::BoxedQuery<'a, <DbConnection as diesel::Connection>::Backend>;

fn of_place<'a>((scope, connection): Owner<'_>) -> Query<'a> {
    scim_groups::table
        .filter(scim_groups::organization_id.eq(scope.key()))
        .filter(scim_groups::connection_id.eq(connection.key()))
        .into_boxed()
}

fn first(tx: &mut Transaction<'_>, query: Query<'_>) -> Result<Option<ScimGroup>, StorageError> {
    let row = query.first::<ScimGroupRow>(tx.connection()?).optional()?;
    row.map(ScimGroup::try_from).transpose()
}

/// The Group with this id, of this connection.
pub fn find(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
    id: ScimGroupId,
) -> Result<Option<ScimGroup>, StorageError> {
    let group = of_place((scope, connection)).filter(scim_groups::id.eq(id.key()));
    first(tx, group)
}

/// The first Group with this name, whatever its case.
pub fn find_by_display_name(
    tx: &mut Transaction<'_>,
    owner: Owner<'_>,
    display_name: &str,
) -> Result<Option<ScimGroup>, StorageError> {
    let folded = display_name.to_lowercase();
    let group = of_place(owner).filter(scim_groups::display_name_folded.eq(folded));
    first(tx, group.order(scim_groups::id.asc()))
}

pages_of!(scim_groups, ScimGroupRow, ScimGroup, Owner<'_>);

/// Names of those of these Groups that the connection has.
pub fn names(
    tx: &mut Transaction<'_>,
    owner: Owner<'_>,
    ids: &[ScimGroupId],
) -> Result<Vec<(ScimGroupId, String)>, StorageError> {
    let mut names = Vec::new();
    // SQLite takes a limited number of values in one statement.
    for some in ids.chunks(500) {
        let keys: Vec<_> = some.iter().map(ScimGroupId::key).collect();
        let found = of_place(owner).filter(scim_groups::id.eq_any(keys));
        names.extend(named(found, tx)?);
    }
    Ok(names)
}

/// Names of the Groups after one of them, in the order of creation.
pub fn names_after(
    tx: &mut Transaction<'_>,
    owner: Owner<'_>,
    (after, limit): (Option<ScimGroupId>, i64),
) -> Result<Vec<(ScimGroupId, String)>, StorageError> {
    let mut page = of_place(owner);
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
        .load::<(String, String)>(tx.connection()?)?;
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
        .execute(tx.connection()?)?;
    Ok(())
}

/// Writes a Group as it now is.
pub fn save(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: &ScimGroup,
) -> Result<(), StorageError> {
    let this = scim_groups::organization_id.eq(scope.key());
    let this = this.and(scim_groups::id.eq(group.id.key()));
    let row = ScimGroupRow::new(scope, group)?;
    tx.rewrite("scim_groups", row, this)
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
    diesel::delete(memberships).execute(tx.connection()?)?;
    let this = scim_groups::table
        .filter(scim_groups::organization_id.eq(scope.key()))
        .filter(scim_groups::id.eq(group.id.key()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}
