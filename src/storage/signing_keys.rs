//! The keys that sign the JWTs of a project: one signs, one may follow, others are still believed.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::AsChangeset;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;

use crate::domain::id::JwkId;
use crate::domain::project::ProjectId;
use crate::domain::signing_key::Term;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::signing_keys;

/// A key that signs JWTs, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSigningKey {
    /// Its id, the `kid` of the JWTs.
    pub id: JwkId,
    /// The private key, sealed.
    pub sealed_private_key: String,
    /// The certificate in PEM.
    pub certificate: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when it signs, and until when it is believed.
    pub term: Term,
}

#[derive(AsChangeset, Insertable, Queryable)]
#[diesel(table_name = signing_keys, treat_none_as_null = true, treat_none_as_default_value = false)]
struct KeyRow {
    project_id: String,
    id: String,
    sealed_private_key: String,
    certificate: String,
    created_at: NaiveDateTime,
    signs_from: Option<NaiveDateTime>,
    verifies_until: Option<NaiveDateTime>,
}

impl KeyRow {
    fn new(project: &ProjectId, key: &StoredSigningKey) -> Self {
        Self {
            project_id: project.to_string(),
            id: key.id.key(),
            sealed_private_key: key.sealed_private_key.clone(),
            certificate: key.certificate.clone(),
            created_at: instant(key.created_at),
            signs_from: Some(instant(key.term.signs_from)),
            verifies_until: key.term.verifies_until.map(instant),
        }
    }
}

impl TryFrom<KeyRow> for StoredSigningKey {
    type Error = StorageError;
    fn try_from(row: KeyRow) -> Result<Self, StorageError> {
        let created_at = row.created_at.and_utc();
        Ok(Self {
            id: JwkId::from_key(&row.id).map_err(StorageError::corrupt)?,
            sealed_private_key: row.sealed_private_key,
            certificate: row.certificate,
            created_at,
            term: Term {
                signs_from: row.signs_from.map_or(created_at, |from| from.and_utc()),
                verifies_until: row.verifies_until.map(|until| until.and_utc()),
            },
        })
    }
}

/// The keys of a project that are still believed, the oldest first.
pub fn list(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Vec<StoredSigningKey>, StorageError> {
    let until = signing_keys::verifies_until;
    let is_believed = until.is_null().or(until.gt(instant(tx.now)));
    let rows = signing_keys::table
        .filter(signing_keys::project_id.eq(project.as_str()))
        .filter(is_believed)
        .order(signing_keys::id.asc())
        .load::<KeyRow>(tx.connection()?)?;
    rows.into_iter().map(StoredSigningKey::try_from).collect()
}

/// Adds a key.
pub fn insert(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    key: &StoredSigningKey,
) -> Result<(), StorageError> {
    diesel::insert_into(signing_keys::table)
        .values(KeyRow::new(project, key))
        .execute(tx.connection()?)?;
    Ok(())
}

/// Writes a key as it now is.
pub fn save(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    key: &StoredSigningKey,
) -> Result<(), StorageError> {
    let this = signing_keys::table.find((project.as_str(), key.id.key()));
    diesel::update(this)
        .set(KeyRow::new(project, key))
        .execute(tx.connection()?)?;
    Ok(())
}

/// Removes a key: what it signed is believed no more.
pub fn delete(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    key: JwkId,
) -> Result<(), StorageError> {
    let this = signing_keys::table.find((project.as_str(), key.key()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}

/// Forgets keys that are believed no more.
pub fn forget_over(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let over = signing_keys::table.filter(signing_keys::verifies_until.le(instant(tx.now)));
    Ok(diesel::delete(over).execute(tx.connection()?)?)
}
