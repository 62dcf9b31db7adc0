//! Statements in a database's own words, for the few where the two must be told different things.

use chrono::NaiveDateTime;
use diesel::AppearsOnTable;
use diesel::Connection;
use diesel::Expression;
use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::expression::ValidGrouping;
use diesel::expression::is_aggregate;
use diesel::pg::Pg;
use diesel::query_builder::AstPass;
use diesel::query_builder::Query;
use diesel::query_builder::QueryFragment;
use diesel::query_builder::QueryId;
use diesel::result::Error;
use diesel::sql_types::Array;
use diesel::sql_types::BigInt;
use diesel::sql_types::Bool;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamp;
use diesel::sql_types::Untyped;
use diesel::sqlite::Sqlite;
use serde_json::Value;
use serde_json::json;

use crate::storage::Transaction;
use crate::storage::db_connection::DbConnection;

/// Which words a database understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// That of the database which a transaction speaks to.
    pub(crate) fn of(tx: &Transaction<'_>) -> Self {
        match tx.opened {
            DbConnection::Sqlite(_) => Self::Sqlite,
            DbConnection::Postgres(_) => Self::Postgres,
        }
    }
}

/// Ends an `EXISTS` that is asked of each row. PostgreSQL makes no join of it, whose plan, made
/// while the tables were small, would read all of them when they have grown.
pub(crate) const ONE_BY_ONE: &str = " LIMIT 1 OFFSET 0)";

#[derive(Clone, Debug)]
enum Part {
    Sql(String),
    Instant(NaiveDateTime),
    Text(String),
    Texts(Vec<String>),
    Number(i64),
}

/// A statement and the values in it. Lists are one value each, so that the text does not depend
/// on their length and no limit on the number of values is met.
#[derive(Clone, Debug)]
pub(crate) struct PlainSql {
    pub(crate) dialect: Dialect,
    parts: Vec<Part>,
    is_prepared: bool,
}

impl PlainSql {
    /// A statement that is planned anew each time, for the values that it has this time.
    pub(crate) fn planned(tx: &Transaction<'_>, text: &str) -> Self {
        Self {
            dialect: Dialect::of(tx),
            parts: vec![Part::Sql(text.to_owned())],
            is_prepared: false,
        }
    }

    /// A part of a statement that Diesel writes; whether that may be kept prepared, because there are
    /// few forms of it.
    pub(crate) fn part(tx: &Transaction<'_>, is_prepared: bool) -> Self {
        Self {
            is_prepared,
            ..Self::planned(tx, "")
        }
    }

    /// A statement that is planned once for a connection; its text must always be the same.
    pub(crate) fn prepared(tx: &Transaction<'_>, text: &str) -> Self {
        Self {
            is_prepared: true,
            ..Self::planned(tx, text)
        }
    }

    /// The text goes on.
    pub(crate) fn sql(&mut self, text: &str) -> &mut Self {
        self.parts.push(Part::Sql(text.to_owned()));
        self
    }

    /// A value.
    pub(crate) fn text(&mut self, value: impl Into<String>) -> &mut Self {
        self.parts.push(Part::Text(value.into()));
        self
    }

    /// A value.
    pub(crate) fn instant(&mut self, value: NaiveDateTime) -> &mut Self {
        self.parts.push(Part::Instant(value));
        self
    }

    /// A value.
    pub(crate) fn number(&mut self, value: i64) -> &mut Self {
        self.parts.push(Part::Number(value));
        self
    }

    /// What stands before is one of these.
    pub(crate) fn one_of(&mut self, values: impl IntoIterator<Item = String>) -> &mut Self {
        let values: Vec<String> = values.into_iter().collect();
        // Of an array, whatever it holds, PostgreSQL expects ten values, and reads whole
        // organizations where an index would lead to the one row.
        if let [only] = values.as_slice() {
            return self.sql(" = ").text(only.as_str());
        }
        match self.dialect {
            Dialect::Sqlite => self
                .sql(" IN (SELECT value FROM json_each(")
                .text(serde_json::to_string(&values).unwrap_or_default())
                .sql("))"),
            Dialect::Postgres => {
                self.sql(" = ANY(");
                self.parts.push(Part::Texts(values));
                self.sql(")")
            }
        }
    }

