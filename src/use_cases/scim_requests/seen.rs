//! A request as it went by → the entry that is kept of it: without secrets, and cut.

use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use serde_json::Value;

use crate::domain::id::ConnectionId;
use crate::domain::id::RequestId;
use crate::domain::id::ScimRequestId;
use crate::domain::scim_request::KeptBody;
use crate::domain::scim_request::ScimRequest;
use crate::protocol::scim::departure::Departure;
use crate::protocol::scim::glance::Told;
use crate::protocol::scim::glance::glance;
use crate::protocol::scim::redaction::Redaction;
use crate::protocol::scim::schemas::Schemas;

/// The greatest length of a body that is kept, in bytes.
pub const MOST_KEPT: usize = 16 * 1024;
/// Of a body longer than this, in bytes, it is only kept that there was one.
pub const MOST_READ: usize = 256 * 1024;

/// What is told of requests of which nothing is kept.
const REFUSED: &str = "The bearer token was missing, unknown or expired, or belongs to another \
     connection. Such requests are noted once a minute.";

/// The greatest lengths of the other texts that a client chooses, in characters.
const LONGEST_TEXT: usize = 2000;
const LONGEST_NAME: usize = 300;

/// A request of a SCIM client and its answer, as they are.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// The id of its entry.
    pub id: ScimRequestId,
    /// The connection in the URL.
    pub connection_id: ConnectionId,
    /// When it came.
    pub occurred_at: DateTime<Utc>,
    /// The request.
    pub request_id: RequestId,
    /// The HTTP method.
    pub method: String,
    /// The path below the base address.
    pub path: String,
    /// The query.
    pub query: String,
    /// What the client calls itself.
    pub user_agent: String,
    /// The version that it wanted to change.
    pub if_match: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// How long the answer took.
    pub millis: u32,
    /// Who was proven to have sent it; nothing of what others send is kept.
    pub proof: Option<Proof>,
}

/// What only proven clients get into the log.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The resource types of the connection.
    pub schemas: Arc<Schemas>,
    /// What the request did beside the letter of the RFCs.
    pub departures: Vec<Departure>,
    /// What was sent.
    pub sent: SeenBody,
    /// What was answered.
    pub answered: SeenBody,
}

/// A body on its way into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeenBody {
    /// There was none.
    None,
    /// Too long to be looked at.
    TooLong,
    /// These bytes.
    Bytes(Vec<u8>),
}

impl SeenBody {
    /// Takes a body over, unless it is too long.
    pub fn of(bytes: &[u8]) -> Self {
        match bytes.len() {
            0 => Self::None,
            length if length > MOST_READ => Self::TooLong,
            _ => Self::Bytes(bytes.to_vec()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::None | Self::TooLong => 0,
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// The body as JSON. What is none is not kept: nobody can say where in it the secrets are.
    fn json(&self) -> Option<Value> {
        match self {
            Self::None | Self::TooLong => None,
            Self::Bytes(bytes) => serde_json::from_slice(bytes).ok(),
        }
    }

    /// An answer of ours, and what it says of itself: most hold no secret and are kept as they are.
    fn answer(&self, redaction: &mut Redaction) -> (KeptBody, Told) {
        if let Self::Bytes(bytes) = self
            && let Some(told) = glance(redaction, bytes, MOST_KEPT)
        {
            // What comes after what is kept would be cut off anyway, a character in two included.
            let first = bytes.get(..=MOST_KEPT).unwrap_or(bytes);
            let text = String::from_utf8_lossy(first).into_owned();
            return (self.kept_text(Some(text)), told);
        }
        let mut answered = self.json();
        if let Some(body) = &mut answered {
            redaction.redact(body);
        }
        let told = answered.as_ref().map(Told::of);
        (self.kept(answered.as_ref()), told.unwrap_or_default())
    }

    fn kept(&self, redacted: Option<&Value>) -> KeptBody {
        self.kept_text(redacted.map(Value::to_string))
    }

    fn kept_text(&self, text: Option<String>) -> KeptBody {
        let too_long = text.as_ref().is_some_and(|text| text.len() > MOST_KEPT);
        KeptBody {
            cut: too_long || (text.is_none() && *self != Self::None),
            text: text.map(|text| beginning(text, MOST_KEPT)),
        }
    }
}

fn beginning(mut text: String, most: usize) -> String {
    if text.len() > most {
        let fits = |end: &usize| text.is_char_boundary(*end);
        let end = (0..=most).rev().find(fits).unwrap_or_default();
        text.truncate(end);
    }
    text
}

fn first_characters(text: &str, most: usize) -> String {
    text.chars().take(most).filter(|c| *c != '\0').collect()
}

impl SeenRequest {
    /// About how many bytes it takes while it waits.
    pub fn size(&self) -> usize {
        let bodies = self.proof.as_ref();
        let bodies = bodies.map_or(0, |proof| proof.sent.len() + proof.answered.len());
        bodies + self.path.len() + self.query.len() + 512
    }

    /// The entry to keep.
    pub fn entry(&self) -> ScimRequest {
        let Some(proof) = &self.proof else {
            return self.entry_of(&Bodies {
                detail: Some(REFUSED.to_owned()),
                ..Bodies::default()
            });
        };
        let mut redaction = Redaction::new(&proof.schemas);
        let query = redaction.query(&self.query);
        let mut sent = proof.sent.json();
        if let Some(body) = &mut sent {
            redaction.redact(body);
        }
        let (answered, told) = proof.answered.answer(&mut redaction);
        let refused = self.status >= 400;
        self.entry_of(&Bodies {
            scim_type: told.scim_type.filter(|_| refused),
            detail: told.detail.filter(|_| refused),
            id: told.id.filter(|_| !refused),
            path: redaction.without_met(&self.path),
            query,
            departures: proof.departures.clone(),
            sent: proof.sent.kept(sent.as_ref()),
            answered,
        })
    }

    fn entry_of(&self, bodies: &Bodies) -> ScimRequest {
        let names = bodies.departures.iter().map(|departure| departure.name());
        let short = |text: &str| first_characters(text, LONGEST_NAME);
        ScimRequest {
            id: self.id,
            connection_id: self.connection_id,
            occurred_at: self.occurred_at,
            request_id: self.request_id.to_string(),
            method: short(&self.method),
            path: short(&bodies.path),
            query: first_characters(&bodies.query, LONGEST_TEXT),
            user_agent: short(&self.user_agent),
            if_match: self.if_match.as_deref().map(short),
            resource_id: bodies.id.clone().or_else(|| named(&bodies.path)),
            status: self.status,
            scim_type: bodies.scim_type.clone(),
            detail: bodies
                .detail
                .as_deref()
                .map(|text| first_characters(text, LONGEST_TEXT)),
            millis: self.millis,
            departures: names.map(str::to_owned).collect(),
            sent: bodies.sent.clone(),
            answered: bodies.answered.clone(),
        }
    }
}

/// What is only kept of proven clients, redacted.
#[derive(Default)]
struct Bodies {
    scim_type: Option<String>,
    detail: Option<String>,
    id: Option<String>,
    path: String,
    query: String,
    departures: Vec<Departure>,
    sent: KeptBody,
    answered: KeptBody,
}

/// The resource that a path names: what stands behind the address of its type.
fn named(path: &str) -> Option<String> {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let id = segments.nth(1)?;
    let is_id = !id.starts_with('.') && !id.starts_with("urn:");
    is_id.then(|| first_characters(id, LONGEST_NAME))
}

#[cfg(test)]
mod tests;
