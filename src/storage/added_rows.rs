//! Rows that are added to one table, by one statement however many they are.

use std::any::Any;

use diesel::QueryResult;
use diesel::SqliteConnection;
use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;

/// A statement on its way to PostgreSQL.
pub(crate) type Statement = Box<dyn QueryFragment<Pg> + Send>;

/// A row that is added beside others of its kind.
pub(crate) trait Row: Send + Sized + 'static {
    /// The table that it is a row of.
    const TABLE: &'static str;

    /// The statement that adds all of them.
    fn statement(rows: AddedRows<Self>) -> Statement;

    /// Adds it to where a round trip costs nothing.
    fn insert(self, sqlite: &mut SqliteConnection) -> QueryResult<usize>;
}

/// Rows of one kind, of which there is at least one.
pub(crate) struct AddedRows<R> {
    pub(crate) first: R,
    pub(crate) others: Vec<R>,
}

/// The same, whatever kind it is.
pub(crate) trait Gathered: Any + Send {
    /// The table that the rows are added to.
    fn table(&self) -> &'static str;

    /// How many there are.
    fn count(&self) -> usize;

    /// The statement that adds them.
    fn into_statement(self: Box<Self>) -> Statement;
}

impl<R: Row> Gathered for AddedRows<R> {
    fn table(&self) -> &'static str {
        R::TABLE
    }

    fn count(&self) -> usize {
        1 + self.others.len()
    }

    fn into_statement(self: Box<Self>) -> Statement {
        R::statement(*self)
    }
}

/// Says of which table a struct is a row.
macro_rules! row_of {
    ($row:ty, $table:ident) => {
        impl diesel::Insertable<$table::table> for $crate::storage::added_rows::AddedRows<$row> {
            // Diesel keeps no statement prepared whose number of rows is not part of its type. Those
            // that wait are one statement, which is told from others by its text.
            type Values = <[$row; 1] as diesel::Insertable<$table::table>>::Values;

            fn values(self) -> Self::Values {
                let mut rows = diesel::Insertable::values([self.first]);
                let others = self.others.into_iter().map(diesel::Insertable::values);
                rows.values.extend(others);
                rows
            }
        }

        impl $crate::storage::added_rows::Row for $row {
            const TABLE: &'static str = stringify!($table);

            fn statement(
                rows: $crate::storage::added_rows::AddedRows<Self>,
            ) -> $crate::storage::added_rows::Statement {
                Box::new(diesel::insert_into($table::table).values(rows))
            }

            fn insert(self, sqlite: &mut diesel::SqliteConnection) -> diesel::QueryResult<usize> {
                let added = diesel::insert_into($table::table).values(self);
                diesel::RunQueryDsl::execute(added, sqlite)
            }
        }
    };
}
pub(crate) use row_of;
