//! The Users of a SCIM connection as administrators look for them, above all those that have
//! become nobody yet.

use crate::domain::id::ScimUserId;
use crate::storage::Transaction;
use crate::storage::scim_user_search;
use crate::storage::search_terms::Conditions;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::scim_connections;

pub use crate::storage::scim_user_search::UserFilter;
pub use crate::storage::scim_users::ScimUser;

/// Why a User has no member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutMember {
    /// It names no address that could receive mail.
    NoEmailAddress,
    /// It was inactive from the beginning.
    Inactive,
}

impl WithoutMember {
    /// Why this User has none, if it has none.
    pub fn of(user: &ScimUser) -> Option<Self> {
        match (&user.member_id, &user.email) {
            (Some(_), _) => None,
            (None, None) => Some(Self::NoEmailAddress),
            (None, Some(_)) => Some(Self::Inactive),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoEmailAddress => "no_email_address",
            Self::Inactive => "inactive",
        }
    }
}

/// One page of a connection's Users, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct UserPage {
    /// The Users.
    pub users: Vec<ScimUser>,
    /// How many match in all.
    pub total: i64,
    /// Whether another page follows.
    pub has_more: bool,
}

/// Finds Users of a connection.
pub fn search(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
    conditions: &Conditions<UserFilter>,
    (after, limit): (Option<ScimUserId>, i64),
) -> Result<UserPage, ManagementError> {
    let (organization, connection) =
        scim_connections::enter(tx, caller, named, ("stytch.scim", "get"))?;
    let scope = organization.scope();
    let owner = (&scope, connection.id);
    let mut users = scim_user_search::page(tx, owner, conditions, (after, limit + 1))?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = users.len() > limit;
    users.truncate(limit);
    Ok(UserPage {
        total: scim_user_search::count(tx, owner, conditions)?,
        users,
        has_more,
    })
}
