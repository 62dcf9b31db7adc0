//! One role rule more or fewer, and who would gain and lose by it before it is saved.

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::forecast::RoleForecast;
use crate::domain::id::ScimGroupId;
use crate::domain::organization::Organization;
use crate::domain::roles::ImplicitRoles;
use crate::storage::Transaction;
use crate::storage::groups;
use crate::storage::members;
use crate::storage::role_reach;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::rbac;
use crate::use_cases::role_rules::RuleChange;
use crate::use_cases::role_rules::RuleNamed;
use crate::use_cases::role_rules::find;
use crate::use_cases::standing;

/// Who would gain and who would lose the role, in a fixed number of statements; nothing is written.
pub fn forecast(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (change, rule): (RuleChange, &RuleNamed),
) -> Result<RoleForecast, ManagementError> {
    let before = find(tx, organization, rule)?;
    let after = Connection {
        settings: changed(tx, organization, (&before, change, rule))?,
        ..before.clone()
    };
    let reached = role_reach::members_of(tx, (&organization.scope(), before.id))?;
    let mut people = members::list_live(tx, &organization.scope())?;
    people.retain(|member| reached.contains(&member.id));
    let organizations = vec![organization.clone()];
    let (views, standings) = standing::of_members(tx, organizations, people)?;
    let mut connections = views.into_iter().flat_map(|view| view.connections);
    let connections: Vec<_> = connections
        .by_ref()
        .map(|it| if it.id == after.id { after.clone() } else { it })
        .collect();
    let mut forecast = RoleForecast::of(&rule.role_id);
    for mut standing in standings {
        let has = standing.roles.iter().any(|it| it.role_id == rule.role_id);
        for registered in &mut standing.sso {
            if registered.connection.id == after.id {
                registered.connection = after.clone();
            }
        }
        let roles = standing::assigned(organization, &connections, &standing);
        let would_have = roles.iter().any(|it| it.role_id == rule.role_id);
        forecast.look_at(&standing.member, has, would_have);
    }
    Ok(forecast)
}

/// Adds or removes a rule.
pub fn change(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (change, rule): (RuleChange, &RuleNamed),
) -> Result<Connection, ManagementError> {
    let before = find(tx, organization, rule)?;
    let settings = changed(tx, organization, (&before, change, rule))?;
    connections::settle(tx, &before, &Naming::default(), settings)
}

/// What the connection would be.
fn changed(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (connection, change, rule): (&Connection, RuleChange, &RuleNamed),
) -> Result<ConnectionSettings, ManagementError> {
    if change == RuleChange::Add {
        rbac::check_roles(tx, organization, [rule.role_id.as_str()])?;
    }
    let mut settings = connection.settings.clone();
    let gives = match &mut settings {
        ConnectionSettings::Saml(settings) => &mut settings.implicit_roles,
        ConnectionSettings::Oidc(settings) => &mut settings.implicit_roles,
        ConnectionSettings::External(settings) => &mut settings.implicit_roles,
        ConnectionSettings::Scim(settings) => {
            let group = directory_group(tx, organization, (connection, change, rule))?;
            turn(&mut settings.implicit_roles, (change, &rule.role_id), group);
            return Ok(ConnectionSettings::Scim(settings.clone()));
        }
    };
    let group = rule.group.trim();
    let group = (!group.is_empty()).then(|| group.to_owned());
    if group
        .as_ref()
        .is_some_and(|name| name.chars().count() > 256)
    {
        return Err(RequestError::InvalidBody(
            "group".to_owned(),
            "has at most 256 characters".to_owned(),
        )
        .into());
    }
    turn(gives, (change, &rule.role_id), group);
    Ok(settings)
}

/// The group of a directory that a rule names; a new rule names one that is there.
fn directory_group(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (connection, change, rule): (&Connection, RuleChange, &RuleNamed),
) -> Result<Option<ScimGroupId>, ManagementError> {
    if rule.group.is_empty() {
        return Ok(None);
    }
    let unknown = || ConnectionError::ScimGroupDoesNotExist(rule.group.clone());
    let id: ScimGroupId = rule.group.parse().map_err(|_| unknown())?;
    if change == RuleChange::Add {
        let place = (&organization.scope(), connection.id);
        let known = groups::names(tx, place, &[id])?;
        known.first().ok_or_else(unknown)?;
    }
    Ok(Some(id))
}

fn turn<G: PartialEq>(
    gives: &mut ImplicitRoles<G>,
    (change, role): (RuleChange, &String),
    group: Option<G>,
) {
    match group {
        None => {
            gives.connection.retain(|known| known != role);
            if change == RuleChange::Add {
                gives.connection.push(role.clone());
            }
        }
        Some(group) => {
            let entry = (role.clone(), group);
            gives.groups.retain(|known| *known != entry);
            if change == RuleChange::Add {
                gives.groups.push(entry);
            }
        }
    }
}
