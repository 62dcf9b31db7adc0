//! Create, read, configure and delete SCIM connections; list their groups (contract 3.5).

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::ScimSettings;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::OrganizationId;
use crate::domain::id::ScimGroupId;
use crate::domain::organization::Organization;
use crate::domain::secret;
use crate::domain::secret::last_four;
use crate::storage::Transaction;
use crate::storage::connections as connection_rows;
use crate::storage::credentials;
use crate::storage::credentials::ScimTokenTurn;
use crate::storage::directories;
use crate::storage::directories::Removed;
use crate::storage::error::StorageError;
use crate::storage::groups;
use crate::storage::journal;
use crate::use_cases::caller::Action;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::RoleRules;
use crate::use_cases::connections::commit;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::scim_clients;

const TOKEN_DAYS: i64 = 5 * 365;

/// What a caller asks a SCIM connection to become; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    missing_docs,
    reason = "the fields are those of the contract, section 3.5, and two permissions of ours"
)]
pub struct ScimConnectionDraft {
    pub naming: Naming,
    pub roles: RoleRules,
    pub allow_last_admin_removal: Option<bool>,
    pub allow_duplicate_group_names: Option<bool>,
}

impl ScimConnectionDraft {
    fn permitting(&self, settings: ScimSettings) -> ScimSettings {
        let (removal, names) = (
            self.allow_last_admin_removal,
            self.allow_duplicate_group_names,
        );
        ScimSettings {
            allow_last_admin_removal: removal.unwrap_or(settings.allow_last_admin_removal),
            allow_duplicate_group_names: names.unwrap_or(settings.allow_duplicate_group_names),
            ..settings
        }
    }
}

/// A SCIM connection with the names of the groups that its roles speak of.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimConnectionView {
    /// The connection.
    pub connection: Connection,
    /// Its groups that roles speak of, with their names; those that are gone are not here.
    pub group_names: Vec<(ScimGroupId, String)>,
}

/// One page of the groups that a directory has pushed.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimGroupPage {
    /// The connection.
    pub connection: Connection,
    /// The groups with their names.
    pub groups: Vec<(ScimGroupId, String)>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// When a token made now ends.
pub(crate) fn token_expiry(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(TOKEN_DAYS)
}

/// When a token that ends then was made.
pub(crate) fn token_made_at(expires_at: DateTime<Utc>) -> DateTime<Utc> {
    expires_at - TimeDelta::days(TOKEN_DAYS)
}

/// Creates the organization's connection; the bearer token is told this once.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
    draft: &ScimConnectionDraft,
) -> Result<(ScimConnectionView, String), ManagementError> {
    let organization = caller.enter(tx, organization, &[("stytch.scim", "create")])?;
    if active(tx, organization.id)?.is_some() {
        return Err(ConnectionError::ActiveScimConnectionExists.into());
    }
    let token = secret::fresh_alphanumeric()?;
    let expires_at = token_expiry(tx.now);
    let settings = ScimSettings {
        bearer_token_last_four: last_four(&token),
        bearer_token_expires_at: Some(expires_at),
        ..ScimSettings::default()
    };
    let settings = ConnectionSettings::Scim(draft.permitting(settings));
    let connection = connections::create(tx, &organization, &draft.naming, settings)?;
    let current = (token.as_str(), ScimTokenTurn::Current);
    credentials::insert_scim_token(tx, &connection, current, expires_at)?;
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
    caller: &Caller,
    organization: &str,
) -> Result<ScimConnectionView, ManagementError> {
    let organization = caller.enter(tx, organization, &[("stytch.scim", "get")])?;
    let connection = active(tx, organization.id)?.ok_or(ConnectionError::NoActiveScimConnection)?;
    view(tx, &organization, connection)
}

/// A connection as answers show it.
pub(crate) fn view(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    connection: Connection,
) -> Result<ScimConnectionView, ManagementError> {
    let settings = connection.scim().cloned().unwrap_or_default();
    let group_names = group_names(tx, organization, (connection.id, &settings))?;
    Ok(ScimConnectionView {
        connection,
        group_names,
    })
}

