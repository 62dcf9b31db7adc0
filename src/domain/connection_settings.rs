//! What each kind of connection needs (contract 3.4 and 3.5).

use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::OrganizationId;
use crate::domain::id::ScimGroupId;
use crate::domain::oidc_settings::OidcSettings;
use crate::domain::roles::ImplicitRoles;
use crate::domain::saml_flows::FollowedMetadata;
use crate::domain::saml_flows::GroupsSyntax;
use crate::domain::saml_flows::LogoutRules;
use crate::domain::saml_flows::RequestRules;
use crate::domain::saml_keys::EncryptionKey;
use crate::domain::saml_keys::RequestSigningKey;
use crate::domain::saml_keys::VerificationCertificate;

/// The NameID format asked for unless the connection says otherwise.
pub const DEFAULT_NAMEID_FORMAT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

/// What each kind of connection needs.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectionSettings {
    /// SAML 2.0.
    Saml(SamlSettings),
    /// OpenID Connect.
    Oidc(OidcSettings),
    /// Another organization's connection.
    External(ExternalSettings),
    /// SCIM 2.0.
    Scim(ScimSettings),
}

impl ConnectionSettings {
    /// The kind of these settings.
    pub fn kind(&self) -> ConnectionKind {
        match self {
            Self::Saml(_) => ConnectionKind::Saml,
            Self::Oidc(_) => ConnectionKind::Oidc,
            Self::External(_) => ConnectionKind::External,
            Self::Scim(_) => ConnectionKind::Scim,
        }
    }

    /// What is left of them when their connection is gone: nothing that is secret or of use.
    pub fn emptied(&self) -> Self {
        match self {
            Self::Saml(_) => Self::Saml(SamlSettings::default()),
            Self::Oidc(_) => Self::Oidc(OidcSettings::default()),
            Self::External(settings) => Self::External(ExternalSettings {
                implicit_roles: ImplicitRoles::default(),
                ..settings.clone()
            }),
            Self::Scim(_) => Self::Scim(ScimSettings::default()),
        }
    }
}

/// What a SAML connection needs (contract 3.4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SamlSettings {
    /// The IdP's entity id.
    pub idp_entity_id: String,
    /// Where AuthnRequests go.
    pub idp_sso_url: String,
    /// Our attribute → the IdP's attribute.
    pub attribute_mapping: Map<String, Value>,
    /// The certificates that are trusted, at most five.
    pub verification_certificates: Vec<VerificationCertificate>,
    /// The key for signed requests, if they are signed.
    pub request_signing_key: Option<RequestSigningKey>,
    /// How many seconds the IdP's clock may be off.
    #[serde(default = "usual_clock_skew")]
    pub clock_skew_seconds: u16,
    /// Whether the Response must be signed, even if its Assertion is.
    #[serde(default)]
    pub want_response_signed: bool,
    /// Whether the Assertion must be signed, even if the Response is.
    #[serde(default)]
    pub want_assertion_signed: bool,
    /// The keys for encrypted responses, at most five.
    #[serde(default)]
    pub encryption_keys: Vec<EncryptionKey>,
    /// The roles it gives.
    pub implicit_roles: ImplicitRoles<String>,
    /// The audience of another vendor, during a migration.
    pub alternative_audience_uri: String,
    /// The ACS of another vendor, during a migration.
    pub alternative_acs_url: String,
    /// The NameID format asked for.
    pub nameid_format: String,
    /// Whether unsolicited responses are refused.
    pub idp_initiated_auth_disabled: bool,
    /// Whether a gateway in front of the alternative ACS may bring the answer instead of the browser.
    pub allow_gateway_callback: bool,
    /// Whether it stays off although all is there, until somebody turns it on.
    #[serde(default)]
    pub held: bool,
    /// How it asks for a sign-in.
    #[serde(default)]
    pub requests: RequestRules,
    /// Where it logs out.
    #[serde(default)]
    pub logout: LogoutRules,
    /// How groups are written.
    #[serde(default)]
    pub groups_syntax: GroupsSyntax,
    /// Which metadata it follows.
    #[serde(default)]
    pub metadata: Box<FollowedMetadata>,
}

impl Default for SamlSettings {
    fn default() -> Self {
        Self {
            idp_entity_id: String::new(),
            idp_sso_url: String::new(),
            attribute_mapping: Map::new(),
            verification_certificates: Vec::new(),
            request_signing_key: None,
            clock_skew_seconds: usual_clock_skew(),
            want_response_signed: false,
            want_assertion_signed: false,
            encryption_keys: Vec::new(),
            implicit_roles: ImplicitRoles::default(),
            alternative_audience_uri: String::new(),
            alternative_acs_url: String::new(),
            nameid_format: DEFAULT_NAMEID_FORMAT.to_owned(),
            idp_initiated_auth_disabled: true,
            allow_gateway_callback: false,
            held: false,
            requests: RequestRules::default(),
            logout: LogoutRules::default(),
            groups_syntax: GroupsSyntax::default(),
            metadata: Box::default(),
        }
    }
}

