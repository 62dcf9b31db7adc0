//! A request of a SCIM client as it is kept for people: redacted, cut, with what came of it.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::id::ConnectionId;
use crate::domain::id::ScimRequestId;

/// One entry of a connection's request log.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimRequest {
    /// Its id, ordered by time.
    pub id: ScimRequestId,
    /// The connection that it came through.
    pub connection_id: ConnectionId,
    /// When it came.
    pub occurred_at: DateTime<Utc>,
    /// The request, as its answer, the journal and the logs name it.
    pub request_id: String,
    /// The HTTP method.
    pub method: String,
    /// The path below the base address of the connection.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
    /// What the client calls itself.
    pub user_agent: String,
    /// The version that it wanted to change.
    pub if_match: Option<String>,
    /// The resource that it was about.
    pub resource_id: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The kind of error, in the standard's words.
    pub scim_type: Option<String>,
    /// The error, as the client was told it.
    pub detail: Option<String>,
    /// How long the answer took.
    pub millis: u32,
    /// The names of what the request did beside the letter of the RFCs.
    pub departures: Vec<String>,
    /// What was sent.
    pub sent: KeptBody,
    /// What was answered.
    pub answered: KeptBody,
}

/// A body without its secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptBody {
    /// The text; `None` when there was none, or it could not be kept.
    pub text: Option<String>,
    /// Whether there was more of it.
    pub cut: bool,
}
