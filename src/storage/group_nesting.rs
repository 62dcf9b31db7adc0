//! Which SCIM Groups are inside which: one row each, beside the rows of the people in them.

use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::sql_types::Text;

use crate::domain::id::ScimGroupId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::scim_group_nesting;
use crate::storage::schema::scim_groups;

fn read(keys: &[String]) -> Result<Vec<ScimGroupId>, StorageError> {
    let ids = keys.iter().map(|key| ScimGroupId::from_key(key));
    ids.collect::<Result<_, _>>().map_err(StorageError::corrupt)
}

/// The first of the Groups that are in a Group, in the order they were made.
pub fn list(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
    most: i64,
) -> Result<Vec<ScimGroupId>, StorageError> {
    let keys = scim_group_nesting::table
        .filter(scim_group_nesting::organization_id.eq(scope.key()))
        .filter(scim_group_nesting::group_id.eq(group.key()))
        .order(scim_group_nesting::nested_id.asc())
        .limit(most)
        .select(scim_group_nesting::nested_id)
        .load::<String>(tx.connection)?;
    read(&keys)
}

/// The first of the Groups in these Groups, Group by Group, in the order they were made.
pub fn list_all(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    groups: &[ScimGroupId],
    most: i64,
) -> Result<Vec<(ScimGroupId, ScimGroupId)>, StorageError> {
    let rows = scim_group_nesting::table
        .filter(scim_group_nesting::organization_id.eq(scope.key()))
        .filter(scim_group_nesting::group_id.eq_any(groups.iter().map(ScimGroupId::key)))
        .order((
            scim_group_nesting::group_id.asc(),
            scim_group_nesting::nested_id.asc(),
        ))
        .limit(most)
        .select((scim_group_nesting::group_id, scim_group_nesting::nested_id))
        .load::<(String, String)>(tx.connection)?;
    rows.iter()
        .map(|(group, nested)| {
            let group = ScimGroupId::from_key(group).map_err(StorageError::corrupt)?;
            let nested = ScimGroupId::from_key(nested).map_err(StorageError::corrupt)?;
            Ok((group, nested))
        })
        .collect()
}

/// Which of these Groups are in the Group.
pub fn among(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
    nested: &[ScimGroupId],
) -> Result<Vec<ScimGroupId>, StorageError> {
    let mut found = Vec::new();
    // SQLite takes a limited number of values in one statement.
    for some in nested.chunks(500) {
        let keys = scim_group_nesting::table
            .filter(scim_group_nesting::organization_id.eq(scope.key()))
            .filter(scim_group_nesting::group_id.eq(group.key()))
            .filter(scim_group_nesting::nested_id.eq_any(some.iter().map(ScimGroupId::key)))
            .select(scim_group_nesting::nested_id)
            .load::<String>(tx.connection)?;
        found.extend(read(&keys)?);
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct Above {
    #[diesel(sql_type = Text)]
    id: String,
}

/// The Groups that a Group is in, directly or through others.
pub fn above(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
) -> Result<Vec<ScimGroupId>, StorageError> {
    let start = "WITH RECURSIVE above(id) AS (\
                 SELECT group_id FROM scim_group_nesting WHERE organization_id = ";
    let mut sql = PlainSql::prepared(tx, start);
    sql.text(scope.key()).sql(" AND nested_id = ");
    sql.text(group.key()).sql(
        " UNION SELECT outer_one.group_id FROM above \
         JOIN scim_group_nesting AS outer_one ON outer_one.nested_id = above.id \
         AND outer_one.organization_id = ",
    );
    sql.text(scope.key()).sql(") SELECT id FROM above");
    let rows = sql.load::<Above>(tx)?;
    read(&rows.into_iter().map(|row| row.id).collect::<Vec<_>>())
}

/// Puts a Group into a Group; it must not be in it yet.
pub fn insert(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    (group, nested): (ScimGroupId, ScimGroupId),
) -> Result<(), StorageError> {
    let row = (
        scim_group_nesting::organization_id.eq(scope.key()),
        scim_group_nesting::group_id.eq(group.key()),
        scim_group_nesting::nested_id.eq(nested.key()),
        scim_group_nesting::added_at.eq(instant(tx.now)),
    );
    diesel::insert_into(scim_group_nesting::table)
        .values(row)
        .execute(tx.connection)?;
    Ok(())
}

/// Takes Groups out of a Group.
pub fn delete(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
    nested: &[ScimGroupId],
) -> Result<(), StorageError> {
    for some in nested.chunks(500) {
        let gone = scim_group_nesting::table
            .filter(scim_group_nesting::organization_id.eq(scope.key()))
            .filter(scim_group_nesting::group_id.eq(group.key()))
            .filter(scim_group_nesting::nested_id.eq_any(some.iter().map(ScimGroupId::key)));
        diesel::delete(gone).execute(tx.connection)?;
    }
    Ok(())
}

/// Takes a Group out of every Group, and every Group out of it; those that it was in are one
/// version further.
pub fn delete_all_of(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
) -> Result<(), StorageError> {
    let holding = scim_group_nesting::table
        .filter(scim_group_nesting::organization_id.eq(scope.key()))
        .filter(scim_group_nesting::nested_id.eq(group.key()))
        .select(scim_group_nesting::group_id);
    let changed = scim_groups::table
        .filter(scim_groups::organization_id.eq(scope.key()))
        .filter(scim_groups::id.eq_any(holding));
    diesel::update(changed)
        .set((
            scim_groups::version.eq(scim_groups::version + 1),
            scim_groups::updated_at.eq(instant(tx.now)),
        ))
        .execute(tx.connection)?;
    let places = scim_group_nesting::table
        .filter(scim_group_nesting::organization_id.eq(scope.key()))
        .filter(
            scim_group_nesting::nested_id
                .eq(group.key())
                .or(scim_group_nesting::group_id.eq(group.key())),
        );
    diesel::delete(places).execute(tx.connection)?;
    Ok(())
}
