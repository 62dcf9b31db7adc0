//! What a thread that owns a connection is given to do.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::Receiver;

use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;

/// What became of one run of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Keep what it wrote.
    Commit,
    /// Undo what it wrote; the job holds its own error.
    Undo,
    /// Undo it and run it again, or give up with this error.
    Again(StorageError),
    /// The connection is gone.
    Reconnect,
}

/// A closure on its way to a connection and its answer on the way back.
pub(crate) trait Job: Send {
    /// Runs the closure; may be called again.
    fn run(&mut self, connection: &mut DbConnection) -> Verdict;
    /// Sends the answer: the closure's own when `outcome` is `Ok`.
    fn answer(self: Box<Self>, outcome: Result<(), StorageError>);
}

/// Those that wait.
pub(crate) type Jobs = Arc<Mutex<Receiver<Box<dyn Job>>>>;
