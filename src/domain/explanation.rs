//! What has to be true for a source to give a role, and which entry of the journal made it true.

use serde_json::Value;

use crate::domain::email::EmailAddress;
use crate::domain::event::Event;
use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::RegistrationId;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::rbac;
use crate::domain::roles::RoleSource;

/// One thing that is true now, and without which a source would not give its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The member is not deleted.
    Live,
    /// The member's address has this domain.
    Domain(String),
    /// Somebody gave the member this role by hand.
    GivenByHand(String),
    /// The member is kept as administrator against this directory.
    KeptAsAdmin(ConnectionId),
    /// A rule of the organization: domain and role.
    DomainRule(String, String),
    /// A rule of a connection for everybody: the role.
    ConnectionRule(ConnectionId, String),
    /// A rule of a connection for a group: the group as the rule names it, and the role.
    GroupRule(ConnectionId, String, String),
    /// The member has signed in through this connection.
    Registered(ConnectionId),
    /// The IdP of this connection last reported this group.
    Asserted(ConnectionId, String),
    /// The directory of this connection holds the member as active.
    InDirectory(ConnectionId),
    /// The directory has put the member into this group.
    InGroup(ScimGroupId),
}

/// The things by whose histories facts are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub member_id: MemberId,
    /// Its registrations: with which connection, and which.
    pub registrations: Vec<(ConnectionId, RegistrationId)>,
    /// Its record in a directory.
    pub scim_user: Option<ScimUserId>,
}

impl RoleSource {
    /// What has to be true for this source to give this role to the holder of this address.
    pub fn facts(&self, role: &str, email: &EmailAddress) -> Vec<Fact> {
        let role = role.to_owned();
        match self {
            Self::DirectAssignment if role == rbac::MEMBER_ROLE => vec![Fact::Live],
            Self::DirectAssignment => vec![Fact::GivenByHand(role)],
            Self::EmailAssignment(domain) => vec![
                Fact::Domain(email.domain()),
                Fact::DomainRule(domain.clone(), role),
            ],
            Self::SsoConnection(id) => {
                vec![Fact::Registered(*id), Fact::ConnectionRule(*id, role)]
            }
            Self::SsoConnectionGroup(id, group) => vec![
                Fact::Asserted(*id, group.clone()),
                Fact::GroupRule(*id, group.clone(), role),
            ],
            Self::ScimConnection(id) => {
                vec![Fact::InDirectory(*id), Fact::ConnectionRule(*id, role)]
            }
            Self::ScimConnectionGroup(id, group) => vec![
                Fact::InDirectory(*id),
                Fact::InGroup(*group),
                Fact::GroupRule(*id, group.to_string(), role),
            ],
            Self::LastAdmin(id) => vec![Fact::KeptAsAdmin(*id)],
        }
    }
}

impl Fact {
    /// The id of the thing whose history tells it.
    pub fn object_id(&self, subjects: &Subjects) -> Option<String> {
        Some(match self {
            Self::Live | Self::Domain(_) | Self::GivenByHand(_) | Self::KeptAsAdmin(_) => {
                subjects.member_id.to_string()
            }
            Self::DomainRule(..) => subjects.organization_id.to_string(),
            Self::ConnectionRule(id, _) | Self::GroupRule(id, ..) => id.to_string(),
            Self::Registered(id) | Self::Asserted(id, _) => {
                let mut registrations = subjects.registrations.iter();
                registrations.find(|it| it.0 == *id)?.1.to_string()
            }
            Self::InDirectory(_) => subjects.scim_user?.to_string(),
            Self::InGroup(group) => group.to_string(),
        })
    }

    /// Which of a thing's events, newest first, made it true; none when the journal does not say.
    pub fn brought_by<'a>(
        &self,
        subjects: &Subjects,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Option<&'a Event> {
        let mut events = events.into_iter();
        if let Self::InGroup(_) = self {
            // Of a group whoever asks brings no event but those that put the member in.
            return events.next();
        }
        for event in events {
            let told = |snapshot: &Option<Value>| self.told(subjects, snapshot.as_ref()?);
            match (told(&event.after), event.before.is_none()) {
                (Some(false), _) => return None,
                (Some(true), true) => return Some(event),
                (Some(true), false) if told(&event.before) == Some(false) => return Some(event),
                (Some(true), false) | (None, _) => {}
            }
        }
        None
    }

    /// Whether a thing was so, where what the journal kept of it says anything about that.
    fn told(&self, subjects: &Subjects, thing: &Value) -> Option<bool> {
        let text = |name: &str| thing.get(name).and_then(Value::as_str);
        let holds = |name: &str, value: &str| {
            let listed = thing.get(name)?.as_array()?;
            Some(listed.iter().any(|it| it.as_str() == Some(value)))
        };
        match self {
            Self::Live => Some(text("status")? != "deleted"),
            Self::Domain(domain) => {
                let address = EmailAddress::parse(text("email_address")?)?;
                Some(address.domain() == *domain)
            }
            Self::GivenByHand(role) => holds("explicit_roles", role),
            Self::KeptAsAdmin(connection) => {
                let by = thing.get("kept_as_admin")?.get("connection_id");
                Some(by.and_then(Value::as_str) == Some(&connection.to_string()))
            }
            Self::DomainRule(domain, role) => {
                let rules = thing.pointer("/settings/rbac_email_implicit_role_assignments")?;
                let says = |rule: &Value, name: &str, value: &str| {
                    let said = rule.get(name).and_then(Value::as_str);
                    said.is_some_and(|said| said.eq_ignore_ascii_case(value))
                };
                let mut rules = rules.as_array()?.iter();
                Some(rules.any(|it| says(it, "domain", domain) && says(it, "role_id", role)))
            }
            Self::ConnectionRule(_, role) => {
                let given = thing.pointer("/settings/implicit_roles/connection")?;
                Some(given.as_array()?.iter().any(|it| it.as_str() == Some(role)))
            }
            Self::GroupRule(_, group, role) => {
                let rules = thing.pointer("/settings/implicit_roles/groups")?;
                let wanted = serde_json::json!([role, group]);
                Some(rules.as_array()?.contains(&wanted))
            }
            Self::Registered(_) => Some(text("member_id")? == subjects.member_id.to_string()),
            Self::Asserted(_, group) => {
                let theirs = text("member_id")? == subjects.member_id.to_string();
                Some(theirs && holds("groups", group)?)
            }
            Self::InDirectory(_) => {
                let theirs = text("memberId") == Some(&subjects.member_id.to_string());
                Some(theirs && thing.get("active").and_then(Value::as_bool) != Some(false))
            }
            Self::InGroup(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
