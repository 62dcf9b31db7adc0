//! Find members, and show them with their organization.

use crate::domain::email::EmailAddress;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::domain::slug;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::members;
use crate::storage::organizations as organization_rows;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::members::MemberLocator;
use crate::use_cases::members::MemberView;
use crate::use_cases::organizations;
use crate::use_cases::standing;

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
    let (mut organizations, mut standings) =
        standing::of_members(tx, vec![organization], vec![member])?;
    let found = organizations.pop().zip(standings.pop());
    let (organization, standing) = found.ok_or(MemberError::NotFound)?;
    Ok(MemberView {
        standing,
        organization,
    })
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

/// A member by its id or its external id.
pub(crate) fn find_named(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    named: &str,
) -> Result<Option<Member>, StorageError> {
    match named.parse::<MemberId>() {
        Ok(id) => members::find(tx, scope, id),
        Err(_) if !slug::is_external_id(named) => Ok(None),
        Err(_) => members::find_by_external_id(tx, scope, named),
    }
}

/// The live member that a call names by its id or external id.
pub(crate) fn live(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    named: &str,
) -> Result<Member, ManagementError> {
    let found = find_named(tx, &organization.scope(), named)?;
    Ok(found.filter(Member::is_live).ok_or(MemberError::NotFound)?)
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
