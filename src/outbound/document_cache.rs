//! Documents of other servers, kept for a while: fetched once at a time, served stale while their
//! server is down.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

const FRESH: TimeDelta = TimeDelta::hours(1);
const USABLE: TimeDelta = TimeDelta::hours(24);
const BETWEEN_REFRESHES: TimeDelta = TimeDelta::minutes(1);
// Early enough that nobody who signs in waits for it.
const RENEWED_AFTER: TimeDelta = TimeDelta::minutes(50);
// A server that is down costs its callers a timeout only this often.
const RETRY_WITH_STALE: TimeDelta = TimeDelta::minutes(1);
const RETRY_WITHOUT: TimeDelta = TimeDelta::seconds(10);
const MOST_ENTRIES: usize = 8192;

/// Documents by key, each with its own lock, so that one slow server delays nobody else.
pub(crate) struct DocumentCache<K, V, E> {
    entries: Mutex<HashMap<K, Arc<Entry<V, E>>>>,
}

struct Entry<V, E> {
    /// Held by whoever fetches.
    flight: tokio::sync::Mutex<()>,
    state: Mutex<State<V, E>>,
}

struct State<V, E> {
    held: Option<(Arc<V>, DateTime<Utc>)>,
    failure: Option<(E, DateTime<Utc>)>,
    refreshed_at: Option<DateTime<Utc>>,
    used_at: DateTime<Utc>,
}

impl<K: Clone + Eq + Hash, V, E: Clone> DocumentCache<K, V, E> {
    /// An empty cache.
    pub(crate) fn new() -> Self {
        let entries = Mutex::new(HashMap::new());
        Self { entries }
    }

    /// The document, fetched if there is none or it is over an hour old. While somebody fetches it
    /// already, others make do with the old one, so a server that hangs holds up one caller alone.
    ///
    /// # Errors
    /// The fetch failed and there is none younger than a day.
    pub(crate) async fn get(
        &self,
        key: &K,
        now: DateTime<Utc>,
        fetch: impl Future<Output = Result<V, E>>,
    ) -> Result<Arc<V>, E> {
        let entry = self.entry(key, now);
        if let Some(document) = entry.used(now).younger_than(FRESH, now) {
            return Ok(document);
        }
        let flight = entry.flight.try_lock().ok();
        if flight.is_none()
            && let Some(stale) = entry.state().younger_than(USABLE, now)
        {
            return Ok(stale);
        }
        let _flight = match flight {
            Some(flight) => flight,
            None => entry.flight.lock().await,
        };
        if let Some(verdict) = entry.state().known(now) {
            return verdict;
        }
        let fetched = fetch.await;
        entry.state().take(fetched, now)
    }

    /// The document, fetched again unless that was done within the last minute.
    ///
    /// # Errors
    /// The fetch failed and there is none younger than a day.
    pub(crate) async fn refresh(
        &self,
        key: &K,
        now: DateTime<Utc>,
        fetch: impl Future<Output = Result<V, E>>,
    ) -> Result<Arc<V>, E> {
        let entry = self.entry(key, now);
        let _flight = entry.flight.lock().await;
        if let Some(document) = entry.state().refreshed(now) {
            return Ok(document);
        }
        let fetched = fetch.await;
        entry.state().take(fetched, now)
    }

    /// The keys of the documents that are in use and will soon be old.
    pub(crate) fn due(&self, now: DateTime<Utc>) -> Vec<K> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let due = entries
            .iter()
            .filter(|(_, entry)| entry.state().is_due(now));
        due.map(|(key, _)| key.clone()).collect()
    }

    /// Fetches a document that is due, unless somebody does so already. What cannot be fetched
    /// leaves the old one in use.
    ///
    /// # Errors
    /// The fetch failed.
    pub(crate) async fn renew(
        &self,
        key: &K,
        now: DateTime<Utc>,
        fetch: impl Future<Output = Result<V, E>>,
    ) -> Result<(), E> {
        let entry = {
            let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            entries.get(key).cloned()
        };
        let Some(entry) = entry else {
            return Ok(());
        };
        let Ok(_flight) = entry.flight.try_lock() else {
            return Ok(());
        };
        if !entry.state().is_due(now) {
            return Ok(());
        }
        let fetched = fetch.await;
        let failure = fetched.as_ref().err().cloned();
        let _ = entry.state().take(fetched, now);
        failure.map_or(Ok(()), Err)
    }

    fn entry(&self, key: &K, now: DateTime<Utc>) -> Arc<Entry<V, E>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST_ENTRIES && !entries.contains_key(key) {
            make_room(&mut entries);
        }
        let entry = entries.entry(key.clone());
        Arc::clone(entry.or_insert_with(|| Arc::new(Entry::new(now))))
    }
}

