//! A part of a transaction that can be undone by itself.

use diesel::connection::SimpleConnection;

use crate::storage::Transaction;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;

impl Transaction<'_> {
    /// Does a part of the work: what it wrote stays if it succeeds and is undone if it is refused.
    ///
    /// The outer error is one of storage, after which the whole transaction has to end: most of
    /// all a lost race, which only running all of it again can win.
    pub fn savepoint<T, E: Failure>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<Result<T, E>, StorageError> {
        self.connection()?.batch_execute("SAVEPOINT part")?;
        let done = part(self);
        if let Err(refusal) = &done {
            if let Some(failure) = refusal.storage() {
                return Err(failure.clone());
            }
            self.forget_waiting();
            self.forget_what_is_known();
            self.connection()?
                .batch_execute("ROLLBACK TO SAVEPOINT part")?;
        }
        self.connection()?.batch_execute("RELEASE SAVEPOINT part")?;
        Ok(done)
    }
}
