//! What an operator sees first: how much there is, and what waits.

use crate::storage::Transaction;
use crate::storage::project_counts;
use crate::storage::project_counts::ProjectCounts;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::project_settings;

/// How a project stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// What it has.
    pub counts: ProjectCounts,
    /// Connections that are in use.
    pub active_connections: i64,
    /// Mails in the outbox.
    pub waiting_mails: i64,
    /// Whether sign-ins may return anywhere.
    pub has_redirect_urls: bool,
}

/// Looks at the caller's project.
pub fn look(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    deployment: &Deployment,
) -> Result<Overview, ManagementError> {
    let project = &caller.project_id;
    let urls = project_settings::redirect_urls(tx, project, deployment)?;
    let has_redirect_urls = urls.by_kind().iter().any(|(_, urls)| !urls.is_empty());
    Ok(Overview {
        counts: project_counts::count(tx, project)?,
        active_connections: project_counts::active_connections(tx, project)?,
        waiting_mails: project_counts::waiting_mails(tx, project)?,
        has_redirect_urls,
    })
}
