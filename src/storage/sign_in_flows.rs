//! Pending requests to identity providers, and the assertions that were already used.

use chrono::DateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::TextExpressionMethods;
use diesel::sql_types::Text;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::id::ConnectionId;
use crate::domain::scope::OrgScope;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::like_anywhere;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::seen_assertions;
use crate::storage::schema::sign_in_flows;

/// Opens a flow under the hash of its state.
pub fn insert<F: Serialize>(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    state: &SecretHash,
    flow: &F,
    expires_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let row = (
        sign_in_flows::state_hash.eq(state.as_str()),
        sign_in_flows::organization_id.eq(scope.key()),
        sign_in_flows::connection_id.eq(connection.key()),
        sign_in_flows::flow.eq(to_json(flow)?),
        sign_in_flows::expires_at.eq(instant(expires_at)),
    );
    diesel::insert_into(sign_in_flows::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// The flow of this connection that is still open under this state.
pub fn find<F: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    state: &SecretHash,
) -> Result<Option<F>, StorageError> {
    sign_in_flows::table
        .filter(sign_in_flows::state_hash.eq(state.as_str()))
        .filter(sign_in_flows::organization_id.eq(scope.key()))
        .filter(sign_in_flows::connection_id.eq(connection.key()))
        .filter(sign_in_flows::expires_at.gt(instant(tx.now)))
        .select(sign_in_flows::flow)
        .first::<String>(tx.connection()?)
        .optional()?
        .map(|flow| from_json(&flow))
        .transpose()
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

/// What one part of [`take_and_see`] gave: the flow, or the assertion if it is new.
#[derive(QueryableByName)]
struct Done {
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Text)]
    text: String,
}

/// Ends a flow and gives what it was; none when it was not open any more.
pub fn take<F: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    place: (&OrgScope, ConnectionId),
    state: &SecretHash,
) -> Result<Option<F>, StorageError> {
    let mut sql = PlainSql::prepared(tx, "");
    deletion(&mut sql, place, (state, tx.now));
    let taken = sql.load::<Line>(tx)?.pop();
    taken.map(|taken| from_json(&taken.text)).transpose()
}

/// Ends a flow, and marks the assertion that answers it as used: what the flow was, and whether the
/// assertion was not used before.
pub fn take_and_see<F: DeserializeOwned>(
    tx: &mut Transaction<'_>,
    place: (&OrgScope, ConnectionId),
    state: &SecretHash,
    assertion: (&str, DateTime<Utc>),
) -> Result<(Option<F>, bool), StorageError> {
    if Dialect::of(tx) == Dialect::Sqlite {
        let flow = take(tx, place, state)?;
        return Ok((flow, see_assertion(tx, place, assertion)?));
    }
    let mut sql = PlainSql::prepared(tx, "WITH taken AS (");
    deletion(&mut sql, place, (state, tx.now));
    sql.sql("), seen AS (");
    marking(&mut sql, place, assertion);
    sql.sql(") SELECT 'flow' AS source, text FROM taken UNION ALL SELECT 'seen', text FROM seen");
    let (mut flow, mut is_fresh) = (None, false);
    for row in sql.load::<Done>(tx)? {
        if row.source == "flow" {
            flow = Some(from_json(&row.text)?);
        } else {
            is_fresh = true;
        }
    }
    Ok((flow, is_fresh))
}

fn deletion(
    sql: &mut PlainSql,
    (scope, connection): (&OrgScope, ConnectionId),
    (state, now): (&SecretHash, DateTime<Utc>),
) {
    sql.sql("DELETE FROM sign_in_flows WHERE state_hash = ");
    sql.text(state.as_str()).sql(" AND organization_id = ");
    sql.text(scope.key()).sql(" AND connection_id = ");
    sql.text(connection.key()).sql(" AND expires_at > ");
    sql.instant(instant(now)).sql(" RETURNING flow AS text");
}

/// Ends a flow; false when it was not open any more.
pub fn consume(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    state: &SecretHash,
) -> Result<bool, StorageError> {
    let open = sign_in_flows::table
        .filter(sign_in_flows::state_hash.eq(state.as_str()))
        .filter(sign_in_flows::organization_id.eq(scope.key()))
        .filter(sign_in_flows::connection_id.eq(connection.key()))
        .filter(sign_in_flows::expires_at.gt(instant(tx.now)));
    Ok(diesel::delete(open).execute(tx.connection()?)? == 1)
}

/// Ends every flow that waits for the IdP of this connection; of those only the ones that began at
/// an external connection, if one is given.
pub fn delete_all_of(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    began_at: Option<ConnectionId>,
) -> Result<usize, StorageError> {
    let began_at = began_at.map(|external| external.to_string());
    let theirs = sign_in_flows::table
        .filter(sign_in_flows::organization_id.eq(scope.key()))
        .filter(sign_in_flows::connection_id.eq(connection.key()))
        .filter(sign_in_flows::flow.like(like_anywhere(&began_at.unwrap_or_default())));
    Ok(diesel::delete(theirs).execute(tx.connection()?)?)
}

/// Marks an assertion as used, to be remembered for so long; false when it was used before.
pub fn see_assertion(
    tx: &mut Transaction<'_>,
    place: (&OrgScope, ConnectionId),
    assertion: (&str, DateTime<Utc>),
) -> Result<bool, StorageError> {
    let mut sql = PlainSql::prepared(tx, "");
    marking(&mut sql, place, assertion);
    Ok(!sql.load::<Line>(tx)?.is_empty())
}

fn marking(
    sql: &mut PlainSql,
    (scope, connection): (&OrgScope, ConnectionId),
    (id, expires_at): (&str, DateTime<Utc>),
) {
    sql.sql(
        "INSERT INTO seen_assertions (organization_id, connection_id, assertion_id, expires_at) \
         VALUES (",
    );
    sql.text(scope.key()).sql(", ").text(connection.key());
    sql.sql(", ")
        .text(id)
        .sql(", ")
        .instant(instant(expires_at));
    sql.sql(") ON CONFLICT DO NOTHING RETURNING assertion_id AS text");
}

/// Forgets flows and assertions that have expired.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let now = instant(tx.now);
    let flows = diesel::delete(sign_in_flows::table.filter(sign_in_flows::expires_at.le(now)))
        .execute(tx.connection()?)?;
    let seen = diesel::delete(seen_assertions::table.filter(seen_assertions::expires_at.le(now)))
        .execute(tx.connection()?)?;
    Ok(flows + seen)
}
