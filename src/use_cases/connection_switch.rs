//! Turns SSO connections on and off: one that is set up in the portal waits until somebody does.

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::id::ConnectionKind;
use crate::storage::Transaction;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::SSO;
use crate::use_cases::error::ManagementError;

/// Holds a connection back, or lets it be active once it is filled in.
pub fn turn(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, kind, connection): (&str, ConnectionKind, &str),
    is_on: bool,
) -> Result<Connection, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "update")])?;
    let before = connections::find(tx, &organization, connection, kind)?;
    let mut settings = before.settings.clone();
    match &mut settings {
        ConnectionSettings::Saml(saml) => saml.held = !is_on,
        ConnectionSettings::Oidc(oidc) => oidc.held = !is_on,
        ConnectionSettings::External(_) | ConnectionSettings::Scim(_) => {}
    }
    connections::settle(tx, &before, &Naming::default(), settings)
}
