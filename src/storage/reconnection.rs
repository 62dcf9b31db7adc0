//! A connection that was lost is opened again, and nobody waits for that.

use std::thread;
use std::time::Duration;

use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::open::Database;
use crate::storage::open::Purpose;
use crate::storage::open::open;
use crate::storage::queue::Queue;

/// Opens a connection, however long that takes.
pub(crate) fn connect(database: &Database, purpose: Purpose, queue: &Queue) -> DbConnection {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match open(database, purpose) {
            Ok(connection) => return connection,
            Err(error) => {
                tracing::warn!(%error, attempt, "reconnecting to the database");
                refuse_waiting(queue);
                thread::sleep(Duration::from_millis(200));
            }
        }
    }
}

/// While the database is away, callers get their answer at once.
fn refuse_waiting(queue: &Queue) {
    for job in queue.take_waiting() {
        job.answer(Err(gone()));
    }
}

/// What callers are told meanwhile.
pub(crate) fn gone() -> StorageError {
    StorageError::Unavailable("the connection was lost".to_owned())
}
