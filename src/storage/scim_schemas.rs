//! What SCIM connections declare besides the standards' schemas, as text: one row of a connection.

use chrono::NaiveDateTime;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::Insertable;

use crate::domain::id::ConnectionId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::scim_schemas;

#[derive(Insertable)]
#[diesel(table_name = scim_schemas, treat_none_as_default_value = false)]
struct Row {
    organization_id: String,
    connection_id: String,
    documents: String,
    updated_at: NaiveDateTime,
}

/// The documents of a connection, if it declares anything.
pub fn find(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
) -> Result<Option<String>, StorageError> {
    Ok(scim_schemas::table
        .filter(scim_schemas::organization_id.eq(scope.key()))
        .filter(scim_schemas::connection_id.eq(connection.key()))
        .select(scim_schemas::documents)
        .first::<String>(tx.connection()?)
        .optional()?)
}

/// Writes the documents of a connection in the place of those before.
pub fn save(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
    documents: String,
) -> Result<(), StorageError> {
    delete(tx, scope, connection)?;
    let row = Row {
        organization_id: scope.key(),
        connection_id: connection.key(),
        documents,
        updated_at: instant(tx.now),
    };
    diesel::insert_into(scim_schemas::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Removes the documents of a connection.
pub fn delete(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    connection: ConnectionId,
) -> Result<(), StorageError> {
    let this = scim_schemas::table
        .filter(scim_schemas::organization_id.eq(scope.key()))
        .filter(scim_schemas::connection_id.eq(connection.key()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}
