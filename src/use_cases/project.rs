//! The project itself: whoami, adoption of its credentials at start.

use std::fmt;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::project::Project;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::domain::secret::last_four;
use crate::storage::Transaction;
use crate::storage::credentials;
use crate::storage::credentials::ProjectKeyKind;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::project_counts;
use crate::storage::project_counts::ProjectCounts;
use crate::storage::project_keys;
use crate::storage::project_keys::KeyOrigin;
use crate::storage::project_keys::NewKey;
use crate::storage::project_keys::ProjectKey;
use crate::storage::projects;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;

/// The credentials that an installation is started with; absent ones are made.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct GivenCredentials {
    /// `project-test-<uuid>`.
    pub project_id: Option<String>,
    /// `secret-test-…`.
    pub secret: Option<String>,
    /// `public-token-test-<uuid>`.
    pub public_token: Option<String>,
}

/// What a start found or made; secrets are there only when they were made just now.
#[derive(Clone, PartialEq, Eq)]
pub struct Adopted {
    /// The project.
    pub project: Project,
    /// The secret, if it was made just now.
    pub new_secret: Option<String>,
    /// The public token, if it was made just now.
    pub new_public_token: Option<String>,
}

impl fmt::Debug for GivenCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GivenCredentials(of {:?})", self.project_id)
    }
}

impl fmt::Debug for Adopted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Adopted({:?})", self.project)
    }
}

/// Makes the project and its keys exist: given ones are taken over, missing ones made.
pub fn adopt(
    tx: &mut Transaction<'_>,
    given: &GivenCredentials,
    fresh: &GivenCredentials,
) -> Result<Adopted, StorageError> {
    let known = match &given.project_id {
        Some(id) => projects::find(tx, &ProjectId::new(id.as_str()))?,
        None => projects::first(tx)?,
    };
    let project = match known {
        Some(project) => project,
        None => create(tx, given.project_id.as_ref().or(fresh.project_id.as_ref()))?,
    };
    let secret = (given.secret.as_ref(), fresh.secret.as_ref());
    let new_secret = ensure_key(tx, &project.id, ProjectKeyKind::Secret, secret)?;
    let token = (given.public_token.as_ref(), fresh.public_token.as_ref());
    let new_public_token = ensure_key(tx, &project.id, ProjectKeyKind::PublicToken, token)?;
    Ok(Adopted {
        project,
        new_secret,
        new_public_token,
    })
}

fn create(tx: &mut Transaction<'_>, id: Option<&String>) -> Result<Project, StorageError> {
    let id = id.ok_or_else(|| StorageError::corrupt("no project id to create"))?;
    let project = Project {
        id: ProjectId::new(id.as_str()),
        name: "Vestibule".to_owned(),
    };
    projects::insert(tx, &project)?;
    note(tx, EventKind::ProjectCreated, project.id.as_str())?;
    Ok(project)
}

/// Takes a given key over, or makes one if the project has none; returns what was made. A start
/// takes away what an earlier start adopted or made, and nothing that a command or the project file
/// made: so a rotation by command outlasts a restart.
fn ensure_key(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    kind: ProjectKeyKind,
    (given, fresh): (Option<&String>, Option<&String>),
) -> Result<Option<String>, StorageError> {
    let keys = project_keys::list(tx, project, kind)?;
    if let Some(given) = given {
        let hash = SecretHash::of(given);
        match credentials::project_of(tx, kind, &hash)? {
            Some(owner) if owner == *project => {}
            Some(_) => {
                return Err(StorageError::corrupt(
                    "a key given belongs to another project",
                ));
            }
            None => add_key(tx, project, kind, given)?,
        }
        let replaced = |key: &&ProjectKey| key.origin == KeyOrigin::Start && !key.is(&hash);
        for key in keys.iter().filter(replaced) {
            project_keys::delete(tx, project, key)?;
            let object_id = format!("…{}", key.last_four);
            note(tx, EventKind::ProjectKeyRevoked, &object_id)?;
        }
        return Ok(None);
    }
    if !keys.is_empty() {
        return Ok(None);
    }
    if let Some(fresh) = fresh {
        add_key(tx, project, kind, fresh)?;
    }
    Ok(fresh.cloned())
}

fn add_key(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    kind: ProjectKeyKind,
    secret: &str,
) -> Result<(), StorageError> {
    let key = NewKey {
        kind,
        origin: KeyOrigin::Start,
        name: "",
        secret,
    };
    project_keys::insert(tx, project, &key)?;
    note(
        tx,
        EventKind::ProjectKeyAdded,
        &format!("…{}", last_four(secret)),
    )
}

/// An entry in the project's own journal.
fn note(tx: &mut Transaction<'_>, kind: EventKind, object_id: &str) -> Result<(), StorageError> {
    let change = Change {
        organization_id: None,
        kind,
        object_id: object_id.to_owned(),
        before: None,
        after: None,
    };
    journal::append(tx, &change)
}

/// The project of the caller.
pub fn whoami(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
) -> Result<Project, ManagementError> {
    projects::find(tx, &caller.project_id)?.ok_or(ManagementError::Request(
        RequestError::UnauthorizedCredentials,
    ))
}

/// How much of what the caller's project has.
pub fn metrics(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
) -> Result<ProjectCounts, ManagementError> {
    Ok(project_counts::count(tx, &caller.project_id)?)
}
