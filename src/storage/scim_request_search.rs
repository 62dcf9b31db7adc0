//! The search in a SCIM connection's request log, as SQL: newest first.

use crate::domain::id::ConnectionId;
use crate::domain::id::ScimRequestId;
use crate::domain::scim_request::ScimRequest;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::member_search::Count;
use crate::storage::plain_sql::PlainSql;
use crate::storage::scim_requests::ScimRequestRow;
use crate::storage::search_terms::Conditions;

/// One condition of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestFilter {
    /// The status begins with one of these digits.
    StatusClasses(Vec<u16>),
    /// One of these methods.
    Methods(Vec<String>),
    /// It is about one of these resources.
    ResourceIds(Vec<String>),
    /// The id is not below this.
    Since(String),
    /// The id is below this.
    Until(String),
    /// It was refused, or failed.
    Refused,
    /// Whatever it is.
    Any,
}

impl RequestFilter {
    /// Only what was refused or failed, or everything.
    pub fn only_errors(only: bool) -> Self {
        if only { Self::Refused } else { Self::Any }
    }
}

/// The entries that are older than the last one seen, newest first.
pub fn page(
    tx: &mut Transaction<'_>,
    place: (&OrgScope, ConnectionId),
    conditions: &Conditions<RequestFilter>,
    (before, limit): (Option<ScimRequestId>, i64),
) -> Result<Vec<ScimRequest>, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT * FROM scim_requests WHERE ");
    write(&mut sql, place, conditions);
    if let Some(before) = before {
        sql.sql(" AND id < ").text(before.key());
    }
    sql.sql(" ORDER BY id DESC LIMIT ").number(limit);
    let rows = sql.load::<ScimRequestRow>(tx)?;
    rows.into_iter().map(ScimRequest::try_from).collect()
}

/// How many entries there are.
pub fn count(
    tx: &mut Transaction<'_>,
    place: (&OrgScope, ConnectionId),
    conditions: &Conditions<RequestFilter>,
) -> Result<i64, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT count(*) AS total FROM scim_requests WHERE ");
    write(&mut sql, place, conditions);
    let counts = sql.load::<Count>(tx)?;
    Ok(counts.first().map_or(0, |count| count.total))
}

fn write(
    sql: &mut PlainSql,
    (scope, connection): (&OrgScope, ConnectionId),
    conditions: &Conditions<RequestFilter>,
) {
    sql.sql("organization_id = ").text(scope.key());
    sql.sql(" AND connection_id = ").text(connection.key());
    conditions.write(sql, narrow);
}

fn narrow(sql: &mut PlainSql, filter: &RequestFilter) {
    match filter {
        RequestFilter::StatusClasses(classes) => {
            sql.sql("(1 = 0");
            for class in classes {
                let (first, end) = (i64::from(*class) * 100, (i64::from(*class) + 1) * 100);
                sql.sql(" OR (status >= ").number(first);
                sql.sql(" AND status < ").number(end).sql(")");
            }
            sql.sql(")");
        }
        RequestFilter::Methods(methods) => {
            let methods = methods.iter().map(|method| method.to_ascii_uppercase());
            sql.sql("method").one_of(methods);
        }
        RequestFilter::ResourceIds(ids) => {
            sql.sql("(resource_id IS NOT NULL AND resource_id");
            sql.one_of(ids.iter().cloned()).sql(")");
        }
        RequestFilter::Since(key) => {
            sql.sql("id >= ").text(key);
        }
        RequestFilter::Until(key) => {
            sql.sql("id < ").text(key);
        }
        RequestFilter::Refused => {
            sql.sql("status >= 400");
        }
        RequestFilter::Any => {
            sql.sql("1 = 1");
        }
    }
}
