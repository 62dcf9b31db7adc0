//! Where requests wait to be written into the log, so that answering one costs no transaction.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::domain::id::ConnectionId;
use crate::use_cases::scim_requests::seen::SeenRequest;

/// How many requests wait at most, and how many bytes they take together.
const MOST_WAITING: usize = 4096;
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How often refused credentials enter a connection's log, and of how many connections that is
/// remembered. Only connections that there are get so far, so that nobody else can fill the memory.
const BETWEEN_REFUSALS: TimeDelta = TimeDelta::seconds(60);
const MOST_REFUSALS: usize = 10_000;

/// The queue and its counters, shared by those who fill it and the one who empties it.
#[derive(Clone, Debug, Default)]
pub struct RequestLog(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_off: bool,
    waiting: Mutex<Waiting>,
    dropped: AtomicU64,
    refused: AtomicU64,
}

#[derive(Debug, Default)]
struct Waiting {
    requests: VecDeque<SeenRequest>,
    bytes: usize,
    refusals: BTreeMap<ConnectionId, DateTime<Utc>>,
}

impl RequestLog {
    /// A log that keeps nothing.
    pub fn off() -> Self {
        Self(Arc::new(Shared {
            is_off: true,
            ..Shared::default()
        }))
    }

    /// Counts a request whose credentials were refused, and says whether it is to be offered if
    /// there is such a connection.
    pub fn note_refused(&self, connection: ConnectionId, now: DateTime<Utc>) -> bool {
        self.0.refused.fetch_add(1, Ordering::Relaxed);
        !self.0.is_off && self.waiting().is_due(connection, now)
    }

    /// Takes a request, or counts it when too many are waiting. Refused credentials enter the log
    /// of a connection once a minute.
    pub fn offer(&self, request: SeenRequest) {
        if self.0.is_off {
            return;
        }
        let mut waiting = self.waiting();
        if request.proof.is_none() && !waiting.is_news(&request) {
            return;
        }
        let bytes = waiting.bytes.saturating_add(request.size());
        if waiting.requests.len() >= MOST_WAITING || bytes > MOST_BYTES {
            self.count_dropped(1);
            return;
        }
        waiting.bytes = bytes;
        waiting.requests.push_back(request);
    }

    /// At most so many of those who have waited longest.
    pub fn take(&self, most: usize) -> Vec<SeenRequest> {
        let mut waiting = self.waiting();
        let count = most.min(waiting.requests.len());
        let taken: Vec<SeenRequest> = waiting.requests.drain(..count).collect();
        let bytes: usize = taken.iter().map(SeenRequest::size).sum();
        waiting.bytes = waiting.bytes.saturating_sub(bytes);
        taken
    }

    /// Counts requests that could not be kept.
    pub fn count_dropped(&self, requests: u64) {
        self.0.dropped.fetch_add(requests, Ordering::Relaxed);
    }

    /// How many requests could not be kept.
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// How many requests came with credentials that were refused.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Whether the last refusal of this connection is long ago.
    fn is_due(&self, connection: ConnectionId, now: DateTime<Utc>) -> bool {
        let known = self.refusals.get(&connection);
        known.is_none_or(|last| now - *last >= BETWEEN_REFUSALS)
    }

    /// Whether this refusal is due, and remembers it then.
    fn is_news(&mut self, request: &SeenRequest) -> bool {
        let now = request.occurred_at;
        if !self.is_due(request.connection_id, now) {
            return false;
        }
        if self.refusals.len() >= MOST_REFUSALS {
            self.refusals
                .retain(|_, last| now - *last < BETWEEN_REFUSALS);
        }
        if self.refusals.len() >= MOST_REFUSALS {
            return false;
        }
        self.refusals.insert(request.connection_id, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::MOST_WAITING;
    use super::RequestLog;
    use crate::domain::id::ConnectionId;
    use crate::domain::id::ConnectionKind;
    use crate::domain::id::RequestId;
    use crate::domain::id::ScimRequestId;
    use crate::protocol::scim::schemas::Schemas;
    use crate::use_cases::scim_requests::seen::Proof;
    use crate::use_cases::scim_requests::seen::SeenBody;
    use crate::use_cases::scim_requests::seen::SeenRequest;
    use chrono::DateTime;
    use chrono::TimeDelta;

    fn request(bytes: usize) -> SeenRequest {
        SeenRequest {
            id: ScimRequestId::fresh(),
            connection_id: ConnectionId::fresh(ConnectionKind::Scim),
            occurred_at: DateTime::UNIX_EPOCH,
            request_id: RequestId::fresh(),
            method: "GET".to_owned(),
            path: "/Users".to_owned(),
            query: String::new(),
            user_agent: String::new(),
            if_match: None,
            status: 200,
            millis: 1,
            proof: Some(Proof {
                schemas: Schemas::built_in(),
                departures: Vec::new(),
                sent: SeenBody::None,
                answered: SeenBody::of(&vec![b' '; bytes]),
            }),
        }
    }

    #[test]
    fn what_does_not_fit_is_counted_and_room_comes_back() {
        let log = RequestLog::default();
        (0..MOST_WAITING + 3).for_each(|_| log.offer(request(1)));
        assert_eq!(log.dropped(), 3);
        assert_eq!(log.take(200).len(), 200);
        log.offer(request(1));
        assert_eq!(log.take(usize::MAX).len(), MOST_WAITING - 199);
        (0..100).for_each(|_| log.offer(request(200 * 1024)));
        assert_eq!(log.take(usize::MAX).len(), 81);
        assert_eq!(log.dropped(), 22);
        let off = RequestLog::off();
        off.offer(request(1));
        assert!(off.take(1).is_empty());
    }

    #[test]
    fn refused_credentials_are_counted_and_kept_once_a_minute() {
        let log = RequestLog::default();
        let mut refused = request(0);
        refused.proof = None;
        let offer = |refused: &SeenRequest| {
            let is_due = log.note_refused(refused.connection_id, refused.occurred_at);
            log.offer(refused.clone());
            is_due
        };
        let due: Vec<bool> = (0..5).map(|_| offer(&refused)).collect();
        assert_eq!(due, [true, false, false, false, false]);
        assert_eq!((log.refused(), log.take(10).len()), (5, 1));
        refused.occurred_at += TimeDelta::seconds(61);
        assert!(offer(&refused));
        assert_eq!((log.refused(), log.take(10).len()), (6, 1));
        let off = RequestLog::off();
        assert!(!off.note_refused(refused.connection_id, refused.occurred_at));
        assert_eq!(off.refused(), 1);
    }
}
