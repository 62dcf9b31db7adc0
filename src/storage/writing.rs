//! Writing: on SQLite everything that waits in one commit, on PostgreSQL what one organization
//! waits for.

use std::borrow::Cow;
use std::ops::Range;

use diesel::connection::SimpleConnection;

use crate::storage::back_off::back_off;
use crate::storage::error::StorageError;
use crate::storage::fence::back_within;
use crate::storage::fence::commit_and_begin_within;
use crate::storage::job::Isolation;
use crate::storage::job::Job;
use crate::storage::job::Verdict;
use crate::storage::queue::Lane;
use crate::storage::reconnection::gone;
use crate::storage::threads::TOGETHER;
use crate::storage::threads::Worker;
use crate::storage::threads::run;
use crate::storage::together::Together;

const ATTEMPTS_AT_ONCE: u32 = 4;
const ATTEMPTS: u32 = 12;
// Those who lost that often queue on PostgreSQL for one advisory lock.
const QUEUE: &str = "SELECT pg_advisory_lock(7643764)";
const LEAVE: &str = "SELECT pg_advisory_unlock(7643764)";

impl Worker {
    /// What waits for one organization would lose races against itself, so that it is written by
    /// one thread, in one transaction. If any of it fails, each is written in one of its own. While
    /// nobody else waits, what has come meanwhile begins with the commit.
    pub(super) fn write_lane(&mut self, mut jobs: Vec<Box<dyn Job>>, lane: &Lane) -> bool {
        let mut has_begun = false;
        while has_begun || jobs.len() > 1 {
            let mut next = Vec::new();
            let written = self.write_together((&mut jobs, has_begun), (lane, &mut next));
            let lost = match &written {
                Ok(true) => {
                    answer_all(jobs, &Ok(()));
                    false
                }
                Ok(false) => self.write_each(jobs),
                Err(_) => {
                    answer_all(jobs, &Err(gone()));
                    true
                }
            };
            if lost {
                answer_all(next, &Err(gone()));
                return true;
            }
            has_begun = written == Ok(true) && !next.is_empty();
            jobs = next;
        }
        self.write_each(jobs)
    }

    /// Whether all of it was committed; nothing was if not. What is next is put to what waits.
    fn write_together(
        &mut self,
        (jobs, has_begun): (&mut [Box<dyn Job>], bool),
        (lane, next): (&Lane, &mut Vec<Box<dyn Job>>),
    ) -> Result<bool, StorageError> {
        let turns = self.turns.clone();
        let _beside_others = turns.read();
        let begin = Isolation::Serializable.begin();
        if !has_begun {
            self.begin(begin, jobs.first().map(AsRef::as_ref))?;
        }
        let newcomers = jobs.iter().filter_map(|job| job.newcomer().cloned());
        let mut together = Together::shared(newcomers.collect());
        for job in jobs {
            if let Some(organization) = job.within().filter(|_| together.has_left()) {
                self.connection.batch_execute(&back_within(organization))?;
                together.returns();
            }
            match run(job.as_mut(), &mut self.connection, &mut together) {
                Verdict::Commit => {}
                Verdict::Undo | Verdict::Again(_) => {
                    self.connection.batch_execute("ROLLBACK")?;
                    return Ok(false);
                }
                Verdict::Reconnect => return Err(gone()),
            }
        }
        if together.waiting.write(&mut self.connection).is_err() {
            self.connection.batch_execute("ROLLBACK")?;
            return Ok(false);
        }
        *next = self.queue.take_more(lane, TOGETHER);
        let commit = match next.first().and_then(|job| job.within()) {
            Some(organization) => commit_and_begin_within(begin, organization),
            None => Cow::Borrowed("COMMIT"),
        };
        match self
            .connection
            .batch_execute(&commit)
            .map_err(StorageError::from)
        {
            Ok(()) => Ok(true),
            // Whether it was committed is known only of a lost race, as it may be what follows that failed.
            Err(error) if error.is_lost_race() || next.is_empty() => {
                self.connection.batch_execute("ROLLBACK")?;
                Ok(false)
            }
            Err(_) => Err(gone()),
        }
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
            self.begin(job.isolation().begin(), Some(&*job))?;
            lost = match run(job, &mut self.connection, &mut Together::default()) {
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

    pub(super) fn write_group(&mut self, mut batch: Vec<Box<dyn Job>>) -> bool {
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
            // On one file anybody may stand between two of a directory, who takes its token away.
            let together = &mut Together::default();
            let outcome = match run(job.as_mut(), &mut self.connection, together) {
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
}

/// Tells all of them the same.
fn answer_all(jobs: Vec<Box<dyn Job>>, outcome: &Result<(), StorageError>) {
    for job in jobs {
        job.answer(outcome.clone());
    }
}
