//! Which roles there are, and what they allow: the project's policy and the organization's own
//! roles (contract 5).

use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::rbac;
use crate::domain::rbac::OrgPolicy;
use crate::domain::rbac::Policy;
use crate::domain::rbac::Role;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::project_settings;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::rbac::RbacError;
use crate::use_cases::organizations;

/// The policies that hold in one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policies {
    /// The project's.
    pub project: Policy,
    /// What the organization adds.
    pub organization: OrgPolicy,
}

impl Policies {
    /// Those of the held roles that allow the action: resource and action.
    pub fn granting_roles(&self, held: &[String], asked: (&str, &str)) -> Vec<String> {
        rbac::granting_roles(&self.project, &self.organization, held, asked)
    }

    /// Every role that is declared.
    pub fn declared(&self) -> impl Iterator<Item = &Role> {
        self.project.roles.iter().chain(&self.organization.roles)
    }

    /// The role with this id, if it is declared.
    pub fn find(&self, role_id: &str) -> Option<&Role> {
        self.declared().find(|role| role.role_id == role_id)
    }

    /// Whether a role is declared.
    pub fn declares(&self, role_id: &str) -> bool {
        self.find(role_id).is_some()
    }
}

/// The project's policy.
pub fn project_policy(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
) -> Result<Policy, ManagementError> {
    Ok(policy_of(tx, &caller.project_id)?)
}

fn policy_of(tx: &mut Transaction<'_>, project: &ProjectId) -> Result<Policy, StorageError> {
    let declared = project_settings::find_policy(tx, project)?;
    Ok(Policy::with(&declared.unwrap_or_default()))
}

/// The roles that an organization adds.
pub fn org_policy(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    organization: &str,
) -> Result<OrgPolicy, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    Ok(OrgPolicy {
        roles: organization.custom_roles,
    })
}

/// Replaces the roles that an organization adds. Roles that are gone give nothing any more, whoever
/// still names them.
pub fn set_org_policy(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    organization: &str,
    wanted: &OrgPolicy,
) -> Result<OrgPolicy, ManagementError> {
    let before = organizations::resolve(tx, &caller.project_id, organization)?;
    let project = policy_of(tx, &caller.project_id)?;
    if let Some(refusal) = wanted.refusals(&project).into_iter().next() {
        return Err(RbacError::Policy(refusal).into());
    }
    if wanted.roles == before.custom_roles {
        return Ok(wanted.clone());
    }
    let after = Organization {
        custom_roles: wanted.roles.clone(),
        updated_at: tx.now,
        ..before.clone()
    };
    organizations::commit(tx, Some(&before), &after)?;
    Ok(OrgPolicy {
        roles: after.custom_roles,
    })
}

/// The policies that hold in an organization.
pub fn policies(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<Policies, StorageError> {
    Ok(Policies {
        project: policy_of(tx, &organization.project_id)?,
        organization: OrgPolicy {
            roles: organization.custom_roles.clone(),
        },
    })
}

/// Refuses roles that neither the project nor the organization declares.
pub fn check_roles<'a>(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    roles: impl IntoIterator<Item = &'a str>,
) -> Result<(), ManagementError> {
    let mut roles = roles.into_iter().peekable();
    if roles.peek().is_none() {
        return Ok(());
    }
    let policies = policies(tx, organization)?;
    match roles.find(|role| !policies.declares(role)) {
        Some(unknown) => Err(RbacError::InvalidRoleId(unknown.to_owned()).into()),
        None => Ok(()),
    }
}
