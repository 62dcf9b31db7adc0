//! Create and configure SCIM connections (contract 3.5).

use chrono::TimeDelta;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::ScimSettings;
use crate::domain::id::ConnectionKind;
use crate::domain::id::OrganizationId;
use crate::domain::id::ScimGroupId;
use crate::domain::secret;
use crate::domain::secret::last_four;
use crate::storage::Transaction;
use crate::storage::connections as connection_rows;
use crate::storage::credentials;
use crate::storage::groups;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::RoleRules;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::organizations;

const TOKEN_DAYS: i64 = 5 * 365;

/// What a caller asks a SCIM connection to become; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    missing_docs,
    reason = "the fields are those of the contract, section 3.5"
)]
pub struct ScimConnectionDraft {
    pub naming: Naming,
    pub roles: RoleRules,
}

/// A SCIM connection with the names of the groups that its roles speak of.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimConnectionView {
    /// The connection.
    pub connection: Connection,
    /// The groups with their names.
    pub group_names: Vec<(ScimGroupId, String)>,
}

/// Creates the organization's connection; the bearer token is told this once.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    organization: &str,
    draft: &ScimConnectionDraft,
) -> Result<(ScimConnectionView, String), ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    if active(tx, organization.id)?.is_some() {
        return Err(ManagementError::Connection(
            ConnectionError::ActiveScimConnectionExists,
        ));
    }
    let token = secret::fresh_alphanumeric()?;
    let expires_at = tx.now + TimeDelta::days(TOKEN_DAYS);
    let settings = ScimSettings {
        bearer_token_last_four: last_four(&token),
        bearer_token_expires_at: Some(expires_at),
        ..ScimSettings::default()
    };
    let settings = ConnectionSettings::Scim(settings);
    let connection = connections::create(tx, &organization, &draft.naming, settings)?;
    credentials::insert_scim_token(tx, &connection, &token, expires_at)?;
    Ok((
        ScimConnectionView {
            connection,
            group_names: Vec::new(),
        },
        token,
    ))
}

fn active(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
) -> Result<Option<Connection>, ManagementError> {
    let all = connection_rows::list(tx, &[organization])?;
    Ok(all
        .into_iter()
        .find(|c| c.id.kind == ConnectionKind::Scim && c.is_active()))
}

/// The organization's connection.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    organization: &str,
) -> Result<ScimConnectionView, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    let connection = active(tx, organization.id)?.ok_or(ConnectionError::NoActiveScimConnection)?;
    let group_names = names(tx, &organization.scope(), &connection)?;
    Ok(ScimConnectionView {
        connection,
        group_names,
    })
}

fn names(
    tx: &mut Transaction<'_>,
    scope: &crate::domain::scope::OrgScope,
    connection: &Connection,
) -> Result<Vec<(ScimGroupId, String)>, ManagementError> {
    let rules = connection
        .scim()
        .map(|settings| settings.implicit_roles.groups.as_slice());
    let ids: Vec<_> = rules
        .unwrap_or_default()
        .iter()
        .map(|(_, group)| *group)
        .collect();
    if ids.is_empty() {
        Ok(Vec::new())
    } else {
        Ok(groups::names(tx, scope, &ids)?)
    }
}

/// Changes what the draft names; the roles are replaced whole.
pub fn update(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    named: (&str, &str),
    draft: &ScimConnectionDraft,
) -> Result<ScimConnectionView, ManagementError> {
    let kind = ConnectionKind::Scim;
    let organization = organizations::resolve(tx, &caller.project_id, named.0)?;
    let before = connections::find(tx, &organization, named.1, kind)?;
    let missing = ManagementError::Connection(ConnectionError::NotFound(Some(kind)));
    let mut settings = before.scim().cloned().ok_or(missing)?;
    let does_not_exist = |named: &str| ConnectionError::ScimGroupDoesNotExist(named.to_owned());
    let group = |named: &str| named.parse().map_err(|_| does_not_exist(named).into());
    let gives = &mut settings.implicit_roles;
    connections::take_roles(tx, &organization, gives, &draft.roles, group)?;
    let settings = ConnectionSettings::Scim(settings);
    let connection = connections::settle(tx, &before, &draft.naming, settings)?;
    let group_names = names(tx, &organization.scope(), &connection)?;
    let rules = connection
        .scim()
        .map(|settings| settings.implicit_roles.groups.as_slice());
    for (_, group) in rules.unwrap_or_default() {
        if !group_names.iter().any(|(known, _)| known == group) {
            return Err(does_not_exist(&group.to_string()).into());
        }
    }
    Ok(ScimConnectionView {
        connection,
        group_names,
    })
}
