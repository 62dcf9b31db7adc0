//! Why an organization cannot be found or become what was asked.

use crate::domain::email_domain::DomainFault;
use crate::domain::email_domain::DomainList;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
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
    /// The organization has not claimed this domain.
    DomainNotFound,
    /// A connection that is to create members is no SSO connection of the organization.
    ForeignConnection(ConnectionId),
}

impl OrganizationError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let mut refusals = vec![
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
            OrganizationRefusal::InvalidLogoUrl,
            OrganizationRefusal::InvalidOauthTenants("slack"),
            OrganizationRefusal::InvalidConnectedApps("allowed_first_party_connected_apps"),
            OrganizationRefusal::InvalidDefaultConnection("okta".to_owned()),
            OrganizationRefusal::InvalidRoleId("no good".to_owned()),
            OrganizationRefusal::AllDoorsClosed,
        ];
        let faults = [
            (DomainFault::Invalid, "nonsense"),
            (DomainFault::TooCommon, "gmail.com"),
            (DomainFault::Disposable, "mailinator.com"),
            (DomainFault::Duplicate, "acme.test"),
            (DomainFault::TooMany, "acme.test"),
        ];
        for list in [
            DomainList::Allowed,
            DomainList::Claimed,
            DomainList::ImplicitRoles,
        ] {
            let refused = |(fault, domain): (DomainFault, &str)| {
                OrganizationRefusal::Domain(list, fault, domain.to_owned())
            };
            refusals.extend(faults.map(refused));
        }
        let mut all: Vec<Self> = refusals.into_iter().map(Self::Refused).collect();
        all.extend([
            Self::NotFound,
            Self::SlugAlreadyUsed("acme".to_owned()),
            Self::ExternalIdAlreadyUsed("7".to_owned()),
            Self::DuplicateClaimedDomain("acme.test".to_owned()),
            Self::DomainNotFound,
            Self::ForeignConnection(ConnectionId::fresh(ConnectionKind::Saml)),
        ]);
        all
    }
}
