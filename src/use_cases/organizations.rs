//! Create, change, find and search organizations. `commit` is the one way an organization changes.

use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::organization_draft::OrganizationDraft;
use crate::domain::organization_rights;
use crate::domain::organization_rights::FieldRight;
use crate::domain::organization_rights::RESOURCE;
use crate::domain::project::ProjectId;
use crate::domain::slug;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::members;
use crate::storage::organizations;
use crate::use_cases::caller::Caller;
use crate::use_cases::connection_removal;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::last_admin;
use crate::use_cases::operator_error::OperatorError;
use crate::use_cases::organization_checks;

/// An organization and the connections that its answer shows.
#[derive(Clone, Debug, PartialEq)]
pub struct OrganizationView {
    /// The organization.
    pub organization: Organization,
    /// Its connections that are not gone.
    pub connections: Vec<Connection>,
}

/// Finds an organization by its id, its external id or its slug, in that order.
pub fn resolve(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    named: &str,
) -> Result<Organization, ManagementError> {
    let found = match named.parse::<OrganizationId>() {
        Ok(id) => organizations::find(tx, project, id)?,
        Err(_) => find_by_chosen_name(tx, project, named)?,
    };
    found.ok_or(ManagementError::Organization(OrganizationError::NotFound))
}

/// The same for an operator's command.
pub(crate) fn resolve_for_operator(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    named: &str,
) -> Result<Organization, OperatorError> {
    resolve(tx, project, named).map_err(|error| match error {
        ManagementError::Storage(error) => OperatorError::Storage(error),
        _ => OperatorError::UnknownOrganization(named.to_owned()),
    })
}

fn find_by_chosen_name(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    named: &str,
) -> Result<Option<Organization>, StorageError> {
    let by_external_id = if slug::is_external_id(named) {
        organizations::find_by_external_id(tx, project, named)?
    } else {
        None
    };
    match by_external_id {
        None if slug::is_slug(named) => organizations::find_by_slug(tx, project, named),
        found => Ok(found),
    }
}

/// An organization with what its answer shows.
pub fn view(
    tx: &mut Transaction<'_>,
    organization: Organization,
) -> Result<OrganizationView, ManagementError> {
    let connections = connections::list(tx, &[organization.id])?;
    Ok(OrganizationView {
        organization,
        connections,
    })
}

/// Reads one.
pub fn get(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    named: &str,
) -> Result<OrganizationView, ManagementError> {
    let organization = resolve(tx, &caller.project_id, named)?;
    view(tx, organization)
}

/// Creates one; a slug made from the name gets a suffix when it is in use.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    draft: &OrganizationDraft,
) -> Result<OrganizationView, ManagementError> {
    let mut organization = Organization::create(caller.project_id.clone(), draft, tx.now)?;
    if draft.organization_slug.is_none()
        && organizations::find_by_slug(tx, &caller.project_id, &organization.slug)?.is_some()
    {
        let suffix: String = organization.id.key().chars().rev().take(8).collect();
        organization.slug = format!("{}-{suffix}", organization.slug);
    }
    commit(tx, None, &organization)?;
    view(tx, organization)
}

/// Changes what the draft names.
pub fn update(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: &str,
    draft: &OrganizationDraft,
) -> Result<OrganizationView, ManagementError> {
    let before = caller.enter(tx, named, &[])?;
    demand_fields(caller, draft)?;
    let after = before.update(draft, tx.now)?;
    if after.says_the_same_as(&before) {
        return view(tx, before);
    }
    commit(tx, Some(&before), &after)?;
    view(tx, after)
}

/// Takes the external id away; without one there is nothing to change.
pub fn delete_external_id(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: &str,
) -> Result<OrganizationView, ManagementError> {
    let needed = (RESOURCE, organization_rights::DELETE_EXTERNAL_ID);
    let before = caller.enter(tx, named, &[needed])?;
    if before.external_id.is_none() {
        return view(tx, before);
    }
    let after = before.without_external_id(tx.now);
    commit(tx, Some(&before), &after)?;
    view(tx, after)
}

/// Removes an organization with all that belongs to it; only its journal stays.
pub fn delete(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: &str,
) -> Result<OrganizationId, ManagementError> {
    let gone = caller.enter(tx, named, &[(RESOURCE, organization_rights::DELETE)])?;
    connection_removal::end_dependents_of(tx, &gone)?;
    organizations::delete(tx, &gone)?;
    let change = Change {
        organization_id: Some(gone.id),
        kind: EventKind::OrganizationDeleted,
        object_id: gone.id.to_string(),
        before: Some(json!(gone)),
        after: None,
    };
    journal::append(tx, &change)?;
    Ok(gone.id)
}

/// How many live members an organization has.
pub fn member_count(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    named: &str,
) -> Result<i64, ManagementError> {
    let organization = resolve(tx, &caller.project_id, named)?;
    Ok(members::count_live(tx, &organization.scope())?)
}

/// Refuses unless the caller may set every field that the draft gives.
pub fn demand_fields(caller: &Caller, draft: &OrganizationDraft) -> Result<(), ManagementError> {
    for right in organization_rights::needed(draft) {
        match right {
            FieldRight::Action(action) => caller.demand(&[(RESOURCE, action)])?,
            FieldRight::TrustedMetadata => caller.demand_trusted_metadata(true)?,
            FieldRight::Backend if caller.is_member() => {
                return Err(SessionError::Authorization.into());
            }
            FieldRight::Backend => {}
        }
    }
    Ok(())
}

/// The one way an organization changes: uniqueness, row, journal.
pub(crate) fn commit(
    tx: &mut Transaction<'_>,
    before: Option<&Organization>,
    after: &Organization,
) -> Result<(), ManagementError> {
    organization_checks::check(tx, before, after)?;
    let kind = if before.is_some() {
        organizations::save(tx, after)?;
        EventKind::OrganizationUpdated
    } else {
        organizations::insert(tx, after)?;
        EventKind::OrganizationCreated
    };
    let change = Change {
        organization_id: Some(after.id),
        kind,
        object_id: after.id.to_string(),
        before: before.map(|organization| json!(organization)),
        after: Some(json!(after)),
    };
    journal::append(tx, &change)?;
    if before.is_some() {
        // Its rules by e-mail domain may have made an administrator.
        last_admin::settle(tx, after.id)?;
    }
    Ok(())
}
