//! Somebody has proven an address, and chooses or creates an organization.

use crate::domain::organization_draft::OrganizationDraft;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::discovery::create;
use crate::use_cases::discovery::create::Creation;
use crate::use_cases::discovery::exchange;
use crate::use_cases::discovery::exchange::Exchange;
use crate::use_cases::discovery::list;
use crate::use_cases::discovery::list::Choice;
use crate::use_cases::error::ManagementError;
use crate::use_cases::hosted_sign_in;
use crate::use_cases::hosted_sign_in::Step;
use crate::use_cases::hosted_sign_in::request::HostedRequest;
use crate::use_cases::project_settings;
use crate::use_cases::sign_in::present::Presented;

/// What somebody may choose from, and whether they may create another one.
pub fn show(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    token: &str,
) -> Result<(Choice, bool), ManagementError> {
    let caller = &ProjectCaller {
        project_id: deployment.project_id.clone(),
    };
    let presented = Presented {
        session: None,
        intermediate_token: Some(token.to_owned()),
    };
    let choice = list::list(tx, caller, &presented)?;
    let may_create = project_settings::may_create_organizations(tx, &deployment.project_id)?;
    Ok((choice, may_create))
}

/// Takes the only organization that there is to choose, if no other may be created.
pub fn take_only(
    tx: &mut Transaction<'_>,
    place: (&Deployment, &HostedRequest),
    token: &str,
) -> Result<Step, ManagementError> {
    let (choice, may_create) = show(tx, place.0, token)?;
    match choice.organizations.as_slice() {
        [only] if !may_create => {
            let id = only.organization.organization.id.to_string();
            take(tx, place, (token, &id))
        }
        _ => Ok(Step::Choose(token.to_owned())),
    }
}

/// Enters the organization that was chosen.
pub fn take(
    tx: &mut Transaction<'_>,
    (deployment, request): (&Deployment, &HostedRequest),
    (token, organization): (&str, &str),
) -> Result<Step, ManagementError> {
    let caller = &ProjectCaller {
        project_id: deployment.project_id.clone(),
    };
    let asked = Exchange {
        intermediate_token: token.to_owned(),
        organization: organization.to_owned(),
        wishes: hosted_sign_in::wishes(None).session,
        locale: None,
    };
    let admission = exchange::exchange(tx, (caller, deployment), &asked)?;
    hosted_sign_in::next(tx, request, admission)
}

/// Creates an organization of the person's own and enters it; nothing where the project does not let
/// people do so.
pub fn make(
    tx: &mut Transaction<'_>,
    (deployment, request): (&Deployment, &HostedRequest),
    (token, name): (&str, &str),
) -> Result<Option<Step>, ManagementError> {
    if !project_settings::may_create_organizations(tx, &deployment.project_id)? {
        return Ok(None);
    }
    let caller = &ProjectCaller {
        project_id: deployment.project_id.clone(),
    };
    let asked = Creation {
        intermediate_token: token.to_owned(),
        draft: OrganizationDraft {
            organization_name: Some(name.to_owned()),
            ..OrganizationDraft::default()
        },
        wishes: hosted_sign_in::wishes(None).session,
    };
    let admission = create::create(tx, (caller, deployment), &asked)?;
    hosted_sign_in::next(tx, request, admission).map(Some)
}
