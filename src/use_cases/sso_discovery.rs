//! Which connections fit an e-mail address (contract 4.4): those of the organization that claims its
//! domain, or else of those that allow it, and for the backend those of the address's memberships.
//!
//! A stranger is answered by the domain alone, so that nobody learns from it who is a member.

use std::collections::BTreeMap;

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::connection::Connection;
use crate::domain::email::EmailAddress;
use crate::domain::id::OrganizationId;
use crate::domain::member::MemberRefusal;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::domain::project::ProjectId;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::organization_search::OrganizationFilter;
use crate::storage::organization_search::first_matching;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::credentials;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::project_settings;

/// More than one person could choose from.
const MOST_ORGANIZATIONS: i64 = 50;

/// A connection that fits an address.
#[derive(Clone, Debug, PartialEq)]
pub struct FittingConnection {
    /// The connection.
    pub connection: Connection,
    /// Whose it is.
    pub organization: Organization,
    /// Whether the address is one of its members; never told to strangers.
    pub is_member: bool,
    /// Whether it is the organization's default.
    pub is_default: bool,
}

/// What the backend is told: memberships first.
pub fn for_backend(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    named: &str,
) -> Result<Vec<FittingConnection>, ManagementError> {
    let address = &address(named)?;
    let project = &caller.project_id;
    let emails = OrganizationFilter::MemberEmails(vec![address.folded()]);
    let joined = first_matching(tx, (project, emails), MOST_ORGANIZATIONS)?;
    let mut all: BTreeMap<OrganizationId, (Organization, bool)> = BTreeMap::new();
    for organization in by_domain(tx, project, address)? {
        all.insert(organization.id, (organization, false));
    }
    for organization in joined {
        all.insert(organization.id, (organization, true));
    }
    Ok(of_organizations(tx, all)?)
}

/// What anybody with the project's public token is told.
pub fn for_stranger(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (public_token, named): (&SecretHash, &str),
) -> Result<Vec<FittingConnection>, ManagementError> {
    let project = credentials::project_of_public_token(tx, public_token)?;
    let project = project.filter(|project| *project == deployment.project_id);
    let project = project.ok_or(RequestError::UnauthorizedCredentials)?;
    for_anybody(tx, &project, &address(named)?)
}

/// The connections of the organization that holds the domain of an address. Whoever types an address
/// on a page of ours is sent on without being asked, and any organization may say that it allows a
/// domain: only who holds it leads people away.
pub(crate) fn of_claimant(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    address: &EmailAddress,
) -> Result<Vec<FittingConnection>, ManagementError> {
    let claimant = organizations::claimant_of(tx, project, &address.domain())?;
    let found = match claimant {
        Some(claimant) => organizations::find(tx, project, claimant)?,
        None => None,
    };
    let fitting = found.into_iter().map(|it| (it.id, (it, false)));
    Ok(of_organizations(tx, fitting.collect())?)
}

/// The connections that the domain of an address leads to.
fn for_anybody(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    address: &EmailAddress,
) -> Result<Vec<FittingConnection>, ManagementError> {
    let fitting = by_domain(tx, project, address)?.into_iter();
    let fitting = fitting.map(|organization| (organization.id, (organization, false)));
    Ok(of_organizations(tx, fitting.collect())?)
}

fn address(named: &str) -> Result<EmailAddress, ManagementError> {
    Ok(EmailAddress::parse(named).ok_or(MemberRefusal::EmailMissing)?)
}

/// The origins from which browsers may ask: those of the application's own pages.
pub fn origins(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
) -> Result<Vec<String>, ManagementError> {
    let urls = project_settings::redirect_urls(tx, &deployment.project_id, deployment)?;
    let all = urls
        .by_kind()
        .into_iter()
        .flat_map(|(_, urls)| urls.to_vec());
    let parsed = all.filter_map(|url| url::Url::parse(&url).ok());
    Ok(parsed
        .map(|url| url.origin().ascii_serialization())
        .collect())
}

/// A claimed domain is its claimant's alone: whoever else allows it may do so without proof.
fn by_domain(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    address: &EmailAddress,
) -> Result<Vec<Organization>, StorageError> {
    let domain = address.domain();
    if let Some(claimant) = organizations::claimant_of(tx, project, &domain)? {
        let claimant = organizations::find(tx, project, claimant)?;
        return Ok(claimant.into_iter().collect());
    }
    let allowed = OrganizationFilter::AllowedDomains(vec![domain]);
    let mut allowing = first_matching(tx, (project, allowed), MOST_ORGANIZATIONS)?;
    allowing.retain(|organization| organization.settings.vouches_for(address));
    Ok(allowing)
}

fn of_organizations(
    tx: &mut Transaction<'_>,
    mut all: BTreeMap<OrganizationId, (Organization, bool)>,
) -> Result<Vec<FittingConnection>, StorageError> {
    all.retain(|_, (organization, _)| policy::allows(&organization.settings, AuthMethod::Sso));
    tx.across_organizations(Crossing::Search)?;
    let ids: Vec<OrganizationId> = all.keys().copied().collect();
    let mut usable = connections::list(tx, &ids)?;
    usable.retain(|connection| connection.is_active() && connection.sso_roles().is_some());
    let fitting = usable.into_iter().filter_map(|connection| {
        let (organization, is_member) = all.get(&connection.organization_id)?;
        let default = organization.settings.sso_default_connection_id;
        Some(FittingConnection {
            is_default: default == Some(connection.id),
            is_member: *is_member,
            organization: organization.clone(),
            connection,
        })
    });
    let mut fitting: Vec<FittingConnection> = fitting.collect();
    fitting.sort_by_key(|fits| (!fits.is_member, fits.organization.id, !fits.is_default));
    Ok(fitting)
}
