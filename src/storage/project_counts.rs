//! How much of what a project has.

use diesel::ExpressionMethods;
use diesel::JoinOnDsl;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::schema::connections;
use crate::storage::schema::m2m_clients;
use crate::storage::schema::mails;
use crate::storage::schema::members;
use crate::storage::schema::organizations;

/// What a project has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProjectCounts {
    /// Its organizations.
    pub organizations: i64,
    /// Their members that are not deleted.
    pub members: i64,
    /// Its machines.
    pub m2m_clients: i64,
}

/// Counts what a project has.
pub fn count(tx: &mut Transaction<'_>, project: &ProjectId) -> Result<ProjectCounts, StorageError> {
    tx.across_organizations(Crossing::Search)?;
    let organizations = organizations::table
        .filter(organizations::project_id.eq(project.as_str()))
        .count()
        .get_result(tx.connection()?)?;
    let members = members::table
        .inner_join(organizations::table.on(organizations::id.eq(members::organization_id)))
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(members::status.ne("deleted"))
        .count()
        .get_result(tx.connection()?)?;
    let m2m_clients = m2m_clients::table
        .filter(m2m_clients::project_id.eq(project.as_str()))
        .count()
        .get_result(tx.connection()?)?;
    Ok(ProjectCounts {
        organizations,
        members,
        m2m_clients,
    })
}

/// Counts the connections of a project's organizations that are in use.
pub fn active_connections(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<i64, StorageError> {
    tx.across_organizations(Crossing::Search)?;
    let active = connections::table
        .inner_join(organizations::table.on(organizations::id.eq(connections::organization_id)))
        .filter(organizations::project_id.eq(project.as_str()))
        .filter(connections::status.eq("active"));
    Ok(active.count().get_result(tx.connection()?)?)
}

/// Counts the mails of a project that are still to be sent.
pub fn waiting_mails(tx: &mut Transaction<'_>, project: &ProjectId) -> Result<i64, StorageError> {
    let waiting = mails::table
        .filter(mails::project_id.eq(project.as_str()))
        .filter(mails::next_attempt_at.is_not_null());
    Ok(waiting.count().get_result(tx.connection()?)?)
}
