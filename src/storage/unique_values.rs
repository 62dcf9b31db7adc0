//! The values that only one resource of a SCIM connection may have, as hashes.

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::Insertable;

use crate::domain::id::ConnectionId;
use crate::domain::scope::OrgScope;
use crate::domain::secret::hex_digest;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::schema::scim_unique_values;

/// SQLite takes a limited number of values in one statement.
const AT_ONCE: usize = 500;

#[derive(Insertable)]
#[diesel(table_name = scim_unique_values, treat_none_as_default_value = false)]
struct Row {
    organization_id: String,
    connection_id: String,
    value_hash: String,
    resource_id: String,
}

/// The resource that holds one of these values, and the value's place among them, unless it is
/// this one.
pub fn holder_but(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    resource: &str,
    keys: &[&str],
) -> Result<Option<(usize, String)>, StorageError> {
    let hashes: Vec<String> = keys.iter().map(|key| hex_digest(key)).collect();
    for some in hashes.chunks(AT_ONCE) {
        let held = scim_unique_values::table
            .filter(scim_unique_values::organization_id.eq(scope.key()))
            .filter(scim_unique_values::connection_id.eq(connection.key()))
            .filter(scim_unique_values::value_hash.eq_any(some))
            .filter(scim_unique_values::resource_id.ne(resource))
            .select((
                scim_unique_values::value_hash,
                scim_unique_values::resource_id,
            ))
            .limit(1)
            .load::<(String, String)>(tx.connection()?)?;
        if let Some((hash, holder)) = held.into_iter().next() {
            let place = hashes.iter().position(|known| *known == hash);
            return Ok(place.map(|place| (place, holder)));
        }
    }
    Ok(None)
}

/// Makes these the values of a resource, and no others.
pub fn hold(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    resource: &str,
    keys: &[&str],
) -> Result<(), StorageError> {
    release(tx, scope, resource)?;
    let rows = keys.iter().map(|key| Row {
        organization_id: scope.key(),
        connection_id: connection.key(),
        value_hash: hex_digest(key),
        resource_id: resource.to_owned(),
    });
    for row in rows {
        diesel::insert_into(scim_unique_values::table)
            .values(row)
            .execute(tx.connection()?)?;
    }
    Ok(())
}

/// Frees the values of a resource.
pub fn release(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    resource: &str,
) -> Result<(), StorageError> {
    let its = scim_unique_values::table
        .filter(scim_unique_values::organization_id.eq(scope.key()))
        .filter(scim_unique_values::resource_id.eq(resource));
    diesel::delete(its).execute(tx.connection()?)?;
    Ok(())
}
