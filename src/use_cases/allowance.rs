//! How often something may happen within an hour, whoever does it: counted in a row of its own.

use chrono::TimeDelta;

use crate::storage::Transaction;
use crate::storage::email_codes;
use crate::storage::error::StorageError;
use crate::use_cases::Deployment;

const WINDOW: TimeDelta = TimeDelta::hours(1);

/// So many within an hour of the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    place_hash: String,
    most: i32,
}

impl Allowance {
    /// What is allowed of one kind at one place of the project.
    pub(crate) fn new(deployment: &Deployment, (kind, place): (&str, &str), most: i32) -> Self {
        let place = format!("{}\0{place}", deployment.project_id.as_str());
        Self {
            place_hash: deployment.master_key.token_for(kind, &place),
            most,
        }
    }

    /// The whole seconds until there is more of it, if it is used up.
    pub(crate) fn wait(&self, tx: &mut Transaction<'_>) -> Result<Option<u64>, StorageError> {
        let kept = email_codes::tries_left(tx, &self.place_hash)?;
        Ok(kept.filter(|(left, _)| *left <= 0).map(|(_, ends)| {
            let seconds = (ends - tx.now).num_seconds();
            u64::try_from(seconds).unwrap_or_default() + 1
        }))
    }

    /// Counts one.
    pub(crate) fn spend(&self, tx: &mut Transaction<'_>) -> Result<(), StorageError> {
        if email_codes::tries_left(tx, &self.place_hash)?.is_some() {
            return email_codes::count_try(tx, &self.place_hash);
        }
        let (ends, none) = (tx.now + WINDOW, "");
        email_codes::replace(tx, (&self.place_hash, none), self.most - 1, ends)
    }
}
