//! Pending requests to identity providers, and the assertions that were already used.

use chrono::DateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::TextExpressionMethods;
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

/// Marks an assertion as used; false when it was used before.
pub fn see_assertion(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    assertion_id: &str,
    expires_at: DateTime<Utc>,
) -> Result<bool, StorageError> {
    let seen = seen_assertions::table
        .filter(seen_assertions::organization_id.eq(scope.key()))
        .filter(seen_assertions::connection_id.eq(connection.key()))
        .filter(seen_assertions::assertion_id.eq(assertion_id))
        .count()
        .get_result::<i64>(tx.connection()?)?;
    if seen > 0 {
        return Ok(false);
    }
    let row = (
        seen_assertions::organization_id.eq(scope.key()),
        seen_assertions::connection_id.eq(connection.key()),
        seen_assertions::assertion_id.eq(assertion_id),
        seen_assertions::expires_at.eq(instant(expires_at)),
    );
    diesel::insert_into(seen_assertions::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(true)
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
