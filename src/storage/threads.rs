//! Threads that own connections: jobs come by a bounded queue and are answered after the commit.
//!
//! SQLite has one writing thread, which runs all waiting jobs in savepoints of one transaction
//! and commits once: as durable as one commit each, and several times faster.

use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::TrySendError;
use std::sync::mpsc::sync_channel;
use std::thread;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;

use crate::domain::id::OrganizationId;
use crate::storage::back_off::back_off;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::fence::begin_within;
use crate::storage::job::Isolation;
use crate::storage::job::Job;
use crate::storage::job::Jobs;
use crate::storage::job::Verdict;
use crate::storage::open::Database;
use crate::storage::open::Purpose;
use crate::storage::open::open;
use crate::storage::reconnection::connect;
use crate::storage::reconnection::gone;

const QUEUE_LENGTH: usize = 1024;
const GROUP: usize = 64;
const ATTEMPTS_AT_ONCE: u32 = 4;
const ATTEMPTS: u32 = 12;
// Those who lost that often queue on PostgreSQL for one advisory lock.
const QUEUE: &str = "SELECT pg_advisory_lock(7643764)";
const LEAVE: &str = "SELECT pg_advisory_unlock(7643764)";

/// Who writes beside others, and who alone.
type Turns = Arc<RwLock<()>>;

/// A bounded queue before a set of threads.
#[derive(Clone)]
pub(crate) struct Workers(SyncSender<Box<dyn Job>>);

impl Workers {
    /// Starts threads that each open a connection of their own.
    pub(crate) fn start(
        database: &Database,
        purpose: Purpose,
        threads: usize,
    ) -> Result<Self, StorageError> {
        let (sender, receiver) = sync_channel(QUEUE_LENGTH);
        let jobs: Jobs = Arc::new(Mutex::new(receiver));
        let turns = Turns::default();
        // One is opened here, so that a wrong address is told; the others open side by side.
        let mut opened = Some(open(database, purpose)?);
        for number in 0..threads {
            let (opened, database, jobs) = (opened.take(), database.clone(), jobs.clone());
            let turns = turns.clone();
            let work = move || {
                let connection = opened.unwrap_or_else(|| connect(&database, purpose, &jobs));
                let worker = Worker {
                    database,
                    purpose,
                    connection,
                    jobs,
                    turns,
                };
                worker.work();
            };
            thread::Builder::new()
                .name(format!("db-{purpose:?}-{number}").to_lowercase())
                .spawn(work)
                .map_err(|error| StorageError::Unavailable(error.to_string()))?;
        }
        Ok(Self(sender))
    }

    /// Queues a job, or gives it back with the reason when the queue is full.
    pub(crate) fn queue(&self, job: Box<dyn Job>) -> Result<(), StorageError> {
        self.0.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StorageError::Busy,
            TrySendError::Disconnected(_) => StorageError::Unavailable("shutting down".to_owned()),
        })
    }
}

struct Worker {
    database: Database,
    purpose: Purpose,
    connection: DbConnection,
    jobs: Jobs,
    turns: Turns,
}

impl Worker {
    fn work(mut self) {
        while let Some(batch) = self.take() {
            let lost = match (self.purpose, &self.connection) {
                (Purpose::Read, DbConnection::Sqlite(_)) | (Purpose::Seek, _) => self.read(batch),
                (Purpose::Read, DbConnection::Postgres(_)) => self.read_each(batch).is_err(),
                (Purpose::Write, DbConnection::Sqlite(_)) => self.write_group(batch),
                (Purpose::Write, DbConnection::Postgres(_)) => self.write_each(batch),
            };
            if lost {
                self.reconnect();
            }
        }
    }

