//! Whose something is, as far as a node remembers it: a hint where a transaction begins, and no proof.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::domain::id::OrganizationId;

/// The organizations of so many keys at most; with more, each is learnt again now and then.
#[derive(Debug)]
pub(crate) struct Owners<K, const MOST: usize>(Mutex<HashMap<K, OrganizationId>>);

impl<K, const MOST: usize> Default for Owners<K, MOST> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, const MOST: usize> Owners<K, MOST> {
    pub(crate) fn remember(&self, key: K, organization: OrganizationId) {
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, organization);
    }

    pub(crate) fn of(&self, key: &K) -> Option<OrganizationId> {
        self.known().get(key).copied()
    }

    pub(crate) fn forget(&self, key: &K) -> Option<OrganizationId> {
        self.known().remove(key)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<K, OrganizationId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
