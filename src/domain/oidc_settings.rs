//! What an OIDC connection needs (contract 3.4), and what it may say beyond the contract.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::domain::client_key::ClientKey;
use crate::domain::roles::ImplicitRoles;

/// How we prove ourselves at the provider's token endpoint (OpenID Connect Core 1.0 §9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenEndpointAuthMethod {
    /// With the secret, in the way that the provider's document names.
    #[default]
    Discovered,
    /// With the secret, in the `Authorization` header.
    ClientSecretBasic,
    /// With the secret, in the form.
    ClientSecretPost,
    /// With an assertion that a key of ours signs.
    PrivateKeyJwt,
}

impl TokenEndpointAuthMethod {
    /// The word on the wire; empty where the provider's document decides.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discovered => "",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [
            Self::Discovered,
            Self::ClientSecretBasic,
            Self::ClientSecretPost,
            Self::PrivateKeyJwt,
        ];
        all.into_iter().find(|method| method.name() == name)
    }
}

/// What an OIDC connection needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OidcSettings {
    /// The issuer, exactly as its tokens say it.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// Our client secret there, sealed; empty when none is set.
    pub sealed_client_secret: String,
    /// The end of the client secret, which may be shown.
    pub client_secret_last_four: String,
    /// Where the browser is sent.
    pub authorization_url: String,
    /// Where codes are exchanged.
    pub token_url: String,
    /// Where claims are read.
    pub userinfo_url: String,
    /// Where the issuer's keys are.
    pub jwks_url: String,
    /// Replaces `openid email profile` when set; separated by spaces.
    pub custom_scopes: String,
    /// Our attribute → the IdP's claim.
    pub attribute_mapping: Map<String, Value>,
    /// The roles it gives.
    pub implicit_roles: ImplicitRoles<String>,
    /// How we prove ourselves at the token endpoint.
    #[serde(default)]
    pub token_endpoint_auth_method: TokenEndpointAuthMethod,
    /// Our keys for assertions: the first signs, the second waits to take over.
    #[serde(default)]
    pub client_keys: Vec<ClientKey>,
    /// How long a session lasts at most that rests on this connection.
    #[serde(default)]
    pub maximum_session_minutes: Option<i64>,
    /// Whether it stays off although all is there, until somebody turns it on.
    #[serde(default)]
    pub held: bool,
}

impl OidcSettings {
    /// Whether sign-ins may go through it.
    pub fn is_complete(&self) -> bool {
        self.is_filled_in() && !self.held
    }

    /// Whether everything is there that a sign-in needs.
    pub fn is_filled_in(&self) -> bool {
        let has_credential = match self.token_endpoint_auth_method {
            TokenEndpointAuthMethod::PrivateKeyJwt => !self.client_keys.is_empty(),
            _ => !self.sealed_client_secret.is_empty(),
        };
        let needed = [
            &self.issuer,
            &self.client_id,
            &self.authorization_url,
            &self.token_url,
            &self.userinfo_url,
            &self.jwks_url,
        ];
        has_credential && needed.iter().all(|value| !value.is_empty())
    }

    /// The key that signs assertions.
    pub fn signing_key(&self) -> Option<&ClientKey> {
        self.client_keys.first()
    }

    /// These settings while this key waits to take over; an earlier one waits no more.
    pub fn rotating_to(&self, next: ClientKey) -> Self {
        let first = self.client_keys.iter().take(1).cloned();
        Self {
            client_keys: first.chain([next]).collect(),
            ..self.clone()
        }
    }

    /// These settings once the waiting key has taken over, if there is one.
    pub fn rotated(&self) -> Option<Self> {
        let next = self.client_keys.get(1)?;
        Some(Self {
            client_keys: vec![next.clone()],
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn key(kid: &str) -> ClientKey {
        ClientKey {
            kid: kid.to_owned(),
            certificate: String::new(),
            sealed_private_key: "sealed".to_owned(),
            created_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
        }
    }

    fn complete() -> OidcSettings {
        let some = || "x".to_owned();
        OidcSettings {
            issuer: some(),
            client_id: some(),
            sealed_client_secret: some(),
            authorization_url: some(),
            token_url: some(),
            userinfo_url: some(),
            jwks_url: some(),
            ..OidcSettings::default()
        }
    }

    #[test]
    fn a_connection_is_complete_with_the_credential_that_its_method_needs() {
        let with = |method, secret: &str, keys: &[&str]| OidcSettings {
            token_endpoint_auth_method: method,
            sealed_client_secret: secret.to_owned(),
            client_keys: keys.iter().map(|kid| key(kid)).collect(),
            ..complete()
        };
        let table = [
            (TokenEndpointAuthMethod::Discovered, "s", &[][..], true),
            (TokenEndpointAuthMethod::Discovered, "", &["k"], false),
            (TokenEndpointAuthMethod::ClientSecretPost, "s", &[], true),
            (TokenEndpointAuthMethod::PrivateKeyJwt, "s", &[], false),
            (TokenEndpointAuthMethod::PrivateKeyJwt, "", &["k"], true),
        ];
        for (method, secret, keys, expected) in table {
            let settings = with(method, secret, keys);
            assert_eq!(
                settings.is_complete(),
                expected,
                "{method:?} {secret} {keys:?}"
            );
        }
    }

    #[test]
    fn a_key_takes_over_only_after_it_has_been_shown() {
        let kids = |settings: &OidcSettings| {
            let kids = settings.client_keys.iter().map(|key| key.kid.clone());
            kids.collect::<Vec<_>>().join(" ")
        };
        let first = OidcSettings::default().rotating_to(key("a"));
        assert_eq!(kids(&first), "a");
        assert_eq!(first.rotated(), None);
        let second = first.rotating_to(key("b"));
        assert_eq!(
            (
                kids(&second).as_str(),
                second.signing_key().unwrap().kid.as_str()
            ),
            ("a b", "a")
        );
        let third = second.rotating_to(key("c"));
        assert_eq!(kids(&third), "a c");
        assert_eq!(kids(&third.rotated().unwrap()), "c");
    }

    #[test]
    fn settings_from_before_these_fields_are_read() {
        let mut kept = serde_json::to_value(complete()).unwrap();
        for name in [
            "token_endpoint_auth_method",
            "client_keys",
            "maximum_session_minutes",
        ] {
            kept.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(
            serde_json::from_value::<OidcSettings>(kept).unwrap(),
            complete()
        );
    }
}
