//! Reading: on PostgreSQL what waited together is read in one transaction, on SQLite each by itself.

use std::time::Instant;

use diesel::connection::SimpleConnection;

use crate::domain::id::OrganizationId;
use crate::storage::error::StorageError;
use crate::storage::job::Isolation;
use crate::storage::job::Job;
use crate::storage::job::Verdict;
use crate::storage::queue::Lane;
use crate::storage::reconnection::gone;
use crate::storage::threads::Worker;
use crate::storage::threads::run;
use crate::storage::together::Together;

/// A transaction that several reads of one organization share.
struct Shared {
    within: Option<OrganizationId>,
    begun: Instant,
    together: Together,
    /// Whether the last one went through.
    is_sound: bool,
}

impl Shared {
    fn by(first: &dyn Job) -> Self {
        Self {
            within: first.within(),
            begun: Instant::now(),
            together: Together::default(),
            is_sound: true,
        }
    }

    /// Whether this one sees all that was committed before it came: it came before the transaction
    /// began, which sees what was committed by then.
    fn admits(&self, job: &dyn Job) -> bool {
        let is_of_it = self.within.is_some() && job.within() == self.within;
        let is_there = self.is_sound && !self.together.has_left();
        is_of_it && is_there && job.arrived() <= self.begun
    }
}

impl Worker {
    /// Statements that stand alone, unless all of a job's have to see the same; whether the connection
    /// was lost over them.
    pub(super) fn read_alone(&mut self, jobs: Vec<Box<dyn Job>>) -> bool {
        let mut lost = false;
        for job in jobs {
            let read = match job.isolation() {
                Isolation::Snapshot => self.read_of_one_instant(job),
                Isolation::Serializable | Isolation::ByKeys | Isolation::Unneeded => {
                    self.read_one(job, &mut Together::default()).map(|_| ())
                }
            };
            lost |= read.is_err();
        }
        lost
    }

    fn read_of_one_instant(&mut self, job: Box<dyn Job>) -> Result<(), StorageError> {
        if let Err(error) = self.connection.batch_execute("BEGIN") {
            let error = StorageError::from(error);
            job.answer(Err(error.clone()));
            return Err(error);
        }
        self.read_one(job, &mut Together::default())?;
        Ok(self.connection.batch_execute("COMMIT")?)
    }

    /// Reads in transactions, because what a job enters must end with it. The answer does not wait
    /// for that end, and what is waiting begins with it, or goes on in the same one. Whether the
    /// connection was lost over them.
    pub(super) fn read_chain(&mut self, jobs: Vec<Box<dyn Job>>, lane: Lane) -> bool {
        let mut open = None;
        let mut next = jobs.into_iter().next().map(|job| (job, lane));
        while let Some((job, lane)) = next {
            if self.read_in(&mut open, job).is_err() {
                self.queue.give_back(lane);
                return true;
            }
            next = self.queue.take_next(lane);
        }
        self.connection.batch_execute("COMMIT").is_err()
    }

    /// Reads in the transaction that is open, if that admits it.
    fn read_in(
        &mut self,
        open: &mut Option<Shared>,
        job: Box<dyn Job>,
    ) -> Result<(), StorageError> {
        let begin = open.as_ref().map_or("BEGIN", |_| "COMMIT AND CHAIN");
        let known = open.take().filter(|shared| shared.admits(job.as_ref()));
        let mut shared = if let Some(shared) = known {
            shared
        } else {
            let fresh = Shared::by(job.as_ref());
            if let Err(error) = self.begin(begin, Some(job.as_ref())) {
                let error = StorageError::from(error);
                job.answer(Err(error.clone()));
                return Err(error);
            }
            fresh
        };
        shared.is_sound = self.read_one(job, &mut shared.together)?;
        *open = Some(shared);
        Ok(())
    }

    /// Whether others may go on after it; no more may if the connection is gone.
    fn read_one(
        &mut self,
        mut job: Box<dyn Job>,
        together: &mut Together,
    ) -> Result<bool, StorageError> {
        let verdict = run(job.as_mut(), &mut self.connection, together);
        let is_sound = verdict == Verdict::Commit;
        let outcome = match verdict {
            Verdict::Commit | Verdict::Undo => Ok(()),
            Verdict::Again(error) => Err(error),
            Verdict::Reconnect => Err(gone()),
        };
        let is_gone = matches!(outcome, Err(StorageError::Unavailable(_)));
        job.answer(outcome);
        if is_gone {
            return Err(gone());
        }
        Ok(is_sound)
    }
}
