//! How an organization's directory is doing: what it has pushed, when it last spoke, and what was
//! last refused.

use chrono::DateTime;
use chrono::Utc;

use crate::domain::scim_request::ScimRequest;
use crate::storage::Transaction;
use crate::storage::groups;
use crate::storage::scim_request_search;
use crate::storage::scim_request_search::RequestFilter;
use crate::storage::scim_user_search;
use crate::storage::scim_user_search::UserFilter;
use crate::storage::search_terms::Conditions;
use crate::storage::search_terms::Operator;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::scim_connections;
use crate::use_cases::scim_connections::ScimConnectionView;

/// Up to how many groups are counted.
pub const MOST_GROUPS: i64 = 1000;

/// How a directory is doing.
#[derive(Clone, Debug, PartialEq)]
pub struct DirectoryOverview {
    /// Its connection.
    pub view: ScimConnectionView,
    /// When its token was made.
    pub token_made_at: Option<DateTime<Utc>>,
    /// How many people it has pushed.
    pub users: i64,
    /// How many of them are no members.
    pub without_member: i64,
    /// How many groups it has pushed, counted up to 1000.
    pub groups: usize,
    /// The last request.
    pub last_request: Option<ScimRequest>,
    /// The last request that was refused.
    pub last_refused: Option<ScimRequest>,
}

/// The directory of an organization, if it has one.
pub fn find(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
) -> Result<Option<DirectoryOverview>, ManagementError> {
    let view = match scim_connections::get(tx, caller, organization) {
        Ok(view) => view,
        Err(ManagementError::Connection(ConnectionError::NoActiveScimConnection)) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let organization = caller.enter(tx, organization, &[])?;
    let scope = organization.scope();
    let place = (&scope, view.connection.id);
    let mut last = |filter: RequestFilter| {
        let found = scim_request_search::page(tx, place, &only(filter), (None, 1));
        found.map(|requests| requests.into_iter().next())
    };
    let last_request = last(RequestFilter::Any)?;
    let last_refused = last(RequestFilter::Refused)?;
    let everybody = Conditions {
        operator: Operator::And,
        filters: Vec::new(),
    };
    let expires_at = view
        .connection
        .scim()
        .and_then(|it| it.bearer_token_expires_at);
    Ok(Some(DirectoryOverview {
        token_made_at: expires_at.map(scim_connections::token_made_at),
        users: scim_user_search::count(tx, place, &everybody)?,
        without_member: scim_user_search::count(tx, place, &only(UserFilter::HasMember(false)))?,
        groups: groups::names_after(tx, place, (None, MOST_GROUPS))?.len(),
        last_request,
        last_refused,
        view,
    }))
}

fn only<F>(filter: F) -> Conditions<F> {
    Conditions {
        operator: Operator::And,
        filters: vec![filter],
    }
}
