//! Where members stand: their registrations, their place in the directory, and the roles that
//! come of it, for any number of members in one statement.

use std::collections::HashMap;

use chrono::DateTime;
use chrono::Utc;

use crate::domain::connection::Connection;
use crate::domain::id::MemberId;
use crate::domain::id::MemberPasswordId;
use crate::domain::id::RetiredEmailId;
use crate::domain::id::ScimGroupId;
use crate::domain::member::Member;
use crate::domain::oauth_identity::OauthRegistration;
use crate::domain::organization::Organization;
use crate::domain::roles;
use crate::domain::roles::Evidence;
use crate::domain::roles::RoleAssignment;
use crate::domain::roles::ScimStanding;
use crate::domain::roles::SsoStanding;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::registrations::Registration;
use crate::storage::scim_users::ScimUser;
use crate::storage::standings;
use crate::use_cases::organizations::OrganizationView;

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
    /// Its registrations with OAuth providers.
    pub oauth: Vec<OauthRegistration>,
    /// Its directory record, if a directory manages it.
    pub scim: Option<ScimRegistration>,
    /// The addresses that it gave up.
    pub retired_emails: Vec<(RetiredEmailId, String)>,
    /// Its password, or the one of its address where the project shares them.
    pub password: Option<MemberPasswordId>,
    /// Its roles with their sources.
    pub roles: Vec<RoleAssignment>,
}

impl MemberStanding {
    /// No more of it than its id and its address, for whoever has only named that.
    pub fn bare(&self, now: DateTime<Utc>) -> Self {
        let address = self.member.email_address.clone();
        Self {
            member: Member {
                id: self.member.id,
                ..Member::new(self.member.organization_id, address, now)
            },
            sso: Vec::new(),
            oauth: Vec::new(),
            scim: None,
            retired_emails: Vec::new(),
            password: None,
            roles: Vec::new(),
        }
    }
}

/// Members of these organizations as they stand, in the order given, and the organizations with
/// their connections.
pub fn of_members(
    tx: &mut Transaction<'_>,
    organizations: Vec<Organization>,
    given: Vec<Member>,
) -> Result<(Vec<OrganizationView>, Vec<MemberStanding>), StorageError> {
    let organization_ids: Vec<_> = organizations.iter().map(|found| found.id).collect();
    let ids: Vec<MemberId> = given.iter().map(|member| member.id).collect();
    let around = standings::around(tx, &organization_ids, &ids)?;
    let mut connections = group_by(around.connections, |found| found.organization_id);
    let views: Vec<OrganizationView> = organizations
        .into_iter()
        .map(|organization| OrganizationView {
            connections: connections.remove(&organization.id).unwrap_or_default(),
            organization,
        })
        .collect();
    let mut sso = group_by(around.registrations, |found| found.member_id);
    let mut oauth = group_by(around.oauth, |found| found.member_id);
    let mut places = group_by(around.places, |place| place.0);
    let mut users: HashMap<_, _> = around
        .users
        .into_iter()
        .filter_map(|user| Some((user.member_id?, user)))
        .collect();
    let mut retired = group_by(around.retired_emails, |row| row.0);
    let mut passwords: HashMap<_, _> = around.passwords.into_iter().collect();
    let by_id: HashMap<_, _> = views.iter().map(|v| (v.organization.id, v)).collect();
    let now = tx.now;
    let standings = given.into_iter().filter_map(|mut member| {
        member.lock = member.lock.filter(|lock| now < lock.expires_at);
        let view = by_id.get(&member.organization_id)?;
        let scim = users.remove(&member.id).map(|user| {
            let groups = places.remove(&user.id).unwrap_or_default();
            ScimRegistration {
                user,
                groups: groups.into_iter().map(|p| (p.1, p.2)).collect(),
            }
        });
        let sso = sso.remove(&member.id).unwrap_or_default();
        let retired = retired.remove(&member.id).unwrap_or_default();
        let standing = MemberStanding {
            oauth: oauth.remove(&member.id).unwrap_or_default(),
            sso: with_connections(sso, &view.connections),
            scim,
            retired_emails: retired.into_iter().map(|row| (row.1, row.2)).collect(),
            password: passwords.remove(&member.id),
            roles: Vec::new(),
            member,
        };
        let roles = assigned(&view.organization, &view.connections, &standing);
        Some(MemberStanding { roles, ..standing })
    });
    let standings = standings.collect();
    Ok((views, standings))
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

/// The roles of a member who stands like this, with what these connections give.
pub(crate) fn assigned(
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
        kept_as_admin: standing
            .member
            .kept_as_admin
            .as_ref()
            .map(|kept| kept.connection_id),
    })
}
