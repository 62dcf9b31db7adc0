//! Transactions that turn out to have nothing to write, as when a directory sends again what it sent
//! before.
//!
//! Writers take turns on one thread for each organization; readers do not. If what an organization's
//! directory sent of late changed nothing, the next change is done by a reader first, and by a writer only
//! if it has to write something. Nothing is read first while something of the directory waits for a
//! writer: whoever is let in late must not come after having been shut out.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::domain::id::OrganizationId;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;
use crate::storage::job::Begin;
use crate::storage::job::Isolation;
use crate::storage::job::Way;
use crate::storage::open::Purpose;

/// So many organizations at most; with more, it is learnt again who repeats itself.
const MOST: usize = 65_536;
/// So many changes in a row that were none make it likely that the next one is none.
const ENOUGH: u32 = 8;
/// So long a change waits for those before it, before it waits for a writer behind them.
const PATIENCE: Duration = Duration::from_millis(100);

/// What is known of an organization's directory: nothing, if it is as by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Habit {
    /// How many changes in a row were none, up to [`ENOUGH`].
    repeats: u32,
    /// How much of it is under way that is no change, and is written in any case.
    certain: usize,
    /// How many changes wait for a writer.
    changes: usize,
}

impl Habit {
    fn count(&mut self, is_certain: bool) -> &mut usize {
        if is_certain {
            &mut self.certain
        } else {
            &mut self.changes
        }
    }

    /// Whether the next change may be read first; not known yet while others wait that may be none.
    fn is_read_first(self) -> Option<bool> {
        if self.repeats < ENOUGH || self.certain > 0 {
            return Some(false);
        }
        (self.changes == 0).then_some(true)
    }
}

/// What directories do.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    known: Mutex<HashMap<OrganizationId, Habit>>,
    /// Nothing is under way any more of one of them, or it repeats itself no more.
    settled: Notify,
}

/// Something of a directory that is under way to be written, until this is dropped.
#[derive(Debug)]
pub(super) struct UnderWay {
    repeats: Arc<Repeats>,
    organization: OrganizationId,
    is_certain: bool,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.repeats.change(self.organization, |habit| {
            let count = habit.count(self.is_certain);
            *count = count.saturating_sub(1);
        });
    }
}

impl Repeats {
    /// Something that begins so is certain to be written, or only may be.
    pub(super) fn set_out(self: &Arc<Self>, begin: &Begin, is_certain: bool) -> Option<UnderWay> {
        let organization = begin.within.filter(|_| begin.way == Way::Directory)?;
        self.change(organization, |habit| *habit.count(is_certain) += 1);
        Some(UnderWay {
            repeats: Arc::clone(self),
            organization,
            is_certain,
        })
    }

    /// Waits a little for what is under way, unless nothing is read first anyway.
    async fn is_read_first(&self, organization: OrganizationId) -> bool {
        let settled = async {
            loop {
                let settled = self.settled.notified();
                if let Some(is_read_first) = self.habit(organization).is_read_first() {
                    return is_read_first;
                }
                settled.await;
            }
        };
        if let Ok(is_read_first) = timeout(PATIENCE, settled).await {
            return is_read_first;
        }
        // Changes take long here: the next ones do not wait again at once.
        self.change(organization, |habit| habit.repeats = 0);
        false
    }

    fn note(&self, organization: OrganizationId, has_written: bool) {
        self.change(organization, |habit| {
            let more = (habit.repeats + 1).min(ENOUGH);
            habit.repeats = if has_written { 0 } else { more };
        });
    }

    fn habit(&self, organization: OrganizationId) -> Habit {
        self.known().get(&organization).copied().unwrap_or_default()
    }

    fn change(&self, organization: OrganizationId, change: impl FnOnce(&mut Habit)) {
        let mut known = self.known();
        if known.len() >= MOST {
            known.retain(|_, habit| habit.certain + habit.changes > 0);
        }
        let habit = known.entry(organization).or_default();
        change(habit);
        let is_settled = habit.is_read_first().is_some();
        if *habit == Habit::default() {
            known.remove(&organization);
        }
        drop(known);
        if is_settled {
            self.settled.notify_waiters();
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<OrganizationId, Habit>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage {
    /// Like `transaction`, for a closure that may find that nothing has to be written. It may be run
    /// on a connection that cannot write first, where all that it sees is of one instant.
    pub async fn transaction_if_needed<T, E>(
        &self,
        begin: impl Into<Begin>,
        closure: impl Fn(&mut Transaction<'_>) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let begin = begin.into();
        let Some(organization) = begin.within else {
            return self.transaction(begin, closure).await;
        };
        let closure = Arc::new(closure);
        if self.repeats.is_read_first(organization).await {
            let readers = (&self.readers, Purpose::Read, Isolation::Snapshot);
            let first = Arc::clone(&closure);
            match self.send(readers, (begin, None), move |tx| first(tx)).await {
                Err(error) if matches!(error.storage(), Some(StorageError::ReadOnly(_))) => {
                    self.repeats.note(organization, true);
                }
                answer => return answer,
            }
        }
        let repeats = Arc::clone(&self.repeats);
        let under_way = self.repeats.set_out(&begin, false);
        let noted = move |tx: &mut Transaction<'_>| {
            let done = closure(tx)?;
            repeats.note(organization, tx.has_written());
            Ok(done)
        };
        self.write((begin, None), under_way, noted).await
    }
}