fn usual_clock_skew() -> u16 {
    60
}

impl SamlSettings {
    /// When the connection has to be looked after next, if ever: metadata read again, or somebody
    /// warned of a certificate.
    pub fn next_upkeep(&self, spread_by: u8, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let live = self.verification_certificates.iter();
        let live = live.filter(|certificate| now < certificate.expires_at);
        let warnings = live.filter_map(VerificationCertificate::next_warning);
        warnings
            .chain(self.metadata.next_refresh(spread_by, now))
            .min()
    }

    /// Whether requests for a sign-in are signed.
    pub fn signs_requests(&self) -> bool {
        self.request_signing_key.is_some() && self.requests.signed != Some(false)
    }

    /// Whether sign-ins may go through it.
    pub fn is_complete(&self) -> bool {
        self.is_filled_in() && !self.held
    }

    /// Whether everything is there that a sign-in needs.
    pub fn is_filled_in(&self) -> bool {
        !self.idp_entity_id.is_empty()
            && !self.idp_sso_url.is_empty()
            && !self.verification_certificates.is_empty()
            && !self.attribute_mapping.is_empty()
    }
}

/// What an external connection needs (contract 3.4): the connection whose IdP it trusts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExternalSettings {
    /// The other organization.
    pub organization_id: OrganizationId,
    /// Its SAML or OIDC connection.
    pub connection_id: ConnectionId,
    /// The roles that this connection gives here.
    pub implicit_roles: ImplicitRoles<String>,
}

/// What a SCIM connection needs (contract 3.5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScimSettings {
    /// The roles it gives.
    pub implicit_roles: ImplicitRoles<ScimGroupId>,
    /// The end of its bearer token, which may be shown.
    pub bearer_token_last_four: String,
    /// When its bearer token ends.
    pub bearer_token_expires_at: Option<DateTime<Utc>>,
    /// The token that takes over when a rotation is completed.
    #[serde(default)]
    pub next_bearer_token: Option<ShownToken>,
    /// The hash of what it declares besides the standards' schemas, if it declares anything.
    #[serde(default)]
    pub schemas_hash: Option<String>,
    /// Whether a push may take away the organization's last administrator.
    #[serde(default)]
    pub allow_last_admin_removal: bool,
    /// Whether two groups may have one name.
    #[serde(default)]
    pub allow_duplicate_group_names: bool,
}

/// What may be shown of a bearer token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownToken {
    /// Its end.
    pub last_four: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl ScimSettings {
    /// These settings while this token waits to take over; an earlier one waits no more.
    pub fn rotating_to(&self, next: ShownToken) -> Self {
        Self {
            next_bearer_token: Some(next),
            ..self.clone()
        }
    }

    /// These settings once the next token has taken over, if there is one.
    pub fn rotated(&self) -> Option<Self> {
        let next = self.next_bearer_token.clone()?;
        Some(Self {
            bearer_token_last_four: next.last_four,
            bearer_token_expires_at: Some(next.expires_at),
            next_bearer_token: None,
            ..self.clone()
        })
    }

    /// These settings without the next token, if there is one.
    pub fn not_rotated(&self) -> Option<Self> {
        self.next_bearer_token.as_ref()?;
        Some(Self {
            next_bearer_token: None,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_ends_with_one_token() {
        let shown = |last_four: &str| ShownToken {
            last_four: last_four.to_owned(),
            expires_at: DateTime::UNIX_EPOCH,
        };
        let settings = ScimSettings {
            bearer_token_last_four: "old1".to_owned(),
            ..ScimSettings::default()
        };
        assert_eq!((settings.rotated(), settings.not_rotated()), (None, None));
        let rotating = settings.rotating_to(shown("new1"));
        let rotating = rotating.rotating_to(shown("new2"));
        assert_eq!(rotating.bearer_token_last_four, "old1");
        assert_eq!(rotating.not_rotated(), Some(settings));
        let rotated = rotating.rotated().unwrap();
        assert_eq!(rotated.bearer_token_last_four, "new2");
        assert_eq!(rotated.next_bearer_token, None);
    }

    #[test]
    fn settings_written_before_there_was_rotation_are_read() {
        let written = serde_json::json!({
            "implicit_roles": { "connection": [], "groups": [] },
            "bearer_token_last_four": "abcd",
            "bearer_token_expires_at": null,
        });
        let read: ScimSettings = serde_json::from_value(written).unwrap();
        assert_eq!((read.next_bearer_token, read.schemas_hash), (None, None));
    }
}
