//! What an organization may not become because of what else there is: other organizations, its
//! connections, the roles that are declared. Only what changes is held against them, so that a
//! connection or a role that has gone since does not keep the rest from changing.

use crate::domain::connection::Connection;
use crate::domain::organization::Organization;
use crate::domain::organization::OrganizationRefusal;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::organizations;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::rbac;

/// Refuses what clashes or does not exist.
pub(super) fn check(
    tx: &mut Transaction<'_>,
    before: Option<&Organization>,
    after: &Organization,
) -> Result<(), ManagementError> {
    check_names(tx, after)?;
    check_claims(tx, after)?;
    check_default_connection(tx, before, after)?;
    check_allowed_connections(tx, before, after)?;
    check_roles(tx, before, after)
}

fn check_names(tx: &mut Transaction<'_>, wanted: &Organization) -> Result<(), ManagementError> {
    let project = &wanted.project_id;
    let other = |found: Option<Organization>| found.is_some_and(|found| found.id != wanted.id);
    if other(organizations::find_by_slug(tx, project, &wanted.slug)?) {
        return Err(OrganizationError::SlugAlreadyUsed(wanted.slug.clone()).into());
    }
    let Some(external_id) = &wanted.external_id else {
        return Ok(());
    };
    if other(organizations::find_by_external_id(
        tx,
        project,
        external_id,
    )?) {
        return Err(OrganizationError::ExternalIdAlreadyUsed(external_id.clone()).into());
    }
    Ok(())
}

fn check_claims(tx: &mut Transaction<'_>, wanted: &Organization) -> Result<(), ManagementError> {
    for domain in wanted.settings.held_domains() {
        let claimant = organizations::claimant_of(tx, &wanted.project_id, domain)?;
        if claimant.is_some_and(|claimant| claimant != wanted.id) {
            return Err(OrganizationError::DuplicateClaimedDomain(domain.clone()).into());
        }
    }
    Ok(())
}

fn check_default_connection(
    tx: &mut Transaction<'_>,
    before: Option<&Organization>,
    after: &Organization,
) -> Result<(), ManagementError> {
    let now = after.settings.sso_default_connection_id;
    let Some(id) =
        now.filter(|_| before.and_then(|before| before.settings.sso_default_connection_id) != now)
    else {
        return Ok(());
    };
    let found = connections::find(tx, &after.scope(), id)?;
    if found.is_some_and(|found| found.is_active() && is_sso(&found)) {
        Ok(())
    } else {
        Err(OrganizationRefusal::InvalidDefaultConnection(id.to_string()).into())
    }
}

fn check_allowed_connections(
    tx: &mut Transaction<'_>,
    before: Option<&Organization>,
    after: &Organization,
) -> Result<(), ManagementError> {
    let allowed = |organization: &Organization| {
        let settings = &organization.settings;
        settings.sso_jit_provisioning_allowed_connections.clone()
    };
    let known = before.map(allowed).unwrap_or_default();
    let mut new = allowed(after);
    new.retain(|id| !known.contains(id));
    if new.is_empty() {
        return Ok(());
    }
    let own = connections::list(tx, &[after.id])?;
    let is_own = |id| own.iter().any(|found| found.id == id && is_sso(found));
    match new.into_iter().find(|id| !is_own(*id)) {
        Some(id) => Err(OrganizationError::ForeignConnection(id).into()),
        None => Ok(()),
    }
}

fn is_sso(connection: &Connection) -> bool {
    connection.sso_roles().is_some()
}

fn check_roles(
    tx: &mut Transaction<'_>,
    before: Option<&Organization>,
    after: &Organization,
) -> Result<(), ManagementError> {
    let known = before.map(|before| &before.settings.rbac_email_implicit_role_assignments);
    let rules = &after.settings.rbac_email_implicit_role_assignments;
    let new = rules
        .iter()
        .filter(|rule| known.is_none_or(|known| !known.contains(rule)));
    rbac::check_roles(tx, after, new.map(|rule| rule.role_id.as_str()))
}
