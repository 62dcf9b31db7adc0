//! With what the members of an organization have proven themselves, of all of them in one statement.

use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::Text;

use crate::domain::connection::Connection;
use crate::domain::forecast::Ways;
use crate::domain::id::MemberId;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Text)]
    member_id: String,
    #[diesel(sql_type = Text)]
    name: String,
}

/// Statements up to the organization, each with the column of the member.
const TABLES: [(&str, &str); 4] = [
    (
        "SELECT 'sso' AS source, member_id AS member_id, connection_id AS name \
     FROM sso_registrations WHERE organization_id = ",
        "member_id",
    ),
    (
        " UNION ALL SELECT 'oauth', member_id, provider FROM oauth_registrations \
     WHERE organization_id = ",
        "member_id",
    ),
    (
        " UNION ALL SELECT 'password', member_id, '' FROM member_passwords WHERE organization_id = ",
        "member_id",
    ),
    (
        " UNION ALL SELECT 'password', members.id, '' FROM members \
     JOIN organizations ON organizations.id = members.organization_id \
     JOIN address_passwords AS shared \
     ON shared.project_id = organizations.project_id AND shared.email = members.email \
     WHERE members.organization_id = ",
        "members.id",
    ),
];

/// What the members up to this one have, by their ids; single sign-on counts through these
/// connections.
pub fn list(
    tx: &mut Transaction<'_>,
    (scope, last): (&OrgScope, Option<MemberId>),
    in_use: &[Connection],
) -> Result<HashMap<MemberId, Ways>, StorageError> {
    let mut sql = PlainSql::prepared(tx, "");
    let last = last.map(|member| member.key()).unwrap_or_default();
    for (table, member) in TABLES {
        sql.sql(table).text(scope.key());
        sql.sql(&format!(" AND {member} <= ")).text(last.as_str());
    }
    let mut ways: HashMap<MemberId, Ways> = HashMap::new();
    for row in sql.load::<Row>(tx)? {
        let member = MemberId::from_key(&row.member_id).map_err(StorageError::corrupt)?;
        let theirs = ways.entry(member).or_default();
        match row.source.as_str() {
            "sso" => theirs.sso |= in_use.iter().any(|it| it.id.key() == row.name),
            "oauth" => {
                let provider = OauthProvider::from_name(&row.name);
                theirs.oauth.extend(provider.map(OauthProvider::method));
            }
            _ => theirs.password = true,
        }
    }
    Ok(ways)
}
