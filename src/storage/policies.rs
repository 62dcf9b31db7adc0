//! The project's policy.

use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::project::ProjectId;
use crate::domain::rbac::Policy;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::schema::project_policies;

/// The project's policy, if one was ever set.
pub fn find(tx: &mut Transaction<'_>, project: &ProjectId) -> Result<Option<Policy>, StorageError> {
    project_policies::table
        .filter(project_policies::project_id.eq(project.as_str()))
        .select(project_policies::policy)
        .first::<String>(tx.connection)
        .optional()?
        .map(|policy| from_json(&policy))
        .transpose()
}

/// Writes the project's policy.
pub fn save(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    policy: &Policy,
) -> Result<(), StorageError> {
    let old = project_policies::table.filter(project_policies::project_id.eq(project.as_str()));
    diesel::delete(old).execute(tx.connection)?;
    let row = (
        project_policies::project_id.eq(project.as_str()),
        project_policies::policy.eq(to_json(policy)?),
        project_policies::updated_at.eq(instant(tx.now)),
    );
    diesel::insert_into(project_policies::table)
        .values(row)
        .execute(tx.connection)?;
    Ok(())
}
