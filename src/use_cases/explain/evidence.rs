//! What a member's roles are explained from: where it stands, which policies hold, and what the
//! journal tells about both.

use std::collections::HashMap;

use crate::domain::connection::Connection;
use crate::domain::event::Event;
use crate::domain::explanation::Fact;
use crate::domain::explanation::Subjects;
use crate::domain::id::ConnectionId;
use crate::domain::id::ScimGroupId;
use crate::domain::organization::Organization;
use crate::domain::roles::RoleAssignment;
use crate::domain::roles::RoleSource;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal_history;
use crate::use_cases::explain::member::FactExplanation;
use crate::use_cases::explain::member::RoleExplanation;
use crate::use_cases::explain::member::SourceExplanation;
use crate::use_cases::explain::member::connection_name;
use crate::use_cases::explain::sentences::Teller;
use crate::use_cases::rbac::Policies;
use crate::use_cases::standing::MemberStanding;

/// What a member's roles are explained from.
pub(crate) struct Around<'a> {
    pub(crate) connections: &'a [Connection],
    pub(crate) policies: &'a Policies,
    pub(crate) standing: &'a MemberStanding,
    pub(crate) subjects: Subjects,
}

/// What the journal tells about things, newest first, by thing.
pub(crate) struct History {
    by_object: HashMap<String, Vec<Event>>,
    member: String,
}

impl History {
    /// What ended the membership last.
    pub(crate) fn ending(&self) -> Option<&Event> {
        let events = self.by_object.get(&self.member)?;
        events.iter().find(|event| event.kind == "member.deleted")
    }
}

impl Around<'_> {
    pub(crate) fn history(
        &self,
        tx: &mut Transaction<'_>,
        organization: &Organization,
    ) -> Result<History, StorageError> {
        let email = &self.standing.member.email_address;
        let facts = self.standing.roles.iter().flat_map(|role| {
            let sources = role.sources.iter();
            sources.flat_map(|source| source.facts(&role.role_id, email))
        });
        let (mut groups, mut objects) = (Vec::new(), vec![self.subjects.member_id.to_string()]);
        for fact in facts {
            match fact {
                Fact::InGroup(group) => groups.push(group),
                other => objects.extend(other.object_id(&self.subjects)),
            }
        }
        objects.sort();
        objects.dedup();
        groups.sort();
        groups.dedup();
        let scope = organization.scope();
        let mut events = journal_history::of_objects(tx, &scope, objects)?;
        if let Some(user) = self.subjects.scim_user.filter(|_| !groups.is_empty()) {
            events.extend(journal_history::of_memberships(
                tx,
                &scope,
                (user, &groups),
            )?);
        }
        let mut by_object: HashMap<String, Vec<Event>> = HashMap::new();
        for event in events {
            by_object
                .entry(event.object_id.clone())
                .or_default()
                .push(event);
        }
        Ok(History {
            by_object,
            member: self.subjects.member_id.to_string(),
        })
    }

    pub(crate) fn role(&self, history: &History, given: &RoleAssignment) -> RoleExplanation {
        let mut sources: Vec<SourceExplanation> = given
            .sources
            .iter()
            .map(|source| self.source(history, (&given.role_id, source)))
            .collect();
        // What was so before the journal was so before everything in it.
        if let Some(first) = sources.iter_mut().min_by_key(|source| source.since) {
            first.decides = true;
        }
        let declared = self.policies.find(&given.role_id);
        RoleExplanation {
            role_id: given.role_id.clone(),
            description: declared
                .map(|it| it.description.clone())
                .unwrap_or_default(),
            is_declared: declared.is_some(),
            permissions: declared
                .map(|it| it.permissions.clone())
                .unwrap_or_default(),
            sources,
        }
    }

    fn source(&self, history: &History, (role, source): (&str, &RoleSource)) -> SourceExplanation {
        let teller = Teller {
            member: &self.standing.member,
            role,
            connection_name: source.connection_id().map(|id| self.connection_name(id)),
            group_name: self.group_name(source),
        };
        let facts = source.facts(role, &self.standing.member.email_address);
        let facts: Vec<FactExplanation> = facts
            .into_iter()
            .map(|fact| {
                let event = self.brought_by(history, &fact).cloned();
                FactExplanation {
                    sentence: teller.fact(&fact, event.as_ref()),
                    fact,
                    event,
                }
            })
            .collect();
        let events = facts.iter().filter_map(|fact| fact.event.as_ref());
        SourceExplanation {
            source: source.clone(),
            since: events.map(|event| event.occurred_at).max(),
            decides: false,
            sentence: teller.source(source, &facts),
            connection_name: teller.connection_name,
            group_name: teller.group_name,
            facts,
        }
    }

    fn brought_by<'h>(&self, history: &'h History, fact: &Fact) -> Option<&'h Event> {
        let object = fact.object_id(&self.subjects)?;
        fact.brought_by(&self.subjects, history.by_object.get(&object)?)
    }

    /// What people call a connection.
    pub(crate) fn connection_name(&self, id: ConnectionId) -> String {
        let mut connections = self.connections.iter();
        let found = connections.find(|connection| connection.id == id);
        found.map_or_else(|| id.to_string(), connection_name)
    }

    fn group_name(&self, source: &RoleSource) -> Option<String> {
        match source {
            RoleSource::SsoConnectionGroup(_, group) => Some(group.clone()),
            RoleSource::ScimConnectionGroup(_, group) => Some(self.scim_group_name(*group)),
            _ => None,
        }
    }

    fn scim_group_name(&self, id: ScimGroupId) -> String {
        let places = self.standing.scim.iter();
        let mut groups = places.flat_map(|scim| scim.groups.iter());
        let found = groups.find(|group| group.0 == id);
        found.map_or_else(|| id.to_string(), |group| group.1.clone())
    }
}

/// Whose histories tell of a member's roles.
pub(crate) fn subjects(organization: &Organization, standing: &MemberStanding) -> Subjects {
    let registrations = standing.sso.iter();
    let registrations = registrations.map(|it| (it.connection.id, it.registration.id));
    Subjects {
        organization_id: organization.id,
        member_id: standing.member.id,
        registrations: registrations.collect(),
        scim_user: standing.scim.as_ref().map(|scim| scim.user.id),
    }
}
