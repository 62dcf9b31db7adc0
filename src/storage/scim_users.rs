//! SCIM Users as the identity provider sent them: rows of one connection.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::NullableExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::prelude::AsChangeset;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;
use serde_json::Map;
use serde_json::Value;

use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::MemberId;
use crate::domain::id::ScimUserId;
use crate::domain::member::Member;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::added_rows::row_of;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::text;
use crate::storage::columns::to_json;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::members::MemberRow;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::members;
use crate::storage::schema::scim_users;
use crate::storage::scim_filter::Owner;
use crate::storage::scim_filter::Predicate;
use crate::storage::scim_pages::Part;
use crate::storage::scim_pages::pages_of;
use crate::storage::scim_user_emails;

/// A SCIM User record: the resource, and the attributes that lookups need.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimUser {
    /// Its id, not the member's.
    pub id: ScimUserId,
    /// The connection that pushed it.
    pub connection_id: ConnectionId,
    /// `userName`, folded.
    pub user_name: String,
    /// `externalId`.
    pub external_id: Option<String>,
    /// The address that makes it a member, folded; `None` when it names none.
    pub email: Option<String>,
    /// `displayName`.
    pub display_name: Option<String>,
    /// `active`.
    pub active: bool,
    /// The member that it is projected to.
    pub member_id: Option<MemberId>,
    /// The resource without `id`, `meta` and `groups`.
    pub resource: Map<String, Value>,
    /// Counts its changes; the ETag is made from it.
    pub version: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(Queryable, QueryableByName, Insertable, AsChangeset)]
#[diesel(table_name = scim_users, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct ScimUserRow {
    pub(crate) organization_id: String,
    pub(crate) id: String,
    pub(crate) connection_id: String,
    pub(crate) user_name: String,
    pub(crate) external_id: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) active: bool,
    pub(crate) member_id: Option<String>,
    pub(crate) resource: String,
    pub(crate) version: i32,
    pub(crate) created_at: NaiveDateTime,
    pub(crate) updated_at: NaiveDateTime,
    pub(crate) display_name_folded: Option<String>,
}

row_of!(ScimUserRow, scim_users);

impl ScimUserRow {
    fn new(scope: &OrgScope, user: &ScimUser) -> Result<Self, StorageError> {
        Ok(Self {
            organization_id: scope.key(),
            id: user.id.key(),
            connection_id: user.connection_id.key(),
            user_name: user.user_name.clone(),
            external_id: text(&user.resource, "externalId"),
            email: user.email.clone(),
            display_name: user.display_name.clone(),
            active: user.active,
            member_id: user.member_id.map(|id| id.key()),
            resource: to_json(&user.resource)?,
            version: user.version,
            created_at: instant(user.created_at),
            updated_at: instant(user.updated_at),
            display_name_folded: text(&user.resource, "displayName")
                .map(|name| name.to_lowercase()),
        })
    }
}

