//! How members of an organization may join and sign in (contract 3.1).

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::email::EmailAddress;
use crate::domain::id::ConnectionId;

/// Whether people may be created on sign-in, invited, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Door {
    /// Open to everyone.
    AllAllowed,
    /// Open to those on the setting's list.
    Restricted,
    /// Closed.
    NotAllowed,
}

/// Whether any method of a kind may be used or only those listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Methods {
    /// Any method.
    AllAllowed,
    /// Those listed.
    Restricted,
}

/// Whether a second factor is asked of everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MfaPolicy {
    /// Only of members who enrolled.
    Optional,
    /// Of every member.
    RequiredForAll,
}

/// A way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// SAML or OIDC single sign-on.
    Sso,
    /// A link sent by e-mail.
    MagicLink,
    /// A code sent by e-mail.
    EmailOtp,
    /// A password.
    Password,
    /// Google.
    GoogleOauth,
    /// Microsoft.
    MicrosoftOauth,
    /// Slack.
    SlackOauth,
    /// GitHub.
    GithubOauth,
    /// HubSpot.
    HubspotOauth,
}

impl AuthMethod {
    /// Every way.
    pub const ALL: [Self; 9] = [
        Self::Sso,
        Self::MagicLink,
        Self::EmailOtp,
        Self::Password,
        Self::GoogleOauth,
        Self::MicrosoftOauth,
        Self::SlackOauth,
        Self::GithubOauth,
        Self::HubspotOauth,
    ];

    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sso => "sso",
            Self::MagicLink => "magic_link",
            Self::EmailOtp => "email_otp",
            Self::Password => "password",
            Self::GoogleOauth => "google_oauth",
            Self::MicrosoftOauth => "microsoft_oauth",
            Self::SlackOauth => "slack_oauth",
            Self::GithubOauth => "github_oauth",
            Self::HubspotOauth => "hubspot_oauth",
        }
    }
}

/// A second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MfaMethod {
    /// A code by SMS.
    SmsOtp,
    /// An authenticator application.
    Totp,
}

impl MfaMethod {
    /// The word on the wire and in the column.
    pub fn name(self) -> &'static str {
        match self {
            Self::SmsOtp => "sms_otp",
            Self::Totp => "totp",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::SmsOtp, Self::Totp]
            .into_iter()
            .find(|method| method.name() == name)
    }
}

/// A role for every member whose address has the domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmailImplicitRoleAssignment {
    /// The e-mail domain.
    pub domain: String,
    /// The role it gives.
    pub role_id: String,
}

/// Tenants of OAuth providers whose people may join.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OauthTenants {
    /// Slack team ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slack: Vec<String>,
    /// HubSpot hub ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hubspot: Vec<String>,
    /// GitHub organization ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub github: Vec<String>,
}

/// Domains as they are kept; earlier versions kept them with their capitals.
fn kept_domains<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let kept = Vec::<String>::deserialize(deserializer)?;
    Ok(kept.iter().map(|domain| domain.to_lowercase()).collect())
}

