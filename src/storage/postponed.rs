//! Writes that wait for one another, so that PostgreSQL is told of them in one statement.
//!
//! What a use case writes is seldom read again in its transaction. It waits until something is
//! read, or until the commit, and goes as the parts of one statement: a round trip instead of one
//! for each row. SQLite, where a round trip costs nothing, is told at once.

use diesel::RunQueryDsl;
use diesel::SqliteConnection;
use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::query_builder::AsChangeset;
use diesel::query_builder::AstPass;
use diesel::query_builder::QueryFragment;
use diesel::query_builder::QueryId;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::result::QueryResult;

use crate::storage::Transaction;
use crate::storage::added_rows::Row;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::open::Purpose;
use crate::storage::waiting::Effect;
use crate::storage::waiting::Name;

impl Transaction<'_> {
    /// Adds rows to a table; nobody asks how many.
    pub(crate) fn add<S>(&mut self, table: &'static str, rows: S) -> Result<(), StorageError>
    where
        S: QueryFragment<Pg> + ExecuteDsl<SqliteConnection> + Send + 'static,
    {
        self.postpone((table, Effect::Adds), rows)
    }

    /// Adds a row to those of its kind that wait.
    pub(crate) fn add_row<R: Row>(&mut self, row: R) -> Result<(), StorageError> {
        self.begin_to_write()?;
        if let DbConnection::Sqlite(sqlite) = &mut *self.opened {
            row.insert(sqlite)?;
            return Ok(());
        }
        if !self.together.waiting.bears(R::TABLE, Effect::Adds) {
            self.write_waiting()?;
        }
        self.together.waiting.push_row(row, self.is_named);
        Ok(())
    }

    /// Changes or removes rows of a table; nobody asks how many.
    pub(crate) fn change<S>(&mut self, table: &'static str, rows: S) -> Result<(), StorageError>
    where
        S: QueryFragment<Pg> + ExecuteDsl<SqliteConnection> + Send + 'static,
    {
        self.postpone((table, Effect::Changes), rows)
    }

    /// Writes these columns, which are always the same, in the rows of a table for which this holds.
    pub(crate) fn rewrite<Row, Condition>(
        &mut self,
        table: &'static str,
        row: Row,
        condition: Condition,
    ) -> Result<(), StorageError>
    where
        Row: AsChangeset,
        Rewrite<Row::Changeset, Condition>:
            QueryFragment<Pg> + ExecuteDsl<SqliteConnection> + Send + 'static,
    {
        let columns = row.as_changeset();
        let rewrite = Rewrite {
            table,
            columns,
            condition,
        };
        self.change(table, rewrite)
    }

    fn postpone<S>(
        &mut self,
        (table, effect): (&'static str, Effect),
        statement: S,
    ) -> Result<(), StorageError>
    where
        S: QueryFragment<Pg> + ExecuteDsl<SqliteConnection> + Send + 'static,
    {
        self.begin_to_write()?;
        if let DbConnection::Sqlite(sqlite) = &mut *self.opened {
            ExecuteDsl::execute(statement, sqlite)?;
            return Ok(());
        }
        if !self.together.waiting.bears(table, effect) {
            self.write_waiting()?;
        }
        let waiting = &mut self.together.waiting;
        waiting.push((table, effect), Box::new(statement), self.is_named);
        Ok(())
    }

    fn begin_to_write(&mut self) -> Result<(), StorageError> {
        if self.purpose != Purpose::Write {
            let reason = "the transaction is one that reads".to_owned();
            return Err(StorageError::ReadOnly(reason));
        }
        self.has_written = true;
        if !self.is_named {
            self.together.foreseen.forget();
        }
        Ok(())
    }

    /// The connection, for whoever has to see what was written.
    pub(crate) fn connection(&mut self) -> Result<&mut DbConnection, StorageError> {
        self.is_named = false;
        self.together.foreseen.forget();
        self.together.waiting.write(self.opened)?;
        Ok(self.opened)
    }

    /// Writes what waits, if any of it may go by one of these names.
    pub(crate) fn settle_what_goes_by(&mut self, names: &[Name]) -> Result<(), StorageError> {
        if self.together.waiting.may_go_by(names) {
            self.together.waiting.write(self.opened)?;
        }
        Ok(())
    }

    /// Unless it looks further, the request writes nothing that goes by any other name.
    pub(crate) fn goes_by(&mut self, names: impl IntoIterator<Item = Name>) {
        self.together.waiting.learn(names);
        self.is_named = true;
    }

    /// The request is done: what it has written goes on waiting for what others of its transaction
    /// write, if that is known to be something else.
    pub(crate) fn end(&mut self) -> Result<(), StorageError> {
        if self.together.is_shared() && self.together.waiting.bears_another() {
            return Ok(());
        }
        self.together.waiting.write(self.opened)
    }

    /// Makes room for what cannot be a part of the same statement.
    fn write_waiting(&mut self) -> Result<(), StorageError> {
        self.together.waiting.write_parts(self.opened)
    }

    /// Whether it has written what changes something: its event at least comes this way.
    pub(crate) fn has_written(&self) -> bool {
        self.has_written
    }

    /// Forgets what waits: it is not to happen.
    pub(crate) fn forget_waiting(&mut self) {
        self.together.waiting.forget_parts();
    }
}

/// An UPDATE that may stay prepared. Diesel plans each of its own anew, as a changeset may leave
/// columns out.
pub(crate) struct Rewrite<Columns, Condition> {
    table: &'static str,
    columns: Columns,
    condition: Condition,
}

impl<DB, Columns, Condition> QueryFragment<DB> for Rewrite<Columns, Condition>
where
    DB: Backend,
    Columns: QueryFragment<DB>,
    Condition: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        out.push_identifier(self.table)?;
        out.push_sql(" SET ");
        self.columns.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out)
    }
}

impl<Columns, Condition> QueryId for Rewrite<Columns, Condition> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Connection, Columns, Condition> RunQueryDsl<Connection> for Rewrite<Columns, Condition> {}
