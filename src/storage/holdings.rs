//! What a member has that ends with its membership or with its address.

use diesel::QueryableByName;
use diesel::sql_types::Bool;
use diesel::sql_types::Nullable;
use diesel::sql_types::Text;

use crate::domain::id::MemberPasswordId;
use crate::domain::member::Member;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;

/// What a member has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// Its password.
    pub password: Option<MemberPasswordId>,
    /// Whether it has sessions.
    pub has_sessions: bool,
    /// Whether it has registrations with OAuth providers.
    pub has_registrations: bool,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    password: Option<String>,
    #[diesel(sql_type = Bool)]
    has_sessions: bool,
    #[diesel(sql_type = Bool)]
    has_registrations: bool,
}

/// What a member has, in one statement: most have nothing of it.
pub fn of(tx: &mut Transaction<'_>, member: &Member) -> Result<Holdings, StorageError> {
    let mut sql = PlainSql::prepared(tx, "SELECT (SELECT id FROM member_passwords");
    theirs(&mut sql, member);
    sql.sql(") AS password, EXISTS (SELECT 1 FROM sessions");
    theirs(&mut sql, member);
    sql.sql(") AS has_sessions, EXISTS (SELECT 1 FROM oauth_registrations");
    theirs(&mut sql, member);
    sql.sql(") AS has_registrations");
    let row = sql.load::<Row>(tx)?.pop();
    let password = row.as_ref().and_then(|row| row.password.as_deref());
    let password = password.map(MemberPasswordId::from_key).transpose();
    Ok(Holdings {
        password: password.map_err(StorageError::corrupt)?,
        has_sessions: row.as_ref().is_some_and(|row| row.has_sessions),
        has_registrations: row.is_some_and(|row| row.has_registrations),
    })
}

fn theirs(sql: &mut PlainSql, member: &Member) {
    sql.sql(" WHERE organization_id = ")
        .text(member.organization_id.key())
        .sql(" AND member_id = ")
        .text(member.id.key());
}
