//! What the operator's console may be answered instead of success.

use crate::storage::error::Failure;
use crate::storage::error::StorageError;
use crate::use_cases::error::ManagementError;
use crate::use_cases::operator_error::OperatorError;

/// Why something was not done.
#[derive(Clone, Debug, PartialEq)]
pub enum ConsoleError {
    /// Nobody is in, or not any more.
    NoSession,
    /// The link that was to open the console is used up, over, or none of ours.
    DeadLink,
    /// What a command would be told, too.
    Operator(OperatorError),
    /// What the management API would be told, too.
    Management(ManagementError),
}

impl From<ManagementError> for ConsoleError {
    fn from(error: ManagementError) -> Self {
        Self::Management(error)
    }
}

impl From<OperatorError> for ConsoleError {
    fn from(error: OperatorError) -> Self {
        Self::Operator(error)
    }
}

impl From<StorageError> for ConsoleError {
    fn from(error: StorageError) -> Self {
        Self::Management(error.into())
    }
}

impl Failure for ConsoleError {
    fn storage(&self) -> Option<&StorageError> {
        match self {
            Self::NoSession | Self::DeadLink => None,
            Self::Operator(error) => error.storage(),
            Self::Management(error) => error.storage(),
        }
    }
}
