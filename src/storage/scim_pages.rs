//! Which part of the Users or Groups that match is read, and in what order.

use crate::protocol::scim::attribute_name::AttributeName;
use crate::storage::Transaction;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;
use crate::storage::scim_filter::columns::Column;
use crate::storage::scim_filter::columns::Columns;
use crate::storage::scim_filter::write::collation;

/// An order that SQL gives; what is equal stays in the order of creation.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    column: &'static Column,
    is_descending: bool,
}

/// A part of what matches.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The order; that of creation if `None`.
    pub order: Option<Order>,
    /// The key after which the part begins, in the order of creation.
    pub after: Option<&'a str>,
    /// How many come before the part.
    pub offset: i64,
    /// How many there are in it at most.
    pub limit: i64,
    /// Whether it is counted and read from the end, in the order of creation.
    pub is_backwards: bool,
}

impl Order {
    /// By an attribute that a column holds as it is compared.
    pub fn by(
        columns: &'static Columns,
        attribute: &AttributeName,
        is_descending: bool,
    ) -> Option<Self> {
        let column = columns.own(attribute)?;
        let is_ordered = !matches!(
            column,
            Column::Flag(_) | Column::Always(_) | Column::AlwaysFolded(_)
        );
        is_ordered.then_some(Self {
            column,
            is_descending,
        })
    }

    /// Missing values are last, or first when it descends, as PostgreSQL has them anyway.
    fn write(self, sql: &mut PlainSql) {
        let (sqlite, order) = (sql.dialect == Dialect::Sqlite, collation(sql.dialect));
        let (column, order, may_miss) = match self.column {
            Column::Text(column) | Column::Folded(column) | Column::UserName(column) => {
                (column, order, sqlite)
            }
            Column::Id(column, _) | Column::Instant(column) => (column, "", false),
            Column::Flag(_) | Column::Always(_) | Column::AlwaysFolded(_) => return,
        };
        let direction = match (self.is_descending, may_miss) {
            (false, false) => "",
            (false, true) => " NULLS LAST",
            (true, false) => " DESC",
            (true, true) => " DESC NULLS FIRST",
        };
        sql.sql(&format!("{column}{order}{direction}, "));
    }
}

impl Part<'_> {
    /// The same part of so many, read from the end if that is nearer.
    #[must_use]
    pub fn nearer(self, total: i64) -> Self {
        let end = self.offset.saturating_add(self.limit).min(total);
        let behind = total - end;
        if self.order.is_some() || self.after.is_some() || behind >= self.offset {
            return self;
        }
        Part {
            offset: behind,
            limit: (end - self.offset).max(0),
            is_backwards: true,
            ..self
        }
    }

    /// What was read, in the order in which it is shown.
    pub(crate) fn in_order<R>(&self, mut read: Vec<R>) -> Vec<R> {
        if self.is_backwards {
            read.reverse();
        }
        read
    }

    /// What the rows are ordered by, the key of the table last.
    pub(crate) fn order(&self, tx: &Transaction<'_>, key: &str) -> PlainSql {
        let mut sql = PlainSql::part(tx, self.order.is_none());
        if let Some(order) = self.order {
            order.write(&mut sql);
        }
        sql.sql(key);
        if self.is_backwards {
            sql.sql(" DESC");
        }
        sql
    }
}

/// Reads and counts what matches in one table: what `of_place` gives of a place, narrowed by a
/// predicate.
macro_rules! pages_of {
    ($table:ident, $row:ty, $resource:ty, $place:ty) => {
        fn matching<'a>(tx: &Transaction<'_>, place: $place, predicate: &Predicate) -> Query<'a> {
            let mut condition = PlainSql::part(tx, predicate.is_usual());
            predicate.write(&mut condition, place.into());
            of_place(place).filter(condition)
        }

        /// The query for a part of those that match.
        pub(crate) fn part_of<'a>(
            tx: &Transaction<'_>,
            place: $place,
            predicate: &Predicate,
            part: &Part<'_>,
        ) -> Query<'a> {
            let mut page = matching(tx, place, predicate);
            if let Some(after) = part.after {
                page = page.filter($table::id.gt(after.to_owned()));
            }
            page.order(part.order(tx, concat!(stringify!($table), ".id")))
                .offset(part.offset)
                .limit(part.limit)
        }

        /// A part of those that match.
        pub fn page(
            tx: &mut Transaction<'_>,
            place: $place,
            predicate: &Predicate,
            part: Part<'_>,
        ) -> Result<Vec<$resource>, StorageError> {
            let query = part_of(tx, place, predicate, &part);
            let rows = query.load::<$row>(tx.connection()?)?;
            let rows = rows.into_iter().map(<$resource>::try_from);
            Ok(part.in_order(rows.collect::<Result<_, StorageError>>()?))
        }

        /// How many match.
        pub fn count(
            tx: &mut Transaction<'_>,
            place: $place,
            predicate: &Predicate,
        ) -> Result<i64, StorageError> {
            Ok(matching(tx, place, predicate)
                .count()
                .get_result::<i64>(tx.connection()?)?)
        }
    };
}

pub(crate) use pages_of;
