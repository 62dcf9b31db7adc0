//! OAuth clients of SCIM connections.

use chrono::NaiveDateTime;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::AsChangeset;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::OrganizationId;
use crate::domain::id::ScimClientId;
use crate::domain::scim_client::ScimClient;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::schema::scim_clients;

#[derive(AsChangeset, Insertable, Queryable)]
#[diesel(table_name = scim_clients, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
struct ClientRow {
    organization_id: String,
    id: String,
    connection_id: String,
    display_name: String,
    secrets: String,
    assertion_trust: Option<String>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl ClientRow {
    fn new(client: &ScimClient) -> Result<Self, StorageError> {
        Ok(Self {
            organization_id: client.organization_id.key(),
            id: client.id.key(),
            connection_id: client.connection_id.key(),
            display_name: client.display_name.clone(),
            secrets: to_json(&client.secrets)?,
            assertion_trust: client.trust.as_ref().map(to_json).transpose()?,
            created_at: instant(client.created_at),
            updated_at: instant(client.updated_at),
        })
    }
}

impl TryFrom<ClientRow> for ScimClient {
    type Error = StorageError;
    fn try_from(row: ClientRow) -> Result<Self, StorageError> {
        let corrupt = StorageError::corrupt;
        let trust = row.assertion_trust.as_deref();
        Ok(Self {
            id: ScimClientId::from_key(&row.id).map_err(corrupt)?,
            organization_id: OrganizationId::from_key(&row.organization_id).map_err(corrupt)?,
            connection_id: ConnectionId::from_key(ConnectionKind::Scim, &row.connection_id)
                .map_err(corrupt)?,
            display_name: row.display_name,
            secrets: from_json(&row.secrets)?,
            trust: trust.map(from_json).transpose()?,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

/// The clients of a connection, oldest first.
pub fn list(
    tx: &mut Transaction<'_>,
    connection: &Connection,
) -> Result<Vec<ScimClient>, StorageError> {
    let rows = scim_clients::table
        .filter(scim_clients::organization_id.eq(connection.organization_id.key()))
        .filter(scim_clients::connection_id.eq(connection.id.key()))
        .order(scim_clients::id.asc())
        .load::<ClientRow>(tx.connection()?)?;
    rows.into_iter().map(ScimClient::try_from).collect()
}

/// A client of a connection, by its id.
pub fn find(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    id: ScimClientId,
) -> Result<Option<ScimClient>, StorageError> {
    scim_clients::table
        .filter(scim_clients::organization_id.eq(scope.key()))
        .filter(scim_clients::id.eq(id.key()))
        .filter(scim_clients::connection_id.eq(connection.key()))
        .first::<ClientRow>(tx.connection()?)
        .optional()?
        .map(ScimClient::try_from)
        .transpose()
}

/// Adds a client.
pub fn insert(tx: &mut Transaction<'_>, client: &ScimClient) -> Result<(), StorageError> {
    diesel::insert_into(scim_clients::table)
        .values(ClientRow::new(client)?)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Writes a client as it now is.
pub fn save(tx: &mut Transaction<'_>, client: &ScimClient) -> Result<(), StorageError> {
    let this = scim_clients::table
        .filter(scim_clients::organization_id.eq(client.organization_id.key()))
        .filter(scim_clients::id.eq(client.id.key()));
    diesel::update(this)
        .set(ClientRow::new(client)?)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Removes a client.
pub fn delete(tx: &mut Transaction<'_>, client: &ScimClient) -> Result<(), StorageError> {
    let this = scim_clients::table
        .filter(scim_clients::organization_id.eq(client.organization_id.key()))
        .filter(scim_clients::id.eq(client.id.key()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}
