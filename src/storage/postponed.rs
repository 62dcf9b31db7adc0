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
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::open::Purpose;

/// How many parts a statement has at most.
const MOST: usize = 32;
/// Statements of more parts are seldom alike, so that none of them is kept prepared.
const MOST_PREPARED: usize = 12;

/// What a statement does to the rows of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// Adds some.
    Adds,
    /// Changes or removes some that are there.
    Changes,
}

/// A statement that waits.
struct Postponed {
    table: &'static str,
    effect: Effect,
    statement: Box<dyn QueryFragment<Pg> + Send>,
}

/// Statements that wait.
#[derive(Default)]
pub(crate) struct Waiting {
    parts: Vec<Postponed>,
    /// Whether anything was to be written, be it written by now or not.
    is_used: bool,
}

impl Waiting {
    /// Parts of one statement do not see what the others write: of what happens to one table they
    /// may only add.
    fn bears(&self, table: &str, effect: Effect) -> bool {
        let adds_only = |other: &Postponed| effect == Effect::Adds && other.effect == effect;
        let mut of_table = self.parts.iter().filter(|other| other.table == table);
        of_table.all(adds_only)
    }
}

impl Transaction<'_> {
    /// Adds rows to a table; nobody asks how many.
    pub(crate) fn add<S>(&mut self, table: &'static str, rows: S) -> Result<(), StorageError>
    where
        S: QueryFragment<Pg> + ExecuteDsl<SqliteConnection> + Send + 'static,
    {
        self.postpone((table, Effect::Adds), rows)
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
        if self.purpose != Purpose::Write {
            let reason = "the transaction is one that reads".to_owned();
            return Err(StorageError::ReadOnly(reason));
        }
        self.waiting.is_used = true;
        if let DbConnection::Sqlite(sqlite) = &mut *self.opened {
            ExecuteDsl::execute(statement, sqlite)?;
            return Ok(());
        }
        if !self.waiting.bears(table, effect) || self.waiting.parts.len() >= MOST {
            self.write_waiting()?;
        }
        self.waiting.parts.push(Postponed {
            table,
            effect,
            statement: Box::new(statement),
        });
        Ok(())
    }

    /// The connection, for whoever has to see what was written.
    pub(crate) fn connection(&mut self) -> Result<&mut DbConnection, StorageError> {
        self.write_waiting()?;
        Ok(self.opened)
    }

    /// Writes what waits.
    pub(crate) fn write_waiting(&mut self) -> Result<(), StorageError> {
        if self.waiting.parts.is_empty() {
            return Ok(());
        }
        let parts = std::mem::take(&mut self.waiting.parts);
        if let DbConnection::Postgres(postgres) = &mut *self.opened {
            ExecuteDsl::execute(Merged(parts), postgres)?;
        }
        Ok(())
    }

    /// Whether it has written what changes something: its event at least comes this way.
    pub(crate) fn has_written(&self) -> bool {
        self.waiting.is_used
    }

    /// Forgets what waits: it is not to happen.
    pub(crate) fn forget_waiting(&mut self) {
        self.waiting.parts.clear();
    }
}

/// Several statements as one.
struct Merged(Vec<Postponed>);

impl QueryFragment<Pg> for Merged {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if let [only] = self.0.as_slice() {
            return only.statement.walk_ast(out);
        }
        if self.0.len() > MOST_PREPARED {
            out.unsafe_to_cache_prepared();
        }
        for (number, part) in self.0.iter().enumerate() {
            out.push_sql(if number == 0 { "WITH " } else { ", " });
            out.push_sql(&format!("part_{number} AS ("));
            part.statement.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(" SELECT 1");
        Ok(())
    }
}

impl QueryId for Merged {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
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
