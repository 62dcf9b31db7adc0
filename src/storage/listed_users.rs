//! SCIM Users as lists show them: their resources as text, which nobody has to look into.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use serde_json::Map;
use serde_json::Value;

use crate::domain::id::ScimUserId;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::scim_users;
use crate::storage::scim_filter::Owner;
use crate::storage::scim_filter::Predicate;
use crate::storage::scim_pages::Part;
use crate::storage::scim_users::ScimUser;
use crate::storage::scim_users::of_place;
use crate::storage::scim_users::part_of;

/// A User with its resource as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUser {
    /// Its id.
    pub id: ScimUserId,
    /// The resource without `id`, `meta` and `groups`, as JSON without white space.
    pub resource: String,
    /// Counts its changes.
    pub version: i32,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl ListedUser {
    /// The same User, once it is not looked into any more.
    pub fn of(user: &ScimUser) -> Result<Self, StorageError> {
        Ok(Self {
            id: user.id,
            resource: to_json(&user.resource)?,
            version: user.version,
            created_at: user.created_at,
            updated_at: user.updated_at,
        })
    }

    /// The resource, looked into.
    pub fn read(&self) -> Result<Map<String, Value>, StorageError> {
        from_json(&self.resource)
    }
}

type Row = (String, String, i32, NaiveDateTime, NaiveDateTime);

macro_rules! columns {
    () => {
        (
            scim_users::id,
            scim_users::resource,
            scim_users::version,
            scim_users::created_at,
            scim_users::updated_at,
        )
    };
}

fn read(row: Row) -> Result<ListedUser, StorageError> {
    let (id, resource, version, created_at, updated_at) = row;
    Ok(ListedUser {
        id: ScimUserId::from_key(&id).map_err(StorageError::corrupt)?,
        resource,
        version,
        created_at: created_at.and_utc(),
        updated_at: updated_at.and_utc(),
    })
}

/// The User with this id, of this connection.
pub fn find(
    tx: &mut Transaction<'_>,
    place: Owner<'_>,
    id: ScimUserId,
) -> Result<Option<ListedUser>, StorageError> {
    of_place(place)
        .filter(scim_users::id.eq(id.key()))
        .select(columns!())
        .first::<Row>(tx.connection()?)
        .optional()?
        .map(read)
        .transpose()
}

/// A part of those that match.
pub fn page(
    tx: &mut Transaction<'_>,
    place: Owner<'_>,
    predicate: &Predicate,
    part: Part<'_>,
) -> Result<Vec<ListedUser>, StorageError> {
    let query = part_of(tx, place, predicate, &part).select(columns!());
    let rows = query.load::<Row>(tx.connection()?)?;
    let rows = rows.into_iter().map(read);
    Ok(part.in_order(rows.collect::<Result<_, StorageError>>()?))
}

#[derive(QueryableByName)]
struct Total {
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// How many Users a connection has, which is known without counting them.
pub fn count_all(
    tx: &mut Transaction<'_>,
    (scope, connection): Owner<'_>,
) -> Result<i64, StorageError> {
    let mut sql = PlainSql::prepared(
        tx,
        "SELECT CAST(coalesce(sum(users), 0) AS BIGINT) AS total FROM scim_user_counts \
         WHERE organization_id = ",
    );
    sql.text(scope.key()).sql(" AND connection_id = ");
    sql.text(connection.key());
    let totals = sql.load::<Total>(tx)?;
    Ok(totals.first().map_or(0, |row| row.total))
}
