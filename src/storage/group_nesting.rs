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
use crate::storage::group_rows::KeyRow;
use crate::storage::group_rows::rows_in_groups;
use crate::storage::plain_sql::ONE_BY_ONE;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::scim_group_nesting;
use crate::storage::schema::scim_groups;

rows_in_groups!(scim_group_nesting, nested_id, ScimGroupId);

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

/// Takes a Group out of every Group, and every Group out of it; those that it was in are one
/// version further.
pub fn delete_all_of(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    group: ScimGroupId,
) -> Result<(), StorageError> {
    note_change(tx, scope, group)?;
    let places = scim_group_nesting::table
        .filter(scim_group_nesting::organization_id.eq(scope.key()))
        .filter(
            scim_group_nesting::nested_id
                .eq(group.key())
                .or(scim_group_nesting::group_id.eq(group.key())),
        );
    diesel::delete(places).execute(tx.connection()?)?;
    Ok(())
}
