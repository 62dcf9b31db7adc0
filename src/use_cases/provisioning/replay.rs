//! A request from the log, run again against the present state and undone: what would come of it
//! now?

use crate::domain::event::Event;
use crate::domain::id::MemberId;
use crate::domain::scim_request::ScimRequest;
use crate::protocol::scim::bulk::Plan;
use crate::protocol::scim::bulk_request::BulkRequest;
use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::operation::Method;
use crate::protocol::scim::operation::Operation;
use crate::protocol::scim::redaction::REDACTED;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::provisioning::rehearsal::Rehearsal;
use crate::use_cases::provisioning::rehearsal::Rehearsed;
use crate::use_cases::provisioning::rehearsal::Undone;
use crate::use_cases::provisioning::rehearsal::Work;

pub use crate::use_cases::provisioning::rehearsal::MemberState;
pub use crate::use_cases::provisioning::rehearsal::Resource;

/// What would come of a request now. None of it has happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    /// Whether secrets were taken out of the body, so that they take part as they are kept.
    pub redacted: bool,
    /// The status of the answer.
    pub status: u16,
    /// Why it would be refused.
    pub refusal: Option<ScimError>,
    /// The resource before and after; `None` where there is none.
    pub resource: (Option<Resource>, Option<Resource>),
    /// The members that it concerns.
    pub members: Vec<MemberChange>,
    /// What the journal would say.
    pub events: Vec<Event>,
    /// What it does beside the letter of the RFCs.
    pub departures: Vec<Departure>,
}

/// A member that a request concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberChange {
    /// The member.
    pub member_id: MemberId,
    /// As it is; `None` if it does not exist yet.
    pub before: Option<MemberState>,
    /// As it would be.
    pub after: Option<MemberState>,
}

/// Why a request cannot be run again.
#[derive(Clone, Debug, PartialEq)]
pub enum NotReplayed {
    /// It is of another kind, or not kept whole; the text says which.
    Unfit(&'static str),
    /// Storage failed.
    Storage(StorageError),
}

impl From<StorageError> for NotReplayed {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Runs a request again and undoes it. The caller stands for the client that sent it.
pub fn replay(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    request: &ScimRequest,
    base_url: &str,
) -> Result<Replay, NotReplayed> {
    let work = work(request)?;
    let rehearsal = Rehearsal { caller, base_url };
    let before = match &work {
        Ok(Work::Single(Operation {
            endpoint,
            id: Some(id),
            ..
        })) => rehearsal.resource(tx, (endpoint, id))?,
        _ => None,
    };
    let undone = match &work {
        Err(refusal) => Undone::Done(Box::new(Rehearsed::refused(refusal.clone()))),
        Ok(work) => match tx.savepoint(|tx| Err::<(), _>(rehearsal.run(tx, work)))? {
            Ok(()) => return Err(NotReplayed::Unfit("it came to nothing")),
            Err(undone) => undone,
        },
    };
    let rehearsed = match undone {
        Undone::Done(rehearsed) => *rehearsed,
        Undone::Storage(error) => return Err(error.into()),
    };
    let mut concerned = rehearsed.concerned;
    concerned.extend(rehearsal.members_of_users(tx, &rehearsed.events)?);
    let standing = rehearsal.members(tx, &concerned)?;
    let (status, refusal) = match rehearsed.done {
        Ok((status, _)) => (status, None),
        Err(refusal) => (refusal.status(), Some(refusal)),
    };
    let after = match refusal {
        None => rehearsed.resource,
        Some(_) => before.clone(),
    };
    let members = concerned.into_iter().map(|member_id| MemberChange {
        member_id,
        before: standing.get(&member_id).cloned(),
        after: rehearsed.members.get(&member_id).cloned(),
    });
    Ok(Replay {
        redacted: request
            .sent
            .text
            .as_ref()
            .is_some_and(|text| text.contains(REDACTED)),
        status,
        refusal,
        resource: (before, after),
        members: members.collect(),
        events: rehearsed.events,
        departures: caller.departures.list(),
    })
}

fn work(request: &ScimRequest) -> Result<Result<Work, ScimError>, NotReplayed> {
    if request.status == 401 {
        let reason = "its credentials were refused, so nothing else of it was kept";
        return Err(NotReplayed::Unfit(reason));
    }
    if request.sent.cut {
        return Err(NotReplayed::Unfit("its body was not kept whole"));
    }
    let text = request.sent.text.as_deref();
    if request.path.trim_end_matches('/') == "/Bulk" {
        let plan = BulkRequest::parse(text.unwrap_or_default().as_bytes()).and_then(Plan::of);
        return Ok(plan.map(Work::Bulk));
    }
    let Some(method) = Method::parse(&request.method) else {
        return Err(NotReplayed::Unfit("its method does nothing here"));
    };
    let lists = request.path.contains("/.search") || !request.path.trim_matches('/').contains('/');
    if lists && (method == Method::Get || request.path.contains("/.search")) {
        let reason = "it asks for a list; send the query again to see the present one";
        return Err(NotReplayed::Unfit(reason));
    }
    let body = text.and_then(|text| serde_json::from_str(text).ok());
    let operation = Operation::read(method, &request.path, body);
    Ok(operation.map(|operation| Work::Single(operation.of_version(request.if_match.clone()))))
}
