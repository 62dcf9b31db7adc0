//! Embedded migrations, run at start: under a lock, so that nodes take turns.

use std::fs::File;
use std::io;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::Migration;
use diesel::migration::MigrationSource;
use diesel_migrations::EmbeddedMigrations;
use diesel_migrations::MigrationHarness;
use diesel_migrations::embed_migrations;

use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::open::Database;
use crate::storage::open::Purpose;
use crate::storage::open::open;

const COMMON: EmbeddedMigrations = embed_migrations!("migrations/common");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// What holds for either database, with what only this one has; run in the order of their numbers.
struct Migrations(EmbeddedMigrations);

impl<DB: Backend> MigrationSource<DB> for Migrations {
    fn migrations(&self) -> Listed<DB> {
        let mut all: Vec<Box<dyn Migration<DB>>> = COMMON.migrations()?;
        all.extend(MigrationSource::<DB>::migrations(&self.0)?);
        Ok(all)
    }
}

/// Any fixed number: the same on every node.
const LOCK: &str = "SELECT pg_advisory_lock(7164381)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7164381)";

/// Brings the schema up to date.
pub fn run(database: &Database) -> Result<(), StorageError> {
    with_lock(database, |connection| match connection {
        DbConnection::Sqlite(sqlite) => sqlite
            .run_pending_migrations(Migrations(SQLITE))
            .map(|_| ()),
        DbConnection::Postgres(postgres) => postgres
            .run_pending_migrations(Migrations(POSTGRES))
            .map(|_| ()),
    })
}

/// The names of the migrations that have not run yet.
pub fn pending(database: &Database) -> Result<Vec<String>, StorageError> {
    let mut connection = open(database, Purpose::Write)?;
    match &mut connection {
        DbConnection::Sqlite(sqlite) => names(sqlite.pending_migrations(Migrations(SQLITE))),
        DbConnection::Postgres(postgres) => {
            names(postgres.pending_migrations(Migrations(POSTGRES)))
        }
    }
}

type Listed<DB> = Result<Vec<Box<dyn Migration<DB>>>, Box<dyn std::error::Error + Send + Sync>>;

fn names<DB: Backend>(listed: Listed<DB>) -> Result<Vec<String>, StorageError> {
    let listed = listed.map_err(|error| StorageError::Database(error.to_string()))?;
    let name = |migration: Box<dyn Migration<DB>>| migration.name().to_string();
    Ok(listed.into_iter().map(name).collect())
}

/// Takes every migration back: the schema, and all data, are gone.
pub fn revert_all(database: &Database) -> Result<(), StorageError> {
    with_lock(database, |connection| match connection {
        DbConnection::Sqlite(sqlite) => {
            sqlite.revert_all_migrations(Migrations(SQLITE)).map(|_| ())
        }
        DbConnection::Postgres(postgres) => postgres
            .revert_all_migrations(Migrations(POSTGRES))
            .map(|_| ()),
    })
}

type MigrationResult = Result<(), Box<dyn std::error::Error + Send + Sync>>;

fn with_lock(
    database: &Database,
    migrate: impl FnOnce(&mut DbConnection) -> MigrationResult,
) -> Result<(), StorageError> {
    // Held until the end of this function; PostgreSQL has its own lock.
    let _file = lock_file(database)?;
    let mut connection = open(database, Purpose::Write)?;
    if let DbConnection::Postgres(postgres) = &mut connection {
        // Waiting for another node's migration may take longer than a statement should.
        postgres.batch_execute("SET statement_timeout = '10min'")?;
        postgres.batch_execute("SET default_transaction_isolation = 'read committed'")?;
        postgres.batch_execute(LOCK)?;
    }
    let outcome = migrate(&mut connection)
        .map_err(|error| StorageError::Database(format!("migration failed: {error}")));
    if let DbConnection::Postgres(postgres) = &mut connection {
        postgres.batch_execute(UNLOCK)?;
    }
    outcome
}

/// SQLite's own lock lets two processes both find a migration missing, so they take turns here.
fn lock_file(database: &Database) -> Result<Option<File>, StorageError> {
    let Database::Sqlite(path) = database else {
        return Ok(None);
    };
    let unavailable = |error: io::Error| StorageError::Unavailable(error.to_string());
    let file = File::create(path.with_extension("migrating")).map_err(unavailable)?;
    file.lock().map_err(unavailable)?;
    Ok(Some(file))
}
