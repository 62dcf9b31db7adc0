//! What we are to an OAuth provider, and where it is (RFC 6749 §2.2, §3).

use std::fmt;

use crate::domain::oauth_provider::OauthProvider;

/// Our registration as a client of a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct OauthClient {
    /// The id that the provider gave us.
    pub client_id: String,
    /// The secret that proves us there.
    pub client_secret: String,
    /// Where the provider is.
    pub endpoints: Endpoints,
}

impl fmt::Debug for OauthClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OauthClient({}, [REDACTED])", self.client_id)
    }
}

/// Where a provider is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The issuer of its ID tokens; `{tenantid}` stands for any tenant of Microsoft.
    pub issuer: String,
    /// Where browsers are sent.
    pub authorization_url: String,
    /// Where a code is exchanged.
    pub token_url: String,
    /// The keys of its ID tokens; empty where it has none.
    pub keys_url: String,
    /// Where it says who somebody is, if it has no ID tokens.
    pub api_url: String,
}

impl Endpoints {
    /// Where a provider is for everybody.
    pub fn of(provider: OauthProvider) -> Self {
        let [issuer, authorization_url, token_url, keys_url, api_url] = match provider {
            OauthProvider::Google => [
                "https://accounts.google.com",
                "https://accounts.google.com/o/oauth2/v2/auth",
                "https://oauth2.googleapis.com/token",
                "https://www.googleapis.com/oauth2/v3/certs",
                "",
            ],
            OauthProvider::Microsoft => [
                "https://login.microsoftonline.com/{tenantid}/v2.0",
                "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
                "https://login.microsoftonline.com/common/oauth2/v2.0/token",
                "https://login.microsoftonline.com/common/discovery/v2.0/keys",
                "",
            ],
            OauthProvider::Github => [
                "https://github.com",
                "https://github.com/login/oauth/authorize",
                "https://github.com/login/oauth/access_token",
                "",
                "https://api.github.com",
            ],
            OauthProvider::Slack => [
                "https://slack.com",
                "https://slack.com/openid/connect/authorize",
                "https://slack.com/api/openid.connect.token",
                "https://slack.com/openid/connect/keys",
                "",
            ],
            OauthProvider::Hubspot => [
                "https://app.hubspot.com",
                "https://app.hubspot.com/oauth/authorize",
                "https://api.hubapi.com/oauth/v1/token",
                "",
                "https://api.hubapi.com/oauth/v1/access-tokens",
            ],
        }
        .map(str::to_owned);
        Self {
            issuer,
            authorization_url,
            token_url,
            keys_url,
            api_url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_reached_over_tls_and_says_who_somebody_is_in_one_way() {
        for provider in OauthProvider::ALL {
            let it = Endpoints::of(provider);
            for url in [&it.issuer, &it.authorization_url, &it.token_url] {
                assert!(url.starts_with("https://"), "{url}");
            }
            assert_ne!(it.keys_url.is_empty(), it.api_url.is_empty());
            assert_eq!(!it.keys_url.is_empty(), provider.has_id_tokens());
        }
    }

    #[test]
    fn a_secret_is_shown_nowhere() {
        let client = OauthClient {
            client_id: "us".to_owned(),
            client_secret: "hunter2".to_owned(),
            endpoints: Endpoints::of(OauthProvider::Google),
        };
        assert!(!format!("{client:?}").contains("hunter2"));
    }
}