    /// The next job; on SQLite's writer, all that are waiting.
    fn take(&self) -> Option<Vec<Box<dyn Job>>> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let mut batch = vec![jobs.recv().ok()?];
        let grouped =
            self.purpose == Purpose::Write && matches!(self.connection, DbConnection::Sqlite(_));
        while grouped && batch.len() < GROUP {
            match jobs.try_recv() {
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        Some(batch)
    }

    fn read(&mut self, batch: Vec<Box<dyn Job>>) -> bool {
        let mut lost = false;
        for job in batch {
            lost |= self.read_one(job);
        }
        lost
    }

    fn read_one(&mut self, mut job: Box<dyn Job>) -> bool {
        let (outcome, lost) = match run(job.as_mut(), &mut self.connection) {
            Verdict::Commit | Verdict::Undo => (Ok(()), false),
            Verdict::Again(error) => (Err(error), false),
            Verdict::Reconnect => (Err(gone()), true),
        };
        job.answer(outcome);
        lost
    }

    /// Reads in transactions, because what a job enters must end with it. The answer does not wait
    /// for that end, and a job that is waiting begins with it.
    fn read_each(&mut self, batch: Vec<Box<dyn Job>>) -> Result<(), StorageError> {
        let mut jobs = batch.into_iter();
        let mut next = jobs.next();
        let within = next.as_ref().and_then(|job| job.within());
        let mut begun = self.begin("BEGIN", within);
        while let Some(job) = next {
            if let Err(error) = begun {
                let error = StorageError::from(error);
                job.answer(Err(error.clone()));
                return Err(error);
            }
            if self.read_one(job) {
                return Err(gone());
            }
            next = jobs.next().or_else(|| self.waiting());
            let end = next.as_ref().map_or("COMMIT", |_| "COMMIT AND CHAIN");
            let within = next.as_ref().and_then(|job| job.within());
            begun = self.begin(end, within);
        }
        Ok(begun?)
    }

    fn begin(&mut self, begin: &str, within: Option<OrganizationId>) -> QueryResult<()> {
        self.connection.batch_execute(&begin_within(begin, within))
    }

    /// A job that nobody else waits to take.
    fn waiting(&self) -> Option<Box<dyn Job>> {
        self.jobs.try_lock().ok()?.try_recv().ok()
    }

    fn write_each(&mut self, batch: Vec<Box<dyn Job>>) -> bool {
        let mut lost = false;
        for mut job in batch {
            let outcome = self.write_one(job.as_mut());
            lost |= matches!(outcome, Err(StorageError::Unavailable(_)));
            job.answer(outcome);
        }
        lost
    }

    /// A job that keeps losing races runs alone: nobody of this process writes beside it, and nobody
    /// elsewhere who loses as often. On a small database everything conflicts with everything.
    fn write_one(&mut self, job: &mut dyn Job) -> Result<(), StorageError> {
        if job.isolation() == Isolation::ByKeys {
            return self.attempt(job, 0..ATTEMPTS);
        }
        let turns = self.turns.clone();
        let beside_others = turns.read();
        match self.attempt(job, 0..ATTEMPTS_AT_ONCE) {
            Err(error) if error.is_lost_race() => {}
            outcome => return outcome,
        }
        drop(beside_others);
        let _alone = turns.write();
        let queued = self.connection.batch_execute(QUEUE);
        queued.map_err(|_| StorageError::Busy)?;
        let outcome = self.attempt(job, ATTEMPTS_AT_ONCE..ATTEMPTS);
        // A connection that is lost has given it back.
        let _ = self.connection.batch_execute(LEAVE);
        outcome
    }

    fn attempt(&mut self, job: &mut dyn Job, attempts: Range<u32>) -> Result<(), StorageError> {
        let mut lost = StorageError::Busy;
        for attempt in attempts {
            if attempt > 0 {
                back_off(attempt.min(ATTEMPTS_AT_ONCE));
            }
            self.begin(job.isolation().begin(), job.within())?;
            lost = match run(job, &mut self.connection) {
                Verdict::Commit => match self.connection.batch_execute("COMMIT") {
                    Ok(()) => return Ok(()),
                    Err(error) => StorageError::from(error),
                },
                Verdict::Undo => {
                    self.connection.batch_execute("ROLLBACK")?;
                    return Ok(());
                }
                Verdict::Again(error) => error,
                Verdict::Reconnect => return Err(gone()),
            };
            let undone = self.connection.batch_execute("ROLLBACK");
            if !lost.is_lost_race() {
                return Err(lost);
            }
            undone?;
        }
        Err(lost)
    }

    fn write_group(&mut self, mut batch: Vec<Box<dyn Job>>) -> bool {
        let outcome = self.run_group(&mut batch);
        let (outcomes, committed) = match outcome {
            Ok(outcomes) => (outcomes, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        if committed.is_err() {
            let _ = self.connection.batch_execute("ROLLBACK");
        }
        let mut outcomes = outcomes.into_iter();
        for job in batch {
            match &committed {
                Ok(()) => job.answer(outcomes.next().unwrap_or_else(|| Err(gone()))),
                Err(error) => job.answer(Err(error.clone())),
            }
        }
        false
    }

    fn run_group(
        &mut self,
        batch: &mut [Box<dyn Job>],
    ) -> Result<Vec<Result<(), StorageError>>, StorageError> {
        self.connection.batch_execute("BEGIN IMMEDIATE")?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for job in batch.iter_mut() {
            self.connection.batch_execute("SAVEPOINT job")?;
            let outcome = match run(job.as_mut(), &mut self.connection) {
                Verdict::Commit => Ok(true),
                Verdict::Undo => Ok(false),
                Verdict::Again(error) => Err(error),
                Verdict::Reconnect => Err(gone()),
            };
            if outcome != Ok(true) {
                self.connection.batch_execute("ROLLBACK TO job")?;
            }
            self.connection.batch_execute("RELEASE job")?;
            outcomes.push(outcome.map(|_| ()));
        }
        self.connection.batch_execute("COMMIT")?;
        Ok(outcomes)
    }

    fn reconnect(&mut self) {
        self.connection = connect(&self.database, self.purpose, &self.jobs);
    }
}

/// A panic inside a closure must not take the connection's thread with it.
fn run(job: &mut dyn Job, connection: &mut DbConnection) -> Verdict {
    catch_unwind(AssertUnwindSafe(|| job.run(connection)))
        .unwrap_or_else(|_| Verdict::Again(StorageError::Corrupt("a use case panicked".to_owned())))
}
