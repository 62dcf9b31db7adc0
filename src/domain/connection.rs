//! SAML, OIDC, external and SCIM connections: an organization's IdP, and when it may be used.

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::ExternalSettings;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::connection_settings::ScimSettings;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::oidc_settings::OidcSettings;
use crate::domain::roles::ImplicitRoles;

/// The product behind an SSO connection.
pub const SSO_IDENTITY_PROVIDERS: [&str; 15] = [
    "classlink",
    "cyberark",
    "duo",
    "generic",
    "google-workspace",
    "jumpcloud",
    "keycloak",
    "miniorange",
    "microsoft-entra",
    "okta",
    "onelogin",
    "pingfederate",
    "rippling",
    "salesforce",
    "shibboleth",
];

/// The product behind a SCIM connection; the last three go beyond the contract.
pub const SCIM_IDENTITY_PROVIDERS: [&str; 11] = [
    "generic",
    "okta",
    "microsoft-entra",
    "cyberark",
    "jumpcloud",
    "onelogin",
    "pingfederate",
    "rippling",
    "google-workspace",
    "keycloak",
    "authentik",
];

/// Whether a connection may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// Something is still missing.
    Pending,
    /// In use.
    Active,
    /// Gone.
    Deleted,
}

impl ConnectionStatus {
    /// The word on the wire and in the column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Deleted => "deleted",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Deleted]
            .into_iter()
            .find(|s| s.name() == name)
    }
}

/// A connection to an organization's identity provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Its id, which says what it speaks.
    pub id: ConnectionId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// Its display name.
    pub display_name: String,
    /// The product behind it.
    pub identity_provider: String,
    /// Whether it may be used.
    pub status: ConnectionStatus,
    /// What its protocol needs.
    pub settings: ConnectionSettings,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Connection {
    /// A connection to be filled in; external and SCIM connections are active at once.
    pub fn create(
        organization_id: OrganizationId,
        settings: ConnectionSettings,
        named: (String, String),
        now: DateTime<Utc>,
    ) -> Self {
        let (display_name, identity_provider) = named;
        let connection = Self {
            id: ConnectionId::fresh(settings.kind()),
            organization_id,
            display_name,
            identity_provider,
            status: ConnectionStatus::Pending,
            settings,
            created_at: now,
            updated_at: now,
        };
        connection.settled(now)
    }

    /// This connection with the status that its settings earn.
    pub fn settled(self, now: DateTime<Utc>) -> Self {
        let status = match (&self.settings, self.status) {
            (_, ConnectionStatus::Deleted) => ConnectionStatus::Deleted,
            (ConnectionSettings::Saml(settings), _) if !settings.is_complete() => {
                ConnectionStatus::Pending
            }
            (ConnectionSettings::Oidc(settings), _) if !settings.is_complete() => {
                ConnectionStatus::Pending
            }
            _ => ConnectionStatus::Active,
        };
        Self {
            status,
            updated_at: now,
            ..self
        }
    }

    /// This connection, gone, without what was secret or of use.
    pub fn deleted(&self, now: DateTime<Utc>) -> Self {
        Self {
            status: ConnectionStatus::Deleted,
            settings: self.settings.emptied(),
            updated_at: now,
            ..self.clone()
        }
    }

    /// Whether sign-ins or pushes through it are accepted.
    pub fn is_active(&self) -> bool {
        self.status == ConnectionStatus::Active
    }

    /// Whether everything is there that a sign-in needs, even if it is held back.
    pub fn is_filled_in(&self) -> bool {
        match &self.settings {
            ConnectionSettings::Saml(settings) => settings.is_filled_in(),
            ConnectionSettings::Oidc(settings) => settings.is_filled_in(),
            ConnectionSettings::External(_) | ConnectionSettings::Scim(_) => true,
        }
    }

    /// The SAML settings, if it speaks SAML.
    pub fn saml(&self) -> Option<&SamlSettings> {
        match &self.settings {
            ConnectionSettings::Saml(settings) => Some(settings),
            _ => None,
        }
    }

    /// The OIDC settings, if it speaks OIDC.
    pub fn oidc(&self) -> Option<&OidcSettings> {
        match &self.settings {
            ConnectionSettings::Oidc(settings) => Some(settings),
            _ => None,
        }
    }

    /// The connection that it stands for, if it is one of another organization.
    pub fn external(&self) -> Option<&ExternalSettings> {
        match &self.settings {
            ConnectionSettings::External(settings) => Some(settings),
            _ => None,
        }
    }

    /// The SCIM settings, if it speaks SCIM.
    pub fn scim(&self) -> Option<&ScimSettings> {
        match &self.settings {
            ConnectionSettings::Scim(settings) => Some(settings),
            _ => None,
        }
    }

    /// The roles that an SSO connection gives.
    pub fn sso_roles(&self) -> Option<&ImplicitRoles<String>> {
        match &self.settings {
            ConnectionSettings::Saml(settings) => Some(&settings.implicit_roles),
            ConnectionSettings::Oidc(settings) => Some(&settings.implicit_roles),
            ConnectionSettings::External(settings) => Some(&settings.implicit_roles),
            ConnectionSettings::Scim(_) => None,
        }
    }

    /// Where a sealed value of this connection belongs.
    pub fn sealing_place(&self, column: &str) -> String {
        format!(
            "{}/connections/{}/{column}",
            self.organization_id.key(),
            self.id.key()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::CertificateId;
    use crate::domain::saml_keys::VerificationCertificate;
    use serde_json::Map;
    use serde_json::Value;

    fn saml(settings: SamlSettings) -> Connection {
        let named = (String::new(), "generic".to_owned());
        let settings = ConnectionSettings::Saml(settings);
        Connection::create(
            OrganizationId::fresh(),
            settings,
            named,
            DateTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn a_saml_connection_is_active_only_with_a_certificate() {
        let certificate = VerificationCertificate {
            certificate_id: CertificateId::fresh(),
            certificate: "PEM".into(),
            issuer: String::new(),
            created_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
            warned_days: None,
        };
        let complete = SamlSettings {
            idp_entity_id: "idp".into(),
            idp_sso_url: "https://idp".into(),
            attribute_mapping: Map::from_iter([("email".to_owned(), Value::from("NameID"))]),
            verification_certificates: vec![certificate],
            ..SamlSettings::default()
        };
        assert!(saml(complete.clone()).is_active());
        let without = SamlSettings {
            verification_certificates: vec![],
            ..complete.clone()
        };
        assert!(!saml(without).is_active());
        let unmapped = SamlSettings {
            attribute_mapping: Map::new(),
            ..complete
        };
        assert!(!saml(unmapped).is_active());
    }

    #[test]
    fn a_connection_that_is_gone_stays_gone() {
        let gone = saml(SamlSettings::default()).deleted(DateTime::UNIX_EPOCH);
        assert!(!gone.is_active());
        let settled = gone.settled(DateTime::UNIX_EPOCH);
        assert_eq!(settled.status, ConnectionStatus::Deleted);
    }

    #[test]
    fn a_scim_connection_is_active_at_once() {
        let settings = ConnectionSettings::Scim(ScimSettings::default());
        let named = (String::new(), "okta".to_owned());
        assert!(
            Connection::create(
                OrganizationId::fresh(),
                settings,
                named,
                DateTime::UNIX_EPOCH
            )
            .is_active()
        );
    }
}
