//! Projects and the keys that sign their session JWTs.

use chrono::DateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::id::JwkId;
use crate::domain::project::Project;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::projects;
use crate::storage::schema::signing_keys;

/// A key that signs session JWTs, as stored.
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
}

/// The project with this id.
pub fn find(tx: &mut Transaction<'_>, id: &ProjectId) -> Result<Option<Project>, StorageError> {
    let name = projects::table
        .filter(projects::id.eq(id.as_str()))
        .select(projects::name)
        .first::<String>(tx.connection)
        .optional()?;
    Ok(name.map(|name| Project {
        id: id.clone(),
        name,
    }))
}

/// The oldest project, if there is any.
pub fn first(tx: &mut Transaction<'_>) -> Result<Option<Project>, StorageError> {
    let found = projects::table
        .order((projects::created_at.asc(), projects::id.asc()))
        .select((projects::id, projects::name))
        .first::<(String, String)>(tx.connection)
        .optional()?;
    Ok(found.map(|(id, name)| Project {
        id: ProjectId::new(id),
        name,
    }))
}

/// Adds a project.
pub fn insert(tx: &mut Transaction<'_>, project: &Project) -> Result<(), StorageError> {
    let row = (
        projects::id.eq(project.id.as_str()),
        projects::name.eq(&project.name),
        projects::created_at.eq(instant(tx.now)),
    );
    diesel::insert_into(projects::table)
        .values(row)
        .execute(tx.connection)?;
    Ok(())
}

/// The newest signing key of a project.
pub fn signing_key(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Option<StoredSigningKey>, StorageError> {
    signing_keys::table
        .filter(signing_keys::project_id.eq(project.as_str()))
        .order(signing_keys::id.desc())
        .select((
            signing_keys::id,
            signing_keys::sealed_private_key,
            signing_keys::certificate,
            signing_keys::created_at,
        ))
        .first::<(String, String, String, chrono::NaiveDateTime)>(tx.connection)
        .optional()?
        .map(|(id, sealed_private_key, certificate, created_at)| {
            let id = JwkId::from_key(&id).map_err(StorageError::corrupt)?;
            let created_at = created_at.and_utc();
            Ok(StoredSigningKey {
                id,
                sealed_private_key,
                certificate,
                created_at,
            })
        })
        .transpose()
}

/// Adds a signing key.
pub fn insert_signing_key(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    key: &StoredSigningKey,
) -> Result<(), StorageError> {
    let row = (
        signing_keys::project_id.eq(project.as_str()),
        signing_keys::id.eq(key.id.key()),
        signing_keys::sealed_private_key.eq(&key.sealed_private_key),
        signing_keys::certificate.eq(&key.certificate),
        signing_keys::created_at.eq(instant(key.created_at)),
    );
    diesel::insert_into(signing_keys::table)
        .values(row)
        .execute(tx.connection)?;
    Ok(())
}
