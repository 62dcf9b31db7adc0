//! Conditions in the words of either database.

use crate::protocol::scim::filter::Operator;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;
use crate::storage::scim_filter::Owner;
use crate::storage::scim_filter::Predicate;

impl Predicate {
    /// Writes the condition; rows beside those of the connection are its own as well.
    pub(crate) fn write(&self, sql: &mut PlainSql, owner: Owner<'_>) {
        match self {
            Self::All(parts) => joined(sql, parts.iter(), (" AND ", "1 = 1"), owner),
            // What cannot be keeps an index from being used for what can.
            Self::Any(parts) => {
                let possible = parts.iter().filter(|part| !part.is_impossible());
                joined(sql, possible, (" OR ", "1 = 0"), owner);
            }
            Self::Not(part) => {
                sql.sql("NOT ");
                part.write(sql, owner);
            }
            Self::Held(column) => {
                sql.sql(&format!("({column} IS NOT NULL)"));
            }
            Self::Filled(column) => {
                sql.sql(&format!("({column} IS NOT NULL AND {column} <> '')"));
            }
            Self::Text(column, operator, text) => text_compared(sql, (column, *operator), text),
            Self::Flag(column, wanted) => {
                let not = if *wanted { "" } else { "NOT " };
                sql.sql(&format!("({column} IS NOT NULL AND {not}{column})"));
            }
            Self::Before(column, instant) => {
                sql.sql(&format!("({column} < ")).instant(*instant).sql(")");
            }
            Self::OneOf(column, keys) => {
                sql.sql(&format!("({column} IN (NULL"));
                for key in keys {
                    sql.sql(", ").text(key.as_str());
                }
                sql.sql("))");
            }
            Self::Beside(relation, test) => {
                let (own, foreign, table) = (relation.own, relation.foreign, relation.table);
                sql.sql(&format!(
                    "({own} IN (SELECT {foreign} FROM {table} WHERE organization_id = "
                ));
                sql.text(owner.0.key());
                if relation.by_connection {
                    sql.sql(" AND connection_id = ").text(owner.1.key());
                }
                sql.sql(" AND ");
                test.write(sql, owner);
                sql.sql("))");
            }
        }
    }
}

fn joined<'p>(
    sql: &mut PlainSql,
    parts: impl Iterator<Item = &'p Predicate>,
    (between, without): (&str, &str),
    owner: Owner<'_>,
) {
    sql.sql("(");
    let mut rest = without;
    for (place, part) in parts.enumerate() {
        if place > 0 {
            sql.sql(between);
        }
        part.write(sql, owner);
        rest = "";
    }
    sql.sql(rest).sql(")");
}

/// What orders texts by the numbers of their letters, as Rust and SQLite do.
pub(crate) fn collation(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => " COLLATE \"C\"",
    }
}

fn text_compared(sql: &mut PlainSql, (column, operator): (&str, Operator), text: &str) {
    let (dialect, order) = (sql.dialect, collation(sql.dialect));
    sql.sql(&format!("({column} IS NOT NULL"));
    let compared = match operator {
        Operator::Contains | Operator::StartsWith | Operator::EndsWith if text.is_empty() => "",
        Operator::Equal => " =",
        Operator::NotEqual => " <>",
        Operator::GreaterThan => " >",
        Operator::GreaterOrEqual => " >=",
        Operator::LessThan => " <",
        Operator::LessOrEqual => " <=",
        Operator::Contains => {
            sql.contains(column, text);
            ""
        }
        Operator::StartsWith => {
            sql.sql(&format!(" AND {column}{order} >= ")).text(text);
            if let Some(end) = after_all_that_start_with(text) {
                sql.sql(&format!(" AND {column}{order} < ")).text(end);
            }
            ""
        }
        Operator::EndsWith => {
            let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
            match dialect {
                Dialect::Sqlite => sql.sql(&format!(" AND substr({column}, ")).number(-length),
                Dialect::Postgres => sql
                    .sql(&format!(" AND right({column}, CAST("))
                    .number(length)
                    .sql(" AS INTEGER)"),
            };
            sql.sql(") = ").text(text);
            ""
        }
    };
    if !compared.is_empty() {
        let order = if compared == " =" { "" } else { order };
        sql.sql(&format!(" AND {column}{order}{compared} "))
            .text(text);
    }
    sql.sql(")");
}

/// The first text after all that start with this one; `None` if there is none.
fn after_all_that_start_with(text: &str) -> Option<String> {
    let mut letters: Vec<char> = text.chars().collect();
    while let Some(last) = letters.pop() {
        let mut next = last..=char::MAX;
        next.next();
        if let Some(next) = next.next() {
            letters.push(next);
            return Some(letters.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::after_all_that_start_with;

    #[test]
    fn a_range_holds_exactly_what_starts_with_a_text() {
        let cases = [
            ("ab", Some("ac")),
            ("a\u{10FFFF}", Some("b")),
            ("\u{D7FF}", Some("\u{E000}")),
            ("\u{10FFFF}", None),
            ("", None),
            ("100%_", Some("100%`")),
        ];
        for (text, end) in cases {
            assert_eq!(after_all_that_start_with(text).as_deref(), end, "{text}");
        }
    }
}
