//! A part of the work done to be undone: what it would come to is seen in between.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

use crate::domain::event::Event;
use crate::domain::id::MemberId;
use crate::domain::id::ScimRequestId;
use crate::domain::id::ScimUserId;
use crate::domain::id_time::first_key_at;
use crate::domain::id_time::made_at;
use crate::protocol::scim::bulk::Plan;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::operation::Method;
use crate::protocol::scim::operation::Operation;
use crate::storage::Transaction;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::members;
use crate::storage::organizations;
use crate::storage::scim_users;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::bulk;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::groups::Reading;
use crate::use_cases::provisioning::operation;
use crate::use_cases::provisioning::operation::Showing;
use crate::use_cases::standing;

/// Of how many members it is told what becomes of them.
const MOST_MEMBERS: usize = 100;

/// A full representation.
pub type Resource = Map<String, Value>;

/// What people ask about a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberState {
    /// Its address.
    pub email_address: String,
    /// Its status.
    pub status: &'static str,
    /// The ids of its roles.
    pub roles: BTreeSet<String>,
}

/// Always an error, so that the savepoint around it is undone.
pub(crate) enum Undone {
    Done(Box<Rehearsed>),
    Storage(StorageError),
}

impl Failure for Undone {
    fn storage(&self) -> Option<&StorageError> {
        match self {
            Self::Done(_) => None,
            Self::Storage(error) => Some(error),
        }
    }
}

impl From<StorageError> for Undone {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// What is seen before it is undone.
pub(crate) struct Rehearsed {
    pub(crate) done: Result<(u16, Option<String>), ScimError>,
    pub(crate) resource: Option<Resource>,
    pub(crate) events: Vec<Event>,
    pub(crate) concerned: BTreeSet<MemberId>,
    pub(crate) members: BTreeMap<MemberId, MemberState>,
}

/// What is run.
pub(crate) enum Work {
    Single(Operation),
    Bulk(Plan),
}

impl Rehearsed {
    pub(crate) fn refused(refusal: ScimError) -> Self {
        Self {
            done: Err(refusal),
            resource: None,
            events: Vec::new(),
            concerned: BTreeSet::new(),
            members: BTreeMap::new(),
        }
    }
}

/// A run in the name of a client that will be undone.
pub(crate) struct Rehearsal<'a> {
    pub(crate) caller: &'a ScimCaller,
    pub(crate) base_url: &'a str,
}