impl TryFrom<ScimUserRow> for ScimUser {
    type Error = StorageError;
    fn try_from(row: ScimUserRow) -> Result<Self, StorageError> {
        let member_id = row
            .member_id
            .map(|key| MemberId::from_key(&key))
            .transpose();
        Ok(Self {
            id: ScimUserId::from_key(&row.id).map_err(StorageError::corrupt)?,
            connection_id: ConnectionId::from_key(ConnectionKind::Scim, &row.connection_id)
                .map_err(StorageError::corrupt)?,
            user_name: row.user_name,
            external_id: row.external_id,
            email: row.email,
            display_name: row.display_name,
            active: row.active,
            member_id: member_id.map_err(StorageError::corrupt)?,
            resource: from_json(&row.resource)?,
            version: row.version,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

type Query<'a> = scim_users::BoxedQuery<'a, <DbConnection as diesel::Connection>::Backend>;

pub(crate) fn of_place<'a>((scope, connection): Owner<'_>) -> Query<'a> {
    scim_users::table
        .filter(scim_users::organization_id.eq(scope.key()))
        .filter(scim_users::connection_id.eq(connection.key()))
        .into_boxed()
}

/// The User with this id, of this connection.
pub fn find(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
    id: ScimUserId,
) -> Result<Option<ScimUser>, StorageError> {
    of_place((scope, connection))
        .filter(scim_users::id.eq(id.key()))
        .first::<ScimUserRow>(tx.connection()?)
        .optional()?
        .map(ScimUser::try_from)
        .transpose()
}

/// The User with this id, of this connection, and the member that it is projected to.
pub fn find_with_member(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
    id: ScimUserId,
) -> Result<Option<(ScimUser, Option<Member>)>, StorageError> {
    let of_user = members::organization_id
        .eq(scim_users::organization_id)
        .and(scim_users::member_id.eq(members::id.nullable()));
    let found = scim_users::table
        .left_join(members::table.on(of_user))
        .filter(scim_users::organization_id.eq(scope.key()))
        .filter(scim_users::connection_id.eq(connection.key()))
        .filter(scim_users::id.eq(id.key()))
        .first::<(ScimUserRow, Option<MemberRow>)>(tx.connection()?)
        .optional()?;
    let Some((user, member)) = found else {
        return Ok(None);
    };
    let member = member.map(Member::try_from).transpose()?;
    Ok(Some((ScimUser::try_from(user)?, member)))
}

/// The User with this folded `userName`, of this connection.
pub fn find_by_user_name(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
    user_name: &str,
) -> Result<Option<ScimUser>, StorageError> {
    of_place((scope, connection))
        .filter(scim_users::user_name.eq(user_name))
        .first::<ScimUserRow>(tx.connection()?)
        .optional()?
        .map(ScimUser::try_from)
        .transpose()
}

pages_of!(scim_users, ScimUserRow, ScimUser, Owner<'_>);

/// The Users that these members are projected from.
pub fn list_of_members(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    members: &[MemberId],
) -> Result<Vec<ScimUser>, StorageError> {
    let rows = scim_users::table
        .filter(scim_users::organization_id.eq(scope.key()))
        .filter(scim_users::member_id.eq_any(members.iter().map(MemberId::key).map(Some)))
        .load::<ScimUserRow>(tx.connection()?)?;
    rows.into_iter().map(ScimUser::try_from).collect()
}

/// The Users of this connection among these ids.
pub fn list_by_ids(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    ids: &[ScimUserId],
) -> Result<Vec<ScimUser>, StorageError> {
    let mut found = Vec::with_capacity(ids.len());
    // SQLite takes a limited number of values in one statement.
    for some in ids.chunks(500) {
        let rows = of_place((scope, connection))
            .filter(scim_users::id.eq_any(some.iter().map(ScimUserId::key).collect::<Vec<_>>()))
            .load::<ScimUserRow>(tx.connection()?)?;
        for row in rows {
            found.push(ScimUser::try_from(row)?);
        }
    }
    Ok(found)
}

/// Adds a User.
pub fn insert(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    user: &ScimUser,
) -> Result<(), StorageError> {
    tx.add_row(ScimUserRow::new(scope, user)?)?;
    scim_user_emails::insert(tx, scope, user)
}

/// Writes a User as it now is, and its addresses when they are others than before.
pub fn save(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    (before, user): (&ScimUser, &ScimUser),
) -> Result<(), StorageError> {
    if before.resource.get("emails") != user.resource.get("emails") {
        scim_user_emails::delete_all_of(tx, scope, user.id)?;
        scim_user_emails::insert(tx, scope, user)?;
    }
    let this = scim_users::organization_id.eq(scope.key());
    let this = this.and(scim_users::id.eq(user.id.key()));
    let row = ScimUserRow::new(scope, user)?;
    tx.rewrite("scim_users", row, this)
}

/// Removes a User; its memberships must be gone already.
pub fn delete(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    user: &ScimUser,
) -> Result<(), StorageError> {
    scim_user_emails::delete_all_of(tx, scope, user.id)?;
    let this = scim_users::table
        .filter(scim_users::organization_id.eq(scope.key()))
        .filter(scim_users::id.eq(user.id.key()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}
