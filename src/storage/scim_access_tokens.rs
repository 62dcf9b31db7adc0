//! Access tokens that OAuth clients of SCIM connections have got: rows beside the connection's own
//! bearer tokens, so that one look finds either.

use chrono::DateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::id::ScimClientSecretId;
use crate::domain::scim_client::ScimClient;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::scim_tokens;

/// Adds an access token that a client got with this secret, or without one.
pub fn insert(
    tx: &mut Transaction<'_>,
    (client, secret): (&ScimClient, Option<ScimClientSecretId>),
    token: &SecretHash,
    expires_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let row = (
        scim_tokens::hash.eq(token.as_str()),
        scim_tokens::organization_id.eq(client.organization_id.key()),
        scim_tokens::connection_id.eq(client.connection_id.key()),
        scim_tokens::expires_at.eq(instant(expires_at)),
        scim_tokens::created_at.eq(instant(tx.now)),
        scim_tokens::client_id.eq(client.id.key()),
        scim_tokens::secret_id.eq(secret.map(|secret| secret.key())),
    );
    diesel::insert_into(scim_tokens::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Ends the access tokens of a client.
pub fn delete_all_of(tx: &mut Transaction<'_>, client: &ScimClient) -> Result<(), StorageError> {
    let theirs = scim_tokens::table
        .filter(scim_tokens::organization_id.eq(client.organization_id.key()))
        .filter(scim_tokens::client_id.eq(client.id.key()));
    diesel::delete(theirs).execute(tx.connection()?)?;
    Ok(())
}

/// Ends the access tokens that a client got with this secret.
pub fn delete_got_with(
    tx: &mut Transaction<'_>,
    client: &ScimClient,
    secret: ScimClientSecretId,
) -> Result<(), StorageError> {
    let theirs = scim_tokens::table
        .filter(scim_tokens::organization_id.eq(client.organization_id.key()))
        .filter(scim_tokens::client_id.eq(client.id.key()))
        .filter(scim_tokens::secret_id.eq(secret.key()));
    diesel::delete(theirs).execute(tx.connection()?)?;
    Ok(())
}

/// Ends the access tokens that a client got with assertions.
pub fn delete_got_with_assertions(
    tx: &mut Transaction<'_>,
    client: &ScimClient,
) -> Result<(), StorageError> {
    let theirs = scim_tokens::table
        .filter(scim_tokens::organization_id.eq(client.organization_id.key()))
        .filter(scim_tokens::client_id.eq(client.id.key()))
        .filter(scim_tokens::secret_id.is_null());
    diesel::delete(theirs).execute(tx.connection()?)?;
    Ok(())
}

/// Forgets access tokens that have expired.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let expired = scim_tokens::table
        .filter(scim_tokens::client_id.is_not_null())
        .filter(scim_tokens::expires_at.le(instant(tx.now)));
    Ok(diesel::delete(expired).execute(tx.connection()?)?)
}
