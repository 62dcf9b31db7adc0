//! Search members of one or several organizations.

use crate::domain::id::MemberId;
use crate::domain::member::Member;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::fence::Crossing;
use crate::storage::member_search;
pub use crate::storage::member_search::MemberFilter;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::search::SearchError;
use crate::use_cases::organizations;
use crate::use_cases::organizations::OrganizationView;
use crate::use_cases::standing;
use crate::use_cases::standing::MemberStanding;

/// One page of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberPage {
    /// The members.
    pub members: Vec<MemberStanding>,
    /// Their organizations.
    pub organizations: Vec<OrganizationView>,
    /// How many match in all.
    pub total: i64,
    /// Whether another page follows.
    pub has_more: bool,
}

/// One page of what the filters match in these organizations.
pub fn search(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (named, filters): (&[String], &[MemberFilter]),
    (after, limit): (Option<MemberId>, i64),
) -> Result<MemberPage, ManagementError> {
    if named.is_empty() {
        return Err(ManagementError::Search(SearchError::OrganizationIdsEmpty));
    }
    let mut organizations = Vec::with_capacity(named.len());
    for name in named {
        organizations.push(organizations::resolve(tx, &caller.project_id, name)?);
    }
    let ids: Vec<_> = organizations
        .iter()
        .map(|organization| organization.id)
        .collect();
    if ids.len() > 1 {
        tx.across_organizations(Crossing::Search)?;
    }
    let (mut found, total) = member_search::search(tx, &ids, filters, (after, limit + 1))?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = found.len() > limit;
    found.truncate(limit);
    let all = connections::list(tx, &ids)?;
    let mut members = Vec::with_capacity(found.len());
    let mut views = Vec::new();
    for organization in organizations {
        let of_this = |member: &Member| member.organization_id == organization.id;
        let own: Vec<Member> = found.iter().filter(|m| of_this(m)).cloned().collect();
        let connections: Vec<_> = all
            .iter()
            .filter(|c| c.organization_id == organization.id)
            .cloned()
            .collect();
        if !own.is_empty() {
            members.extend(standing::of_members(tx, &organization, &connections, own)?);
            views.push(OrganizationView {
                organization,
                connections,
            });
        }
    }
    members.sort_by_key(|standing| standing.member.id);
    Ok(MemberPage {
        members,
        organizations: views,
        total,
        has_more,
    })
}
