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
    /// What the rows are ordered by, the key of the table last.
    pub(crate) fn order(&self, tx: &Transaction<'_>, key: &str) -> PlainSql {
        let mut sql = PlainSql::part(tx);
        if let Some(order) = self.order {
            order.write(&mut sql);
        }
        sql.sql(key);
        sql
    }
}
