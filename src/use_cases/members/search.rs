//! The search of members across organizations (contract 3.2).

use crate::domain::connection::Connection;
use crate::domain::id::OrganizationId;
use crate::domain::rbac;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::member_search;
pub use crate::storage::member_search::MemberFilter;
pub use crate::storage::member_search::MemberPosition;
use crate::storage::member_search::MemberQuery;
use crate::storage::organization_search;
pub use crate::storage::role_holders::RoleSources;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::error::search::SearchError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::organization_search::Conditions;
use crate::use_cases::organization_search::Operator;
use crate::use_cases::organization_search::PageStart;
use crate::use_cases::organization_search::cut;
use crate::use_cases::organization_search::total_of;
use crate::use_cases::organizations::OrganizationView;
use crate::use_cases::standing;
use crate::use_cases::standing::MemberStanding;

/// One page of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberPage {
    /// The members, by organization and age.
    pub members: Vec<MemberStanding>,
    /// Their organizations.
    pub organizations: Vec<OrganizationView>,
    /// How many match in all.
    pub total: i64,
    /// Whether another page follows.
    pub has_more: bool,
}

/// One page of what the conditions match in these organizations.
pub fn search(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (named, conditions): (&[String], &Conditions<MemberFilter>),
    (start, limit): (Option<PageStart<MemberPosition>>, i64),
) -> Result<MemberPage, ManagementError> {
    if named.is_empty() {
        return Err(SearchError::OrganizationIdsEmpty.into());
    }
    let organizations = enter_all(tx, caller, named)?;
    match organizations.as_slice() {
        [one] => tx.enter(*one)?,
        _ => tx.across_organizations(Crossing::Search)?,
    }
    let mut conditions = conditions.clone();
    let organizations = narrowed(tx, organizations, &mut conditions)?;
    for filter in &mut conditions.filters {
        if let MemberFilter::HasRole(sources) = filter {
            add_sources(tx, &organizations, sources)?;
        }
    }
    let query = MemberQuery {
        organizations: &organizations,
        conditions: &conditions,
    };
    let after = start.map(|start| start.last);
    let mut found = member_search::page(tx, &query, (after, limit + 1))?;
    let has_more = cut(&mut found, limit);
    let total = total_of(start.as_ref(), (&found, has_more), || {
        member_search::count(tx, &query)
    })?;
    let mut owners: Vec<OrganizationId> = found.iter().map(|m| m.organization_id).collect();
    owners.dedup();
    let owners = organization_search::list(tx, &owners)?;
    let (organizations, members) = standing::of_members(tx, owners, found)?;
    Ok(MemberPage {
        members,
        organizations,
        total,
        has_more,
    })
}

/// The organizations that are named. A member may search its own and no other, and learns of no
/// other whether it exists.
fn enter_all(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: &[String],
) -> Result<Vec<OrganizationId>, ManagementError> {
    let found = organization_search::resolve(tx, caller.project_id(), named)?;
    if let Some(own) = caller.own_organization() {
        if found.iter().any(|id| *id != Some(own.id)) {
            return Err(SessionError::Tenancy.into());
        }
        caller.demand(&[("stytch.member", "search")])?;
    }
    let found: Option<Vec<_>> = found.into_iter().collect();
    let mut ids = found.ok_or(OrganizationError::NotFound)?;
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// Those of the organizations that conditions on them leave, where all conditions must hold; these
/// need not be asked of each member then.
fn narrowed(
    tx: &mut Transaction<'_>,
    organizations: Vec<OrganizationId>,
    conditions: &mut Conditions<MemberFilter>,
) -> Result<Vec<OrganizationId>, StorageError> {
    let is_slug = |filter: &MemberFilter| {
        matches!(
            filter,
            MemberFilter::OrganizationSlugs(_) | MemberFilter::OrganizationSlugContains(_)
        )
    };
    if conditions.operator == Operator::Or || !conditions.filters.iter().any(is_slug) {
        return Ok(organizations);
    }
    let (slugs, others) = conditions.filters.drain(..).partition(is_slug);
    conditions.filters = others;
    member_search::organizations_with_slug(tx, &organizations, slugs)
}

/// Adds to the roles that are asked about what else gives them: rules about e-mail domains, SSO
/// connections, directories and their groups.
pub(crate) fn add_sources(
    tx: &mut Transaction<'_>,
    organizations: &[OrganizationId],
    sources: &mut RoleSources,
) -> Result<(), StorageError> {
    for role in sources.explicit.clone() {
        sources.everyone |= role == rbac::MEMBER_ROLE;
        if role == rbac::ADMIN_ROLE {
            sources.kept_admins = organizations.to_vec();
        }
        let word = format!("\"{role}\"");
        for found in organization_search::mentioning(tx, organizations, &word)? {
            let rules = found.settings.rbac_email_implicit_role_assignments;
            let giving = rules.into_iter().filter(|rule| rule.role_id == role);
            let domains = giving.map(|rule| (found.id, rule.domain));
            sources.domains.extend(domains);
        }
        for found in connections::mentioning(tx, organizations, &word)? {
            add_connection(sources, &found, &role);
        }
    }
    Ok(())
}

fn add_connection(sources: &mut RoleSources, connection: &Connection, role: &str) {
    let id = connection.id;
    if let Some(gives) = connection.sso_roles() {
        let by_connection = gives.connection.iter().filter(|given| *given == role);
        sources.sso_connections.extend(by_connection.map(|_| id));
        let by_group = gives.groups.iter().filter(|(given, _)| given == role);
        let groups = by_group.map(|(_, group)| (id, group.clone()));
        sources.sso_groups.extend(groups);
    }
    if let Some(scim) = connection.scim() {
        let gives = &scim.implicit_roles;
        let by_connection = gives.connection.iter().filter(|given| *given == role);
        sources.scim_connections.extend(by_connection.map(|_| id));
        let by_group = gives.groups.iter().filter(|(given, _)| given == role);
        sources
            .scim_groups
            .extend(by_group.map(|(_, group)| (id, *group)));
    }
}
