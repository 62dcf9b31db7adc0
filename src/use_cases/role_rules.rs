//! Rules that give roles to the people of a connection, all of them or by group.

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::id::ScimGroupId;
use crate::domain::organization::Organization;
use crate::domain::rbac::Role;
use crate::domain::roles::ImplicitRoles;
use crate::storage::Transaction;
use crate::storage::connections as rows;
use crate::storage::error::StorageError;
use crate::storage::groups;
use crate::use_cases::connections::SSO;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::rbac;

/// The resource that directories are to policies.
const SCIM: &str = "stytch.scim";

/// How many groups of a directory are offered.
const MOST_GROUPS: i64 = 1000;

/// A rule, as it is named: the id of the connection, the role, and the group, if it is one group's:
/// its id in a directory, its name at an IdP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleNamed {
    /// The connection.
    pub connection_id: String,
    /// The role.
    pub role_id: String,
    /// The group; empty for everyone.
    pub group: String,
}

/// What is done with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleChange {
    /// It is new.
    Add,
    /// It goes.
    Remove,
}

/// A rule that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRule {
    /// How it is named.
    pub named: RuleNamed,
    /// What people call its group; nothing for everyone, or where the group is gone.
    pub group_name: Option<String>,
    /// Whether it names a group that the directory no longer has.
    pub is_group_gone: bool,
}

/// A connection with its rules.
#[derive(Clone, Debug, PartialEq)]
pub struct RuledConnection {
    /// The connection.
    pub connection: Connection,
    /// Its rules: those for everyone first.
    pub rules: Vec<RoleRule>,
    /// The groups of a directory; nothing for an IdP, which reports groups by their names.
    pub groups: Vec<(ScimGroupId, String)>,
}

impl RuledConnection {
    /// What people call the connection.
    pub fn name(&self) -> &str {
        match self.connection.display_name.as_str() {
            "" => &self.connection.identity_provider,
            name => name,
        }
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.connection.scim().is_some()
    }
}

/// Everything that a page about rules shows.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleBook {
    /// The connections that are not gone.
    pub connections: Vec<RuledConnection>,
    /// The roles that may be given.
    pub roles: Vec<Role>,
}

/// The action that changing the rules of a connection needs: resource and action.
pub fn needed(connection: &Connection) -> (&'static str, &'static str) {
    match connection.settings {
        ConnectionSettings::Scim(_) => (SCIM, "update"),
        ConnectionSettings::Saml(_)
        | ConnectionSettings::Oidc(_)
        | ConnectionSettings::External(_) => (SSO, "update"),
    }
}

/// The rules of an organization.
pub fn book(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<RuleBook, ManagementError> {
    let mut ruled = Vec::new();
    for connection in rows::list(tx, &[organization.id])? {
        ruled.push(ruled_connection(tx, organization, connection)?);
    }
    let policies = rbac::policies(tx, organization)?;
    let mut roles = policies.project.roles;
    roles.extend(policies.organization.roles);
    Ok(RuleBook {
        connections: ruled,
        roles,
    })
}

fn ruled_connection(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    connection: Connection,
) -> Result<RuledConnection, StorageError> {
    let scope = organization.scope();
    let place = (&scope, connection.id);
    let Some(settings) = connection.scim() else {
        let empty = ImplicitRoles::default();
        let gives = connection.sso_roles().unwrap_or(&empty);
        let rules = rules_of(&connection, gives, |name| (Some(name.clone()), false));
        return Ok(RuledConnection {
            connection,
            rules,
            groups: Vec::new(),
        });
    };
    let groups = groups::names_after(tx, place, (None, MOST_GROUPS))?;
    let ids: Vec<_> = settings
        .implicit_roles
        .groups
        .iter()
        .map(|it| it.1)
        .collect();
    let known = groups::names(tx, place, &ids)?;
    let rules = rules_of(&connection, &settings.implicit_roles, |id| {
        let found = known.iter().find(|(known, _)| known == id);
        (found.map(|(_, name)| name.clone()), found.is_none())
    });
    Ok(RuledConnection {
        connection,
        rules,
        groups,
    })
}

fn rules_of<G: ToString>(
    connection: &Connection,
    gives: &ImplicitRoles<G>,
    told: impl Fn(&G) -> (Option<String>, bool),
) -> Vec<RoleRule> {
    let named = |role: &String, group: String| RuleNamed {
        connection_id: connection.id.to_string(),
        role_id: role.clone(),
        group,
    };
    let for_all = gives.connection.iter().map(|role| RoleRule {
        named: named(role, String::new()),
        group_name: None,
        is_group_gone: false,
    });
    let by_group = gives.groups.iter().map(|(role, group)| {
        let (group_name, is_group_gone) = told(group);
        RoleRule {
            named: named(role, group.to_string()),
            group_name,
            is_group_gone,
        }
    });
    for_all.chain(by_group).collect()
}

/// The connection that a rule names, of this organization.
pub fn find(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    rule: &RuleNamed,
) -> Result<Connection, ManagementError> {
    let missing = ConnectionError::NotFound(None);
    let id = rule.connection_id.parse().map_err(|_| missing.clone())?;
    let found = rows::find(tx, &organization.scope(), id)?;
    Ok(found.ok_or(missing)?)
}
