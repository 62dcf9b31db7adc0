//! The search of organizations (contract 3.1).

use crate::domain::id::OrganizationId;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::organization_search;
pub use crate::storage::organization_search::OrganizationFilter;
pub use crate::storage::search_terms::Conditions;
pub use crate::storage::search_terms::Operator;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::organizations::OrganizationView;
use crate::use_cases::standing;

/// One page of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct OrganizationPage {
    /// The organizations.
    pub organizations: Vec<OrganizationView>,
    /// How many match in all.
    pub total: i64,
    /// Whether another page follows.
    pub has_more: bool,
}

/// Where a page begins: behind a result of the page before, if there is one, and how many results
/// there are, as they were counted for the first page. Counting is what a page of many costs most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageStart<P> {
    /// The last result of the page before.
    pub last: P,
    /// How many there were in all.
    pub total: i64,
}

/// Cuts off what was read to see whether another page follows, and says whether it does.
pub(crate) fn cut<T>(found: &mut Vec<T>, limit: i64) -> bool {
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = found.len() > limit;
    found.truncate(limit);
    has_more
}

/// How many match: as it was counted for the first page, or all on it where one page holds them.
pub(crate) fn total_of<P, T>(
    start: Option<&PageStart<P>>,
    (page, has_more): (&[T], bool),
    count: impl FnOnce() -> Result<i64, StorageError>,
) -> Result<i64, StorageError> {
    match start {
        Some(start) => Ok(start.total),
        None if has_more => count(),
        None => Ok(i64::try_from(page.len()).unwrap_or(i64::MAX)),
    }
}

/// One page of what the conditions match.
pub fn search(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    conditions: &Conditions<OrganizationFilter>,
    (start, limit): (Option<PageStart<OrganizationId>>, i64),
) -> Result<OrganizationPage, ManagementError> {
    tx.across_organizations(Crossing::Search)?;
    let wanted = (&caller.project_id, conditions);
    let after = start.map(|start| start.last);
    let mut found = organization_search::page(tx, wanted, (after, limit + 1))?;
    let has_more = cut(&mut found, limit);
    let total = total_of(start.as_ref(), (&found, has_more), || {
        organization_search::count(tx, &caller.project_id, conditions)
    })?;
    let (organizations, _) = standing::of_members(tx, found, Vec::new())?;
    Ok(OrganizationPage {
        organizations,
        total,
        has_more,
    })
}
