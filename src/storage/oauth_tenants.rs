//! Which organizations let people of which tenants of OAuth providers join: the settings, the other
//! way round.

use std::collections::BTreeSet;

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::id::OrganizationId;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::schema::allowed_oauth_tenants;

/// More than one person could choose from.
const MOST: i64 = 1000;

/// Writes the tenants that an organization names now, and no others.
pub(crate) fn save(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<(), StorageError> {
    let theirs = allowed_oauth_tenants::table
        .filter(allowed_oauth_tenants::organization_id.eq(organization.id.key()));
    diesel::delete(theirs).execute(tx.connection()?)?;
    insert(tx, organization)
}

/// The same for an organization that was not there before.
pub(crate) fn insert(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<(), StorageError> {
    let named = organization.settings.allowed_oauth_tenants.by_provider();
    for (provider, tenants) in named {
        for tenant in tenants.iter().collect::<BTreeSet<_>>() {
            let row = (
                allowed_oauth_tenants::project_id.eq(organization.project_id.as_str()),
                allowed_oauth_tenants::provider.eq(provider),
                allowed_oauth_tenants::tenant.eq(tenant),
                allowed_oauth_tenants::organization_id.eq(organization.id.key()),
            );
            diesel::insert_into(allowed_oauth_tenants::table)
                .values(row)
                .execute(tx.connection()?)?;
        }
    }
    Ok(())
}

/// The organizations of a project that name one of these tenants.
pub(crate) fn organizations_naming(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (provider, tenants): (OauthProvider, &[String]),
) -> Result<Vec<OrganizationId>, StorageError> {
    let keys = allowed_oauth_tenants::table
        .filter(allowed_oauth_tenants::project_id.eq(project.as_str()))
        .filter(allowed_oauth_tenants::provider.eq(provider.name()))
        .filter(allowed_oauth_tenants::tenant.eq_any(tenants))
        .select(allowed_oauth_tenants::organization_id)
        .distinct()
        .order(allowed_oauth_tenants::organization_id.asc())
        .limit(MOST)
        .load::<String>(tx.connection()?)?;
    let ids = keys.iter().map(|key| OrganizationId::from_key(key));
    ids.map(|id| id.map_err(StorageError::corrupt)).collect()
}