    /// A table of these, called `pair`, with the columns `a` and `b`. They are plain columns: behind
    /// row-level security an index serves no comparison with anything that is computed.
    pub(crate) fn pairs(&mut self, pairs: Vec<(String, String)>) -> &mut Self {
        match self.dialect {
            Dialect::Sqlite => self
                .sql("(SELECT value ->> 0 AS a, value ->> 1 AS b FROM json_each(")
                .text(serde_json::to_string(&pairs).unwrap_or_default())
                .sql(")) AS pair"),
            Dialect::Postgres => {
                let (a, b) = pairs.into_iter().unzip();
                self.sql("unnest(");
                self.parts.push(Part::Texts(a));
                self.sql(", ");
                self.parts.push(Part::Texts(b));
                self.sql(") AS pair(a, b)")
            }
        }
    }

    /// The same for a statement that PostgreSQL keeps prepared: of arrays it knows how long they are,
    /// and would plan anew for each.
    pub(crate) fn any_pairs(&mut self, pairs: Vec<(String, String)>) -> &mut Self {
        let named = |(a, b): (String, String)| json!({ "a": a, "b": b });
        let pairs: Vec<Value> = pairs.into_iter().map(named).collect();
        self.sql("json_to_recordset(CAST(")
            .text(Value::from(pairs).to_string())
            .sql(" AS JSON)) AS pair(a TEXT, b TEXT)")
    }

    /// A table of these under a name of its own, with the column `value`.
    pub(crate) fn each(
        &mut self,
        values: impl IntoIterator<Item = String>,
        name: &str,
    ) -> &mut Self {
        let values: Vec<String> = values.into_iter().collect();
        // Of an array PostgreSQL expects ten values when it plans for any, so that it would plan anew
        // for each single one.
        if let [only] = values.as_slice() {
            return self
                .sql("(SELECT CAST(")
                .text(only.as_str())
                .sql(&format!(" AS TEXT) AS value) AS {name}"));
        }
        match self.dialect {
            Dialect::Sqlite => self
                .sql("json_each(")
                .text(serde_json::to_string(&values).unwrap_or_default())
                .sql(&format!(") AS {name}")),
            Dialect::Postgres => {
                self.sql("unnest(CAST(");
                self.parts.push(Part::Texts(values));
                self.sql(&format!(" AS TEXT[])) AS {name}(value)"))
            }
        }
    }

    /// And a column contains this, letter by letter.
    pub(crate) fn contains(&mut self, column: &str, part: &str) -> &mut Self {
        let position = match self.dialect {
            Dialect::Sqlite => "instr",
            Dialect::Postgres => "strpos",
        };
        self.sql(&format!(" AND {position}({column}, "))
            .text(part)
            .sql(") > 0")
    }

    /// The same with something before it.
    pub(crate) fn after(&self, text: &str) -> Self {
        let mut asked = self.clone();
        asked.parts.insert(0, Part::Sql(text.to_owned()));
        asked
    }
}

impl Query for PlainSql {
    type SqlType = Untyped;
}

impl QueryId for PlainSql {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> RunQueryDsl<C> for PlainSql {}

impl QueryFragment<Sqlite> for PlainSql {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Sql(text) => out.push_sql(text),
                Part::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Part::Number(value) => out.push_bind_param::<BigInt, _>(value)?,
                Part::Instant(value) => out.push_bind_param::<Timestamp, _>(value)?,
                Part::Texts(_) => {
                    return Err(Error::QueryBuilderError("SQLite has no arrays".into()));
                }
            }
        }
        Ok(())
    }
}

impl QueryFragment<Pg> for PlainSql {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.is_prepared {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Sql(text) => out.push_sql(text),
                Part::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Part::Number(value) => out.push_bind_param::<BigInt, _>(value)?,
                Part::Instant(value) => out.push_bind_param::<Timestamp, _>(value)?,
                Part::Texts(values) => out.push_bind_param::<Array<Text>, _>(values)?,
            }
        }
        Ok(())
    }
}

/// Inside a statement that Diesel writes it is a condition, or what rows are ordered by.
impl Expression for PlainSql {
    type SqlType = Bool;
}

impl<Tables> AppearsOnTable<Tables> for PlainSql {}

impl<GroupBy> ValidGrouping<GroupBy> for PlainSql {
    type IsAggregate = is_aggregate::Never;
}

impl QueryFragment<<DbConnection as Connection>::Backend> for PlainSql {
    fn walk_ast<'b>(
        &'b self,
        mut out: AstPass<'_, 'b, <DbConnection as Connection>::Backend>,
    ) -> QueryResult<()> {
        if !self.is_prepared {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Sql(text) => out.push_sql(text),
                Part::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Part::Number(value) => out.push_bind_param::<BigInt, _>(value)?,
                Part::Instant(value) => out.push_bind_param::<Timestamp, _>(value)?,
                Part::Texts(_) => {
                    return Err(Error::QueryBuilderError("lists have no common form".into()));
                }
            }
        }
        Ok(())
    }
}
