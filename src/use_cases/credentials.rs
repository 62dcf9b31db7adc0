//! Resolves a presented secret to its caller and scope.

use std::sync::Arc;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::connection::Connection;
use crate::domain::event::Actor;
use crate::domain::id::ConnectionId;
use crate::domain::id::RequestId;
use crate::domain::id::ScimGroupId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::domain::secret::SecretHash;
use crate::domain::secret::equal;
use crate::protocol::scim::departure::Departures;
use crate::protocol::scim::schemas::Schemas;
use crate::storage::Transaction;
use crate::storage::credentials;
use crate::storage::credentials::ProjectKeyKind;
use crate::storage::error::StorageError;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::owners::Owners;
use crate::use_cases::scim_schemas;

pub use crate::storage::job::Begin;

/// A caller of the management API, proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectCaller {
    /// The project that it speaks for.
    pub project_id: ProjectId,
}

/// A SCIM client, proven: its connection and the organization's scope.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimCaller {
    /// Whose rows it may touch.
    pub scope: OrgScope,
    /// The organization.
    pub organization: Arc<Organization>,
    /// The connection that it pushes through.
    pub connection: Arc<Connection>,
    /// Whether a connection of the organization may make people administrators.
    pub connections_give_admin: bool,
    /// The resource types that it has.
    pub schemas: Arc<Schemas>,
    /// What its request does beside the letter of the RFCs, as far as it has been worked on.
    pub departures: Departures,
    /// How often its request went through all members of each Group.
    pub scans: RefCell<BTreeMap<ScimGroupId, usize>>,
}

/// For how many milliseconds a project's secret counts as proven without being looked up again,
/// which is also how long one may still open a node after it was revoked by another process.
const PROVEN_MILLISECONDS: i64 = 500;

/// The secrets of projects that were looked up a moment ago; it holds no more than there are.
#[derive(Debug, Default)]
pub struct ProvenSecrets(Mutex<HashMap<SecretHash, (ProjectId, DateTime<Utc>)>>);

impl ProvenSecrets {
    /// Whether this project's secret was proven a moment ago.
    pub fn knows(&self, (project_id, secret): (&str, &SecretHash), now: DateTime<Utc>) -> bool {
        self.recent_owner(secret, now)
            .is_some_and(|owner| equal(owner.as_str(), project_id))
    }

    fn recent_owner(&self, secret: &SecretHash, now: DateTime<Utc>) -> Option<ProjectId> {
        let known = self.known();
        let (owner, looked_up_at) = known.get(secret)?;
        let age = (now - *looked_up_at).num_milliseconds();
        (0..PROVEN_MILLISECONDS)
            .contains(&age)
            .then(|| owner.clone())
    }

    fn owner(
        &self,
        tx: &mut Transaction<'_>,
        secret: &SecretHash,
    ) -> Result<Option<ProjectId>, StorageError> {
        if let Some(owner) = self.recent_owner(secret, tx.now) {
            return Ok(Some(owner));
        }
        let owner = credentials::project_of(tx, ProjectKeyKind::Secret, secret)?;
        match &owner {
            Some(owner) => self.known().insert(secret.clone(), (owner.clone(), tx.now)),
            None => self.known().remove(secret),
        };
        Ok(owner)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<SecretHash, (ProjectId, DateTime<Utc>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose SCIM connections are, which never changes: it tells a transaction which organization to
/// begin in, and proves nothing.
#[derive(Debug, Default)]
pub struct OwnersOfDirectories(Owners<ConnectionId, 65_536>);

impl OwnersOfDirectories {
    /// Where a transaction starts from for a client of this connection.
    pub fn begin(&self, request_id: RequestId, connection: ConnectionId) -> Begin {
        Begin {
            within: self.0.of(&connection),
            ..Begin::from(request_id)
        }
    }

    /// Remembers a client that has proven itself.
    pub fn remember(&self, caller: &ScimCaller) {
        let organization = caller.scope.organization_id;
        self.0.remember(caller.connection.id, organization);
    }
}

/// The project whose secret this is; the user name must name the same project.
pub fn project(
    tx: &mut Transaction<'_>,
    proven: &ProvenSecrets,
    (project_id, secret): (&str, &SecretHash),
) -> Result<ProjectCaller, ManagementError> {
    let owner = proven.owner(tx, secret)?;
    match owner {
        Some(owner) if equal(owner.as_str(), project_id) => {
            tx.acts_as(Actor::Project);
            Ok(ProjectCaller { project_id: owner })
        }
        Some(_) | None => Err(ManagementError::Request(
            RequestError::UnauthorizedCredentials,
        )),
    }
}

/// The SCIM client whose bearer token this is, if it belongs to the connection in the URL.
pub fn scim(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    connection_id: ConnectionId,
    token: &SecretHash,
) -> Result<Option<ScimCaller>, StorageError> {
    if tx.begin.within.is_none() {
        credentials::enter_by_scim_token(tx, project, token)?;
    }
    let found = credentials::scim_connection(tx, project, (token, connection_id))?;
    let Some(found) = found.filter(|found| found.connection.is_active()) else {
        return Ok(None);
    };
    let client = scim_client(tx, found.organization, found.connection)?;
    Ok(Some(ScimCaller {
        connections_give_admin: found.connections_give_admin,
        ..client
    }))
}

/// The SCIM client of a connection, from here on the one who acts.
pub fn scim_client(
    tx: &mut Transaction<'_>,
    organization: Arc<Organization>,
    connection: Arc<Connection>,
) -> Result<ScimCaller, StorageError> {
    tx.acts_as(Actor::Directory(connection.id.to_string()));
    let scope = organization.scope();
    let schemas = scim_schemas::of(tx, &scope, &connection)?;
    Ok(ScimCaller {
        scope,
        organization,
        connection,
        connections_give_admin: true,
        schemas,
        departures: Departures::default(),
        scans: RefCell::default(),
    })
}

/// The project that a public token names.
pub fn project_of_public_token(
    tx: &mut Transaction<'_>,
    token: &SecretHash,
) -> Result<Option<ProjectId>, StorageError> {
    credentials::project_of(tx, ProjectKeyKind::PublicToken, token)
}
