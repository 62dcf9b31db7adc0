//! Whose word the project takes for who somebody is: issuers of tokens, and the userinfo endpoint of
//! a system that people come from (contract A.2: attest, migrate).

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use url::Url;

use crate::domain::email::EmailAddress;

/// An issuer whose tokens open sessions of members that are there already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrustedTokenProfile {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// What their `aud` must name.
    pub audience: String,
    /// Where its public keys are.
    pub jwks_url: String,
    /// The claim that names the member's address.
    pub email_claim: String,
    /// The claim that names the organization, unless the call does.
    pub organization_claim: String,
    /// The claim that tells one token from another.
    pub token_id_claim: String,
}

/// Where sessions of another system are asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionMigration {
    /// Its userinfo endpoint (OpenID Connect Core 1.0 §5.3); without one nothing is migrated.
    pub userinfo_url: Option<String>,
}

impl Default for TrustedTokenProfile {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            audience: String::new(),
            jwks_url: String::new(),
            email_claim: "email".to_owned(),
            organization_claim: "organization_id".to_owned(),
            token_id_claim: "jti".to_owned(),
        }
    }
}

impl TrustedTokenProfile {
    /// What is wrong with it: the field, and what would be right.
    pub fn refusals(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        for (field, value) in [
            ("issuer", &self.issuer),
            ("audience", &self.audience),
            ("email_claim", &self.email_claim),
        ] {
            if value.is_empty() {
                found.push((field, "must be given".to_owned()));
            }
        }
        if !is_web_address(&self.jwks_url) {
            let reason = format!("{:?} must be an https URL", self.jwks_url);
            found.push(("jwks_url", reason));
        }
        found
    }
}

impl SessionMigration {
    /// What is wrong with it: the field, and what would be right.
    pub fn refusals(&self) -> Vec<(&'static str, String)> {
        let url = self.userinfo_url.iter();
        let wrong = url.filter(|url| !is_web_address(url));
        wrong
            .map(|url| ("userinfo_url", format!("{url:?} must be an https URL")))
            .collect()
    }
}

/// Plain http is for labs; whether it is allowed is asked when something is fetched.
fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

/// The address that claims vouch for: one that they call anything but verified is none. Some write
/// the word as a text.
pub fn vouched_address(claims: &Map<String, Value>, claim: &str) -> Option<EmailAddress> {
    let is_denied = match claims.get("email_verified") {
        None | Some(Value::Bool(true)) => false,
        Some(Value::String(word)) => word != "true",
        Some(_) => true,
    };
    let given = claims.get(claim).and_then(Value::as_str);
    given.filter(|_| !is_denied).and_then(EmailAddress::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_profile_without_issuer_audience_or_keys_is_refused() {
        let right = TrustedTokenProfile {
            issuer: "https://idp.test".to_owned(),
            audience: "vestibule".to_owned(),
            jwks_url: "https://idp.test/jwks".to_owned(),
            ..TrustedTokenProfile::default()
        };
        assert_eq!(right.refusals(), []);
        let fields = |profile: TrustedTokenProfile| -> Vec<&str> {
            let found = profile.refusals().into_iter();
            found.map(|(field, _)| field).collect()
        };
        let without = TrustedTokenProfile::default();
        assert_eq!(fields(without), ["issuer", "audience", "jwks_url"]);
        let wrong = TrustedTokenProfile {
            jwks_url: "file:///etc/passwd".to_owned(),
            ..right
        };
        assert_eq!(fields(wrong), ["jwks_url"]);
    }

    #[test]
    fn an_address_that_is_called_unverified_is_none() {
        let found = |claims: Value| {
            let address = vouched_address(claims.as_object().unwrap(), "email");
            address.map(|address| address.to_string())
        };
        let ana = Some("ana@acme.test".to_owned());
        assert_eq!(found(json!({ "email": "ana@acme.test" })), ana);
        let verified = json!({ "email": "ana@acme.test", "email_verified": true });
        assert_eq!(found(verified), ana);
        for (word, is_believed) in [
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!("no"), false),
            (json!(0), false),
            (json!(null), false),
        ] {
            let said = json!({ "email": "ana@acme.test", "email_verified": word });
            assert_eq!(found(said).is_some(), is_believed, "{word}");
        }
        assert_eq!(found(json!({ "email": 1 })), None);
        assert_eq!(found(json!({})), None);
    }
}
