//! A closure on its way to the thread of a connection, and its answer on the way back.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

use crate::domain::clock::Clock;
use crate::domain::event::Actor;
use crate::domain::event::Cause;
use crate::domain::id::OrganizationId;
use crate::storage::Transaction;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::foreseen::Newcomer;
use crate::storage::job::Begin;
use crate::storage::job::Isolation;
use crate::storage::job::Job;
use crate::storage::job::Verdict;
use crate::storage::job::Way;
use crate::storage::open::Purpose;
use crate::storage::together::Together;
use crate::storage::writes::Concern;
use crate::storage::writes::Writes;

/// A closure with what it needs on the thread of a connection.
pub(super) struct ClosureJob<F, T, E> {
    pub(super) closure: F,
    pub(super) clock: Clock,
    pub(super) begin: Begin,
    pub(super) newcomer: Option<Newcomer>,
    pub(super) purpose: Purpose,
    pub(super) isolation: Isolation,
    pub(super) arrived: Instant,
    pub(super) writes: Arc<Writes>,
    pub(super) concern: Concern,
    pub(super) sender: oneshot::Sender<Result<T, E>>,
    pub(super) result: Option<Result<T, E>>,
}

impl<F, T, E> Job for ClosureJob<F, T, E>
where
    F: Fn(&mut Transaction<'_>) -> Result<T, E> + Send,
    T: Send,
    E: Failure,
{
    fn arrived(&self) -> Instant {
        self.arrived
    }

    fn isolation(&self) -> Isolation {
        self.isolation
    }

    fn within(&self) -> Option<OrganizationId> {
        self.begin.within
    }

    fn across(&self) -> Option<Crossing> {
        self.begin.across
    }

    fn way(&self) -> Way {
        self.begin.way
    }

    fn newcomer(&self) -> Option<&Newcomer> {
        self.newcomer.as_ref()
    }

    fn run(&mut self, connection: &mut DbConnection, together: &mut Together) -> Verdict {
        let cause = Cause {
            request_id: self.begin.request_id,
            actor: Actor::System,
        };
        let mut transaction = Transaction {
            opened: connection,
            begin: self.begin,
            now: self.clock.now(),
            cause,
            purpose: self.purpose,
            has_written: false,
            is_named: false,
            concern: Concern::default(),
            together,
        };
        let mut result = (self.closure)(&mut transaction);
        if result.is_ok()
            && let Err(refused) = transaction.end()
        {
            result = Err(refused.into());
        }
        self.concern = transaction.concern;
        let verdict = match &result {
            Ok(_) => Verdict::Commit,
            Err(error) => match error.storage() {
                Some(StorageError::Unavailable(_)) => Verdict::Reconnect,
                Some(lost) if lost.is_lost_race() => Verdict::Again(lost.clone()),
                _ => Verdict::Undo,
            },
        };
        self.result = Some(result);
        verdict
    }

    fn answer(self: Box<Self>, outcome: Result<(), StorageError>) {
        let unrun = || Err(StorageError::Unavailable("the work was not run".to_owned()).into());
        let answer = match outcome {
            Ok(()) => self.result.unwrap_or_else(unrun),
            Err(error) => Err(error.into()),
        };
        // The caller may have gone away; its work is done all the same, and counted.
        if self.purpose == Purpose::Write {
            self.writes.note(self.concern);
        }
        let _ = self.sender.send(answer);
    }
}
