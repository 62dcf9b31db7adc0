//! The request log of SCIM connections, ordered within each by age.

use chrono::NaiveDateTime;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;
use diesel::sql_types::Text;

use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::ScimRequestId;
use crate::domain::scim_request::KeptBody;
use crate::domain::scim_request::ScimRequest;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::scim_requests;

#[derive(Queryable, QueryableByName, Insertable)]
#[diesel(table_name = scim_requests, treat_none_as_default_value = false)]
pub(crate) struct ScimRequestRow {
    organization_id: String,
    connection_id: String,
    id: String,
    occurred_at: NaiveDateTime,
    request_id: String,
    method: String,
    path: String,
    query: String,
    user_agent: String,
    if_match: Option<String>,
    resource_id: Option<String>,
    status: i32,
    scim_type: Option<String>,
    detail: Option<String>,
    millis: i32,
    departures: String,
    request_body: Option<String>,
    request_cut: bool,
    response_body: Option<String>,
    response_cut: bool,
}

impl ScimRequestRow {
    fn new(scope: &OrgScope, request: &ScimRequest) -> Result<Self, StorageError> {
        Ok(Self {
            organization_id: scope.key(),
            connection_id: request.connection_id.key(),
            id: request.id.key(),
            occurred_at: instant(request.occurred_at),
            request_id: request.request_id.clone(),
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            user_agent: request.user_agent.clone(),
            if_match: request.if_match.clone(),
            resource_id: request.resource_id.clone(),
            status: i32::from(request.status),
            scim_type: request.scim_type.clone(),
            detail: request.detail.clone(),
            millis: i32::try_from(request.millis).unwrap_or(i32::MAX),
            departures: to_json(&request.departures)?,
            request_body: request.sent.text.clone(),
            request_cut: request.sent.cut,
            response_body: request.answered.text.clone(),
            response_cut: request.answered.cut,
        })
    }
}

impl TryFrom<ScimRequestRow> for ScimRequest {
    type Error = StorageError;
    fn try_from(row: ScimRequestRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: ScimRequestId::from_key(&row.id).map_err(StorageError::corrupt)?,
            connection_id: ConnectionId::from_key(ConnectionKind::Scim, &row.connection_id)
                .map_err(StorageError::corrupt)?,
            occurred_at: row.occurred_at.and_utc(),
            request_id: row.request_id,
            method: row.method,
            path: row.path,
            query: row.query,
            user_agent: row.user_agent,
            if_match: row.if_match,
            resource_id: row.resource_id,
            status: u16::try_from(row.status).map_err(StorageError::corrupt)?,
            scim_type: row.scim_type,
            detail: row.detail,
            millis: u32::try_from(row.millis).unwrap_or_default(),
            departures: from_json(&row.departures)?,
            sent: KeptBody {
                text: row.request_body,
                cut: row.request_cut,
            },
            answered: KeptBody {
                text: row.response_body,
                cut: row.response_cut,
            },
        })
    }
}

/// Writes entries of one organization, in one statement.
pub fn insert(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    requests: &[ScimRequest],
) -> Result<(), StorageError> {
    let rows = requests
        .iter()
        .map(|request| ScimRequestRow::new(scope, request))
        .collect::<Result<Vec<_>, _>>()?;
    let insertion = diesel::insert_into(scim_requests::table).values(&rows);
    match tx.connection()? {
        DbConnection::Sqlite(sqlite) => insertion.execute(sqlite)?,
        DbConnection::Postgres(postgres) => insertion.execute(postgres)?,
    };
    Ok(())
}

/// The entry with this id.
pub fn find(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    id: ScimRequestId,
) -> Result<Option<ScimRequest>, StorageError> {
    scim_requests::table
        .filter(scim_requests::organization_id.eq(scope.key()))
        .filter(scim_requests::connection_id.eq(connection.key()))
        .filter(scim_requests::id.eq(id.key()))
        .first::<ScimRequestRow>(tx.connection()?)
        .optional()?
        .map(ScimRequest::try_from)
        .transpose()
}

/// Forgets the log of a connection.
pub fn delete_all(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
) -> Result<(), StorageError> {
    let theirs = scim_requests::table
        .filter(scim_requests::organization_id.eq(scope.key()))
        .filter(scim_requests::connection_id.eq(connection.key()));
    diesel::delete(theirs).execute(tx.connection()?)?;
    Ok(())
}

/// Organization and connection as the table has them: the place of one connection's log.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct LogPlace {
    #[diesel(sql_type = Text)]
    pub(crate) organization_id: String,
    #[diesel(sql_type = Text)]
    pub(crate) connection_id: String,
}

impl LogPlace {
    /// The connection.
    pub fn connection_id(&self) -> Result<ConnectionId, StorageError> {
        ConnectionId::from_key(ConnectionKind::Scim, &self.connection_id)
            .map_err(StorageError::corrupt)
    }
}

/// The next connection that has a log, in the order of their keys, whosever it is.
pub fn next_place(
    tx: &mut Transaction<'_>,
    after: Option<&LogPlace>,
) -> Result<Option<LogPlace>, StorageError> {
    let mut sql = PlainSql::prepared(
        tx,
        "SELECT organization_id, connection_id FROM scim_requests \
         WHERE (organization_id, connection_id) > (",
    );
    let (organization, connection) = after.map_or(("", ""), |place| {
        (place.organization_id.as_str(), place.connection_id.as_str())
    });
    sql.text(organization).sql(", ").text(connection);
    sql.sql(") ORDER BY organization_id, connection_id LIMIT 1");
    Ok(sql.load::<LogPlace>(tx)?.pop())
}

/// Forgets entries of a connection that are older than a key or more than so many, at most a
/// chunk at a time; says how many there were.
pub fn forget(
    tx: &mut Transaction<'_>,
    place: &LogPlace,
    (older_than, most): (&str, i64),
    chunk: i64,
) -> Result<usize, StorageError> {
    let theirs = || {
        scim_requests::table
            .filter(scim_requests::organization_id.eq(&place.organization_id))
            .filter(scim_requests::connection_id.eq(&place.connection_id))
            .select(scim_requests::id)
    };
    let surplus: Option<String> = theirs()
        .order(scim_requests::id.desc())
        .offset(most)
        .first(tx.connection()?)
        .optional()?;
    let is_old = scim_requests::id.lt(older_than);
    let is_surplus = scim_requests::id.le(surplus.unwrap_or_default());
    let doomed: Vec<String> = theirs()
        .filter(diesel::BoolExpressionMethods::or(is_old, is_surplus))
        .order(scim_requests::id)
        .limit(chunk)
        .load(tx.connection()?)?;
    let rows = scim_requests::table
        .filter(scim_requests::organization_id.eq(&place.organization_id))
        .filter(scim_requests::connection_id.eq(&place.connection_id))
        .filter(scim_requests::id.eq_any(&doomed));
    Ok(diesel::delete(rows).execute(tx.connection()?)?)
}
