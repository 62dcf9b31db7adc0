//! How a database goes about a statement in its own words, logged when that is traced.

use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::sql_types::Text;

use crate::storage::Transaction;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;

/// What is asked of a database, to be logged when this is traced: `vestibule::plans=trace`.
const PLANS: &str = "vestibule::plans";

/// A step of a plan, as SQLite tells it.
#[derive(QueryableByName)]
struct SqliteStep {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// A line of a plan, as PostgreSQL tells it.
#[derive(QueryableByName)]
struct PostgresStep {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

impl PlainSql {
    /// Logs how the database goes about it, for whoever wonders why it takes long.
    pub(super) fn log_plan(&self, tx: &mut Transaction<'_>) -> Result<(), StorageError> {
        if !tracing::enabled!(target: PLANS, tracing::Level::TRACE) {
            return Ok(());
        }
        let explain = match self.dialect {
            Dialect::Sqlite => "EXPLAIN QUERY PLAN ",
            Dialect::Postgres => "EXPLAIN ",
        };
        let asked = self.after(explain);
        let lines: Vec<String> = match tx.connection()? {
            DbConnection::Sqlite(sqlite) => {
                let steps: Vec<SqliteStep> = RunQueryDsl::load(asked, sqlite)?;
                steps.into_iter().map(|step| step.detail).collect()
            }
            DbConnection::Postgres(postgres) => {
                let steps: Vec<PostgresStep> = RunQueryDsl::load(asked, postgres)?;
                steps.into_iter().map(|step| step.line).collect()
            }
        };
        for line in lines {
            tracing::trace!(target: PLANS, "plan: {line}");
        }
        Ok(())
    }
}
