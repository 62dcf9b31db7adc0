//! How the latest test sign-in of each connection went.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::connection_test::TestReport;
use crate::domain::id::ConnectionId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::schema::connection_tests;

/// Keeps a report in the place of the one before.
pub fn save(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    report: &TestReport,
) -> Result<(), StorageError> {
    let before = connection_tests::table
        .filter(connection_tests::organization_id.eq(scope.key()))
        .filter(connection_tests::connection_id.eq(connection.key()));
    diesel::delete(before).execute(tx.connection()?)?;
    let row = (
        connection_tests::organization_id.eq(scope.key()),
        connection_tests::connection_id.eq(connection.key()),
        connection_tests::tested_at.eq(instant(tx.now)),
        connection_tests::report.eq(to_json(report)?),
    );
    diesel::insert_into(connection_tests::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// The latest report of a connection, and when the test was.
pub fn find(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
) -> Result<Option<(DateTime<Utc>, TestReport)>, StorageError> {
    connection_tests::table
        .filter(connection_tests::organization_id.eq(scope.key()))
        .filter(connection_tests::connection_id.eq(connection.key()))
        .select((connection_tests::tested_at, connection_tests::report))
        .first::<(NaiveDateTime, String)>(tx.connection()?)
        .optional()?
        .map(|(at, report)| Ok((at.and_utc(), from_json(&report)?)))
        .transpose()
}

/// The latest reports of an organization, by the keys of their connections.
pub fn list(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
) -> Result<Vec<(String, DateTime<Utc>, TestReport)>, StorageError> {
    let rows = connection_tests::table
        .filter(connection_tests::organization_id.eq(scope.key()))
        .select((
            connection_tests::connection_id,
            connection_tests::tested_at,
            connection_tests::report,
        ))
        .load::<(String, NaiveDateTime, String)>(tx.connection()?)?;
    rows.into_iter()
        .map(|(connection, at, report)| Ok((connection, at.and_utc(), from_json(&report)?)))
        .collect()
}
