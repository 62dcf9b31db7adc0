//! Whom the role rules of a connection may reach, in one statement.

use std::collections::HashSet;

use diesel::QueryableByName;
use diesel::sql_types::Text;

use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::MemberId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    member_id: String,
}

/// The members who are registered with an SSO connection, or whom a directory holds.
pub fn members_of(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
) -> Result<HashSet<MemberId>, StorageError> {
    let table = match connection.kind {
        ConnectionKind::Saml | ConnectionKind::Oidc | ConnectionKind::External => {
            "sso_registrations"
        }
        ConnectionKind::Scim => "scim_users",
    };
    let mut sql = PlainSql::prepared(
        tx,
        &format!(
            "SELECT member_id FROM {table} WHERE member_id IS NOT NULL AND organization_id = "
        ),
    );
    sql.text(scope.key())
        .sql(" AND connection_id = ")
        .text(connection.key());
    let rows = sql.load::<Row>(tx)?.into_iter();
    let ids = rows.map(|row| MemberId::from_key(&row.member_id).map_err(StorageError::corrupt));
    ids.collect()
}
