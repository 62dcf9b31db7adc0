//! Who is in which SCIM Group: one row a membership, changed by id and never rewritten as a whole.

use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::id::ConnectionId;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::group_rows::rows_in_groups;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::scim_group_members;
use crate::storage::schema::scim_groups;
use crate::storage::schema::scim_users;

rows_in_groups!(scim_group_members, user_id, ScimUserId);

/// A Group that a User is in: the User, the Group and its name.
pub type Place = (ScimUserId, ScimGroupId, String);

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
        let rows = scim_group_members::table
            .inner_join(scim_groups::table.on(scim_groups::id.eq(scim_group_members::group_id)))
            .filter(scim_group_members::organization_id.eq(scope.key()))
            .filter(scim_groups::organization_id.eq(scope.key()))
            .filter(scim_group_members::user_id.eq_any(some.iter().map(ScimUserId::key)))
            .order(scim_group_members::group_id.asc())
            .limit(most.saturating_sub(read))
            .select((
                scim_group_members::user_id,
                scim_groups::id,
                scim_groups::display_name,
            ))
            .load::<(String, String, String)>(tx.connection()?)?;
        for (user, group, name) in rows {
            let user = ScimUserId::from_key(&user).map_err(StorageError::corrupt)?;
            let group = ScimGroupId::from_key(&group).map_err(StorageError::corrupt)?;
            places.push((user, group, name));
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
        let keys = scim_users::table
            .filter(scim_users::organization_id.eq(scope.key()))
            .filter(scim_users::connection_id.eq(connection.key()))
            .filter(scim_users::id.eq_any(some.iter().map(ScimUserId::key)))
            .select(scim_users::id)
            .load::<String>(tx.connection()?)?;
        for key in keys {
            found.push(ScimUserId::from_key(&key).map_err(StorageError::corrupt)?);
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
