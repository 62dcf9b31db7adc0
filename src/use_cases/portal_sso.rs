//! Single sign-on as the portal shows and makes it.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::connection::Connection;
use crate::domain::connection_test::TestReport;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::storage::Transaction;
use crate::storage::connection_tests;
use crate::storage::connections as connection_rows;
use crate::use_cases::connection_switch;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::SSO;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::oidc_connections;
use crate::use_cases::portal_sessions::PortalCaller;
use crate::use_cases::saml_connections;

/// When a connection was tested last, and how that went.
pub type LastTest = (DateTime<Utc>, TestReport);

/// A connection and its latest test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestedConnection {
    /// The connection.
    pub connection: Connection,
    /// Its latest test.
    pub test: Option<LastTest>,
}

/// The SSO connections of the portal's organization, oldest first.
pub fn list(
    tx: &mut Transaction<'_>,
    caller: &PortalCaller,
) -> Result<Vec<TestedConnection>, ManagementError> {
    caller.demand(&[(SSO, "get")])?;
    let organization = caller.organization();
    let mut found = connection_rows::list(tx, &[organization.id])?;
    found.retain(|it| it.sso_roles().is_some() && it.external().is_none());
    let mut tests = connection_tests::list(tx, &organization.scope())?;
    let with_test = found.into_iter().map(|connection| {
        let at = tests.iter().position(|it| it.0 == connection.id.key());
        let test = at.map(|at| tests.swap_remove(at));
        TestedConnection {
            connection,
            test: test.map(|(_, at, report)| (at, report)),
        }
    });
    Ok(with_test.collect())
}

/// One connection of the portal's organization.
pub fn find(
    tx: &mut Transaction<'_>,
    caller: &PortalCaller,
    connection: &str,
) -> Result<TestedConnection, ManagementError> {
    caller.demand(&[(SSO, "get")])?;
    let organization = caller.organization();
    let kind = kind_of(connection)?;
    let connection = connections::find(tx, organization, connection, kind)?;
    let test = connection_tests::find(tx, (&organization.scope(), connection.id))?;
    Ok(TestedConnection { connection, test })
}

/// What a connection speaks that the portal can set up, by its id.
pub fn kind_of(connection: &str) -> Result<ConnectionKind, ManagementError> {
    let id = connection.parse::<ConnectionId>().ok();
    match id.map(|id| id.kind) {
        Some(kind @ (ConnectionKind::Saml | ConnectionKind::Oidc)) => Ok(kind),
        _ => Err(ConnectionError::NotFound(None).into()),
    }
}

/// Makes a connection that is off until somebody turns it on.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &PortalCaller,
    (kind, naming): (ConnectionKind, &Naming),
) -> Result<Connection, ManagementError> {
    let organization = caller.organization_id();
    let made = if kind == ConnectionKind::Oidc {
        oidc_connections::create(tx, caller, &organization, naming)?
    } else {
        let preset = naming.identity_provider.as_deref();
        saml_connections::create(tx, caller, &organization, (naming, preset))?
    };
    let place = (organization.as_str(), kind, &*made.id.to_string());
    connection_switch::turn(tx, caller, place, false)
}

/// Turns a connection on or off.
pub fn turn(
    tx: &mut Transaction<'_>,
    caller: &PortalCaller,
    (connection, is_on): (&str, bool),
) -> Result<Connection, ManagementError> {
    let kind = kind_of(connection)?;
    let organization = caller.organization_id();
    connection_switch::turn(tx, caller, (&organization, kind, connection), is_on)
}
