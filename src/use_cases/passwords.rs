//! Passwords: check, set, reset, take over. `commit` is the one way a password changes.
//!
//! Hashing takes as long as it should, so it never happens here: a use case reads what has to be
//! checked, the caller has it checked elsewhere, and a second use case admits under what still
//! holds then.

use crate::domain::password::strength::PasswordSettings;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::project_settings;

pub mod authenticate;
pub(crate) mod commit;
pub mod discovery;
pub mod discovery_reset;
pub mod email_reset;
pub(crate) mod eviction;
pub mod expectation;
pub(crate) mod links;
pub(crate) mod login_links;
pub mod migrate;
pub mod require_reset;
pub mod reset;
mod strangers;

/// What a project asks of passwords.
pub fn settings(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<PasswordSettings, StorageError> {
    Ok(project_settings::find_passwords(tx, project)?.unwrap_or_default())
}