/// Forgets the quarter that has gone unused the longest; what somebody waits for stays.
fn make_room<K: Eq + Hash, V, E: Clone>(entries: &mut HashMap<K, Arc<Entry<V, E>>>) {
    let mut uses: Vec<_> = entries
        .values()
        .map(|entry| entry.state().used_at)
        .collect();
    let quarter = uses.len() / 4;
    let (_, oldest, _) = uses.select_nth_unstable(quarter);
    let oldest = *oldest;
    entries.retain(|_, entry| Arc::strong_count(entry) > 1 || entry.state().used_at > oldest);
}

impl<V, E: Clone> Entry<V, E> {
    fn new(now: DateTime<Utc>) -> Self {
        Self {
            flight: tokio::sync::Mutex::default(),
            state: Mutex::new(State {
                held: None,
                failure: None,
                refreshed_at: None,
                used_at: now,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<V, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn used(&self, now: DateTime<Utc>) -> MutexGuard<'_, State<V, E>> {
        let mut state = self.state();
        state.used_at = now;
        state
    }
}

impl<V, E: Clone> State<V, E> {
    fn younger_than(&self, age: TimeDelta, now: DateTime<Utc>) -> Option<Arc<V>> {
        let (document, fetched_at) = self.held.as_ref()?;
        (now - *fetched_at < age).then(|| Arc::clone(document))
    }

    /// What can be said without a fetch.
    fn known(&self, now: DateTime<Utc>) -> Option<Result<Arc<V>, E>> {
        if let Some(document) = self.younger_than(FRESH, now) {
            return Some(Ok(document));
        }
        let failure = self.recent_failure(now)?;
        Some(self.younger_than(USABLE, now).ok_or(failure))
    }

    /// What an early refresh gives; notes the time of one that is not.
    fn refreshed(&mut self, now: DateTime<Utc>) -> Option<Arc<V>> {
        let last = self.refreshed_at;
        let is_early = last.is_some_and(|at| now - at < BETWEEN_REFRESHES);
        let document = self.younger_than(USABLE, now).filter(|_| is_early);
        if document.is_none() {
            self.refreshed_at = Some(now);
        }
        document
    }

    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let is_aging = self
            .held
            .as_ref()
            .is_some_and(|(_, fetched_at)| now - *fetched_at >= RENEWED_AFTER);
        is_aging && now - self.used_at < USABLE && self.recent_failure(now).is_none()
    }

    fn recent_failure(&self, now: DateTime<Utc>) -> Option<E> {
        let (failure, failed_at) = self.failure.as_ref()?;
        let pause = if self.younger_than(USABLE, now).is_some() {
            RETRY_WITH_STALE
        } else {
            RETRY_WITHOUT
        };
        (now - *failed_at < pause).then(|| failure.clone())
    }

    fn take(&mut self, fetched: Result<V, E>, now: DateTime<Utc>) -> Result<Arc<V>, E> {
        match fetched {
            Ok(document) => {
                let document = Arc::new(document);
                self.held = Some((Arc::clone(&document), now));
                self.failure = None;
                Ok(document)
            }
            Err(error) => {
                self.failure = Some((error.clone(), now));
                self.younger_than(USABLE, now).ok_or(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Cache = DocumentCache<&'static str, u32, &'static str>;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    async fn get(
        cache: &Cache,
        seconds: i64,
        fetched: Result<u32, &'static str>,
    ) -> Result<u32, &'static str> {
        let document = cache.get(&"key", at(seconds), async { fetched }).await;
        document.map(|document| *document)
    }

    #[tokio::test]
    async fn a_document_is_fresh_for_an_hour() {
        let cache = Cache::new();
        assert_eq!(get(&cache, 0, Ok(1)).await, Ok(1));
        assert_eq!(get(&cache, 3599, Ok(2)).await, Ok(1));
        assert_eq!(get(&cache, 3600, Ok(2)).await, Ok(2));
    }

    #[tokio::test]
    async fn a_stale_document_is_served_for_a_day_and_retried_once_a_minute() {
        let cache = Cache::new();
        let day = 24 * 3600;
        assert_eq!(get(&cache, 0, Ok(1)).await, Ok(1));
        assert_eq!(get(&cache, 3600, Err("down")).await, Ok(1));
        assert_eq!(get(&cache, 3659, Ok(2)).await, Ok(1));
        assert_eq!(get(&cache, 3660, Err("down")).await, Ok(1));
        assert_eq!(get(&cache, day - 1, Err("down")).await, Ok(1));
        assert_eq!(get(&cache, day + 60, Err("down")).await, Err("down"));
        assert_eq!(get(&cache, day + 69, Ok(2)).await, Err("down"));
        assert_eq!(get(&cache, day + 70, Ok(2)).await, Ok(2));
    }

    #[tokio::test]
    async fn a_document_is_refreshed_once_a_minute() {
        let cache = Cache::new();
        let refresh = async |seconds, fetched| {
            let document = cache.refresh(&"key", at(seconds), async { fetched }).await;
            document.map(|document| *document)
        };
        assert_eq!(get(&cache, 0, Ok(1)).await, Ok(1));
        assert_eq!(refresh(1, Ok(2)).await, Ok(2));
        assert_eq!(refresh(60, Ok(3)).await, Ok(2));
        assert_eq!(refresh(61, Err("down")).await, Ok(2));
        assert_eq!(refresh(121, Ok(4)).await, Ok(4));
        assert_eq!(get(&cache, 122, Ok(5)).await, Ok(4));
    }

    #[tokio::test]
    async fn a_full_cache_forgets_what_was_used_longest_ago() {
        let cache = DocumentCache::<usize, usize, ()>::new();
        let most = i64::try_from(MOST_ENTRIES).unwrap();
        for (key, second) in (0..most).enumerate() {
            assert!(cache.get(&key, at(second), async { Ok(key) }).await.is_ok());
        }
        assert!(cache.get(&0, at(most), async { Err(()) }).await.is_ok());
        let new = MOST_ENTRIES;
        assert!(cache.get(&new, at(most), async { Ok(new) }).await.is_ok());
        let left = cache.entries.lock().unwrap();
        assert_eq!(left.len(), MOST_ENTRIES - MOST_ENTRIES / 4);
        assert!(left.contains_key(&0) && !left.contains_key(&1) && left.contains_key(&new));
    }

    #[tokio::test]
    async fn what_is_in_use_is_renewed_before_it_is_old() {
        let cache = Cache::new();
        let due = |seconds| !cache.due(at(seconds)).is_empty();
        let renew =
            async |seconds, fetched| cache.renew(&"key", at(seconds), async { fetched }).await;
        assert_eq!(renew(0, Ok(1)).await, Ok(()));
        assert_eq!(get(&cache, 0, Ok(1)).await, Ok(1));
        assert_eq!((due(2999), due(3000)), (false, true));
        assert_eq!(renew(2999, Ok(2)).await, Ok(()));
        assert_eq!(get(&cache, 2999, Ok(3)).await, Ok(1), "it was not due");
        assert_eq!(renew(3000, Err("down")).await, Err("down"));
        assert_eq!((due(3059), due(3060)), (false, true));
        assert_eq!(renew(3060, Ok(2)).await, Ok(()));
        assert_eq!(get(&cache, 6600, Ok(3)).await, Ok(2));
        // A day after its last use nobody keeps it alive.
        assert!(due(6600 + 24 * 3600 - 1) && !due(6600 + 24 * 3600));
        assert!(cache.renew(&"other", at(0), async { Ok(1) }).await.is_ok());
        assert_eq!(cache.entries.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn one_caller_alone_waits_for_a_server_that_hangs() {
        let cache = Cache::new();
        assert_eq!(get(&cache, 0, Ok(1)).await, Ok(1));
        let hung = cache.get(&"key", at(3600), std::future::pending());
        let mut hung = std::pin::pin!(hung);
        assert!(futures_poll(hung.as_mut()).await);
        assert_eq!(get(&cache, 3600, Ok(2)).await, Ok(1));
        // Without a document everybody has to wait, for one answer.
        let fetched = async {
            tokio::task::yield_now().await;
            Ok(7)
        };
        let (first, second) = tokio::join!(
            cache.get(&"new", at(0), fetched),
            cache.get(&"new", at(0), async { Err("asked twice") }),
        );
        assert_eq!((*first.unwrap(), *second.unwrap()), (7, 7));
    }

    /// Polls once; whether it is still pending.
    async fn futures_poll<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(future.as_mut().poll(context).is_pending())
        })
        .await
    }
}
