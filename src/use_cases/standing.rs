//! Where members stand: their registrations, their place in the directory, and the roles that
//! come of it, for any number of members in a fixed number of statements.

use std::collections::HashMap;

use crate::domain::connection::Connection;
use crate::domain::id::MemberId;
use crate::domain::id::RetiredEmailId;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::roles;
use crate::domain::roles::Evidence;
use crate::domain::roles::RoleAssignment;
use crate::domain::roles::ScimStanding;
use crate::domain::roles::SsoStanding;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::group_members;
use crate::storage::members;
use crate::storage::registrations;
use crate::storage::registrations::Registration;
use crate::storage::scim_users;
use crate::storage::scim_users::ScimUser;

/// A member's registration with an SSO connection that is not gone.
#[derive(Clone, Debug, PartialEq)]
pub struct SsoRegistration {
    /// The registration.
    pub registration: Registration,
    /// Its connection.
    pub connection: Connection,
}

/// A member's record in a directory.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimRegistration {
    /// The SCIM User.
    pub user: ScimUser,
    /// The groups it is in, with their names.
    pub groups: Vec<(ScimGroupId, String)>,
}

/// A member and everything that its answer shows.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberStanding {
    /// The member.
    pub member: Member,
    /// Its SSO registrations.
    pub sso: Vec<SsoRegistration>,
    /// Its directory record, if a directory manages it.
    pub scim: Option<ScimRegistration>,
    /// The addresses that it gave up.
    pub retired_emails: Vec<(RetiredEmailId, String)>,
    /// Its roles with their sources.
    pub roles: Vec<RoleAssignment>,
}

/// The standing of one member.
pub fn of_member(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    connections: &[Connection],
    member: Member,
) -> Result<MemberStanding, StorageError> {
    let fallback = member.clone();
    let found = of_members(tx, organization, connections, vec![member])?.pop();
    Ok(found.unwrap_or_else(|| MemberStanding {
        member: fallback,
        sso: Vec::new(),
        scim: None,
        retired_emails: Vec::new(),
        roles: Vec::new(),
    }))
}

/// The standings of members of one organization, in the order given.
pub fn of_members(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    connections: &[Connection],
    given: Vec<Member>,
) -> Result<Vec<MemberStanding>, StorageError> {
    let scope = organization.scope();
    let ids: Vec<MemberId> = given.iter().map(|member| member.id).collect();
    let mut sso = group_by(registrations::list(tx, &scope, &ids)?, |found| {
        found.member_id
    });
    let users = scim_users::list_of_members(tx, &scope, &ids)?;
    let user_ids: Vec<ScimUserId> = users.iter().map(|user| user.id).collect();
    let places = if user_ids.is_empty() {
        Vec::new()
    } else {
        group_members::places(tx, &scope, &user_ids)?
    };
    let mut places = group_by(places, |place| place.0);
    let mut users: HashMap<_, _> = users
        .into_iter()
        .filter_map(|user| Some((user.member_id?, user)))
        .collect();
    let mut retired = group_by(members::list_retired(tx, &scope, &ids)?, |row| row.0);
    let standings = given.into_iter().map(|member| {
        let sso = sso.remove(&member.id).unwrap_or_default();
        let scim = users.remove(&member.id).map(|user| {
            let groups = places.remove(&user.id).unwrap_or_default();
            ScimRegistration {
                user,
                groups: groups.into_iter().map(|p| (p.1, p.2)).collect(),
            }
        });
        let retired = retired.remove(&member.id).unwrap_or_default();
        let standing = MemberStanding {
            sso: with_connections(sso, connections),
            scim,
            retired_emails: retired.into_iter().map(|row| (row.1, row.2)).collect(),
            roles: Vec::new(),
            member,
        };
        let roles = assigned(organization, connections, &standing);
        MemberStanding { roles, ..standing }
    });
    Ok(standings.collect())
}

fn group_by<K: std::hash::Hash + Eq, T>(rows: Vec<T>, key: impl Fn(&T) -> K) -> HashMap<K, Vec<T>> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

fn with_connections(
    registrations: Vec<Registration>,
    connections: &[Connection],
) -> Vec<SsoRegistration> {
    registrations
        .into_iter()
        .filter_map(|registration| {
            let connection = connections
                .iter()
                .find(|connection| connection.id.key() == registration.connection_key)?;
            Some(SsoRegistration {
                registration,
                connection: connection.clone(),
            })
        })
        .collect()
}

fn assigned(
    organization: &Organization,
    connections: &[Connection],
    standing: &MemberStanding,
) -> Vec<RoleAssignment> {
    let sso: Vec<SsoStanding<'_>> = standing
        .sso
        .iter()
        .filter_map(|registered| {
            Some(SsoStanding {
                connection_id: registered.connection.id,
                gives: registered.connection.sso_roles()?,
                groups: &registered.registration.groups,
            })
        })
        .collect();
    let groups: Vec<ScimGroupId> = standing
        .scim
        .iter()
        .flat_map(|scim| scim.groups.iter().map(|group| group.0))
        .collect();
    let scim: Vec<ScimStanding<'_>> = standing
        .scim
        .iter()
        .filter(|scim| scim.user.active)
        .filter_map(|scim| {
            let connection = connections
                .iter()
                .find(|c| c.id == scim.user.connection_id)?;
            let gives = &connection.scim()?.implicit_roles;
            Some(ScimStanding {
                connection_id: connection.id,
                gives,
                groups: &groups,
            })
        })
        .collect();
    roles::assigned(&Evidence {
        live: standing.member.is_live(),
        email: &standing.member.email_address,
        explicit: &standing.member.explicit_roles,
        by_email: &organization.settings.rbac_email_implicit_role_assignments,
        sso: &sso,
        scim: &scim,
    })
}
