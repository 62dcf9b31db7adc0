//! Running statements in a database's own words.

use diesel::RunQueryDsl;
use diesel::deserialize::FromSqlRow;
use diesel::pg::Pg;
use diesel::sql_types::Untyped;
use diesel::sqlite::Sqlite;

use crate::storage::Transaction;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;

impl PlainSql {
    /// Runs it.
    pub(crate) fn load<Row>(self, tx: &mut Transaction<'_>) -> Result<Vec<Row>, StorageError>
    where
        Row: FromSqlRow<Untyped, Sqlite> + FromSqlRow<Untyped, Pg> + 'static,
    {
        self.log_plan(tx)?;
        self.load_from(tx.connection()?)
    }

    /// Runs it beside what waits to be written, none of which it asks about.
    pub(crate) fn load_beside<Row>(self, tx: &mut Transaction<'_>) -> Result<Vec<Row>, StorageError>
    where
        Row: FromSqlRow<Untyped, Sqlite> + FromSqlRow<Untyped, Pg> + 'static,
    {
        self.log_plan(tx)?;
        self.load_from(tx.opened)
    }

    fn load_from<Row>(self, connection: &mut DbConnection) -> Result<Vec<Row>, StorageError>
    where
        Row: FromSqlRow<Untyped, Sqlite> + FromSqlRow<Untyped, Pg> + 'static,
    {
        Ok(match connection {
            DbConnection::Sqlite(sqlite) => RunQueryDsl::load(self, sqlite)?,
            DbConnection::Postgres(postgres) => RunQueryDsl::load(self, postgres)?,
        })
    }
}
