//! Threads that own connections: jobs come by a bounded queue and are answered after the commit.
//!
//! SQLite has one writing thread, which runs all waiting jobs in savepoints of one transaction
//! and commits once: as durable as one commit each, and several times faster.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::RwLock;
use std::thread;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;

use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::fence::begin_within;
use crate::storage::job::Job;
use crate::storage::job::Verdict;
use crate::storage::open::Database;
use crate::storage::open::Purpose;
use crate::storage::open::open;
use crate::storage::queue::Queue;
use crate::storage::reconnection::connect;
use crate::storage::together::Together;

const GROUP: usize = 64;
/// How much of one organization PostgreSQL commits at once.
pub(super) const TOGETHER: usize = 32;

/// How many threads work for one organization at once: on PostgreSQL one writes, and few enough read
/// that some are left for others, and that what waits is read together.
fn on_one_lane(database: &Database, purpose: Purpose, threads: usize) -> usize {
    match (database, purpose) {
        (Database::Postgres(_), Purpose::Write) => 1,
        (Database::Postgres(_), Purpose::Read) => (threads * 3 / 8).max(1),
        (Database::Postgres(_), Purpose::Seek) | (Database::Sqlite(_), _) => threads,
    }
}

/// Who writes beside others, and who alone.
pub(super) type Turns = Arc<RwLock<()>>;

/// A bounded queue before a set of threads, which end when nobody holds it any more.
#[derive(Clone)]
pub(crate) struct Workers(Arc<Door>);

struct Door(Arc<Queue>);

impl Drop for Door {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Workers {
    /// Starts threads that each open a connection of their own.
    pub(crate) fn start(
        database: &Database,
        purpose: Purpose,
        threads: usize,
    ) -> Result<Self, StorageError> {
        let queue = Arc::new(Queue::new(on_one_lane(database, purpose, threads)));
        let turns = Turns::default();
        // One is opened here, so that a wrong address is told; the others open side by side.
        let mut opened = Some(open(database, purpose)?);
        for number in 0..threads {
            let (opened, database, queue) = (opened.take(), database.clone(), queue.clone());
            let turns = turns.clone();
            let work = move || {
                let connection = opened.unwrap_or_else(|| connect(&database, purpose, &queue));
                let worker = Worker {
                    database,
                    purpose,
                    connection,
                    queue,
                    turns,
                };
                worker.work();
            };
            thread::Builder::new()
                .name(format!("db-{purpose:?}-{number}").to_lowercase())
                .spawn(work)
                .map_err(|error| StorageError::Unavailable(error.to_string()))?;
        }
        Ok(Self(Arc::new(Door(queue))))
    }

    /// Queues a job, or gives it back with the reason when the queue is full.
    pub(crate) fn queue(&self, job: Box<dyn Job>) -> Result<(), StorageError> {
        self.0.0.push(job)
    }
}

/// A thread, and the connection that it owns.
pub(super) struct Worker {
    database: Database,
    purpose: Purpose,
    pub(super) connection: DbConnection,
    pub(super) queue: Arc<Queue>,
    pub(super) turns: Turns,
}

impl Worker {
    fn work(mut self) {
        while let Some(lost) = self.do_next() {
            if lost {
                self.connection = connect(&self.database, self.purpose, &self.queue);
            }
        }
    }

    /// Does what is next, and says whether the connection was lost over it; `None` at the end.
    fn do_next(&mut self) -> Option<bool> {
        Some(match (self.purpose, &self.connection) {
            (Purpose::Read, DbConnection::Sqlite(_)) | (Purpose::Seek, _) => {
                let (jobs, lane) = self.queue.take(1)?;
                let lost = self.read_alone(jobs);
                self.queue.give_back(lane);
                lost
            }
            (Purpose::Read, DbConnection::Postgres(_)) => {
                let (jobs, lane) = self.queue.take(1)?;
                self.read_chain(jobs, lane)
            }
            (Purpose::Write, DbConnection::Sqlite(_)) => {
                let group = self.queue.take_some(GROUP)?;
                self.write_group(group)
            }
            (Purpose::Write, DbConnection::Postgres(_)) => {
                let (jobs, lane) = self.queue.take(TOGETHER)?;
                let lost = self.write_lane(jobs, &lane);
                self.queue.give_back(lane);
                lost
            }
        })
    }

    pub(super) fn begin(&mut self, begin: &str, job: Option<&dyn Job>) -> QueryResult<()> {
        let within = job.and_then(Job::within);
        let across = job.and_then(Job::across);
        let begin = begin_within(begin, (within, across));
        self.connection.batch_execute(&begin)
    }
}

/// A panic inside a closure must not take the connection's thread with it.
pub(super) fn run(
    job: &mut dyn Job,
    connection: &mut DbConnection,
    together: &mut Together,
) -> Verdict {
    catch_unwind(AssertUnwindSafe(|| job.run(connection, together)))
        .unwrap_or_else(|_| Verdict::Again(StorageError::Corrupt("a use case panicked".to_owned())))
}
