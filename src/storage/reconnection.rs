//! A connection that was lost is opened again, and nobody waits for that.

use std::sync::PoisonError;
use std::thread;
use std::time::Duration;

use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::job::Jobs;
use crate::storage::open::Database;
use crate::storage::open::Purpose;
use crate::storage::open::open;

/// Opens a connection, however long that takes.
pub(crate) fn connect(database: &Database, purpose: Purpose, jobs: &Jobs) -> DbConnection {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match open(database, purpose) {
            Ok(connection) => return connection,
            Err(error) => {
                tracing::warn!(%error, attempt, "reconnecting to the database");
                refuse_waiting(jobs);
                thread::sleep(Duration::from_millis(200));
            }
        }
    }
}

/// While the database is away, callers get their answer at once.
fn refuse_waiting(jobs: &Jobs) {
    let jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
    while let Ok(job) = jobs.try_recv() {
        job.answer(Err(gone()));
    }
}

/// What callers are told meanwhile.
pub(crate) fn gone() -> StorageError {
    StorageError::Unavailable("the connection was lost".to_owned())
}
