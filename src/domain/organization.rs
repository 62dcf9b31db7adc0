//! An organization and its authentication settings (contract 3.1).

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::authentication_settings::AuthMethod;
use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::authentication_settings::Door;
use crate::domain::authentication_settings::EmailImplicitRoleAssignment;
use crate::domain::authentication_settings::Methods;
use crate::domain::authentication_settings::MfaMethod;
use crate::domain::authentication_settings::MfaPolicy;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::metadata;
use crate::domain::metadata::Metadata;
use crate::domain::metadata::MetadataRefusal;
use crate::domain::project::ProjectId;
use crate::domain::rbac::Role;
use crate::domain::scope::OrgScope;
use crate::domain::slug;

/// An organization: one customer of the application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its display name.
    pub name: String,
    /// Its slug, unique in the project.
    pub slug: String,
    /// The caller's own id for it, unique in the project.
    pub external_id: Option<String>,
    /// Where its logo is.
    pub logo_url: String,
    /// What the application keeps about it.
    pub trusted_metadata: Metadata,
    /// How members may join and sign in.
    pub settings: AuthenticationSettings,
    /// The roles that it adds to the project's.
    #[serde(default)]
    pub custom_roles: Vec<Role>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a caller asks an organization to become; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the fields are those of the contract, section 3.1"
)]
pub struct OrganizationDraft {
    pub organization_name: Option<String>,
    pub organization_slug: Option<String>,
    pub organization_external_id: Option<String>,
    pub organization_logo_url: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub trusted_metadata: Option<Metadata>,
    pub sso_default_connection_id: Option<ConnectionId>,
    pub sso_jit_provisioning: Option<Door>,
    pub sso_jit_provisioning_allowed_connections: Option<Vec<ConnectionId>>,
    pub email_allowed_domains: Option<Vec<String>>,
    pub claimed_email_domains: Option<Vec<String>>,
    pub email_jit_provisioning: Option<Door>,
    pub email_invites: Option<Door>,
    pub auth_methods: Option<Methods>,
    pub allowed_auth_methods: Option<Vec<AuthMethod>>,
    pub mfa_policy: Option<MfaPolicy>,
    pub mfa_methods: Option<Methods>,
    pub allowed_mfa_methods: Option<Vec<MfaMethod>>,
    pub rbac_email_implicit_role_assignments: Option<Vec<EmailImplicitRoleAssignment>>,
    pub oauth_tenant_jit_provisioning: Option<Door>,
    #[schema(value_type = Option<Object>)]
    pub allowed_oauth_tenants: Option<Metadata>,
    pub first_party_connected_apps_allowed_type: Option<Door>,
    pub allowed_first_party_connected_apps: Option<Vec<String>>,
    pub third_party_connected_apps_allowed_type: Option<Door>,
    pub allowed_third_party_connected_apps: Option<Vec<String>>,
}

