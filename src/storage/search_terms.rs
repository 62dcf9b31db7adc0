//! What both searches share: conditions joined by an operator, and texts found by any part.

use crate::domain::id::OrganizationId;
use crate::storage::columns::like_anywhere;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;

/// How conditions are joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    /// All must hold.
    #[default]
    And,
    /// One is enough.
    Or,
}

/// Conditions and how they are joined; without any, everything matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions<F> {
    /// How they are joined.
    pub operator: Operator,
    /// The conditions.
    pub filters: Vec<F>,
}

impl<F> Conditions<F> {
    /// Writes all of them after what stands there already.
    pub(crate) fn write(&self, sql: &mut PlainSql, mut one: impl FnMut(&mut PlainSql, &F)) {
        let between = match self.operator {
            Operator::And => " AND ",
            Operator::Or => " OR ",
        };
        for (place, filter) in self.filters.iter().enumerate() {
            sql.sql(if place == 0 { " AND (" } else { between });
            one(sql, filter);
        }
        if !self.filters.is_empty() {
            sql.sql(")");
        }
    }
}

/// Writes that what stands before is the key of one of these.
pub(crate) fn among_organizations(sql: &mut PlainSql, organizations: &[OrganizationId]) {
    match organizations {
        [one] => sql.sql(" = ").text(one.key()),
        many => sql.one_of(many.iter().map(OrganizationId::key)),
    };
}

/// A text of which any three characters in a row are indexed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trigrams {
    /// What stands around ` LIKE ` and the pattern in PostgreSQL.
    postgres: (&'static str, &'static str),
    /// What stands before the numbers of the texts in SQLite and behind them, the index of the texts
    /// and the column in it.
    sqlite: (&'static str, &'static str, &'static str, &'static str),
}

/// A text of the members in `members`: their texts lie beside them, because row-level security
/// lets no index serve a search in the rows that it guards.
macro_rules! of_members {
    ($column:literal) => {
        Trigrams {
            postgres: (
                concat!(
                    "members.id IN (SELECT member_id FROM member_texts WHERE ",
                    $column
                ),
                ")",
            ),
            sqlite: (
                "members.id IN (SELECT member_id FROM member_texts WHERE number IN (",
                "))",
                "member_trigrams",
                $column,
            ),
        }
    };
}

/// A text of the organizations in `organizations`, and what is indexed of them in PostgreSQL.
macro_rules! of_organizations {
    ($column:literal, $postgres:literal) => {
        Trigrams {
            postgres: ($postgres, ""),
            sqlite: (
                "organizations.id IN \
                 (SELECT organization_id FROM organization_texts WHERE number IN (",
                "))",
                "organization_trigrams",
                $column,
            ),
        }
    };
}

pub(crate) const MEMBER_EMAIL: Trigrams = of_members!("email");
pub(crate) const MEMBER_PHONE_NUMBER: Trigrams = of_members!("mfa_phone_number");
pub(crate) const ORGANIZATION_NAME: Trigrams =
    of_organizations!("name", "organizations.name_folded");
pub(crate) const ORGANIZATION_SLUG: Trigrams =
    of_organizations!("slug", "lower(organizations.slug)");
pub(crate) const ALLOWED_DOMAINS: Trigrams = of_organizations!(
    "allowed_domains",
    "lower(organizations.settings::jsonb ->> 'email_allowed_domains')"
);

impl Trigrams {
    /// Writes that the text contains this, whatever its case.
    pub(crate) fn contains(self, sql: &mut PlainSql, part: &str) {
        self.find(sql, &part.to_lowercase());
    }

    /// Writes that the text, a JSON array of words, contains this word as it is.
    pub(crate) fn contains_word(self, sql: &mut PlainSql, word: &str) {
        self.find(sql, &serde_json::to_string(word).unwrap_or_default());
    }

    fn find(self, sql: &mut PlainSql, part: &str) {
        match sql.dialect {
            Dialect::Postgres => {
                let (before, after) = self.postgres;
                sql.sql(before)
                    .sql(" LIKE ")
                    .text(like_anywhere(part))
                    .sql(after);
            }
            Dialect::Sqlite => {
                let (before, after, index, column) = self.sqlite;
                let phrase = format!("{column} : \"{}\"", part.replace('"', "\"\""));
                sql.sql(before)
                    .sql(&format!("SELECT rowid FROM {index} WHERE {index} MATCH "));
                sql.text(phrase).sql(after);
            }
        }
    }
}
