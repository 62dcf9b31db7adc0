//! What a SCIM client may be told instead of success.

use crate::domain::email::EmailAddress;
use crate::domain::id::MemberId;
use crate::protocol::scim::error::ScimError;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;

/// A refusal of provisioning; `http/scim/error.rs` renders it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProvisioningError {
    /// The request cannot be met, in the protocol's own words.
    Scim(ScimError),
    /// A person whom the directory may not have, which the journal is to tell.
    MemberRefused(Box<MemberRefused>),
    /// The token is missing, unknown, over, or belongs to another connection.
    Unauthorized,
    /// The connection sends too many requests; the seconds to wait.
    TooManyRequests(u64),
    /// Storage failed.
    Storage(StorageError),
}

/// A User that would have become a member over whom the directory has no say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRefused {
    /// What the client is told.
    pub told: ScimError,
    /// The member.
    pub member_id: MemberId,
    /// The address by which the directory meant it.
    pub address: EmailAddress,
    /// Why not: `break_glass`, `domain_not_vouched_for` or `held_by_another_member`.
    pub reason: &'static str,
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
    /// What it says in the protocol's own words, if it does.
    pub fn told(&self) -> Option<&ScimError> {
        match self {
            Self::Scim(error) => Some(error),
            Self::MemberRefused(refused) => Some(&refused.told),
            Self::Unauthorized | Self::TooManyRequests(_) | Self::Storage(_) => None,
        }
    }

    /// Whether the database is too busy or away, so that the client may try again soon.
    pub fn is_overload(&self) -> bool {
        self.storage().is_some_and(StorageError::is_overload)
    }
}

impl Failure for ProvisioningError {
    fn storage(&self) -> Option<&StorageError> {
        match self {
            Self::Storage(error) => Some(error),
            Self::Scim(_)
            | Self::MemberRefused(_)
            | Self::Unauthorized
            | Self::TooManyRequests(_) => None,
        }
    }
}
