//! What holds for connections of any kind. `commit` is the one way a connection changes.

use serde_json::Value;
use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::connection::ConnectionStatus;
use crate::domain::connection::SCIM_IDENTITY_PROVIDERS;
use crate::domain::connection::SSO_IDENTITY_PROVIDERS;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::organization::Organization;
use crate::domain::roles::ImplicitRoles;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::last_admin;
use crate::use_cases::organizations;
use crate::use_cases::organizations::OrganizationView;
use crate::use_cases::rbac;
use crate::use_cases::sign_in::under_way;

/// The resource that single sign-on connections are to policies.
pub(crate) const SSO: &str = "stytch.sso";
/// Far more than an organization has identity providers.
const MAX_SSO_CONNECTIONS: usize = 50;

/// Roles as callers name them: for everyone, and by group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleRules {
    /// Replaces the roles for everyone, if given.
    pub connection: Option<Vec<String>>,
    /// Replaces the roles by group, if given: role and group.
    pub groups: Option<Vec<(String, String)>>,
}

/// What drafts of every kind may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Naming {
    /// What people call it.
    pub display_name: Option<String>,
    /// The product behind it.
    pub identity_provider: Option<String>,
}

/// The connections of an organization.
pub fn list(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
) -> Result<OrganizationView, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "get")])?;
    organizations::view(tx, organization)
}

/// A new connection of an organization, still to be filled in unless its kind needs nothing more.
pub fn create(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    naming: &Naming,
    settings: ConnectionSettings,
) -> Result<Connection, ManagementError> {
    if settings.kind() != ConnectionKind::Scim {
        check_room(tx, organization)?;
    }
    let given = naming.identity_provider.as_deref();
    let provider = identity_provider(settings.kind(), given)?.unwrap_or("generic".to_owned());
    let named = (naming.display_name.clone().unwrap_or_default(), provider);
    let connection = Connection::create(organization.id, settings, named, tx.now);
    commit(tx, None, &connection)?;
    Ok(connection)
}

/// Refuses one connection too many.
fn check_room(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<(), ManagementError> {
    let all = connections::list(tx, &[organization.id])?;
    let sso = all.iter().filter(|known| known.sso_roles().is_some());
    if sso.count() >= MAX_SSO_CONNECTIONS {
        return Err(ConnectionError::TooManyConnections(MAX_SSO_CONNECTIONS).into());
    }
    Ok(())
}

/// The end of every update: names and settings, the status that those earn, row and journal.
pub fn settle(
    tx: &mut Transaction<'_>,
    before: &Connection,
    naming: &Naming,
    settings: ConnectionSettings,
) -> Result<Connection, ManagementError> {
    let given = naming.identity_provider.as_deref();
    let provider = identity_provider(settings.kind(), given)?;
    let after = Connection {
        display_name: naming
            .display_name
            .clone()
            .unwrap_or(before.display_name.clone()),
        identity_provider: provider.unwrap_or(before.identity_provider.clone()),
        settings,
        ..before.clone()
    };
    let after = after.settled(tx.now);
    // The same body again changes nothing, and is no event.
    let unchanged = Connection {
        updated_at: before.updated_at,
        ..after.clone()
    };
    if unchanged == *before {
        return Ok(unchanged);
    }
    commit(tx, Some(before), &after)?;
    Ok(after)
}

/// The one way a connection changes: row and journal.
pub fn commit(
    tx: &mut Transaction<'_>,
    before: Option<&Connection>,
    after: &Connection,
) -> Result<(), StorageError> {
    let kind = match (before, after.status) {
        (None, _) => {
            connections::insert(tx, after)?;
            EventKind::ConnectionCreated
        }
        (Some(_), status) => {
            connections::save(tx, after)?;
            match status {
                ConnectionStatus::Deleted => EventKind::ConnectionDeleted,
                ConnectionStatus::Pending | ConnectionStatus::Active => {
                    EventKind::ConnectionUpdated
                }
            }
        }
    };
    let change = Change {
        organization_id: Some(after.organization_id),
        kind,
        object_id: after.id.to_string(),
        before: before.map(journal_view),
        after: Some(journal_view(after)),
    };
    journal::append(tx, &change)?;
    if before.is_some_and(Connection::is_active) && !after.is_active() {
        under_way::end_all(tx, after)?;
    }
    last_admin::settle(tx, after.organization_id)
}

/// A connection as the journal keeps it: without secrets, sealed or not.
fn journal_view(connection: &Connection) -> Value {
    let mut settings = match &connection.settings {
        ConnectionSettings::Saml(settings) => json!(settings),
        ConnectionSettings::Oidc(settings) => json!(settings),
        ConnectionSettings::External(settings) => json!(settings),
        ConnectionSettings::Scim(settings) => json!(settings),
    };
    strip_secrets(&mut settings);
    json!({
        "display_name": connection.display_name,
        "identity_provider": connection.identity_provider,
        "status": connection.status,
        "settings": settings,
    })
}

fn strip_secrets(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.starts_with("sealed_"));
            fields.values_mut().for_each(strip_secrets);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_secrets),
        _ => {}
    }
}

