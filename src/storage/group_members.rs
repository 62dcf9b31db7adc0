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
use crate::storage::schema::scim_group_members;
use crate::storage::schema::scim_groups;
use crate::storage::schema::scim_users;

/// The Users in a Group, in the order they were made.
pub fn list(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
) -> Result<Vec<ScimUserId>, StorageError> {
    let keys = scim_group_members::table
        .filter(scim_group_members::organization_id.eq(scope.key()))
        .filter(scim_group_members::group_id.eq(group.key()))
        .order(scim_group_members::user_id.asc())
        .select(scim_group_members::user_id)
        .load::<String>(tx.connection)?;
    keys.iter()
        .map(|key| ScimUserId::from_key(key).map_err(StorageError::corrupt))
        .collect()
}

/// The Users in a Group, unless there are more than this many.
pub fn list_few(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
    most: i64,
) -> Result<Option<Vec<ScimUserId>>, StorageError> {
    let keys = scim_group_members::table
        .filter(scim_group_members::organization_id.eq(scope.key()))
        .filter(scim_group_members::group_id.eq(group.key()))
        .order(scim_group_members::user_id.asc())
        .limit(most.saturating_add(1))
        .select(scim_group_members::user_id)
        .load::<String>(tx.connection)?;
    if i64::try_from(keys.len()).unwrap_or(i64::MAX) > most {
        return Ok(None);
    }
    keys.iter()
        .map(|key| ScimUserId::from_key(key).map_err(StorageError::corrupt))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The first of the Users in these Groups, Group by Group, in the order they were made.
pub fn list_all(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    groups: &[ScimGroupId],
    most: i64,
) -> Result<Vec<(ScimGroupId, ScimUserId)>, StorageError> {
    let rows = scim_group_members::table
        .filter(scim_group_members::organization_id.eq(scope.key()))
        .filter(scim_group_members::group_id.eq_any(groups.iter().map(ScimGroupId::key)))
        .order((
            scim_group_members::group_id.asc(),
            scim_group_members::user_id.asc(),
        ))
        .limit(most)
        .select((scim_group_members::group_id, scim_group_members::user_id))
        .load::<(String, String)>(tx.connection)?;
    rows.iter()
        .map(|(group, user)| {
            let group = ScimGroupId::from_key(group).map_err(StorageError::corrupt)?;
            let user = ScimUserId::from_key(user).map_err(StorageError::corrupt)?;
            Ok((group, user))
        })
        .collect()
}

/// Which of these Users are in the Group.
pub fn among(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
    users: &[ScimUserId],
) -> Result<Vec<ScimUserId>, StorageError> {
    let mut found = Vec::new();
    // SQLite takes a limited number of values in one statement.
    for some in users.chunks(500) {
        let keys = scim_group_members::table
            .filter(scim_group_members::organization_id.eq(scope.key()))
            .filter(scim_group_members::group_id.eq(group.key()))
            .filter(scim_group_members::user_id.eq_any(some.iter().map(ScimUserId::key)))
            .select(scim_group_members::user_id)
            .load::<String>(tx.connection)?;
        for key in keys {
            found.push(ScimUserId::from_key(&key).map_err(StorageError::corrupt)?);
        }
    }
    Ok(found)
}

/// A Group that a User is in: the User, the Group and its name.
pub type Place = (ScimUserId, ScimGroupId, String);

/// The Groups that these Users are in.
pub fn places(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    users: &[ScimUserId],
) -> Result<Vec<Place>, StorageError> {
    let mut places = Vec::new();
    for some in users.chunks(500) {
        let rows = scim_group_members::table
            .inner_join(scim_groups::table.on(scim_groups::id.eq(scim_group_members::group_id)))
            .filter(scim_group_members::organization_id.eq(scope.key()))
            .filter(scim_groups::organization_id.eq(scope.key()))
            .filter(scim_group_members::user_id.eq_any(some.iter().map(ScimUserId::key)))
            .order(scim_group_members::group_id.asc())
            .select((
                scim_group_members::user_id,
                scim_groups::id,
                scim_groups::display_name,
            ))
            .load::<(String, String, String)>(tx.connection)?;
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
            .load::<String>(tx.connection)?;
        for key in keys {
            found.push(ScimUserId::from_key(&key).map_err(StorageError::corrupt)?);
        }
    }
    Ok(found)
}

/// Puts a User into a Group; it must not be in it yet.
pub fn insert(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
    user: ScimUserId,
) -> Result<(), StorageError> {
    let row = (
        scim_group_members::organization_id.eq(scope.key()),
        scim_group_members::group_id.eq(group.key()),
        scim_group_members::user_id.eq(user.key()),
        scim_group_members::added_at.eq(instant(tx.now)),
    );
    diesel::insert_into(scim_group_members::table)
        .values(row)
        .execute(tx.connection)?;
    Ok(())
}

/// Takes Users out of a Group.
pub fn delete(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
    users: &[ScimUserId],
) -> Result<(), StorageError> {
    for some in users.chunks(500) {
        let gone = scim_group_members::table
            .filter(scim_group_members::organization_id.eq(scope.key()))
            .filter(scim_group_members::group_id.eq(group.key()))
            .filter(scim_group_members::user_id.eq_any(some.iter().map(ScimUserId::key)));
        diesel::delete(gone).execute(tx.connection)?;
    }
    Ok(())
}

/// Takes a User out of every Group; each of these is one version further.
pub fn delete_all_of(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    user: ScimUserId,
) -> Result<(), StorageError> {
    let holding = scim_group_members::table
        .filter(scim_group_members::organization_id.eq(scope.key()))
        .filter(scim_group_members::user_id.eq(user.key()))
        .select(scim_group_members::group_id);
    let changed = scim_groups::table
        .filter(scim_groups::organization_id.eq(scope.key()))
        .filter(scim_groups::id.eq_any(holding));
    diesel::update(changed)
        .set((
            scim_groups::version.eq(scim_groups::version + 1),
            scim_groups::updated_at.eq(instant(tx.now)),
        ))
        .execute(tx.connection)?;
    let theirs = scim_group_members::table
        .filter(scim_group_members::organization_id.eq(scope.key()))
        .filter(scim_group_members::user_id.eq(user.key()));
    diesel::delete(theirs).execute(tx.connection)?;
    Ok(())
}
