//! Projects.

use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::project::Project;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::projects;

/// The project with this id.
pub fn find(tx: &mut Transaction<'_>, id: &ProjectId) -> Result<Option<Project>, StorageError> {
    let name = projects::table
        .filter(projects::id.eq(id.as_str()))
        .select(projects::name)
        .first::<String>(tx.connection()?)
        .optional()?;
    Ok(name.map(|name| Project {
        id: id.clone(),
        name,
    }))
}

/// The oldest project, if there is any.
pub fn first(tx: &mut Transaction<'_>) -> Result<Option<Project>, StorageError> {
    let found = projects::table
        .order((projects::created_at.asc(), projects::id.asc()))
        .select((projects::id, projects::name))
        .first::<(String, String)>(tx.connection()?)
        .optional()?;
    Ok(found.map(|(id, name)| Project {
        id: ProjectId::new(id),
        name,
    }))
}

/// Adds a project.
pub fn insert(tx: &mut Transaction<'_>, project: &Project) -> Result<(), StorageError> {
    let row = (
        projects::id.eq(project.id.as_str()),
        projects::name.eq(&project.name),
        projects::created_at.eq(instant(tx.now)),
    );
    diesel::insert_into(projects::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}
