//! Writes what waits for the request log, several times a second, and forgets what is old.

use crate::domain::id::RequestId;
use crate::domain::project::ProjectId;
use crate::domain::scim_request::ScimRequest;
use crate::storage::Storage;
use crate::use_cases::scim_requests;
use crate::use_cases::scim_requests::LogPlace;
use crate::use_cases::scim_requests::Settings;
use crate::use_cases::scim_requests::queue::RequestLog;
use crate::use_cases::scim_requests::seen::SeenRequest;

/// How many entries are written in one transaction.
const BATCH: usize = 200;
/// How many connections, or chunks of them, are shortened in one round.
const STEPS: usize = 500;

/// Writes what waits; of what comes meanwhile only what fills a transaction. What cannot be written is
/// counted as dropped: it explains, and nothing depends on it.
pub async fn write(storage: &Storage, project: &ProjectId, log: &RequestLog) {
    let mut is_full = true;
    while is_full {
        let seen = log.take(BATCH);
        is_full = seen.len() == BATCH;
        let count = u64::try_from(seen.len()).unwrap_or_default();
        if count == 0 {
            return;
        }
        // Bodies are read and cut here, so not on a thread that answers requests.
        let compose = move || seen.iter().map(SeenRequest::entry).collect();
        let entries: Vec<ScimRequest> = match tokio::task::spawn_blocking(compose).await {
            Ok(entries) => entries,
            Err(error) => {
                log.count_dropped(count);
                tracing::error!(%error, count, "requests could not be prepared for the log");
                continue;
            }
        };
        let (request_id, project) = (RequestId::fresh(), project.clone());
        let keep = storage.transaction(request_id, move |tx| {
            scim_requests::keep(tx, &project, &entries)
        });
        if let Err(error) = keep.await {
            log.count_dropped(count);
            tracing::error!(?error, count, "requests could not be written into the log");
        }
    }
}

/// Shortens the logs of connections after a place, and gives the place to go on at.
pub async fn shorten(
    storage: &Storage,
    mut after: Option<LogPlace>,
    settings: Settings,
) -> Option<LogPlace> {
    for _ in 0..STEPS {
        let from = after.clone();
        let step = storage.transaction(RequestId::fresh(), move |tx| {
            scim_requests::shorten_next(tx, from.as_ref(), settings)
        });
        match step.await {
            Ok(Some((_, true))) => {}
            Ok(Some((place, false))) => after = Some(place),
            Ok(None) => return None,
            Err(error) => {
                tracing::error!(?error, "the request log could not be shortened");
                return None;
            }
        }
    }
    after
}
