//! An entry of a SCIM connection's request log, as answers and commands show it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::event::Event;
use crate::domain::id::ConnectionId;
use crate::domain::id::EventId;
use crate::domain::id::ScimRequestId;
use crate::domain::scim_request::KeptBody;
use crate::domain::scim_request::ScimRequest;
use crate::domain::session_token::timestamp;
use crate::protocol::scim::departure::Departure;
use crate::use_cases::scim_requests::RequestView;
use crate::use_cases::scim_requests::name_in;

/// What was asked and how it was answered.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimRequest)]
pub(crate) struct ScimRequestJson {
    scim_request_id: ScimRequestId,
    connection_id: ConnectionId,
    occurred_at: String,
    /// As the answer, the journal and the server's log name it.
    request_id: String,
    method: String,
    /// Below the base URL of the connection.
    path: String,
    query: String,
    user_agent: String,
    /// The resource that it was about.
    resource_id: Option<String>,
    status: u16,
    /// The kind of error (RFC 7644 3.12).
    scim_type: Option<String>,
    /// The error, as the client was told it.
    detail: Option<String>,
    duration_ms: u32,
    /// What it did beside the letter of the RFCs, and was met for all the same.
    leniencies: Vec<LeniencyJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ScimLeniency)]
struct LeniencyJson {
    name: String,
    /// What was done, for people.
    description: &'static str,
}

/// The same with its bodies, secrets taken out, and what it changed.
#[derive(Serialize, ToSchema)]
#[schema(as = ScimRequestDetail)]
pub(crate) struct ScimRequestDetailJson {
    #[serde(flatten)]
    request: ScimRequestJson,
    /// The version that it wanted to change.
    if_match: Option<String>,
    request_body: BodyJson,
    response_body: BodyJson,
    /// What the journal says that it changed.
    changes: Vec<ChangeJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ScimRequestBody)]
struct BodyJson {
    /// JSON; null when there was none, or it could not be kept.
    text: Option<String>,
    /// Whether there was more of it.
    is_cut: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ScimRequestChange)]
struct ChangeJson {
    event_id: EventId,
    kind: String,
    object_id: String,
    /// What people call it.
    name: Option<String>,
}

impl ScimRequestJson {
    pub(crate) fn new(request: &ScimRequest) -> Self {
        let leniency = |name: &String| LeniencyJson {
            name: name.clone(),
            description: Departure::from_name(name).map_or("", Departure::sentence),
        };
        Self {
            scim_request_id: request.id,
            connection_id: request.connection_id,
            occurred_at: timestamp(request.occurred_at),
            request_id: request.request_id.clone(),
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            user_agent: request.user_agent.clone(),
            resource_id: request.resource_id.clone(),
            status: request.status,
            scim_type: request.scim_type.clone(),
            detail: request.detail.clone(),
            duration_ms: request.millis,
            leniencies: request.departures.iter().map(leniency).collect(),
        }
    }
}

impl ScimRequestDetailJson {
    pub(crate) fn new(view: &RequestView) -> Self {
        Self {
            request: ScimRequestJson::new(&view.request),
            if_match: view.request.if_match.clone(),
            request_body: BodyJson::new(&view.request.sent),
            response_body: BodyJson::new(&view.request.answered),
            changes: view.changes.iter().map(ChangeJson::new).collect(),
        }
    }
}

impl BodyJson {
    fn new(body: &KeptBody) -> Self {
        Self {
            text: body.text.clone(),
            is_cut: body.cut,
        }
    }
}

impl ChangeJson {
    fn new(event: &Event) -> Self {
        Self {
            event_id: event.id,
            kind: event.kind.clone(),
            object_id: event.object_id.clone(),
            name: name_in(event).map(str::to_owned),
        }
    }
}
