//! Create a member by hand.

use crate::domain::member::Member;
use crate::domain::member::MemberDraft;
use crate::domain::rbac;
use crate::storage::Transaction;
use crate::storage::members;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::rbac::RbacError;
use crate::use_cases::members::MemberView;
use crate::use_cases::members::commit;
use crate::use_cases::members::live_by_email;
use crate::use_cases::members::view;
use crate::use_cases::organizations;

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
