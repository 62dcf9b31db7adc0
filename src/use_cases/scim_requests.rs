//! The request log of SCIM connections: it explains what identity providers send and what came of
//! it. What has changed is in the journal; this may be forgotten.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::Value;

use crate::domain::event::Event;
use crate::domain::id::ConnectionId;
use crate::domain::id::ScimRequestId;
use crate::domain::id_time::first_key_at;
use crate::domain::id_time::made_at;
use crate::domain::project::ProjectId;
use crate::domain::scim_request::ScimRequest;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::journal;
use crate::storage::organizations;
use crate::storage::scim_request_search;
use crate::storage::scim_requests;
use crate::storage::search_terms::Conditions;
use crate::use_cases::caller::Caller;
use crate::use_cases::credentials;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::operator_error::OperatorError;
use crate::use_cases::scim_connections;

pub use crate::storage::scim_request_search::RequestFilter;
pub use crate::storage::scim_requests::LogPlace;

pub mod queue;
pub mod seen;

/// How many entries one round of forgetting takes from a connection.
const CHUNK: i64 = 1000;

/// How much of the log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// For how many days; 0 keeps no log.
    pub days: u32,
    /// How many entries of each connection.
    pub entries: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            days: 14,
            entries: 10_000,
        }
    }
}

/// Writes entries; those of connections that are gone, or were never there, are passed over.
pub fn keep(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    entries: &[ScimRequest],
) -> Result<(), StorageError> {
    tx.concerns(None);
    let mut by_connection: BTreeMap<ConnectionId, Vec<ScimRequest>> = BTreeMap::new();
    for entry in entries {
        let theirs = by_connection.entry(entry.connection_id).or_default();
        theirs.push(entry.clone());
    }
    for (connection, theirs) in by_connection {
        if let Some(scope) = connections::scope_of(tx, project, connection)? {
            scim_requests::insert(tx, &scope, &theirs)?;
        }
    }
    Ok(())
}

/// Whether there is such a connection, so that there is a log for what it is sent.
pub fn has_log(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    connection: ConnectionId,
) -> Result<bool, StorageError> {
    Ok(connections::scope_of(tx, project, connection)?.is_some())
}

/// Shortens the log of the next connection after a place, and gives that place and whether there
/// is more to forget there.
pub fn shorten_next(
    tx: &mut Transaction<'_>,
    after: Option<&LogPlace>,
    settings: Settings,
) -> Result<Option<(LogPlace, bool)>, StorageError> {
    tx.concerns(None);
    tx.across_organizations(Crossing::RequestLog)?;
    let Some(place) = scim_requests::next_place(tx, after)? else {
        return Ok(None);
    };
    let oldest = first_key_at(tx.now - TimeDelta::days(i64::from(settings.days)));
    let kept = (oldest.as_str(), i64::from(settings.entries));
    let forgotten = scim_requests::forget(tx, &place, kept, CHUNK)?;
    let more = i64::try_from(forgotten).is_ok_and(|rows| rows >= CHUNK);
    Ok(Some((place, more)))
}

/// One page of a connection's log, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestPage {
    /// The entries.
    pub requests: Vec<ScimRequest>,
    /// How many match in all.
    pub total: i64,
    /// Whether another page follows.
    pub has_more: bool,
}

/// An entry and what the request changed.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestView {
    /// The entry.
    pub request: ScimRequest,
    /// What it changed, oldest first.
    pub changes: Vec<Event>,
}

/// Finds entries of a connection's log.
pub fn search(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
    conditions: &Conditions<RequestFilter>,
    place: (Option<ScimRequestId>, i64),
) -> Result<RequestPage, ManagementError> {
    let (organization, connection) =
        scim_connections::enter(tx, caller, named, ("stytch.scim", "get"))?;
    let scope = organization.scope();
    Ok(page(tx, (&scope, connection.id), conditions, place)?)
}

/// One page of the log of a connection.
pub fn page(
    tx: &mut Transaction<'_>,
    log: (&OrgScope, ConnectionId),
    conditions: &Conditions<RequestFilter>,
    (before, limit): (Option<ScimRequestId>, i64),
) -> Result<RequestPage, StorageError> {
    let mut requests = scim_request_search::page(tx, log, conditions, (before, limit + 1))?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = requests.len() > limit;
    requests.truncate(limit);
    Ok(RequestPage {
        total: scim_request_search::count(tx, log, conditions)?,
        requests,
        has_more,
    })
}

/// Reads an entry of a connection's log.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
    id: &str,
) -> Result<RequestView, ManagementError> {
    let (organization, connection) =
        scim_connections::enter(tx, caller, named, ("stytch.scim", "get"))?;
    let scope = organization.scope();
    let found = match id.parse::<ScimRequestId>() {
        Ok(id) => scim_requests::find(tx, (&scope, connection.id), id)?,
        Err(_) => None,
    };
    let request = found.ok_or(ConnectionError::ScimRequestNotFound)?;
    Ok(view(tx, &scope, request)?)
}

/// An entry with what the request changed.
pub fn view(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    request: ScimRequest,
) -> Result<RequestView, StorageError> {
    let made = made_at(&request.id.key()).unwrap_or(request.occurred_at);
    let began = made - TimeDelta::milliseconds(i64::from(request.millis));
    let changes = changes(tx, scope, &request.request_id, (began, made))?;
    Ok(RequestView { request, changes })
}

/// What a request changed, looked for around the time that it took.
pub(crate) fn changes(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    request_id: &str,
    (began, ended): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Event>, StorageError> {
    let margin = TimeDelta::seconds(1);
    let (from, until) = (first_key_at(began - margin), first_key_at(ended + margin));
    journal::caused_by(tx, scope, request_id, (&from, &until))
}

/// What people call the thing that an event is about.
pub fn name_in(event: &Event) -> Option<&str> {
    let shown = [event.after.as_ref(), event.before.as_ref()];
    let names = ["userName", "displayName", "email_address", "display_name"];
    let mut shown = shown.into_iter().flatten();
    shown.find_map(|thing| {
        let mut names = names.iter();
        names.find_map(|name| thing.get(*name).and_then(Value::as_str))
    })
}

/// The entry with this id, whosever connection it belongs to; the transaction enters its
/// organization. For the operator, who has nothing but the id.
pub fn find_anywhere(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: ScimRequestId,
) -> Result<Option<(OrgScope, ScimRequest)>, StorageError> {
    let mut place = None;
    loop {
        tx.across_organizations(Crossing::RequestLog)?;
        let Some(next) = scim_requests::next_place(tx, place.as_ref())? else {
            return Ok(None);
        };
        let connection = next.connection_id()?;
        if let Some(scope) = connections::scope_of(tx, project, connection)?
            && let Some(found) = scim_requests::find(tx, (&scope, connection), id)?
        {
            return Ok(Some((scope, found)));
        }
        place = Some(next);
    }
}

/// The entry with this id, and a client that stands for the one that sent it.
pub fn find_to_replay(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: ScimRequestId,
) -> Result<(ScimRequest, ScimCaller), OperatorError> {
    let unknown = || OperatorError::UnknownScimRequest(id);
    let (scope, request) = find_anywhere(tx, project, id)?.ok_or_else(unknown)?;
    let connection = connections::find(tx, &scope, request.connection_id)?;
    let organization = organizations::find(tx, project, scope.organization_id)?;
    let (organization, connection) = organization.zip(connection).ok_or_else(unknown)?;
    let client = credentials::scim_client(tx, organization.into(), connection.into())?;
    Ok((request, client))
}
