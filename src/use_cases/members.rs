//! Members. `commit` is the one way a member changes: row, addresses, sessions, journal.

use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::member::MemberDraft;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::rbac;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::member_search;
pub use crate::storage::member_search::MemberFilter;
use crate::storage::members;
use crate::storage::organizations as organization_rows;
use crate::storage::sessions;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::rbac::RbacError;
use crate::use_cases::error::search::SearchError;
use crate::use_cases::organizations;
use crate::use_cases::organizations::OrganizationView;
use crate::use_cases::standing;
use crate::use_cases::standing::MemberStanding;

/// A member with its organization, as most answers show them.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberView {
    /// The member and where it stands.
    pub standing: MemberStanding,
    /// Its organization.
    pub organization: OrganizationView,
}

/// How a caller names a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberLocator {
    /// An id or an external id.
    pub member_id: Option<String>,
    /// An address.
    pub email_address: Option<String>,
}

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

/// The one way a member changes. A member that is not live any more loses its sessions here,
/// whatever door the change came through; an address it gives up stays its own.
pub fn commit(
    tx: &mut Transaction<'_>,
    before: Option<&Member>,
    after: &Member,
) -> Result<(), StorageError> {
    let kind = match before {
        None => {
            members::insert(tx, after)?;
            EventKind::MemberCreated
        }
        Some(before) => {
            members::save(tx, after)?;
            if before.email_address != after.email_address {
                members::release_email(tx, after, &after.email_address)?;
                members::retire_email(tx, after, &before.email_address)?;
            }
            if before.is_live() && !after.is_live() {
                EventKind::MemberDeleted
            } else {
                EventKind::MemberUpdated
            }
        }
    };
    let change = Change {
        organization_id: Some(after.organization_id),
        kind,
        object_id: after.id.to_string(),
        before: before.map(|member| json!(member)),
        after: Some(json!(after)),
    };
    journal::append(tx, &change)?;
    if !after.is_live() {
        end_sessions(tx, after)?;
    }
    Ok(())
}

/// Ends every session of a member, with one event that says how many.
pub fn end_sessions(tx: &mut Transaction<'_>, member: &Member) -> Result<(), StorageError> {
    let ended = sessions::delete_all_of(tx, member)?;
    if ended == 0 {
        return Ok(());
    }
    let change = Change {
        organization_id: Some(member.organization_id),
        kind: EventKind::SessionsRevoked,
        object_id: member.id.to_string(),
        before: Some(json!({ "sessions": ended })),
        after: Some(json!({ "sessions": 0 })),
    };
    journal::append(tx, &change)
}

/// The live member with this address, if there is one.
pub fn live_by_email(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    email: &EmailAddress,
) -> Result<Option<Member>, StorageError> {
    let found = members::list_by_email(tx, scope, email)?;
    Ok(found.into_iter().find(Member::is_live))
}

/// A member with its organization and where it stands.
pub fn view(
    tx: &mut Transaction<'_>,
    organization: Organization,
    member: Member,
) -> Result<MemberView, ManagementError> {
    let connections = connections::list(tx, &[organization.id])?;
    let standing = standing::of_member(tx, &organization, &connections, member)?;
    Ok(MemberView {
        standing,
        organization: OrganizationView {
            organization,
            connections,
        },
    })
}

/// Creates a member; the organization's doors do not apply to its own backend.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    organization: &str,
    draft: &MemberDraft,
) -> Result<MemberView, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    let scope = organization.scope();
    let member = Member::create(organization.id, draft, tx.now)?;
    if let Some(role) = member
        .explicit_roles
        .iter()
        .find(|role| !rbac::is_role_id(role))
    {
        return Err(ManagementError::Rbac(RbacError::InvalidRoleId(
            role.clone(),
        )));
    }
    let address = member.email_address.to_string();
    if live_by_email(tx, &scope, &member.email_address)?.is_some() {
        return Err(ManagementError::Member(MemberError::DuplicateEmail(
            address,
        )));
    }
    if members::retired_by(tx, &scope, &member.email_address)?.is_some() {
        return Err(ManagementError::Member(MemberError::RetiredEmail(address)));
    }
    if let Some(external_id) = &member.external_id
        && members::find_by_external_id(tx, &scope, external_id)?.is_some()
    {
        return Err(ManagementError::Member(MemberError::DuplicateExternalId(
            external_id.clone(),
        )));
    }
    commit(tx, None, &member)?;
    view(tx, organization, member)
}

/// Reads a member that is not deleted, by id, external id or address.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    organization: &str,
    locator: &MemberLocator,
) -> Result<MemberView, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    let scope = organization.scope();
    let found = match (&locator.member_id, &locator.email_address) {
        (Some(named), _) => find_named(tx, &scope, named)?,
        (None, Some(address)) => match EmailAddress::parse(address) {
            Some(email) => live_by_email(tx, &scope, &email)?,
            None => None,
        },
        (None, None) => return Err(ManagementError::Member(MemberError::InvalidGetFields)),
    };
    let member = found.filter(Member::is_live).ok_or(MemberError::NotFound)?;
    view(tx, organization, member)
}

fn find_named(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    named: &str,
) -> Result<Option<Member>, StorageError> {
    match named.parse::<MemberId>() {
        Ok(id) => members::find(tx, scope, id),
        Err(_) => members::find_by_external_id(tx, scope, named),
    }
}

/// Reads a member of any organization of the project, deleted ones when asked for.
pub fn dangerously_get(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    named: &str,
    include_deleted: bool,
) -> Result<MemberView, ManagementError> {
    let id: MemberId = named
        .parse()
        .map_err(|_| ManagementError::Member(MemberError::NotFound))?;
    let owner = members::organization_of(tx, id)?.ok_or(MemberError::NotFound)?;
    let organization = in_project(tx, &caller.project_id, owner)?;
    let member = members::find(tx, &organization.scope(), id)?
        .filter(|member| include_deleted || member.is_live())
        .ok_or(MemberError::NotFound)?;
    view(tx, organization, member)
}

fn in_project(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: OrganizationId,
) -> Result<Organization, ManagementError> {
    organization_rows::find(tx, project, id)?.ok_or(ManagementError::Member(MemberError::NotFound))
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
