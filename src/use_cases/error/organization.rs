//! Why an organization cannot be found or become what was asked.

use crate::domain::metadata::MetadataRefusal;
use crate::domain::organization::OrganizationRefusal;

/// Why an organization cannot be found or become what was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum OrganizationError {
    /// No such organization for this project.
    NotFound,
    /// The organization cannot become what was asked.
    Refused(OrganizationRefusal),
    /// The slug is in use in this project.
    SlugAlreadyUsed(String),
    /// The external id is in use in this project.
    ExternalIdAlreadyUsed(String),
    /// Another organization claims this domain.
    DuplicateClaimedDomain(String),
    /// The default connection is not an active connection of the organization.
    InvalidDefaultConnection,
}

impl OrganizationError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let refusals = [
            OrganizationRefusal::NameMissing,
            OrganizationRefusal::InvalidName,
            OrganizationRefusal::InvalidSlug("a b".to_owned()),
            OrganizationRefusal::InvalidExternalId("a b".to_owned()),
            OrganizationRefusal::LogoUrlTooLong,
            OrganizationRefusal::Metadata(MetadataRefusal::TooManyKeys),
            OrganizationRefusal::Metadata(MetadataRefusal::TooLarge),
            OrganizationRefusal::InvalidDoor("email_jit_provisioning"),
            OrganizationRefusal::EmptyList("allowed_auth_methods"),
            OrganizationRefusal::EmptyList("allowed_mfa_methods"),
            OrganizationRefusal::EmptyList("sso_jit_provisioning_allowed_connections"),
            OrganizationRefusal::EmptyList("email_allowed_domains"),
            OrganizationRefusal::EmptyList("allowed_oauth_tenants"),
            OrganizationRefusal::InvalidDomain("nonsense".to_owned()),
            OrganizationRefusal::InvalidRoleId("no good".to_owned()),
            OrganizationRefusal::AllDoorsClosed,
        ];
        let mut all: Vec<Self> = refusals.into_iter().map(Self::Refused).collect();
        all.extend([
            Self::NotFound,
            Self::SlugAlreadyUsed("acme".to_owned()),
            Self::ExternalIdAlreadyUsed("7".to_owned()),
            Self::DuplicateClaimedDomain("acme.test".to_owned()),
            Self::InvalidDefaultConnection,
        ]);
        all
    }
}