impl Rehearsal<'_> {
    pub(crate) fn run(&self, tx: &mut Transaction<'_>, work: &Work) -> Undone {
        match self.rehearse(tx, work) {
            Ok(rehearsed) => Undone::Done(Box::new(rehearsed)),
            Err(error) => Undone::Storage(error),
        }
    }

    fn rehearse(&self, tx: &mut Transaction<'_>, work: &Work) -> Result<Rehearsed, StorageError> {
        let from = ScimRequestId::fresh().key();
        let from = made_at(&from).map(first_key_at).unwrap_or_default();
        let done = match self.perform(tx, work) {
            Ok(done) => done,
            Err(ProvisioningError::Storage(error)) => return Err(error),
            Err(other) => match other.told() {
                Some(refusal) => return Ok(Rehearsed::refused(refusal.clone())),
                None => return Err(StorageError::corrupt(format!("{other:?}"))),
            },
        };
        let resource = match (work, &done.1) {
            (Work::Single(operation), Some(id)) => self.resource(tx, (&operation.endpoint, id))?,
            _ => None,
        };
        let request_id = tx.cause().request_id.to_string();
        // Keys are written in hexadecimal, so that none is beyond this.
        let events = journal::caused_by(tx, &self.caller.scope, &request_id, (&from, "g"))?;
        let mut concerned = self.members_of_users(tx, &events)?;
        concerned.extend(named_in::<MemberId>(&events));
        Ok(Rehearsed {
            done: Ok(done),
            resource,
            members: self.members(tx, &concerned)?,
            concerned,
            events,
        })
    }

    /// The status and, unless it was deleted, the resource.
    fn perform(
        &self,
        tx: &mut Transaction<'_>,
        work: &Work,
    ) -> Result<(u16, Option<String>), ProvisioningError> {
        match work {
            Work::Bulk(plan) => {
                bulk::run(tx, self.caller, plan, self.base_url)?;
                Ok((200, None))
            }
            Work::Single(operation) => {
                let showing = self.showing(Reading::UnlessMany);
                let outcome = operation::perform(tx, self.caller, operation, showing)?;
                let left = operation.method != Method::Delete;
                Ok((outcome.status, Some(outcome.id).filter(|_| left)))
            }
        }
    }

    fn showing(&self, reading: Reading) -> Showing<'_> {
        Showing {
            base_url: self.base_url,
            reading,
        }
    }

    /// The resource as it stands; a Group with very many members is shown without them.
    pub(crate) fn resource(
        &self,
        tx: &mut Transaction<'_>,
        (endpoint, id): (&str, &str),
    ) -> Result<Option<Resource>, StorageError> {
        let read = Operation {
            method: Method::Get,
            endpoint: endpoint.to_owned(),
            id: Some(id.to_owned()),
            body: Map::new(),
            version: None,
        };
        for reading in [Reading::UnlessMany, Reading::Nobody] {
            match operation::perform(tx, self.caller, &read, self.showing(reading)) {
                Ok(outcome) if outcome.resource.is_some() => return Ok(outcome.resource),
                Ok(_) | Err(ProvisioningError::Scim(_)) => {}
                Err(ProvisioningError::Storage(error)) => return Err(error),
                Err(other) => return Err(StorageError::corrupt(format!("{other:?}"))),
            }
        }
        Ok(None)
    }

    /// The members of the Users that events speak of, as things stand.
    pub(crate) fn members_of_users(
        &self,
        tx: &mut Transaction<'_>,
        events: &[Event],
    ) -> Result<BTreeSet<MemberId>, StorageError> {
        let users: BTreeSet<ScimUserId> = named_in(events);
        let mut found = BTreeSet::new();
        for user in users.into_iter().take(MOST_MEMBERS) {
            let (scope, connection) = (&self.caller.scope, self.caller.connection.id);
            let user = scim_users::find(tx, scope, connection, user)?;
            found.extend(user.and_then(|user| user.member_id));
        }
        Ok(found)
    }

    pub(crate) fn members(
        &self,
        tx: &mut Transaction<'_>,
        ids: &BTreeSet<MemberId>,
    ) -> Result<BTreeMap<MemberId, MemberState>, StorageError> {
        let scope = &self.caller.scope;
        let mut found = Vec::new();
        for id in ids.iter().take(MOST_MEMBERS) {
            found.extend(members::find(tx, scope, *id)?);
        }
        let organization = organizations::find(tx, &scope.project_id, scope.organization_id)?;
        let organizations = organization.into_iter().collect();
        let (_, standings) = standing::of_members(tx, organizations, found)?;
        let states = standings.into_iter().map(|standing| {
            let roles = standing.roles.iter().map(|role| role.role_id.clone());
            let state = MemberState {
                email_address: standing.member.email_address.to_string(),
                status: standing.member.status.name(),
                roles: roles.collect(),
            };
            (standing.member.id, state)
        });
        Ok(states.collect())
    }
}

/// The things of a kind that events are about, or name as members of a Group.
fn named_in<Id: std::str::FromStr + Ord>(events: &[Event]) -> BTreeSet<Id> {
    let lists = ["membersAdded", "membersRemoved"];
    let in_groups = events.iter().filter_map(|event| event.after.as_ref());
    let in_groups = in_groups.flat_map(|after| {
        let lists = lists.iter().filter_map(|list| after.get(*list));
        lists
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_str)
    });
    let things = events.iter().map(|event| event.object_id.as_str());
    things
        .chain(in_groups)
        .filter_map(|id| id.parse().ok())
        .collect()
}
