//! What the commands of an operator may be answered instead of success.

use std::fmt;

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::Utc;

use crate::domain::id::JwkId;
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
    /// A signing key that follows the present one waits already: which, and until when.
    KeyWaits(JwkId, DateTime<Utc>),
    /// The key is the one that signs.
    KeySigns,
    /// The master key does not open what is there.
    WrongMasterKey,
    /// The project has no such organization.
    UnknownOrganization(String),
    /// The organization has no such member.
    UnknownMember(String),
    /// The organization has no such link to the portal.
    UnknownPortalLink(String),
    /// The organization has not claimed this domain.
    UnknownDomain(String),
    /// The member is not active.
    MemberNotActive,
    /// The project file cannot be taken.
    Refused(Vec<Finding>),
    /// An organization has a role of its own that the project file declares: role and whose.
    RoleOfOrganization(String, OrganizationId),
    /// Nothing that was refused belongs to this request (any more).
    UnknownRefusal(String),
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
            Self::KeyWaits(..) | Self::KeySigns | Self::WrongMasterKey => self.about_signing(f),
            Self::UnknownOrganization(_)
            | Self::UnknownMember(_)
            | Self::UnknownPortalLink(_)
            | Self::UnknownDomain(_)
            | Self::MemberNotActive => self.about_member(f),
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
            Self::UnknownRefusal(id) => write!(
                f,
                "nothing that was refused is kept of the request {id}: it may be of no \
                 organization, one of many in its minute, or too old"
            ),
            Self::NotReplayed(reason) => write!(f, "the request cannot be run again: {reason}"),
            Self::Storage(error) => write!(f, "{error}"),
        }
    }
}

impl OperatorError {
    fn about_signing(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyWaits(id, from) => write!(
                f,
                "{id} follows already and signs from {}; revoke it to make another one",
                from.to_rfc3339_opts(SecondsFormat::Secs, true)
            ),
            Self::KeySigns => f.write_str(
                "it is the key that signs: rotate first, and revoke this one when `list` shows \
                 that the other one signs",
            ),
            Self::WrongMasterKey => f.write_str(
                "the master key does not open the keys in the database: run this with the \
                 configuration that the server has",
            ),
            _ => Ok(()),
        }
    }

    fn about_member(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOrganization(named) => write!(
                f,
                "there is no organization {named}; give its id, external id or slug"
            ),
            Self::UnknownPortalLink(id) => {
                write!(
                    f,
                    "the organization has no link {id}; `portal-link list` shows them"
                )
            }
            Self::UnknownDomain(domain) => write!(
                f,
                "the organization has not claimed {domain}; `domain list` shows what it has"
            ),
            Self::UnknownMember(named) => write!(
                f,
                "the organization has no member {named}; give its id, external id or address"
            ),
            Self::MemberNotActive => f.write_str("the member is not active"),
            _ => Ok(()),
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
