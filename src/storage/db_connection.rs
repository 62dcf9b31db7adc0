//! SQLite or PostgreSQL behind one type.

use diesel::PgConnection;
use diesel::SqliteConnection;

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub(crate) enum DbConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}
