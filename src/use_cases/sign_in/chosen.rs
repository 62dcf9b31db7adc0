//! Through which connection somebody comes who begins a sign-in.

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::project::RedirectUrls;
use crate::domain::scope::OrgScope;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::sign_in_places;
use crate::use_cases::Deployment;
use crate::use_cases::credentials;
use crate::use_cases::error::ManagementError;
use crate::use_cases::organizations;
use crate::use_cases::project_settings;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;

/// Through which connection somebody is to come, and where people may be sent back.
pub(crate) type Chosen = (OrgScope, Connection, RedirectUrls);

/// What a start URL names; what is empty counts as not given.
pub(crate) struct Named<'a> {
    /// The project.
    pub public_token: &'a str,
    /// A connection, which is enough.
    pub connection_id: &'a str,
    /// An organization, by its id, slug or external id, which is enough if its connection is clear.
    pub organization_id: &'a str,
}

/// The place that a start URL names.
pub(crate) fn place(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    named: &Named<'_>,
) -> Result<Chosen, SignInError> {
    match at_once(tx, deployment, named)? {
        Some(found) => Ok(found),
        None => step_by_step(tx, deployment, named),
    }
}

/// The place that most start URLs name, in one statement, if all is well with it.
fn at_once(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    named: &Named<'_>,
) -> Result<Option<Chosen>, SignInError> {
    let (Some(id), None) = (given(named.connection_id), given(named.organization_id)) else {
        return Ok(None);
    };
    let (Some(token), Ok(id)) = (given(named.public_token), id.parse()) else {
        return Ok(None);
    };
    let key = (&deployment.project_id, &SecretHash::of(token));
    let found = sign_in_places::find_for_start(tx, key, id)?;
    Ok(found
        .filter(|((_, connection), _)| is_open(connection))
        .map(|((organization, connection), declared)| {
            let urls = declared.unwrap_or_else(|| deployment.redirect_urls.clone());
            (organization.scope(), connection, urls)
        }))
}

/// The same step by step, which tells what is wrong.
fn step_by_step(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    named: &Named<'_>,
) -> Result<Chosen, SignInError> {
    let project = project(tx, deployment, named.public_token)?;
    let (entered, chosen) = connection(tx, &project, named)?;
    let urls = project_settings::redirect_urls(tx, &project, deployment)?;
    Ok((entered, chosen, urls))
}

/// Whether people come in through this connection.
fn is_open(connection: &Connection) -> bool {
    connection.is_active() && connection.sso_roles().is_some()
}

fn connection(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    named: &Named<'_>,
) -> Result<(OrgScope, Connection), SignInError> {
    match (given(named.connection_id), given(named.organization_id)) {
        (None, None) => Err(SignInError::MissingLocator),
        (Some(_), Some(_)) => Err(SignInError::TooManyLocators),
        (Some(named), None) => {
            // A connection of another project is as unknown as one that does not exist.
            let missing = SignInError::ConnectionNotFound;
            let id: ConnectionId = named.parse().map_err(|_| missing.clone())?;
            let (scope, connection) = flow::active_connection(tx, project, id)?;
            if is_open(&connection) {
                Ok((scope, connection))
            } else {
                Err(missing)
            }
        }
        (None, Some(named)) => {
            let organization = organization(tx, project, named)?;
            let connection = only_connection(tx, &organization)?;
            Ok((organization.scope(), connection))
        }
    }
}

/// The organization's default connection, or the only one that is active.
fn only_connection(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<Connection, SignInError> {
    let mut usable = connections::list(tx, &[organization.id])?;
    usable.retain(is_open);
    let default = organization.settings.sso_default_connection_id;
    if let Some(found) = usable.iter().find(|found| Some(found.id) == default) {
        return Ok(found.clone());
    }
    match (usable.pop(), usable.is_empty()) {
        (None, _) => Err(SignInError::NoActiveConnection),
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(SignInError::IndeterminateConnection),
    }
}

/// A parameter that is not empty.
pub(crate) fn given(value: &str) -> Option<&str> {
    Some(value).filter(|value| !value.is_empty())
}

/// The project of a public token, which must be the one that is served.
pub(crate) fn project(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    public_token: &str,
) -> Result<ProjectId, SignInError> {
    let token = given(public_token).ok_or(SignInError::PublicTokenRequired)?;
    let project = credentials::project_of_public_token(tx, &SecretHash::of(token))?;
    project
        .filter(|project| *project == deployment.project_id)
        .ok_or(SignInError::PublicTokenNotFound)
}

/// The organization that a link names.
pub(crate) fn organization(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    named: &str,
) -> Result<Organization, SignInError> {
    organizations::resolve(tx, project, named).map_err(|error| match error {
        ManagementError::Storage(error) => SignInError::Storage(error),
        _ => SignInError::OrganizationNotFound,
    })
}
