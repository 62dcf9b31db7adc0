//! An organization and its authentication settings (contract 3.1).

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::authentication_settings::AuthenticationSettings;
use crate::domain::authentication_settings::Door;
use crate::domain::email_domain::DomainFault;
use crate::domain::email_domain::DomainList;
use crate::domain::id::OrganizationId;
use crate::domain::metadata;
use crate::domain::metadata::Metadata;
use crate::domain::metadata::MetadataRefusal;
use crate::domain::organization_draft::OrganizationDraft;
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

/// Why an organization cannot become what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganizationRefusal {
    /// No name was given.
    NameMissing,
    /// The name is not 1–128 characters long, or one of them does not show.
    InvalidName,
    /// The slug breaks its rule.
    InvalidSlug(String),
    /// The external id breaks its rule.
    InvalidExternalId(String),
    /// The logo URL is over 2048 characters.
    LogoUrlTooLong,
    /// The logo URL has characters that no URL has.
    InvalidLogoUrl,
    /// Metadata over its limits.
    Metadata(MetadataRefusal),
    /// This setting has no `ALL_ALLOWED`.
    InvalidDoor(&'static str),
    /// A setting is RESTRICTED and its list is empty.
    EmptyList(&'static str),
    /// A domain that cannot be on a list of the organization's own: on which list, why, the domain.
    Domain(DomainList, DomainFault, String),
    /// A role id of the wrong form.
    InvalidRoleId(String),
    /// Tenants of a provider that are over 100, or not 1 to 128 characters long.
    InvalidOauthTenants(&'static str),
    /// A list of connected applications over 100, or one of over 128 characters.
    InvalidConnectedApps(&'static str),
    /// No id of an active SSO connection of the organization.
    InvalidDefaultConnection(String),
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
        let name = draft.organization_name.clone();
        let name = name.ok_or(OrganizationRefusal::NameMissing)?;
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
        next.settings.take(draft)?;
        if next.settings != self.settings {
            next.settings.check()?;
        }
        next.updated_at = now;
        Ok(next)
    }

    /// This organization without its external id.
    pub fn without_external_id(&self, now: DateTime<Utc>) -> Self {
        Self {
            external_id: None,
            updated_at: now,
            ..self.clone()
        }
    }

    /// Whether the other one differs in nothing but the time of its change.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let timeless = |organization: &Self| Self {
            updated_at: DateTime::UNIX_EPOCH,
            ..organization.clone()
        };
        timeless(self) == timeless(other)
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
            self.name = checked_name(name)?;
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
            check_logo_url(logo_url)?;
            self.logo_url.clone_from(logo_url);
        }
        if let Some(update) = &draft.trusted_metadata {
            self.trusted_metadata = metadata::merge(&self.trusted_metadata, update)
                .map_err(OrganizationRefusal::Metadata)?;
        }
        Ok(())
    }
}

/// A name without the white space around it.
fn checked_name(name: &str) -> Result<String, OrganizationRefusal> {
    // Characters that turn the direction of writing make one name look like another.
    let is_hidden =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let name = name.trim();
    if (1..=128).contains(&name.chars().count()) && !name.contains(is_hidden) {
        Ok(name.to_owned())
    } else {
        Err(OrganizationRefusal::InvalidName)
    }
}

fn check_logo_url(url: &str) -> Result<(), OrganizationRefusal> {
    if url.chars().count() > 2048 {
        Err(OrganizationRefusal::LogoUrlTooLong)
    } else if url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        Err(OrganizationRefusal::InvalidLogoUrl)
    } else {
        Ok(())
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
                serde_json::json!({ "organization_name": "Acme\u{202e}emcA" }),
                R::InvalidName,
            ),
            (
                serde_json::json!({ "organization_name": "Ac\u{0}me" }),
                R::InvalidName,
            ),
            (
                serde_json::json!({ "organization_name": "x".repeat(129) }),
                R::InvalidName,
            ),
            (
                serde_json::json!({ "organization_name": "A", "organization_external_id": "member-test-1" }),
                R::InvalidExternalId("member-test-1".into()),
            ),
            (
                serde_json::json!({ "organization_name": "A", "organization_logo_url": "x".repeat(2049) }),
                R::LogoUrlTooLong,
            ),
            (
                serde_json::json!({ "organization_name": "A", "organization_logo_url": "https://a.test/\u{0}" }),
                R::InvalidLogoUrl,
            ),
            (
                serde_json::json!({ "organization_name": "A", "email_allowed_domains": ["x"] }),
                R::Domain(DomainList::Allowed, DomainFault::Invalid, "x".into()),
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
    fn white_space_around_a_name_is_no_part_of_it() {
        let named = create(serde_json::json!({ "organization_name": " Acme, Inc. " })).unwrap();
        assert_eq!((&*named.name, &*named.slug), ("Acme, Inc.", "acme-inc"));
    }

    #[test]
    fn only_a_difference_that_says_something_is_one() {
        let later = DateTime::UNIX_EPOCH + chrono::TimeDelta::days(1);
        let first = create(serde_json::json!({ "organization_name": "A" })).unwrap();
        let same = first.update(
            &draft(serde_json::json!({ "organization_name": "A" })),
            later,
        );
        assert!(first.says_the_same_as(&same.unwrap()));
        let other = first.update(
            &draft(serde_json::json!({ "organization_name": "B" })),
            later,
        );
        assert!(!first.says_the_same_as(&other.unwrap()));
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
