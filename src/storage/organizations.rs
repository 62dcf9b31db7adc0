//! Organizations: rows of a project. What finds one enters it: its rows are then seen.

use chrono::NaiveDateTime;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::AsChangeset;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;
use diesel::prelude::QueryableByName;

use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::rbac::Role;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::fence::entering;
use crate::storage::oauth_tenants;
use crate::storage::schema::claimed_domains;
use crate::storage::schema::organizations;
use crate::storage::tenant_rows;

#[derive(Queryable, QueryableByName, Insertable, AsChangeset)]
#[diesel(table_name = organizations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct OrganizationRow {
    id: String,
    project_id: String,
    slug: String,
    name: String,
    name_folded: String,
    external_id: Option<String>,
    logo_url: String,
    trusted_metadata: String,
    settings: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    custom_roles: String,
}

impl OrganizationRow {
    fn new(organization: &Organization) -> Result<Self, StorageError> {
        Ok(Self {
            id: organization.id.key(),
            project_id: organization.project_id.to_string(),
            slug: organization.slug.clone(),
            name: organization.name.clone(),
            name_folded: organization.name.to_lowercase(),
            external_id: organization.external_id.clone(),
            logo_url: organization.logo_url.clone(),
            trusted_metadata: to_json(&organization.trusted_metadata)?,
            settings: to_json(&organization.settings)?,
            custom_roles: to_json(&organization.custom_roles)?,
            created_at: instant(organization.created_at),
            updated_at: instant(organization.updated_at),
        })
    }
}

impl TryFrom<OrganizationRow> for Organization {
    type Error = StorageError;
    fn try_from(row: OrganizationRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: OrganizationId::from_key(&row.id).map_err(StorageError::corrupt)?,
            project_id: ProjectId::new(row.project_id),
            name: row.name,
            slug: row.slug,
            external_id: row.external_id,
            logo_url: row.logo_url,
            trusted_metadata: from_json(&row.trusted_metadata)?,
            settings: from_json(&row.settings)?,
            custom_roles: from_json(&row.custom_roles)?,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

/// What finding an organization reads, with what makes the transaction work for it.
macro_rules! entered {
    () => {
        (organizations::all_columns, entering(organizations::id))
    };
}

/// The organization that a statement found and entered.
fn enter(
    tx: &mut Transaction<'_>,
    found: Option<(OrganizationRow, String)>,
) -> Result<Option<Organization>, StorageError> {
    let Some((row, _)) = found else {
        return Ok(None);
    };
    let organization = Organization::try_from(row)?;
    tx.has_entered(organization.id);
    Ok(Some(organization))
}

/// The organization with this id, in this project; the transaction enters it.
pub fn find(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: OrganizationId,
) -> Result<Option<Organization>, StorageError> {
    let found = organizations::table
        .filter(organizations::id.eq(id.key()))
        .filter(organizations::project_id.eq(project.as_str()))
        .select(entered!())
        .first::<(OrganizationRow, String)>(tx.connection()?)
        .optional()?;
    enter(tx, found)
}

/// The organization with this slug, in this project; the transaction enters it.
pub fn find_by_slug(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    slug: &str,
) -> Result<Option<Organization>, StorageError> {
    let found = organizations::table
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(organizations::slug.eq(slug))
        .select(entered!())
        .first::<(OrganizationRow, String)>(tx.connection()?)
        .optional()?;
    enter(tx, found)
}

/// The organization with this external id, in this project; the transaction enters it.
pub fn find_by_external_id(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    external_id: &str,
) -> Result<Option<Organization>, StorageError> {
    let found = organizations::table
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(organizations::external_id.eq(external_id))
        .select(entered!())
        .first::<(OrganizationRow, String)>(tx.connection()?)
        .optional()?;
    enter(tx, found)
}

/// The project that an organization belongs to, for rows found by a secret of their own.
pub fn project_of(
    tx: &mut Transaction<'_>,
    id: OrganizationId,
) -> Result<Option<ProjectId>, StorageError> {
    let project = organizations::table
        .filter(organizations::id.eq(id.key()))
        .select(organizations::project_id)
        .first::<String>(tx.connection()?)
        .optional()?;
    Ok(project.map(ProjectId::new))
}

/// Adds an organization; the transaction enters it.
pub fn insert(tx: &mut Transaction<'_>, organization: &Organization) -> Result<(), StorageError> {
    let row = OrganizationRow::new(organization)?;
    tx.enter(organization.id)?;
    diesel::insert_into(organizations::table)
        .values(row)
        .execute(tx.connection()?)?;
    oauth_tenants::insert(tx, organization)?;
    save_claimed_domains(tx, organization)
}

/// Writes an organization as it now is.
pub fn save(tx: &mut Transaction<'_>, organization: &Organization) -> Result<(), StorageError> {
    tx.forget_what_is_known();
    tx.concern.add_everybody();
    let row = OrganizationRow::new(organization)?;
    diesel::update(organizations::table.filter(organizations::id.eq(organization.id.key())))
        .set(row)
        .execute(tx.connection()?)?;
    diesel::delete(
        claimed_domains::table.filter(claimed_domains::organization_id.eq(organization.id.key())),
    )
    .execute(tx.connection()?)?;
    oauth_tenants::save(tx, organization)?;
    save_claimed_domains(tx, organization)
}

/// Removes an organization and all that belongs to it.
pub fn delete(tx: &mut Transaction<'_>, organization: &Organization) -> Result<(), StorageError> {
    tx.forget_what_is_known();
    tx.concern.add_everybody();
    tenant_rows::delete_all(tx, organization.id)?;
    let this = organizations::table.filter(organizations::id.eq(organization.id.key()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}

fn save_claimed_domains(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<(), StorageError> {
    for domain in organization.settings.held_domains() {
        let row = (
            claimed_domains::project_id.eq(organization.project_id.as_str()),
            claimed_domains::domain.eq(domain),
            claimed_domains::organization_id.eq(organization.id.key()),
        );
        diesel::insert_into(claimed_domains::table)
            .values(row)
            .execute(tx.connection()?)?;
    }
    Ok(())
}

/// The organization that claims an e-mail domain, if one does.
pub fn claimant_of(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    domain: &str,
) -> Result<Option<OrganizationId>, StorageError> {
    claimed_domains::table
        .filter(claimed_domains::project_id.eq(project.as_str()))
        .filter(claimed_domains::domain.eq(domain))
        .select(claimed_domains::organization_id)
        .first::<String>(tx.connection()?)
        .optional()?
        .map(|key| OrganizationId::from_key(&key).map_err(StorageError::corrupt))
        .transpose()
}

/// The organizations of a project that add roles of their own, with those roles.
pub fn list_custom_roles(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Vec<(OrganizationId, Vec<Role>)>, StorageError> {
    let rows = organizations::table
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(organizations::custom_roles.ne("[]"))
        .select((organizations::id, organizations::custom_roles))
        .load::<(String, String)>(tx.connection()?)?;
    let found = rows.into_iter().map(|(id, roles)| {
        let id = OrganizationId::from_key(&id).map_err(StorageError::corrupt)?;
        Ok((id, from_json(&roles)?))
    });
    found.collect()
}