fn group_names(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (connection, settings): (ConnectionId, &ScimSettings),
) -> Result<Vec<(ScimGroupId, String)>, StorageError> {
    let rules = settings.implicit_roles.groups.iter();
    let ids: Vec<_> = rules.map(|(_, group)| *group).collect();
    groups::names(tx, (&organization.scope(), connection), &ids)
}

/// The organization and its connection, if the caller may do this to it.
pub(crate) fn enter(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, connection): (&str, &str),
    action: Action,
) -> Result<(Organization, Connection), ManagementError> {
    let organization = caller.enter(tx, organization, &[action])?;
    let connection = connections::find(tx, &organization, connection, ConnectionKind::Scim)?;
    Ok((organization, connection))
}

/// Changes what the draft names; the roles are replaced whole.
pub fn update(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
    draft: &ScimConnectionDraft,
) -> Result<ScimConnectionView, ManagementError> {
    let (organization, before) = enter(tx, caller, named, ("stytch.scim", "update"))?;
    let mut settings = before.scim().cloned().unwrap_or_default();
    let unknown = |named: &str| ConnectionError::ScimGroupDoesNotExist(named.to_owned());
    let group = |named: &str| named.parse().map_err(|_| unknown(named).into());
    let gives = &mut settings.implicit_roles;
    connections::take_roles(tx, &organization, gives, &draft.roles, group)?;
    if draft.roles.groups.is_some() {
        check_groups(tx, &organization, (before.id, &settings))?;
    }
    let settings = ConnectionSettings::Scim(draft.permitting(settings));
    let after = connections::settle(tx, &before, &draft.naming, settings)?;
    view(tx, &organization, after)
}

/// Refuses roles for groups that the connection does not have.
fn check_groups(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (connection, settings): (ConnectionId, &ScimSettings),
) -> Result<(), ManagementError> {
    let known = group_names(tx, organization, (connection, settings))?;
    let mut rules = settings.implicit_roles.groups.iter();
    match rules.find(|(_, group)| !known.iter().any(|(known, _)| known == group)) {
        Some((_, group)) => Err(ConnectionError::ScimGroupDoesNotExist(group.to_string()).into()),
        None => Ok(()),
    }
}

/// Deletes a connection: its tokens and clients stop at once, and what the directory has pushed goes. Its
/// people stay members with the status they have; what they were given through it goes with it.
pub fn delete(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
) -> Result<ConnectionId, ManagementError> {
    let (organization, before) = enter(tx, caller, named, ("stytch.scim", "delete"))?;
    for turn in [ScimTokenTurn::Current, ScimTokenTurn::Next] {
        credentials::delete_scim_tokens(tx, &before, turn)?;
    }
    scim_clients::end_all(tx, &before)?;
    let removed = directories::delete(tx, &organization.scope(), before.id)?;
    commit(tx, Some(&before), &before.deleted(tx.now))?;
    note_removed(tx, &before, removed)?;
    Ok(before.id)
}

fn note_removed(
    tx: &mut Transaction<'_>,
    connection: &Connection,
    removed: Removed,
) -> Result<(), StorageError> {
    if removed == Removed::default() {
        return Ok(());
    }
    let shown = |removed: Removed| {
        json!({
            "users": removed.users,
            "groups": removed.groups,
            "resources": removed.resources,
        })
    };
    let change = Change {
        organization_id: Some(connection.organization_id),
        kind: EventKind::DirectoryRemoved,
        object_id: connection.id.to_string(),
        before: Some(shown(removed)),
        after: Some(shown(Removed::default())),
    };
    journal::append(tx, &change)
}

/// One page of the groups that the directory has pushed.
pub fn groups(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
    (after, limit): (Option<ScimGroupId>, i64),
) -> Result<ScimGroupPage, ManagementError> {
    let (organization, connection) = enter(tx, caller, named, ("stytch.scim", "get"))?;
    let place = (&organization.scope(), connection.id);
    let mut groups = groups::names_after(tx, place, (after, limit + 1))?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = groups.len() > limit;
    groups.truncate(limit);
    Ok(ScimGroupPage {
        connection,
        groups,
        has_more,
    })
}