/// Tenants as they are kept; earlier versions kept whatever a caller named.
fn kept_tenants<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OauthTenants, D::Error> {
    let kept = Map::<String, Value>::deserialize(deserializer)?;
    let tenants = |provider: &str| {
        let named = kept.get(provider).and_then(Value::as_array);
        let texts = named.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    Ok(OauthTenants {
        slack: tenants("slack"),
        hubspot: tenants("hubspot"),
        github: tenants("github"),
    })
}

impl OauthTenants {
    /// Whether no tenant of any provider is named.
    pub fn is_empty(&self) -> bool {
        self.by_provider()
            .iter()
            .all(|(_, tenants)| tenants.is_empty())
    }

    /// The tenants with the provider whose they are.
    pub fn by_provider(&self) -> [(&'static str, &[String]); 3] {
        [
            ("slack", &self.slack),
            ("hubspot", &self.hubspot),
            ("github", &self.github),
        ]
    }
}

/// How members may join and sign in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuthenticationSettings {
    /// May single sign-on create members?
    pub sso_jit_provisioning: Door,
    /// The connections that may, when restricted.
    pub sso_jit_provisioning_allowed_connections: Vec<ConnectionId>,
    /// The connection used when a sign-in names only the organization.
    pub sso_default_connection_id: Option<ConnectionId>,
    /// May a proven e-mail address create members?
    pub email_jit_provisioning: Door,
    /// May members be invited?
    pub email_invites: Door,
    /// The domains that may, when restricted.
    #[serde(deserialize_with = "kept_domains")]
    pub email_allowed_domains: Vec<String>,
    /// Domains whose people may sign up nowhere else.
    #[serde(deserialize_with = "kept_domains")]
    pub claimed_email_domains: Vec<String>,
    /// Domains that a DNS record proves to be the organization's: they count as claimed.
    #[serde(default)]
    pub verified_email_domains: Vec<String>,
    /// Which ways to sign in are allowed.
    pub auth_methods: Methods,
    /// The ways allowed, when restricted.
    pub allowed_auth_methods: Vec<AuthMethod>,
    /// Who needs a second factor.
    pub mfa_policy: MfaPolicy,
    /// Which second factors are allowed.
    pub mfa_methods: Methods,
    /// The second factors allowed, when restricted.
    pub allowed_mfa_methods: Vec<MfaMethod>,
    /// May an OAuth tenant create members?
    pub oauth_tenant_jit_provisioning: Door,
    /// The tenants that may, by provider.
    #[schema(value_type = Object)]
    #[serde(deserialize_with = "kept_tenants")]
    pub allowed_oauth_tenants: OauthTenants,
    /// Roles that come with an e-mail domain.
    pub rbac_email_implicit_role_assignments: Vec<EmailImplicitRoleAssignment>,
    /// Kept and echoed.
    pub first_party_connected_apps_allowed_type: Door,
    /// Kept and echoed.
    pub allowed_first_party_connected_apps: Vec<String>,
    /// Kept and echoed.
    pub third_party_connected_apps_allowed_type: Door,
    /// Kept and echoed.
    pub allowed_third_party_connected_apps: Vec<String>,
}

impl Default for AuthenticationSettings {
    fn default() -> Self {
        Self {
            sso_jit_provisioning: Door::AllAllowed,
            sso_jit_provisioning_allowed_connections: Vec::new(),
            sso_default_connection_id: None,
            email_jit_provisioning: Door::NotAllowed,
            email_invites: Door::AllAllowed,
            email_allowed_domains: Vec::new(),
            claimed_email_domains: Vec::new(),
            verified_email_domains: Vec::new(),
            auth_methods: Methods::AllAllowed,
            allowed_auth_methods: Vec::new(),
            mfa_policy: MfaPolicy::Optional,
            mfa_methods: Methods::AllAllowed,
            allowed_mfa_methods: Vec::new(),
            oauth_tenant_jit_provisioning: Door::NotAllowed,
            allowed_oauth_tenants: OauthTenants::default(),
            rbac_email_implicit_role_assignments: Vec::new(),
            first_party_connected_apps_allowed_type: Door::AllAllowed,
            allowed_first_party_connected_apps: Vec::new(),
            third_party_connected_apps_allowed_type: Door::AllAllowed,
            allowed_third_party_connected_apps: Vec::new(),
        }
    }
}

impl AuthenticationSettings {
    /// The domains that no other organization may have: those that the application says are this
    /// one's, and those that it has proven itself.
    pub fn held_domains(&self) -> impl Iterator<Item = &String> {
        let claimed = &self.claimed_email_domains;
        let proven = self.verified_email_domains.iter();
        claimed
            .iter()
            .chain(proven.filter(|it| !claimed.contains(it)))
    }

    /// Whether the organization vouches for the domain of an address, by allowing or holding it:
    /// only then do its directory and its IdP speak for people they did not bring themselves.
    pub fn vouches_for(&self, address: &EmailAddress) -> bool {
        let domain = address.domain();
        let named = self.email_allowed_domains.iter().chain(self.held_domains());
        named.into_iter().any(|known| *known == domain)
    }

    /// These settings once a connection is gone. Where it was the only one that may create
    /// members, nobody is created any more: an empty list cannot stay restricted.
    pub fn without_connection(&self, id: ConnectionId) -> Self {
        let mut left = self.clone();
        left.sso_default_connection_id = self.sso_default_connection_id.filter(|it| *it != id);
        let allowed = &mut left.sso_jit_provisioning_allowed_connections;
        allowed.retain(|allowed| *allowed != id);
        if self.sso_jit_provisioning == Door::Restricted && allowed.is_empty() {
            left.sso_jit_provisioning = Door::NotAllowed;
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_earlier_versions_kept_is_still_read() {
        let mut kept = json!(AuthenticationSettings::default());
        kept["email_allowed_domains"] = json!(["Acme.Test"]);
        kept["claimed_email_domains"] = json!(["Globex.Test"]);
        kept["allowed_oauth_tenants"] = json!({ "google": ["x"], "slack": "T1", "github": ["7"] });
        let read: AuthenticationSettings = serde_json::from_value(kept).unwrap();
        let ana = EmailAddress::parse("ana@acme.test").unwrap();
        assert!(read.vouches_for(&ana));
        assert_eq!(read.claimed_email_domains, ["globex.test"]);
        let tenants = &read.allowed_oauth_tenants;
        assert_eq!(
            (tenants.slack.len(), &tenants.github[..]),
            (0, &["7".to_owned()][..])
        );
    }
}
