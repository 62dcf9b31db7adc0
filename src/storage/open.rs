//! Opens connections to either database, with the settings that durability asks for.

use std::fmt;
use std::path::PathBuf;

use diesel::Connection;
use diesel::PgConnection;
use diesel::SqliteConnection;
use diesel::connection::InstrumentationEvent;
use diesel::connection::SimpleConnection;

use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::fence;

/// Which database, and where.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by its URL.
    Postgres(String),
}

impl Database {
    /// Reads `sqlite://PATH` or `postgres://…`.
    pub fn from_url(url: &str) -> Option<Self> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            return (!path.is_empty()).then(|| Self::Sqlite(PathBuf::from(path)));
        }
        let postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        postgres.then(|| Self::Postgres(url.to_owned()))
    }

    /// The word for people and logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

impl fmt::Debug for Database {
    /// A URL may hold a password, so only the kind is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Reads only; on PostgreSQL all statements of a transaction see the same.
    Read,
    /// Reads only, across organizations, each statement by itself.
    Seek,
    /// Transactions that write.
    Write,
}

const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; \
     PRAGMA cache_size = -8000;";

/// Opens one connection.
pub(crate) fn open(database: &Database, purpose: Purpose) -> Result<DbConnection, StorageError> {
    let unreachable = |error: diesel::ConnectionError| StorageError::Unavailable(error.to_string());
    match database {
        Database::Sqlite(path) => {
            let path = path.to_string_lossy();
            let mut connection = SqliteConnection::establish(&path).map_err(unreachable)?;
            connection.batch_execute(SQLITE_SETTINGS)?;
            fence::prepare(&mut connection)?;
            trace_statements(&mut connection);
            if purpose != Purpose::Write {
                connection.batch_execute("PRAGMA query_only = ON;")?;
            }
            Ok(DbConnection::Sqlite(connection))
        }
        Database::Postgres(url) => {
            let mut connection = PgConnection::establish(url).map_err(unreachable)?;
            let settings = match purpose {
                // Counting in parallel costs three times what it saves while others wait.
                Purpose::Read => {
                    "SET default_transaction_read_only = on; \
                     SET default_transaction_isolation = 'repeatable read'; \
                     SET max_parallel_workers_per_gather = 0;"
                }
                // It always finds a few rows by a key, whatever the key is.
                Purpose::Seek => {
                    "SET default_transaction_read_only = on; \
                     SET plan_cache_mode = force_generic_plan; \
                     SET vestibule.organization = '*';"
                }
                Purpose::Write => "SET default_transaction_isolation = 'serializable';",
            };
            connection.batch_execute(settings)?;
            connection.batch_execute(
                "SET statement_timeout = '5s'; SET timezone = 'UTC'; SET datestyle = 'ISO';",
            )?;
            Ok(DbConnection::Postgres(connection))
        }
    }
}

/// What SQLite is asked, with the values, to be logged when this is traced:
/// `vestibule::statements=trace`. PostgreSQL has a log of its own.
const STATEMENTS: &str = "vestibule::statements";

fn trace_statements(connection: &mut SqliteConnection) {
    if !tracing::enabled!(target: STATEMENTS, tracing::Level::TRACE) {
        return;
    }
    connection.set_instrumentation(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = serde_json::Value::from(query.to_string());
            tracing::trace!(target: STATEMENTS, "statement: {text}");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_by_its_url_and_prints_no_password() {
        let postgres = Database::from_url("postgres://u:secret@h/db").unwrap();
        assert_eq!(format!("{postgres:?}"), "PostgreSQL");
        assert_eq!(
            Database::from_url("sqlite://x.db"),
            Some(Database::Sqlite("x.db".into()))
        );
        for url in ["", "sqlite://", "mysql://h/db", "x.db"] {
            assert_eq!(Database::from_url(url), None, "{url}");
        }
    }
}
