//! Whose rows a query may touch. A scope comes from a credential or from a row, never from a body.

use crate::domain::id::OrganizationId;
use crate::domain::project::ProjectId;

/// Every query for a tenant's rows takes one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgScope {
    /// The project that the organization belongs to.
    pub project_id: ProjectId,
    /// The organization whose rows may be touched.
    pub organization_id: OrganizationId,
}

impl OrgScope {
    /// The value of the `organization_id` column.
    pub fn key(&self) -> String {
        self.organization_id.key()
    }
}
