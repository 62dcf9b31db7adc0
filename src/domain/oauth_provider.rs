//! The OAuth providers with whom people may sign in.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::authentication_settings::AuthMethod;

/// An OAuth provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OauthProvider {
    /// Google.
    Google,
    /// Microsoft.
    Microsoft,
    /// GitHub.
    Github,
    /// Slack.
    Slack,
    /// HubSpot.
    Hubspot,
}

impl OauthProvider {
    /// Every provider.
    pub const ALL: [Self; 5] = [
        Self::Google,
        Self::Microsoft,
        Self::Github,
        Self::Slack,
        Self::Hubspot,
    ];

    /// Its word in URLs and columns.
    pub fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Github => "github",
            Self::Slack => "slack",
            Self::Hubspot => "hubspot",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Its own name, as the contract writes it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Microsoft => "Microsoft",
            Self::Github => "GitHub",
            Self::Slack => "Slack",
            Self::Hubspot => "HubSpot",
        }
    }

    /// Whether it speaks OpenID Connect. The others say by an API of their own who somebody is.
    pub fn has_id_tokens(self) -> bool {
        matches!(self, Self::Google | Self::Microsoft | Self::Slack)
    }

    /// The scopes that a sign-in needs.
    pub fn scopes(self) -> &'static str {
        match self {
            Self::Google | Self::Microsoft | Self::Slack => "openid email profile",
            Self::Github => "read:user user:email read:org",
            Self::Hubspot => "oauth",
        }
    }

    /// Whether signing in there proves the address at this very moment. The others hand over an
    /// address that was proven once, perhaps long ago.
    pub fn proves_addresses(self) -> bool {
        matches!(self, Self::Google | Self::Microsoft)
    }

    /// The method that an organization allows or not.
    pub fn method(self) -> AuthMethod {
        match self {
            Self::Google => AuthMethod::GoogleOauth,
            Self::Microsoft => AuthMethod::MicrosoftOauth,
            Self::Github => AuthMethod::GithubOauth,
            Self::Slack => AuthMethod::SlackOauth,
            Self::Hubspot => AuthMethod::HubspotOauth,
        }
    }
}
