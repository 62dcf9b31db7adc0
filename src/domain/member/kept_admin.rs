//! The last administrator of an organization, whom a directory cannot take away.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::id::ConnectionId;

/// What a directory asked for and has not got yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// That the member loses the role of an administrator.
    RoleLoss,
    /// That the member is gone.
    Removal,
}

impl Withheld {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::RoleLoss => "role_loss",
            Self::Removal => "removal",
        }
    }
}

/// Why a member stays an administrator whatever else gives it roles: nobody else is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAdmin {
    /// The connection of the directory.
    pub connection_id: ConnectionId,
    /// What it asked for.
    pub withheld: Withheld,
    /// When it first asked for it.
    pub since: DateTime<Utc>,
}