/// Why an organization cannot become what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganizationRefusal {
    /// No name was given.
    NameMissing,
    /// The name is not 1–128 characters long.
    InvalidName,
    /// The slug breaks its rule.
    InvalidSlug(String),
    /// The external id breaks its rule.
    InvalidExternalId(String),
    /// The logo URL is over 2048 characters.
    LogoUrlTooLong,
    /// Metadata over its limits.
    Metadata(MetadataRefusal),
    /// This door has no `RESTRICTED` or no `ALL_ALLOWED`.
    InvalidDoor(&'static str),
    /// A setting is RESTRICTED and its list is empty.
    EmptyList(&'static str),
    /// A text in a list of domains is no domain.
    InvalidDomain(String),
    /// A role id of the wrong form.
    InvalidRoleId(String),
    /// All three ways to join would be closed.
    AllDoorsClosed,
}

impl Organization {
    /// A new organization from what was asked.
    pub fn create(
        project_id: ProjectId,
        draft: &OrganizationDraft,
        now: DateTime<Utc>,
    ) -> Result<Self, OrganizationRefusal> {
        let name = draft
            .organization_name
            .clone()
            .ok_or(OrganizationRefusal::NameMissing)?;
        let mut settings = AuthenticationSettings::default();
        if draft.carries_authentication_settings() {
            settings.email_invites = Door::NotAllowed;
        }
        let blank = Self {
            id: OrganizationId::fresh(),
            project_id,
            slug: slug::from_name(&name),
            name,
            external_id: None,
            logo_url: String::new(),
            trusted_metadata: Metadata::new(),
            settings,
            custom_roles: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        blank.update(draft, now)
    }

    /// This organization as the draft wants it.
    pub fn update(
        &self,
        draft: &OrganizationDraft,
        now: DateTime<Utc>,
    ) -> Result<Self, OrganizationRefusal> {
        let mut next = self.clone();
        next.take_details(draft)?;
        next.settings.take(draft);
        next.settings.check()?;
        next.updated_at = now;
        Ok(next)
    }

    /// The scope of this organization's rows.
    pub fn scope(&self) -> OrgScope {
        OrgScope {
            project_id: self.project_id.clone(),
            organization_id: self.id,
        }
    }

    fn take_details(&mut self, draft: &OrganizationDraft) -> Result<(), OrganizationRefusal> {
        if let Some(name) = &draft.organization_name {
            if !(1..=128).contains(&name.trim().chars().count()) {
                return Err(OrganizationRefusal::InvalidName);
            }
            self.name.clone_from(name);
        }
        if let Some(slug) = &draft.organization_slug {
            if !slug::is_slug(slug) {
                return Err(OrganizationRefusal::InvalidSlug(slug.clone()));
            }
            self.slug.clone_from(slug);
        }
        if let Some(external_id) = &draft.organization_external_id {
            if !slug::is_external_id(external_id) {
                return Err(OrganizationRefusal::InvalidExternalId(external_id.clone()));
            }
            self.external_id = Some(external_id.clone());
        }
        if let Some(logo_url) = &draft.organization_logo_url {
            if logo_url.len() > 2048 {
                return Err(OrganizationRefusal::LogoUrlTooLong);
            }
            self.logo_url.clone_from(logo_url);
        }
        if let Some(update) = &draft.trusted_metadata {
            self.trusted_metadata = metadata::merge(&self.trusted_metadata, update)
                .map_err(OrganizationRefusal::Metadata)?;
        }
        Ok(())
    }
}

impl OrganizationDraft {
    fn carries_authentication_settings(&self) -> bool {
        self.sso_jit_provisioning.is_some()
            || self.email_jit_provisioning.is_some()
            || self.email_allowed_domains.is_some()
            || self.auth_methods.is_some()
            || self.mfa_policy.is_some()
            || self.mfa_methods.is_some()
            || self.oauth_tenant_jit_provisioning.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(json: serde_json::Value) -> OrganizationDraft {
        serde_json::from_value(json).unwrap()
    }

    fn create(json: serde_json::Value) -> Result<Organization, OrganizationRefusal> {
        Organization::create(
            ProjectId::new("project-test-1"),
            &draft(json),
            DateTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn invites_are_open_only_when_no_authentication_setting_is_given() {
        let open = create(serde_json::json!({ "organization_name": "A" })).unwrap();
        assert_eq!(open.settings.email_invites, Door::AllAllowed);
        let set = serde_json::json!({ "organization_name": "A", "mfa_policy": "REQUIRED_FOR_ALL" });
        assert_eq!(
            create(set).unwrap().settings.email_invites,
            Door::NotAllowed
        );
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_name() {
        use OrganizationRefusal as R;
        let cases = [
            (serde_json::json!({}), R::NameMissing),
            (
                serde_json::json!({ "organization_name": " " }),
                R::InvalidName,
            ),
            (
                serde_json::json!({ "organization_name": "A", "organization_slug": "a b" }),
                R::InvalidSlug("a b".into()),
            ),
            (
                serde_json::json!({ "organization_name": "A", "email_jit_provisioning": "ALL_ALLOWED" }),
                R::InvalidDoor("email_jit_provisioning"),
            ),
            (
                serde_json::json!({ "organization_name": "A", "mfa_methods": "RESTRICTED" }),
                R::EmptyList("allowed_mfa_methods"),
            ),
            (
                serde_json::json!({ "organization_name": "A", "email_invites": "RESTRICTED" }),
                R::EmptyList("email_allowed_domains"),
            ),
            (
                serde_json::json!({ "organization_name": "A", "email_allowed_domains": ["x"] }),
                R::InvalidDomain("x".into()),
            ),
            (
                serde_json::json!({
                    "organization_name": "A", "sso_jit_provisioning": "NOT_ALLOWED",
                    "email_jit_provisioning": "NOT_ALLOWED", "email_invites": "NOT_ALLOWED",
                }),
                R::AllDoorsClosed,
            ),
        ];
        for (json, refusal) in cases {
            assert_eq!(create(json.clone()), Err(refusal), "{json}");
        }
    }

    #[test]
    fn lists_are_replaced_whole_and_the_rest_stays() {
        let now = DateTime::UNIX_EPOCH;
        let first = create(serde_json::json!({
            "organization_name": "A", "email_allowed_domains": ["a.test", "b.test"],
        }))
        .unwrap();
        let update = draft(serde_json::json!({ "email_allowed_domains": ["c.test"] }));
        let second = first.update(&update, now).unwrap();
        assert_eq!(second.settings.email_allowed_domains, ["c.test"]);
        assert_eq!((second.name, second.slug), (first.name, first.slug));
    }
}
