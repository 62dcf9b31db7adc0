//! What happened in an organization, by time: what its directory sent, what changed, and what was
//! refused.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::event::Event;
use crate::domain::id::ConnectionKind;
use crate::domain::id::ScimRequestId;
use crate::domain::organization::Organization;
use crate::domain::scim_request::ScimRequest;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::journal;
use crate::storage::scim_request_search;
use crate::storage::scim_request_search::RequestFilter;
use crate::storage::search_terms::Conditions;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::explain::refusals;
use crate::use_cases::explain::refusals::RefusalQuery;
use crate::use_cases::explain::refusals::Refused;
use crate::use_cases::organization_search::Operator;

/// Which part of it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    #[default]
    All,
    /// What was refused.
    Refused,
    /// What changed.
    Changed,
    /// What directories sent.
    Sent,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Something changed.
    Changed(Event),
    /// A directory sent a request, and it was taken.
    Sent(ScimRequest),
    /// Something was refused.
    Refused(Refused),
}

impl Entry {
    /// Its place among all, newest last.
    pub fn key(&self) -> String {
        match self {
            Self::Changed(event) => event.id.key(),
            Self::Sent(request) => request.id.key(),
            Self::Refused(refused) => refused.key.clone(),
        }
    }

    /// When it happened.
    pub fn occurred_at(&self) -> DateTime<Utc> {
        match self {
            Self::Changed(event) => event.occurred_at,
            Self::Sent(request) => request.occurred_at,
            Self::Refused(refused) => refused.occurred_at,
        }
    }
}

/// One page of what happened, newest first, and whether another one follows.
pub fn page(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
    (shown, query, limit): (Shown, &RefusalQuery, i64),
) -> Result<(Vec<Entry>, bool), ManagementError> {
    let rights = [
        ("stytch.sso", "get"),
        ("stytch.scim", "get"),
        ("stytch.member", "search"),
    ];
    let organization = caller.enter(tx, organization, &rights)?;
    let place = (query.before.as_deref(), limit + 1);
    let mut entries = match shown {
        Shown::Refused => {
            let page = refusals::page(tx, &organization, (query, limit + 1))?;
            page.refusals.into_iter().map(Entry::Refused).collect()
        }
        Shown::Changed => changed(tx, &organization, place)?,
        Shown::Sent => sent(tx, &organization, place)?,
        Shown::All => {
            let mut all = changed(tx, &organization, place)?;
            all.extend(sent(tx, &organization, place)?);
            all
        }
    };
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.key()));
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    Ok((entries, has_more))
}

fn changed(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    place: (Option<&str>, i64),
) -> Result<Vec<Entry>, ManagementError> {
    let events = journal::page(tx, &organization.scope(), place)?;
    let entry = |event: Event| match event.kind.as_str() {
        kind if kind.ends_with(".refused") || kind == "member.locked" => {
            Entry::Refused(refusals::of_event(&event))
        }
        _ => Entry::Changed(event),
    };
    Ok(events.into_iter().map(entry).collect())
}

fn sent(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (before, limit): (Option<&str>, i64),
) -> Result<Vec<Entry>, ManagementError> {
    let scope = organization.scope();
    let before = before.and_then(|key| ScimRequestId::from_key(key).ok());
    let all = Conditions {
        operator: Operator::And,
        filters: vec![RequestFilter::Any],
    };
    let mut entries = Vec::new();
    for connection in connections::list(tx, &[organization.id])? {
        if connection.id.kind == ConnectionKind::Scim {
            let log = (&scope, connection.id);
            let found = scim_request_search::page(tx, log, &all, (before, limit))?;
            entries.extend(found.into_iter().map(|request| match request.status {
                400.. => Entry::Refused(refusals::of_request(&request)),
                _ => Entry::Sent(request),
            }));
        }
    }
    Ok(entries)
}
