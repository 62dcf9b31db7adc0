//! What the commands of an operator may be answered instead of success.

use std::fmt;

use crate::domain::id::OrganizationId;
use crate::domain::id::ScimRequestId;
use crate::domain::project_settings::Finding;
use crate::storage::error::Failure;
use crate::storage::error::StorageError;
use crate::use_cases::provisioning::replay::NotReplayed;

/// Why a command changed nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum OperatorError {
    /// The database holds no project yet.
    NoProject,
    /// No key has this id.
    UnknownKey(String),
    /// Several keys have an id that begins so.
    AmbiguousKey(String),
    /// It is the only secret, and nobody could call any more.
    LastSecret,
    /// The configuration gives the key, so that the next start would bring it back.
    GivenByConfiguration,
    /// The project file declares the key.
    DeclaredInFile,
    /// A public token that belongs to another project: its name.
    ForeignToken(String),
    /// The project file cannot be taken.
    Refused(Vec<Finding>),
    /// An organization has a role of its own that the project file declares: role and whose.
    RoleOfOrganization(String, OrganizationId),
    /// No log has this entry (any more).
    UnknownScimRequest(ScimRequestId),
    /// A request from the log cannot be run again, and why.
    NotReplayed(&'static str),
    /// Storage failed.
    Storage(StorageError),
}

impl fmt::Display for OperatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProject => {
                f.write_str("there is no project yet; the first `vestibule serve` makes it")
            }
            Self::UnknownKey(id) => write!(f, "no key has the id {id}; `list` shows them"),
            Self::AmbiguousKey(id) => write!(f, "several keys begin with {id}; give more of it"),
            Self::LastSecret => f.write_str(
                "it is the last secret and nobody could call any more: create another one first, \
                 or say --force",
            ),
            Self::GivenByConfiguration => f.write_str(
                "the configuration gives this key and the next start would bring it back: change \
                 it there, and the next start takes this one away",
            ),
            Self::DeclaredInFile => f.write_str(
                "the project file declares this token: remove it there and apply the file",
            ),
            Self::ForeignToken(name) => {
                write!(
                    f,
                    "public_tokens.{name}: the token is another project's; take a new one"
                )
            }
            Self::Refused(findings) => {
                let lines = findings
                    .iter()
                    .map(|it| format!("{}: {}", it.key, it.reason));
                f.write_str(&lines.collect::<Vec<_>>().join("\n"))
            }
            Self::RoleOfOrganization(role, organization) => write!(
                f,
                "rbac: {organization} has a role {role} of its own; choose another id, or take it \
                 out of that organization's policy first"
            ),
            Self::UnknownScimRequest(id) => write!(
                f,
                "no log has the request {id}; entries are kept for a while only"
            ),
            Self::NotReplayed(reason) => write!(f, "the request cannot be run again: {reason}"),
            Self::Storage(error) => write!(f, "{error}"),
        }
    }
}

impl From<StorageError> for OperatorError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<NotReplayed> for OperatorError {
    fn from(error: NotReplayed) -> Self {
        match error {
            NotReplayed::Unfit(reason) => Self::NotReplayed(reason),
            NotReplayed::Storage(error) => Self::Storage(error),
        }
    }
}

impl Failure for OperatorError {
    fn storage(&self) -> Option<&StorageError> {
        match self {
            Self::Storage(error) => Some(error),
            _ => None,
        }
    }
}
