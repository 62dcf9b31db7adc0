//! What a thread that owns a connection is given to do.

use std::time::Instant;

use crate::domain::id::OrganizationId;
use crate::domain::id::RequestId;
use crate::storage::db_connection::DbConnection;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::foreseen::Newcomer;
use crate::storage::together::Together;

/// What became of one run of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Keep what it wrote.
    Commit,
    /// Undo what it wrote; the job holds its own error.
    Undo,
    /// Undo it and run it again, or give up with this error.
    Again(StorageError),
    /// The connection is gone.
    Reconnect,
}

/// How far a transaction is kept from those beside it on PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// As if it ran alone; it may lose a race and run again.
    Serializable,
    /// Each statement sees what is committed, and the rows decide who wins.
    ByKeys,
    /// All statements see the same, and none writes; so it is for whatever reads on PostgreSQL.
    Snapshot,
    /// None: the statements stand alone where they may.
    Unneeded,
}

/// Which of an organization's lanes something waits in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Way {
    /// What its directory sends, one thing after the other.
    #[default]
    Directory,
    /// People who sign in, and wait for no push.
    SignIn,
}

/// Where a transaction starts from.
#[derive(Clone, Copy, Debug)]
pub struct Begin {
    /// The request that it works for.
    pub request_id: RequestId,
    /// The organization that it works in from its first statement on, if that is known before.
    pub within: Option<OrganizationId>,
    /// Where it waits for its turn in that organization.
    pub way: Way,
    /// Why its first statement looks across organizations, if it does; finding one ends that.
    pub across: Option<Crossing>,
}

impl From<RequestId> for Begin {
    fn from(request_id: RequestId) -> Self {
        Self {
            request_id,
            within: None,
            way: Way::default(),
            across: None,
        }
    }
}

impl Begin {
    /// For somebody who signs in to an organization, if it is known to which.
    pub fn sign_in(request_id: RequestId, within: Option<OrganizationId>) -> Self {
        Self {
            within,
            way: Way::SignIn,
            ..Self::from(request_id)
        }
    }

    /// For what finds its organization by its first statement about one: by the time that any other
    /// has entered it, looking across is over.
    pub fn across(request_id: RequestId, reason: Crossing) -> Self {
        Self {
            across: Some(reason),
            ..Self::from(request_id)
        }
    }
}

impl Isolation {
    /// How it begins, on a connection whose own way is serializable, or a snapshot if it only reads.
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Self::Serializable | Self::Snapshot | Self::Unneeded => "BEGIN",
            Self::ByKeys => "BEGIN ISOLATION LEVEL READ COMMITTED",
        }
    }
}

/// A closure on its way to a connection and its answer on the way back.
pub(crate) trait Job: Send {
    /// When it came to wait.
    fn arrived(&self) -> Instant;
    /// What its transaction needs.
    fn isolation(&self) -> Isolation;
    /// The organization that it begins in.
    fn within(&self) -> Option<OrganizationId>;
    /// Why it begins across organizations.
    fn across(&self) -> Option<Crossing>;
    /// In which of its lanes it waits.
    fn way(&self) -> Way;
    /// Whom it adds, as far as that is known.
    fn newcomer(&self) -> Option<&Newcomer>;
    /// Runs the closure; may be called again. What is known is so in the connection's transaction.
    fn run(&mut self, connection: &mut DbConnection, together: &mut Together) -> Verdict;
    /// Sends the answer: the closure's own when `outcome` is `Ok`.
    fn answer(self: Box<Self>, outcome: Result<(), StorageError>);
}
