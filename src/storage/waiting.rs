//! What waits to be written, of one request or of several that share a transaction.
//!
//! Creates of one directory wait for one another, so that the rows of eight of them go to PostgreSQL
//! as one statement. What a create looks for, it looks for by name; while the names differ, none
//! of them could see what the others write, and nothing has to be written in between.

use std::any::Any;
use std::collections::HashSet;

use diesel::pg::Pg;
use diesel::query_builder::AstPass;
use diesel::query_builder::QueryFragment;
use diesel::query_builder::QueryId;
use diesel::query_dsl::methods::ExecuteDsl;
use diesel::result::QueryResult;

use crate::storage::added_rows::AddedRows;
use crate::storage::added_rows::Gathered;
use crate::storage::added_rows::Row;
use crate::storage::added_rows::Statement;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;

/// How many rows and statements of one table or another are one statement at most.
const MOST: usize = 64;
/// Statements of more parts are seldom alike, so that none of them is kept prepared.
const MOST_PREPARED: usize = 12;
/// How many requests wait for one another. A statement of each number of rows is kept prepared.
const MOST_REQUESTS: usize = 8;

/// By what something is looked for, in one organization: what kind of name, and the name.
pub(crate) type Name = (&'static str, String);

/// What a statement does to the rows of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Adds some.
    Adds,
    /// Changes or removes some that are there.
    Changes,
}

enum Part {
    Statement(&'static str, Effect, Statement),
    Rows(Box<dyn Gathered>),
}

impl Part {
    fn target(&self) -> (&'static str, Effect) {
        match self {
            Self::Statement(table, effect, _) => (table, *effect),
            Self::Rows(rows) => (rows.table(), Effect::Adds),
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Statement(..) => 1,
            Self::Rows(rows) => rows.count(),
        }
    }

    fn into_statement(self) -> Statement {
        match self {
            Self::Statement(_, _, statement) => statement,
            Self::Rows(rows) => rows.into_statement(),
        }
    }
}

/// What waits.
#[derive(Default)]
pub(crate) struct Waiting {
    parts: Vec<Part>,
    /// Of how many requests that are done.
    requests: usize,
    /// By what all of it is found, unless some of it is found otherwise.
    names: HashSet<Name>,
    has_unnamed: bool,
}

impl Waiting {
    /// Parts of one statement do not see what the others write: of what happens to one table they
    /// may only add.
    pub(super) fn bears(&self, table: &str, effect: Effect) -> bool {
        let both_add = |other| effect == Effect::Adds && other == effect;
        let mut targets = self.parts.iter().map(Part::target);
        self.parts.iter().map(Part::count).sum::<usize>() < MOST
            && targets.all(|(of, other)| of != table || both_add(other))
    }

    pub(super) fn push(
        &mut self,
        (table, effect): (&'static str, Effect),
        statement: Statement,
        is_named: bool,
    ) {
        self.has_unnamed |= !is_named;
        self.parts.push(Part::Statement(table, effect, statement));
    }

    pub(super) fn push_row<R: Row>(&mut self, row: R, is_named: bool) {
        self.has_unnamed |= !is_named;
        for part in &mut self.parts {
            let Part::Rows(rows) = part else {
                continue;
            };
            let rows: &mut dyn Any = rows.as_mut();
            if let Some(rows) = rows.downcast_mut::<AddedRows<R>>() {
                rows.others.push(row);
                return;
            }
        }
        let rows = AddedRows {
            first: row,
            others: Vec::new(),
        };
        self.parts.push(Part::Rows(Box::new(rows)));
    }

    /// Whether somebody who looks for these names might be looking for something that waits.
    pub(super) fn may_go_by(&self, names: &[Name]) -> bool {
        let is_known = |name| self.names.contains(name);
        !self.parts.is_empty() && (self.has_unnamed || names.iter().any(is_known))
    }

    /// What is written next goes by these names.
    pub(super) fn learn(&mut self, names: impl IntoIterator<Item = Name>) {
        self.names.extend(names);
    }

    /// Whether what a request that is done has written may wait for another one.
    pub(super) fn bears_another(&mut self) -> bool {
        self.requests += 1;
        !self.has_unnamed && self.requests < MOST_REQUESTS
    }

    /// Writes it.
    pub(super) fn write(&mut self, connection: &mut DbConnection) -> Result<(), StorageError> {
        self.write_parts(connection)?;
        self.requests = 0;
        self.names.clear();
        Ok(())
    }

    /// Writes what is there, while whoever is at work goes on writing under the names that it said.
    pub(super) fn write_parts(
        &mut self,
        connection: &mut DbConnection,
    ) -> Result<(), StorageError> {
        self.has_unnamed = false;
        let parts = std::mem::take(&mut self.parts);
        if let DbConnection::Postgres(postgres) = connection
            && !parts.is_empty()
        {
            let count = parts.iter().map(Part::count).sum::<usize>();
            let merged = Merged {
                is_prepared: count <= MOST_PREPARED * self.requests.max(1),
                parts: parts.into_iter().map(Part::into_statement).collect(),
            };
            ExecuteDsl::execute(merged, postgres)?;
        }
        Ok(())
    }

    pub(super) fn forget_parts(&mut self) {
        self.parts.clear();
        self.has_unnamed = false;
    }
}

/// Several statements as one.
struct Merged {
    is_prepared: bool,
    parts: Vec<Statement>,
}

impl QueryFragment<Pg> for Merged {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if let [only] = self.parts.as_slice() {
            return only.walk_ast(out);
        }
        if !self.is_prepared {
            out.unsafe_to_cache_prepared();
        }
        for (number, part) in self.parts.iter().enumerate() {
            out.push_sql(if number == 0 { "WITH " } else { ", " });
            out.push_sql(&format!("part_{number} AS ("));
            part.walk_ast(out.reborrow())?;
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
