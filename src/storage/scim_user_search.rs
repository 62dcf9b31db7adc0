//! The search among the Users of a SCIM connection, as SQL: oldest first.

use crate::domain::id::ScimUserId;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::member_search::Count;
use crate::storage::plain_sql::PlainSql;
use crate::storage::scim_filter::Owner;
use crate::storage::scim_users::ScimUser;
use crate::storage::scim_users::ScimUserRow;
use crate::storage::search_terms::Conditions;

/// One condition of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserFilter {
    /// It has a member, or has none.
    HasMember(bool),
    /// It is active, or is not.
    Active(bool),
    /// Its `userName` is one of these, folded.
    UserNames(Vec<String>),
    /// Its `externalId` is one of these.
    ExternalIds(Vec<String>),
}

/// The Users after the last one seen.
pub fn page(
    tx: &mut Transaction<'_>,
    owner: Owner<'_>,
    conditions: &Conditions<UserFilter>,
    (after, limit): (Option<ScimUserId>, i64),
) -> Result<Vec<ScimUser>, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT * FROM scim_users WHERE ");
    write(&mut sql, owner, conditions);
    if let Some(after) = after {
        sql.sql(" AND id > ").text(after.key());
    }
    sql.sql(" ORDER BY id LIMIT ").number(limit);
    let rows = sql.load::<ScimUserRow>(tx)?;
    rows.into_iter().map(ScimUser::try_from).collect()
}

/// How many Users there are.
pub fn count(
    tx: &mut Transaction<'_>,
    owner: Owner<'_>,
    conditions: &Conditions<UserFilter>,
) -> Result<i64, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT count(*) AS total FROM scim_users WHERE ");
    write(&mut sql, owner, conditions);
    let counts = sql.load::<Count>(tx)?;
    Ok(counts.first().map_or(0, |count| count.total))
}

fn write(sql: &mut PlainSql, (scope, connection): Owner<'_>, conditions: &Conditions<UserFilter>) {
    sql.sql("organization_id = ").text(scope.key());
    sql.sql(" AND connection_id = ").text(connection.key());
    conditions.write(sql, narrow);
}

fn narrow(sql: &mut PlainSql, filter: &UserFilter) {
    match filter {
        UserFilter::HasMember(true) => sql.sql("member_id IS NOT NULL"),
        UserFilter::HasMember(false) => sql.sql("member_id IS NULL"),
        UserFilter::Active(true) => sql.sql("active"),
        UserFilter::Active(false) => sql.sql("NOT active"),
        UserFilter::UserNames(names) => sql.sql("user_name").one_of(names.iter().cloned()),
        UserFilter::ExternalIds(ids) => sql
            .sql("(external_id IS NOT NULL AND external_id")
            .one_of(ids.iter().cloned())
            .sql(")"),
    };
}
