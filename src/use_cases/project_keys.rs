//! An operator's hold on the secrets and public tokens of a project: several are live at a time, so
//! that one can be replaced without a gap.

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
pub use crate::storage::credentials::ProjectKeyKind;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::project_keys;
pub use crate::storage::project_keys::KeyOrigin;
pub use crate::storage::project_keys::NewKey;
pub use crate::storage::project_keys::ProjectKey;
use crate::use_cases::operator_error::OperatorError;

/// Which key shall go, and what stands in its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The beginning of its id.
    pub id: String,
    /// Whether the last secret may go.
    pub force: bool,
    /// The key that the configuration gives, which a start would bring back.
    pub configured: Option<SecretHash>,
}

/// Adds a key; it is told this once.
pub fn create(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    key: &NewKey<'_>,
) -> Result<ProjectKey, OperatorError> {
    project_keys::insert(tx, project, key)?;
    let hash = SecretHash::of(key.secret);
    let keys = project_keys::list(tx, project, key.kind)?;
    let made = keys.into_iter().find(|it| it.is(&hash));
    let made = made.ok_or_else(|| StorageError::corrupt("the key just made is not there"))?;
    note(tx, EventKind::ProjectKeyAdded, &made)?;
    Ok(made)
}

/// The keys of a kind, the oldest first.
pub fn list(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    kind: ProjectKeyKind,
) -> Result<Vec<ProjectKey>, OperatorError> {
    Ok(project_keys::list(tx, project, kind)?)
}

/// Takes a key away: it opens nothing any more.
pub fn revoke(
    tx: &mut Transaction<'_>,
    (project, kind): (&ProjectId, ProjectKeyKind),
    asked: &Revocation,
) -> Result<ProjectKey, OperatorError> {
    let keys = project_keys::list(tx, project, kind)?;
    let mut named = keys.iter().filter(|key| key.id().starts_with(&asked.id));
    let key = match (named.next(), named.next()) {
        (Some(key), None) if !asked.id.is_empty() => key,
        (Some(_), Some(_)) if !asked.id.is_empty() => {
            return Err(OperatorError::AmbiguousKey(asked.id.clone()));
        }
        _ => return Err(OperatorError::UnknownKey(asked.id.clone())),
    };
    if asked.configured.as_ref().is_some_and(|hash| key.is(hash)) {
        return Err(OperatorError::GivenByConfiguration);
    }
    if key.origin == KeyOrigin::File {
        return Err(OperatorError::DeclaredInFile);
    }
    if kind == ProjectKeyKind::Secret && keys.len() == 1 && !asked.force {
        return Err(OperatorError::LastSecret);
    }
    project_keys::delete(tx, project, key)?;
    note(tx, EventKind::ProjectKeyRevoked, key)?;
    Ok(key.clone())
}

fn note(tx: &mut Transaction<'_>, kind: EventKind, key: &ProjectKey) -> Result<(), StorageError> {
    let change = Change {
        organization_id: None,
        kind,
        object_id: format!("…{}", key.last_four),
        before: None,
        after: None,
    };
    journal::append(tx, &change)
}
