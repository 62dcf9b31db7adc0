//! The secrets and public tokens of a project: hashed, several at a time, each with its origin.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::domain::secret::last_four;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::credentials::ProjectKeyKind;
use crate::storage::error::StorageError;
use crate::storage::schema::project_keys;

/// Who made a key, and so who takes it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// A start adopted it from the configuration, or made it because there was none.
    Start,
    /// A command.
    Command,
    /// The project file.
    File,
}

const ORIGINS: [KeyOrigin; 3] = [KeyOrigin::Start, KeyOrigin::Command, KeyOrigin::File];

impl KeyOrigin {
    /// The word in the column and in lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Command => "command",
            Self::File => "file",
        }
    }
}

/// A key as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectKey {
    hash: String,
    /// What people call it; may be empty.
    pub name: String,
    /// Its last four characters.
    pub last_four: String,
    /// Who made it.
    pub origin: KeyOrigin,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl ProjectKey {
    /// The beginning of its hash, which names it and opens nothing.
    pub fn id(&self) -> String {
        self.hash.chars().take(12).collect()
    }

    /// Whether this is the key with that hash.
    pub fn is(&self, hash: &SecretHash) -> bool {
        self.hash == hash.as_str()
    }
}

/// A key to be added.
#[derive(Clone, Copy)]
pub struct NewKey<'a> {
    /// What it opens.
    pub kind: ProjectKeyKind,
    /// Who makes it.
    pub origin: KeyOrigin,
    /// What people call it; may be empty.
    pub name: &'a str,
    /// The key itself; only its hash is stored.
    pub secret: &'a str,
}

/// Adds a key of a project.
pub fn insert(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    key: &NewKey<'_>,
) -> Result<(), StorageError> {
    let row = (
        project_keys::hash.eq(SecretHash::of(key.secret).as_str().to_owned()),
        project_keys::project_id.eq(project.as_str()),
        project_keys::kind.eq(key.kind.name()),
        project_keys::last_four.eq(last_four(key.secret)),
        project_keys::created_at.eq(instant(tx.now)),
        project_keys::name.eq(key.name),
        project_keys::origin.eq(key.origin.name()),
    );
    diesel::insert_into(project_keys::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// The keys of a project, the oldest first.
pub fn list(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    kind: ProjectKeyKind,
) -> Result<Vec<ProjectKey>, StorageError> {
    let rows = project_keys::table
        .filter(project_keys::project_id.eq(project.as_str()))
        .filter(project_keys::kind.eq(kind.name()))
        .order((project_keys::created_at.asc(), project_keys::hash.asc()))
        .select((
            project_keys::hash,
            project_keys::name,
            project_keys::last_four,
            project_keys::origin,
            project_keys::created_at,
        ))
        .load::<(String, String, String, String, NaiveDateTime)>(tx.connection()?)?;
    let keys = rows.into_iter().map(|(hash, name, last_four, origin, at)| {
        let known = ORIGINS.into_iter().find(|it| it.name() == origin);
        let origin = known.ok_or_else(|| StorageError::corrupt(format!("origin {origin}")))?;
        Ok(ProjectKey {
            hash,
            name,
            last_four,
            origin,
            created_at: at.and_utc(),
        })
    });
    keys.collect()
}

/// Removes a key: from now on it opens nothing.
pub fn delete(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    key: &ProjectKey,
) -> Result<(), StorageError> {
    let row = project_keys::table
        .filter(project_keys::project_id.eq(project.as_str()))
        .filter(project_keys::hash.eq(&key.hash));
    diesel::delete(row).execute(tx.connection()?)?;
    Ok(())
}
