//! Documents of other servers, kept for a while: fetched once at a time, served stale while their
//! server is down.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

const FRESH: TimeDelta = TimeDelta::hours(1);
const USABLE: TimeDelta = TimeDelta::hours(24);
const BETWEEN_REFRESHES: TimeDelta = TimeDelta::minutes(1);
// A server that is down costs its callers a timeout only this often.
const RETRY_WITH_STALE: TimeDelta = TimeDelta::minutes(1);
const RETRY_WITHOUT: TimeDelta = TimeDelta::seconds(10);
const MOST_ENTRIES: usize = 2048;

/// Documents by key, each with its own lock, so that one slow server delays nobody else.
pub(crate) struct DocumentCache<K, V, E> {
    entries: Mutex<HashMap<K, SharedEntry<V, E>>>,
}

type SharedEntry<V, E> = Arc<tokio::sync::Mutex<Entry<V, E>>>;

struct Entry<V, E> {
    held: Option<(Arc<V>, DateTime<Utc>)>,
    failure: Option<(E, DateTime<Utc>)>,
    refreshed_at: Option<DateTime<Utc>>,
}

impl<K: Clone + Eq + Hash, V, E: Clone> DocumentCache<K, V, E> {
    /// An empty cache.
    pub(crate) fn new() -> Self {
        let entries = Mutex::new(HashMap::new());
        Self { entries }
    }

    /// The document, fetched if there is none or it is over an hour old.
    ///
    /// # Errors
    /// The fetch failed and there is none younger than a day.
    pub(crate) async fn get(
        &self,
        key: &K,
        now: DateTime<Utc>,
        fetch: impl Future<Output = Result<V, E>>,
    ) -> Result<Arc<V>, E> {
        let entry = self.entry(key);
        let mut entry = entry.lock().await;
        if let Some(document) = entry.younger_than(FRESH, now) {
            return Ok(document);
        }
        if let Some(failure) = entry.recent_failure(now) {
            return entry.younger_than(USABLE, now).ok_or(failure);
        }
        entry.load(now, fetch).await
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
        let entry = self.entry(key);
        let mut entry = entry.lock().await;
        let is_early = entry
            .refreshed_at
            .is_some_and(|at| now - at < BETWEEN_REFRESHES);
        if let Some(document) = entry.younger_than(USABLE, now).filter(|_| is_early) {
            return Ok(document);
        }
        entry.refreshed_at = Some(now);
        entry.load(now, fetch).await
    }

    fn entry(&self, key: &K) -> SharedEntry<V, E> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MOST_ENTRIES && !entries.contains_key(key) {
            // What somebody waits for stays.
            entries.retain(|_, entry| Arc::strong_count(entry) > 1);
        }
        Arc::clone(entries.entry(key.clone()).or_default())
    }
}

impl<V, E> Default for Entry<V, E> {
    fn default() -> Self {
        Self {
            held: None,
            failure: None,
            refreshed_at: None,
        }
    }
}

impl<V, E: Clone> Entry<V, E> {
    fn younger_than(&self, age: TimeDelta, now: DateTime<Utc>) -> Option<Arc<V>> {
        let (document, fetched_at) = self.held.as_ref()?;
        (now - *fetched_at < age).then(|| Arc::clone(document))
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

    async fn load(
        &mut self,
        now: DateTime<Utc>,
        fetch: impl Future<Output = Result<V, E>>,
    ) -> Result<Arc<V>, E> {
        match fetch.await {
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
    async fn a_full_cache_makes_room() {
        let cache = DocumentCache::<usize, usize, ()>::new();
        for key in 0..=MOST_ENTRIES {
            assert!(cache.get(&key, at(0), async { Ok(key) }).await.is_ok());
        }
        assert_eq!(cache.entries.lock().unwrap().len(), 1);
    }
}
