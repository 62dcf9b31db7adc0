//! What a project declares about itself: what it means to the other use cases, and how it changes.

use serde_json::Map;
use serde_json::Value;

use crate::domain::claims_template;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::project::RedirectUrls;
use crate::domain::project_settings::SessionSettings;
use crate::domain::rbac::OrgPolicy;
use crate::domain::rbac::Policy;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::project_settings;
use crate::use_cases::Deployment;
use crate::use_cases::rbac::Policies;

/// What holds in the sessions of one organization.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRules {
    /// Which roles there are and what they allow.
    pub policies: Policies,
    settings: SessionSettings,
}

impl SessionRules {
    /// What the project adds to the JWTs of a member.
    pub fn claims(&self, member: &Member, organization: &Organization) -> Map<String, Value> {
        claims_template::claims(&self.settings.jwt_claims, member, organization)
    }
}

/// The rules for the sessions of an organization.
pub fn session_rules(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<SessionRules, StorageError> {
    let declared = project_settings::find_for_sessions(tx, &organization.project_id)?;
    let (policy, settings) = declared.unwrap_or_default();
    let policies = Policies {
        project: Policy::with(&policy),
        organization: OrgPolicy {
            roles: organization.custom_roles.clone(),
        },
    };
    Ok(SessionRules { policies, settings })
}

/// Where people may be sent back: what the project declares, or else what the server's
/// configuration says.
pub fn redirect_urls(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    deployment: &Deployment,
) -> Result<RedirectUrls, StorageError> {
    let declared = project_settings::find_redirect_urls(tx, project)?;
    Ok(declared.unwrap_or_else(|| deployment.redirect_urls.clone()))
}
