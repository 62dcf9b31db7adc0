//! What a project declares about itself: what it means to the other use cases, and how it changes.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::claims_template;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::project::RedirectUrls;
use crate::domain::project_settings;
use crate::domain::project_settings::ProjectSettings;
use crate::domain::project_settings::SessionSettings;
use crate::domain::project_settings::SettingChange;
use crate::domain::rbac::OrgPolicy;
use crate::domain::rbac::Policy;
use crate::domain::rbac::PolicyDeclaration;
use crate::domain::secret::SecretHash;
use crate::domain::session::DEFAULT_DURATION_MINUTES;
use crate::storage::Transaction;
use crate::storage::credentials;
use crate::storage::credentials::ProjectKeyKind;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::organizations;
use crate::storage::project_keys;
use crate::storage::project_keys::KeyOrigin;
use crate::storage::project_keys::NewKey;
use crate::storage::project_settings as rows;
use crate::storage::projects;
use crate::use_cases::Deployment;
use crate::use_cases::operator_error::OperatorError;
use crate::use_cases::rbac::Policies;

/// What holds in the sessions of one organization.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRules {
    /// Which roles there are and what they allow.
    pub policies: Policies,
    settings: SessionSettings,
}

impl SessionRules {
    /// What the project declares, for the sessions of this organization.
    pub fn of(
        (policy, settings): (PolicyDeclaration, SessionSettings),
        organization: &Organization,
    ) -> Self {
        let policies = Policies {
            project: Policy::with(&policy),
            organization: OrgPolicy {
                roles: organization.custom_roles.clone(),
            },
        };
        Self { policies, settings }
    }

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
    let declared = rows::find_for_sessions(tx, &organization.project_id)?;
    Ok(SessionRules::of(declared, organization))
}

/// How many minutes a session of an organization lasts when its login does not say.
pub fn default_duration(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
) -> Result<i64, StorageError> {
    let minutes = match organizations::project_of(tx, organization)? {
        Some(project) => rows::find_for_sessions(tx, &project)?.1.duration_minutes,
        None => None,
    };
    Ok(minutes.unwrap_or(DEFAULT_DURATION_MINUTES))
}

/// Where people may be sent back: what the project declares, or else what the server's
/// configuration says.
pub fn redirect_urls(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    deployment: &Deployment,
) -> Result<RedirectUrls, StorageError> {
    let declared = rows::find_redirect_urls(tx, project)?;
    Ok(declared.unwrap_or_else(|| deployment.redirect_urls.clone()))
}

/// Whether whoever proves an address on the hosted pages may create an organization.
pub(crate) fn may_create_organizations(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<bool, StorageError> {
    let declared = rows::find_sign_in_pages(tx, project)?;
    Ok(declared.is_some_and(|pages| pages.create_organizations))
}

/// What taking these settings would change; nothing is written.
pub fn plan(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    wanted: &ProjectSettings,
) -> Result<Vec<SettingChange>, OperatorError> {
    if projects::find(tx, project)?.is_none() {
        return Err(OperatorError::NoProject);
    }
    let findings = wanted.findings();
    if !findings.is_empty() {
        return Err(OperatorError::Refused(findings));
    }
    check_organizations(tx, project, wanted)?;
    for (name, token) in &wanted.public_tokens {
        let owner =
            credentials::project_of(tx, ProjectKeyKind::PublicToken, &SecretHash::of(token))?;
        if owner.is_some_and(|owner| owner != *project) {
            return Err(OperatorError::ForeignToken(name.clone()));
        }
    }
    let before = rows::find(tx, project)?.unwrap_or_default();
    Ok(project_settings::changes(&before, wanted))
}

/// A role id means one thing in an organization: the project's role or its own.
fn check_organizations(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    wanted: &ProjectSettings,
) -> Result<(), OperatorError> {
    let declared = &wanted.rbac.roles;
    for (organization, roles) in organizations::list_custom_roles(tx, project)? {
        let taken = |id: &String| declared.iter().any(|role| role.role_id == *id);
        if let Some(id) = roles.into_iter().map(|role| role.role_id).find(taken) {
            return Err(OperatorError::RoleOfOrganization(id, organization));
        }
    }
    Ok(())
}

/// Takes settings in place of all that were: what is not declared any more is gone. Says what
/// changed; when nothing did, nothing is written.
pub fn apply(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    wanted: &ProjectSettings,
) -> Result<Vec<SettingChange>, OperatorError> {
    let changes = plan(tx, project, wanted)?;
    if changes.is_empty() {
        return Ok(changes);
    }
    rows::save(tx, project, wanted)?;
    declare_tokens(tx, project, wanted)?;
    let side = |value: fn(&SettingChange) -> Option<&Value>| {
        let values = changes
            .iter()
            .filter_map(|it| Some((it.setting.clone(), value(it)?.clone())));
        Some(json!(values.collect::<Map<_, _>>()))
    };
    let change = Change {
        organization_id: None,
        kind: EventKind::ProjectSettingsUpdated,
        object_id: project.to_string(),
        before: side(|it| it.before.as_ref()),
        after: side(|it| it.after.as_ref()),
    };
    journal::append(tx, &change)?;
    Ok(changes)
}

/// Makes the public tokens that the file declares open what they should, and no others of its.
fn declare_tokens(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    wanted: &ProjectSettings,
) -> Result<(), StorageError> {
    let kind = ProjectKeyKind::PublicToken;
    let known = project_keys::list(tx, project, kind)?;
    let (declared, origin) = (&wanted.public_tokens, KeyOrigin::File);
    for key in known.iter().filter(|key| key.origin == origin) {
        // Written anew below if it is still declared, perhaps under another name.
        project_keys::delete(tx, project, key)?;
    }
    for (name, secret) in declared {
        let hash = SecretHash::of(secret);
        let is_elsewhere = |key: &project_keys::ProjectKey| key.is(&hash) && key.origin != origin;
        if !known.iter().any(is_elsewhere) {
            let key = NewKey {
                kind,
                origin,
                name,
                secret,
            };
            project_keys::insert(tx, project, &key)?;
        }
    }
    Ok(())
}
