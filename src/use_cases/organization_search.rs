//! The search of organizations (contract 3.1).

use crate::domain::id::OrganizationId;
use crate::storage::Transaction;
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

/// Cuts off what was read to see whether another page follows, and says whether it does.
pub(crate) fn cut<T>(found: &mut Vec<T>, limit: i64) -> bool {
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = found.len() > limit;
    found.truncate(limit);
    has_more
}

/// How many match, where one page holds them all.
pub(crate) fn all_on<T>(page: &[T]) -> i64 {
    i64::try_from(page.len()).unwrap_or(i64::MAX)
}

/// One page of what the conditions match.
pub fn search(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    conditions: &Conditions<OrganizationFilter>,
    (after, limit): (Option<OrganizationId>, i64),
) -> Result<OrganizationPage, ManagementError> {
    tx.across_organizations(Crossing::Search)?;
    let wanted = (&caller.project_id, conditions);
    let mut found = organization_search::page(tx, wanted, (after, limit + 1))?;
    let has_more = cut(&mut found, limit);
    let total = if after.is_none() && !has_more {
        all_on(&found)
    } else {
        organization_search::count(tx, &caller.project_id, conditions)?
    };
    let (organizations, _) = standing::of_members(tx, found, Vec::new())?;
    Ok(OrganizationPage {
        organizations,
        total,
        has_more,
    })
}
