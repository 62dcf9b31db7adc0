//! How much happened day by day: counted in indexes, and no further than anybody wants to know.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;

use crate::domain::id::ConnectionId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;

/// As in the index, word by word: SQLite takes an index for part of a table only then.
const SIGN_INS: &str = "kind IN ('session.started', 'sign_in.refused')";

/// What happened in a while, each counted up to a limit.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub struct Counted {
    /// Sessions that were started.
    #[diesel(sql_type = BigInt)]
    pub sign_ins: i64,
    /// Sign-ins that were refused.
    #[diesel(sql_type = BigInt)]
    pub refused_sign_ins: i64,
    /// Requests of the directory.
    #[diesel(sql_type = BigInt)]
    pub requests: i64,
    /// Requests of directories that were refused.
    #[diesel(sql_type = BigInt)]
    pub refused_requests: i64,
}

/// What happened in each of these whiles, which are told by the keys that they begin and end with,
/// in the order of their beginnings; a directory is one connection.
pub fn count(
    tx: &mut Transaction<'_>,
    (scope, directory): (&OrgScope, Option<ConnectionId>),
    (whiles, most): (Vec<(String, String)>, i64),
) -> Result<Vec<Counted>, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT ");
    let counted = |sql: &mut PlainSql, (table, name): (&str, &str), condition: Condition| {
        sql.sql("(SELECT count(*) FROM (SELECT 1 FROM ").sql(table);
        sql.sql(" WHERE organization_id = ").text(scope.key());
        condition(sql);
        sql.sql(" AND id >= pair.a AND id < pair.b LIMIT ");
        sql.number(most).sql(") AS few) AS ").sql(name);
    };
    counted(&mut sql, ("journal", "sign_ins, "), &|sql| {
        sql.sql(&format!(" AND {SIGN_INS} AND kind = 'session.started'"));
    });
    counted(&mut sql, ("journal", "refused_sign_ins, "), &|sql| {
        sql.sql(&format!(" AND {SIGN_INS} AND kind = 'sign_in.refused'"));
    });
    let directory = directory.map(|id| id.key()).unwrap_or_default();
    counted(&mut sql, ("scim_requests", "requests, "), &|sql| {
        sql.sql(" AND connection_id = ").text(directory.as_str());
    });
    counted(&mut sql, ("scim_requests", "refused_requests"), &|sql| {
        sql.sql(" AND status >= 400");
    });
    sql.sql(" FROM ").pairs(whiles).sql(" ORDER BY pair.a");
    sql.load::<Counted>(tx)
}

type Condition<'a> = &'a dyn Fn(&mut PlainSql);
