//! The ways to the database: one to read, one to look for whose something is, and transactions.

use std::time::Instant;

use tokio::sync::oneshot;

use crate::storage::Storage;
use crate::storage::Transaction;
use crate::storage::closure_job::ClosureJob;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;
use crate::storage::foreseen::Newcomer;
use crate::storage::job::Begin;
use crate::storage::job::Isolation;
use crate::storage::open::Purpose;
use crate::storage::repeats::UnderWay;
use crate::storage::threads::Workers;
use crate::storage::writes::Concern;

impl Storage {
    /// Runs a closure that only reads. It sees all that was committed when it was asked for; on
    /// SQLite each of its statements what is committed by then.
    pub async fn read<T, E>(
        &self,
        begin: impl Into<Begin>,
        closure: impl Fn(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let readers = (&self.readers, Purpose::Read, Isolation::Unneeded);
        self.send(readers, (begin.into(), None), closure).await
    }

    /// Runs a closure that only reads and does not know yet whose rows. Its statements stand alone,
    /// which spares a transaction, and row-level security holds none of them: for what is asked often.
    pub async fn seek<T, E>(
        &self,
        begin: impl Into<Begin>,
        closure: impl Fn(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let seekers = (&self.seekers, Purpose::Seek, Isolation::Unneeded);
        self.send(seekers, (begin.into(), None), closure).await
    }

    /// Runs a closure in one serializable transaction: all that it writes is committed before the
    /// answer comes, or nothing is when it fails.
    pub async fn transaction<T, E>(
        &self,
        begin: impl Into<Begin>,
        closure: impl Fn(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        self.transaction_of_newcomer(begin, None, closure).await
    }

    /// The same for what adds somebody to a directory: who is looked for will be, if it is this one,
    /// together with those whom others are adding.
    pub async fn transaction_of_newcomer<T, E>(
        &self,
        begin: impl Into<Begin>,
        newcomer: Option<Newcomer>,
        closure: impl Fn(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let begin = begin.into();
        let under_way = self.repeats.set_out(&begin, true);
        self.write((begin, newcomer), under_way, closure).await
    }

    /// Runs a closure in one transaction that sees what is committed by each of its statements: for
    /// what adds rows under keys of its own and uses rows up by their keys, where the row and its key
    /// decide who wins. On PostgreSQL it loses no races, which serializable transactions do on small
    /// tables whatever their rows are (ADR 34).
    pub async fn transaction_by_keys<T, E>(
        &self,
        begin: impl Into<Begin>,
        closure: impl Fn(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let writers = (&self.writers, Purpose::Write, Isolation::ByKeys);
        self.send(writers, (begin.into(), None), closure).await
    }

    pub(super) async fn write<T, E>(
        &self,
        begin: (Begin, Option<Newcomer>),
        under_way: Option<UnderWay>,
        closure: impl Fn(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let writers = (&self.writers, Purpose::Write, Isolation::Serializable);
        let counted = move |tx: &mut Transaction<'_>| {
            // Until the work is dropped, whether or not its caller still waits.
            let _ = &under_way;
            closure(tx)
        };
        self.send(writers, begin, counted).await
    }

    pub(super) async fn send<T, E>(
        &self,
        (workers, purpose, isolation): (&Workers, Purpose, Isolation),
        (begin, newcomer): (Begin, Option<Newcomer>),
        closure: impl Fn(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let (sender, receiver) = oneshot::channel();
        let job = ClosureJob {
            closure,
            clock: self.clock.clone(),
            begin,
            newcomer,
            purpose,
            isolation,
            arrived: Instant::now(),
            writes: self.writes.clone(),
            concern: Concern::default(),
            sender,
            result: None,
        };
        workers.queue(Box::new(job))?;
        let dropped = |_| Err(StorageError::Unavailable("the work was dropped".to_owned()).into());
        receiver.await.unwrap_or_else(dropped)
    }
}
