//! What was refused, as the journal and the request logs of directories have it: newest first.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel::sql_types::Timestamp;

use crate::domain::event::Event;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::scim_request::ScimRequest;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal::EventRow;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;
use crate::storage::scim_requests::ScimRequestRow;

/// As in the indexes, word by word: SQLite takes an index for part of a table only then.
const REFUSED: &str = "kind IN ('sign_in.refused', 'second_factor.refused', 'scim_user.refused', \
     'single_logout.refused', 'member.locked')";

/// Of how many refusals, the newest first, the texts are searched.
pub const MOST_SEARCHED: i64 = 5_000;

/// Which refusals are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusalFilter {
    /// Those that name any of these: ids and addresses of one person. All, if there is none.
    pub about: Vec<String>,
    /// Those of this connection.
    pub connection: Option<ConnectionId>,
    /// The one of this request.
    pub request_id: Option<String>,
    /// Those before this key.
    pub before: Option<String>,
}

/// Those in the journal of an organization.
pub fn in_journal(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    (filter, limit): (&RefusalFilter, i64),
) -> Result<Vec<Event>, StorageError> {
    let mut sql = PlainSql::planned(tx, begin(filter));
    sql.sql("SELECT * FROM journal WHERE organization_id = ");
    sql.text(scope.key()).sql(" AND ").sql(REFUSED);
    place(&mut sql, filter);
    if let Some(connection) = filter.connection {
        sql.sql(" AND object_id = ").text(connection.to_string());
    }
    about(&mut sql, &filter.about, ("object_id", "after_change"));
    sql.sql(NEWEST).number(limit);
    let rows = sql.load::<EventRow>(tx)?;
    rows.into_iter().map(Event::try_from).collect()
}

/// Those in the request logs of an organization's directories.
pub fn in_request_logs(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    (filter, limit): (&RefusalFilter, i64),
) -> Result<Vec<ScimRequest>, StorageError> {
    let mut sql = PlainSql::planned(tx, begin(filter));
    sql.sql("SELECT * FROM scim_requests WHERE organization_id = ");
    sql.text(scope.key()).sql(" AND status >= 400");
    place(&mut sql, filter);
    if let Some(connection) = filter.connection {
        sql.sql(" AND connection_id = ").text(connection.key());
    }
    about(&mut sql, &filter.about, ("resource_id", "request_body"));
    sql.sql(NEWEST).number(limit);
    let rows = sql.load::<ScimRequestRow>(tx)?;
    rows.into_iter().map(ScimRequest::try_from).collect()
}

fn place(sql: &mut PlainSql, filter: &RefusalFilter) {
    if let Some(request) = &filter.request_id {
        sql.sql(" AND request_id = ").text(request.as_str());
    }
    if let Some(before) = &filter.before {
        sql.sql(" AND id < ").text(before.as_str());
    }
}

const NEWEST: &str = " ORDER BY id DESC LIMIT ";

/// Texts are searched among the newest alone, which an index serves: whoever searches for what is
/// nowhere must not read everything.
fn begin(filter: &RefusalFilter) -> &'static str {
    if filter.about.is_empty() {
        ""
    } else {
        "SELECT * FROM ("
    }
}

/// And a row is about any of these, or has it as a value of its JSON.
fn about(sql: &mut PlainSql, any: &[String], (id, json): (&str, &str)) {
    let position = match sql.dialect {
        Dialect::Sqlite => "instr",
        Dialect::Postgres => "strpos",
    };
    if any.is_empty() {
        return;
    }
    sql.sql(NEWEST).number(MOST_SEARCHED).sql(") AS newest");
    let mut before = " WHERE (";
    for one in any {
        let quoted = serde_json::Value::from(one.as_str()).to_string();
        sql.sql(before).sql(id).sql(" = ").text(one.as_str());
        sql.sql(&format!(" OR {position}({json}, "))
            .text(quoted)
            .sql(") > 0");
        before = " OR ";
    }
    sql.sql(")");
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    organization_id: String,
}

/// The organization in which a request was refused, whichever it is.
pub fn organization_of(
    tx: &mut Transaction<'_>,
    request_id: &str,
) -> Result<Option<OrganizationId>, StorageError> {
    let journal = format!("SELECT organization_id FROM journal WHERE {REFUSED} AND request_id = ");
    let log = "SELECT organization_id FROM scim_requests WHERE status >= 400 AND request_id = ";
    for statement in [journal.as_str(), log] {
        let mut sql = PlainSql::planned(tx, statement);
        sql.text(request_id)
            .sql(" AND organization_id <> '' LIMIT 1");
        if let Some(found) = sql.load::<Place>(tx)?.pop() {
            let id = OrganizationId::from_key(&found.organization_id);
            return id.map(Some).map_err(StorageError::corrupt);
        }
    }
    Ok(None)
}

#[derive(QueryableByName)]
struct Moment {
    #[diesel(sql_type = Timestamp)]
    occurred_at: NaiveDateTime,
}

/// When a thing was refused this many refusals ago, if it was so often.
pub fn so_many_ago(
    tx: &mut Transaction<'_>,
    (organization, object): (OrganizationId, &str),
    many: i64,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let mut sql = PlainSql::planned(
        tx,
        "SELECT occurred_at FROM journal WHERE organization_id = ",
    );
    sql.text(organization.key())
        .sql(" AND object_id = ")
        .text(object);
    sql.sql(" AND kind = 'sign_in.refused' ORDER BY id DESC LIMIT 1 OFFSET ");
    sql.number(many.saturating_sub(1));
    let found = sql.load::<Moment>(tx)?.pop();
    Ok(found.map(|moment| moment.occurred_at.and_utc()))
}
