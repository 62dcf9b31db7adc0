//! What a SCIM client may be told instead of success.

use crate::protocol::scim::error::ScimError;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;

/// A refusal of provisioning; `http/scim/error.rs` renders it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProvisioningError {
    /// The request cannot be met, in the protocol's own words.
    Scim(ScimError),
    /// The token is missing, unknown, over, or belongs to another connection.
    Unauthorized,
    /// The connection sends too many requests; the seconds to wait.
    TooManyRequests(u64),
    /// Storage failed.
    Storage(StorageError),
}

impl From<ScimError> for ProvisioningError {
    fn from(error: ScimError) -> Self {
        Self::Scim(error)
    }
}

impl From<StorageError> for ProvisioningError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl ProvisioningError {
    /// Whether the database is too busy or away, so that the client may try again soon.
    pub fn is_overload(&self) -> bool {
        self.storage().is_some_and(StorageError::is_overload)
    }
}

impl Failure for ProvisioningError {
    fn storage(&self) -> Option<&StorageError> {
        match self {
            Self::Storage(error) => Some(error),
            Self::Scim(_) | Self::Unauthorized | Self::TooManyRequests(_) => None,
        }
    }
}
