//! Who is in which SCIM Group: one row a membership, changed by id and never rewritten as a whole.

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::sql_types::Text;

use crate::domain::id::ConnectionId;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::group_rows::KeyRow;
use crate::storage::group_rows::rows_in_groups;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::ONE_BY_ONE;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::scim_group_members;
use crate::storage::schema::scim_groups;

rows_in_groups!(scim_group_members, user_id, ScimUserId);

/// A Group that a User is in: the User, the Group and its name.
pub type Place = (ScimUserId, ScimGroupId, String);

#[derive(QueryableByName)]
struct PlaceRow {
    #[diesel(sql_type = Text)]
    user_id: String,
    #[diesel(sql_type = Text)]
    group_id: String,
    #[diesel(sql_type = Text)]
    display_name: String,
}

/// The first of the Groups that these Users are in.
pub fn places(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    users: &[ScimUserId],
    most: i64,
) -> Result<Vec<Place>, StorageError> {
    let mut places = Vec::new();
    for some in users.chunks(500) {
        let read = i64::try_from(places.len()).unwrap_or(i64::MAX);
        let mut sql = PlainSql::prepared(
            tx,
            "SELECT user_id, group_id, (SELECT display_name FROM scim_groups WHERE id = group_id \
             AND organization_id = ",
        );
        sql.text(scope.key()).sql(") AS display_name FROM ");
        sql.each(some.iter().map(ScimUserId::key), "asked");
        // User by User, however large the tables were when this was planned.
        let (theirs, end) = match sql.dialect {
            Dialect::Sqlite => (" CROSS JOIN scim_group_members ON ", ""),
            Dialect::Postgres => (
                " CROSS JOIN LATERAL (SELECT user_id, group_id FROM scim_group_members WHERE ",
                " OFFSET 0) AS places",
            ),
        };
        sql.sql(theirs)
            .sql("user_id = asked.value AND organization_id = ")
            .text(scope.key())
            .sql(end)
            .sql(" ORDER BY group_id LIMIT ")
            .number(most.saturating_sub(read));
        for row in sql.load::<PlaceRow>(tx)? {
            let user = ScimUserId::from_key(&row.user_id).map_err(StorageError::corrupt)?;
            let group = ScimGroupId::from_key(&row.group_id).map_err(StorageError::corrupt)?;
            places.push((user, group, row.display_name));
        }
    }
    Ok(places)
}

/// Which of these ids are of Users of the connection.
pub fn known(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    users: &[ScimUserId],
) -> Result<Vec<ScimUserId>, StorageError> {
    let mut found = Vec::with_capacity(users.len());
    for some in users.chunks(500) {
        let mut sql = PlainSql::prepared(tx, "SELECT value AS key FROM ");
        sql.each(some.iter().map(ScimUserId::key), "asked");
        sql.sql(" WHERE EXISTS (SELECT 1 FROM scim_users WHERE organization_id = ");
        sql.text(scope.key()).sql(" AND connection_id = ");
        sql.text(connection.key())
            .sql(" AND id = asked.value")
            .sql(ONE_BY_ONE);
        for row in sql.load::<KeyRow>(tx)? {
            found.push(ScimUserId::from_key(&row.key).map_err(StorageError::corrupt)?);
        }
    }
    Ok(found)
}

/// Takes a User out of every Group; each of these is one version further.
pub fn delete_all_of(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    user: ScimUserId,
) -> Result<(), StorageError> {
    note_change(tx, scope, user)?;
    let theirs = scim_group_members::table
        .filter(scim_group_members::organization_id.eq(scope.key()))
        .filter(scim_group_members::user_id.eq(user.key()));
    diesel::delete(theirs).execute(tx.connection()?)?;
    Ok(())
}