/// The organization's connection of this kind, or the error for a missing one.
pub fn find(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    named: &str,
    kind: ConnectionKind,
) -> Result<Connection, ManagementError> {
    let missing = ConnectionError::NotFound(Some(kind));
    let id = named.parse().ok();
    let id = id.filter(|id: &ConnectionId| id.kind == kind);
    let id = id.ok_or_else(|| missing.clone())?;
    Ok(connections::find(tx, &organization.scope(), id)?.ok_or(missing)?)
}

/// The identity provider that a draft names, if it names one, as its kind of connection knows it.
pub fn identity_provider(
    kind: ConnectionKind,
    named: Option<&str>,
) -> Result<Option<String>, ManagementError> {
    let known: &[&str] = match kind {
        ConnectionKind::Saml | ConnectionKind::Oidc | ConnectionKind::External => {
            &SSO_IDENTITY_PROVIDERS
        }
        ConnectionKind::Scim => &SCIM_IDENTITY_PROVIDERS,
    };
    // Some SDKs leave the hyphen out.
    let named = named.map(|named| match named {
        "microsoftentra" => "microsoft-entra",
        "googleworkspace" => "google-workspace",
        other => other,
    });
    match named {
        Some(unknown) if !known.contains(&unknown) => {
            let unknown = unknown.to_owned();
            Err(ManagementError::Connection(
                ConnectionError::InvalidIdentityProvider(kind, unknown),
            ))
        }
        _ => Ok(named.map(str::to_owned)),
    }
}

/// Takes role rules into what a connection gives; the roles have to be declared.
pub fn take_roles<G>(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    gives: &mut ImplicitRoles<G>,
    rules: &RoleRules,
    group: impl Fn(&str) -> Result<G, ManagementError>,
) -> Result<(), ManagementError> {
    let by_group = rules.groups.iter().flatten().map(|(role, _)| role);
    let all = rules.connection.iter().flatten().chain(by_group);
    rbac::check_roles(tx, organization, all.map(String::as_str))?;
    if let Some(roles) = &rules.connection {
        gives.connection.clone_from(roles);
    }
    if let Some(rules) = &rules.groups {
        let rules = rules
            .iter()
            .map(|(role, named)| Ok((role.clone(), group(named)?)));
        gives.groups = rules.collect::<Result<_, ManagementError>>()?;
    }
    Ok(())
}

/// The same for groups that are known by their names, which must not be empty.
pub fn take_group_roles(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    gives: &mut ImplicitRoles<String>,
    rules: &RoleRules,
) -> Result<(), ManagementError> {
    take_roles(tx, organization, gives, rules, |name| match name.trim() {
        "" => Err(ConnectionError::NoGroupNamed.into()),
        _ => Ok(name.to_owned()),
    })
}

/// Checks a URL field: absolute, https unless plain http is allowed here.
pub fn check_url(
    error_type: &'static str,
    url: &str,
    allow_http: bool,
) -> Result<(), ManagementError> {
    let parsed = url::Url::parse(url).ok();
    let usable = parsed.is_some_and(|parsed| {
        parsed.has_host()
            && (parsed.scheme() == "https" || (allow_http && parsed.scheme() == "http"))
    });
    if usable {
        Ok(())
    } else {
        Err(ManagementError::Connection(ConnectionError::InvalidUrl(
            error_type,
            url.to_owned(),
        )))
    }
}
