//! Machines of the project that get access tokens; only hashes of their secrets are here.

use chrono::NaiveDateTime;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::AsChangeset;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;
use diesel::prelude::QueryableByName;

use crate::domain::m2m_client::M2mClient;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::member_search::Count;
use crate::storage::plain_sql::Dialect;
use crate::storage::plain_sql::PlainSql;
use crate::storage::schema::m2m_clients;
use crate::storage::search_terms::Conditions;

/// One condition of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum M2mClientFilter {
    /// One of these ids.
    Ids(Vec<String>),
    /// One of these names.
    Names(Vec<String>),
    /// It has one of these scopes.
    Scopes(Vec<String>),
}

#[derive(AsChangeset, Insertable, Queryable, QueryableByName)]
#[diesel(table_name = m2m_clients, treat_none_as_null = true, treat_none_as_default_value = false)]
struct ClientRow {
    project_id: String,
    id: String,
    name: String,
    description: String,
    active: bool,
    scopes: String,
    trusted_metadata: String,
    secret: String,
    next_secret: Option<String>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl ClientRow {
    fn new(client: &M2mClient) -> Result<Self, StorageError> {
        Ok(Self {
            project_id: client.project_id.to_string(),
            id: client.id.clone(),
            name: client.name.clone(),
            description: client.description.clone(),
            active: client.active,
            scopes: to_json(&client.scopes)?,
            trusted_metadata: to_json(&client.trusted_metadata)?,
            secret: to_json(&client.secret)?,
            next_secret: client.next_secret.as_ref().map(to_json).transpose()?,
            created_at: instant(client.created_at),
            updated_at: instant(client.updated_at),
        })
    }
}

impl TryFrom<ClientRow> for M2mClient {
    type Error = StorageError;
    fn try_from(row: ClientRow) -> Result<Self, StorageError> {
        let next_secret = row.next_secret.as_deref();
        Ok(Self {
            id: row.id,
            project_id: ProjectId::new(row.project_id),
            name: row.name,
            description: row.description,
            active: row.active,
            scopes: from_json(&row.scopes)?,
            trusted_metadata: from_json(&row.trusted_metadata)?,
            secret: from_json(&row.secret)?,
            next_secret: next_secret.map(from_json).transpose()?,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

/// The client with this id.
pub fn find(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: &str,
) -> Result<Option<M2mClient>, StorageError> {
    m2m_clients::table
        .find((project.as_str(), id))
        .first::<ClientRow>(tx.connection()?)
        .optional()?
        .map(M2mClient::try_from)
        .transpose()
}

/// The clients after this one, by id.
pub fn page(
    tx: &mut Transaction<'_>,
    (project, conditions): (&ProjectId, &Conditions<M2mClientFilter>),
    (after, limit): (Option<&str>, i64),
) -> Result<Vec<M2mClient>, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT m2m_clients.* FROM m2m_clients WHERE ");
    matching(&mut sql, project, conditions);
    if let Some(after) = after {
        sql.sql(" AND m2m_clients.id > ").text(after);
    }
    sql.sql(" ORDER BY m2m_clients.id LIMIT ").number(limit);
    let rows = sql.load::<ClientRow>(tx)?;
    rows.into_iter().map(M2mClient::try_from).collect()
}

/// How many there are in all.
pub fn count(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    conditions: &Conditions<M2mClientFilter>,
) -> Result<i64, StorageError> {
    let mut sql = PlainSql::planned(tx, "SELECT count(*) AS total FROM m2m_clients WHERE ");
    matching(&mut sql, project, conditions);
    let counts = sql.load::<Count>(tx)?;
    Ok(counts.first().map_or(0, |count| count.total))
}

fn matching(sql: &mut PlainSql, project: &ProjectId, conditions: &Conditions<M2mClientFilter>) {
    sql.sql("m2m_clients.project_id = ").text(project.as_str());
    conditions.write(sql, |sql, filter| match filter {
        M2mClientFilter::Ids(ids) => {
            sql.sql("m2m_clients.id").one_of(ids.iter().cloned());
        }
        M2mClientFilter::Names(names) => {
            sql.sql("m2m_clients.name").one_of(names.iter().cloned());
        }
        M2mClientFilter::Scopes(scopes) => {
            sql.sql(match sql.dialect {
                Dialect::Sqlite => {
                    "EXISTS (SELECT 1 FROM json_each(m2m_clients.scopes) AS had WHERE had.value"
                }
                Dialect::Postgres => {
                    "EXISTS (SELECT 1 FROM \
                     jsonb_array_elements_text(m2m_clients.scopes::jsonb) AS had WHERE had"
                }
            });
            sql.one_of(scopes.iter().cloned()).sql(")");
        }
    });
}

/// Adds a client; its id must be free.
pub fn insert(tx: &mut Transaction<'_>, client: &M2mClient) -> Result<(), StorageError> {
    diesel::insert_into(m2m_clients::table)
        .values(ClientRow::new(client)?)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Writes a client as it now is.
pub fn save(tx: &mut Transaction<'_>, client: &M2mClient) -> Result<(), StorageError> {
    let this = m2m_clients::table.find((client.project_id.as_str(), &client.id));
    diesel::update(this)
        .set(ClientRow::new(client)?)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Removes a client.
pub fn delete(tx: &mut Transaction<'_>, client: &M2mClient) -> Result<(), StorageError> {
    let this = m2m_clients::table.find((client.project_id.as_str(), &client.id));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}
