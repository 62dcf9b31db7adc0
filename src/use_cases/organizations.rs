//! Create, change, find and search organizations. `commit` is the one way an organization changes.

use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::organization::OrganizationDraft;
use crate::domain::organization_rights;
use crate::domain::organization_rights::FieldRight;
use crate::domain::organization_rights::RESOURCE;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::journal;
use crate::storage::organizations;
use crate::use_cases::caller::Caller;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::error::session::SessionError;

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
        Err(_) => match organizations::find_by_external_id(tx, project, named)? {
            Some(organization) => Some(organization),
            None => organizations::find_by_slug(tx, project, named)?,
        },
    };
    found.ok_or(ManagementError::Organization(OrganizationError::NotFound))
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
    commit(tx, Some(&before), &after)?;
    view(tx, after)
}

fn demand_fields(caller: &Caller, draft: &OrganizationDraft) -> Result<(), ManagementError> {
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
    check_unique(tx, after)?;
    check_default_connection(tx, after)?;
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
    Ok(journal::append(tx, &change)?)
}

fn check_unique(tx: &mut Transaction<'_>, wanted: &Organization) -> Result<(), ManagementError> {
    let project = &wanted.project_id;
    let other = |found: Option<Organization>| found.is_some_and(|found| found.id != wanted.id);
    if other(organizations::find_by_slug(tx, project, &wanted.slug)?) {
        return Err(ManagementError::Organization(
            OrganizationError::SlugAlreadyUsed(wanted.slug.clone()),
        ));
    }
    if let Some(external_id) = &wanted.external_id
        && other(organizations::find_by_external_id(
            tx,
            project,
            external_id,
        )?)
    {
        let taken = external_id.clone();
        return Err(ManagementError::Organization(
            OrganizationError::ExternalIdAlreadyUsed(taken),
        ));
    }
    for domain in &wanted.settings.claimed_email_domains {
        let claimant = organizations::claimant_of(tx, project, domain)?;
        if claimant.is_some_and(|claimant| claimant != wanted.id) {
            return Err(ManagementError::Organization(
                OrganizationError::DuplicateClaimedDomain(domain.clone()),
            ));
        }
    }
    Ok(())
}

fn check_default_connection(
    tx: &mut Transaction<'_>,
    wanted: &Organization,
) -> Result<(), ManagementError> {
    let Some(id) = wanted.settings.sso_default_connection_id else {
        return Ok(());
    };
    let found = connections::find(tx, &wanted.scope(), id)?;
    let usable = found.is_some_and(|found| found.is_active() && found.sso_roles().is_some());
    if usable {
        Ok(())
    } else {
        Err(ManagementError::Organization(
            OrganizationError::InvalidDefaultConnection,
        ))
    }
}
