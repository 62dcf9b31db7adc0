//! What opens the operator's console: hashes of one-time links and of the sessions after them.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::operator_secrets;

/// What a secret opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorSecretKind {
    /// A session, once.
    Link,
    /// The console, until it expires.
    Session,
}

impl OperatorSecretKind {
    fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Session => "session",
        }
    }
}

/// Keeps a secret until an instant.
pub fn insert(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (kind, hash): (OperatorSecretKind, &SecretHash),
    expires_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let row = (
        operator_secrets::hash.eq(hash.as_str()),
        operator_secrets::project_id.eq(project.as_str()),
        operator_secrets::kind.eq(kind.name()),
        operator_secrets::created_at.eq(instant(tx.now)),
        operator_secrets::expires_at.eq(instant(expires_at)),
    );
    diesel::insert_into(operator_secrets::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Until when a secret opens what it opens, if it does now.
pub fn find(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (kind, hash): (OperatorSecretKind, &SecretHash),
) -> Result<Option<DateTime<Utc>>, StorageError> {
    let found = operator_secrets::table
        .filter(operator_secrets::hash.eq(hash.as_str()))
        .filter(operator_secrets::project_id.eq(project.as_str()))
        .filter(operator_secrets::kind.eq(kind.name()))
        .filter(operator_secrets::expires_at.gt(instant(tx.now)))
        .select(operator_secrets::expires_at)
        .first::<NaiveDateTime>(tx.connection()?)
        .optional()?;
    Ok(found.map(|until| until.and_utc()))
}

/// Uses a secret up, and says whether it was there.
pub fn delete(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (kind, hash): (OperatorSecretKind, &SecretHash),
) -> Result<bool, StorageError> {
    let this = operator_secrets::table
        .filter(operator_secrets::hash.eq(hash.as_str()))
        .filter(operator_secrets::project_id.eq(project.as_str()))
        .filter(operator_secrets::kind.eq(kind.name()))
        .filter(operator_secrets::expires_at.gt(instant(tx.now)));
    Ok(diesel::delete(this).execute(tx.connection()?)? > 0)
}

/// Takes all of a kind away, and says how many there were.
pub fn delete_all(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    kind: OperatorSecretKind,
) -> Result<usize, StorageError> {
    let all = operator_secrets::table
        .filter(operator_secrets::project_id.eq(project.as_str()))
        .filter(operator_secrets::kind.eq(kind.name()));
    Ok(diesel::delete(all).execute(tx.connection()?)?)
}

/// Forgets what has expired.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let expired = operator_secrets::table.filter(operator_secrets::expires_at.le(instant(tx.now)));
    Ok(diesel::delete(expired).execute(tx.connection()?)?)
}
