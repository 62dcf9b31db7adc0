//! What a provider has proven about a person: the claims of a verified ID token, and those of the
//! userinfo endpoint (OpenID Connect Core 1.0 §5).

use chrono::DateTime;
use chrono::Utc;
use serde_json::Map;
use serde_json::Value;

use crate::protocol::oidc::error::Rejection;
use crate::protocol::oidc::signed_jwt::numeric_date;

/// The claims of a verified ID token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    pub(in crate::protocol::oidc) issuer: String,
    pub(in crate::protocol::oidc) subject: String,
    pub(in crate::protocol::oidc) issued_at: DateTime<Utc>,
    pub(in crate::protocol::oidc) expires_at: DateTime<Utc>,
    pub(in crate::protocol::oidc) all: Map<String, Value>,
}

impl Claims {
    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The person's identifier at that issuer.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// When the ID token was issued.
    pub fn issued_at(&self) -> DateTime<Utc> {
        self.issued_at
    }

    /// When the ID token expires.
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at
    }

    /// All claims, as they came.
    pub fn all(&self) -> &Map<String, Value> {
        &self.all
    }

    /// A claim, or what a path with dots leads to where no claim has the whole name; `null` counts
    /// as absent.
    pub fn value(&self, name: &str) -> Option<&Value> {
        let inside = |mut path: std::str::Split<'_, char>| {
            let first = self.all.get(path.next()?)?;
            path.try_fold(first, |value, part| value.get(part))
        };
        let found = self.all.get(name).or_else(|| inside(name.split('.')));
        found.filter(|value| !value.is_null())
    }

    /// A claim that is a string and not empty.
    pub fn string(&self, name: &str) -> Option<&str> {
        let value = self.value(name).and_then(Value::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// A claim that is a list of strings; a single string counts as a list of one.
    pub fn strings(&self, name: &str) -> Vec<&str> {
        match self.value(name) {
            Some(Value::String(value)) => vec![value],
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The `email` claim.
    pub fn email(&self) -> Option<&str> {
        self.string("email")
    }

    /// The `email_verified` claim; some providers send it as a string.
    pub fn email_verified(&self) -> Option<bool> {
        match self.all.get("email_verified")? {
            Value::Bool(verified) => Some(*verified),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// When the provider wants sessions that rest on this to end (IPSIE, `session_expiry`).
    ///
    /// # Errors
    /// The claim is there and is no `NumericDate`: a limit that cannot be read is not ignored.
    pub fn session_expiry(&self) -> Result<Option<DateTime<Utc>>, Rejection> {
        let Some(value) = self.value("session_expiry") else {
            return Ok(None);
        };
        let received = || value.to_string().chars().take(40).collect();
        let unreadable = || Rejection::SessionExpiry {
            received: received(),
        };
        numeric_date(value).map(Some).ok_or_else(unreadable)
    }

    /// Adds what the userinfo endpoint says; the ID token's own claims stay as they are.
    ///
    /// # Errors
    /// The answer is about somebody else, which must be refused (§5.3.2).
    pub fn with_userinfo(mut self, userinfo: Map<String, Value>) -> Result<Self, Rejection> {
        let received = userinfo
            .get("sub")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if received != self.subject {
            return Err(Rejection::UserinfoSubject {
                expected: self.subject,
                received: received.to_owned(),
            });
        }
        for (name, value) in userinfo {
            self.all.entry(name).or_insert(value);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(all: Value) -> Claims {
        Claims {
            issuer: "https://idp.example".to_owned(),
            subject: "ana".to_owned(),
            issued_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
            all: all.as_object().cloned().unwrap(),
        }
    }

    #[test]
    fn claims_are_read_by_their_kind() {
        let claims = claims(json!({
            "email": "ana@acme.test", "name": "", "age": 3,
            "groups": ["a", 1, "b"], "role": "admin",
        }));
        assert_eq!(claims.email(), Some("ana@acme.test"));
        assert_eq!(claims.string("name"), None);
        assert_eq!(claims.string("age"), None);
        assert_eq!(claims.strings("groups"), ["a", "b"]);
        assert_eq!(claims.strings("role"), ["admin"]);
        assert!(claims.strings("absent").is_empty());
    }

    #[test]
    fn a_path_leads_into_a_claim_unless_a_claim_has_its_name() {
        let claims = claims(json!({
            "realm_access": { "roles": ["a"], "deep": { "er": "b" }, "none": null },
            "https://acme.test/groups": ["c"], "x.y": "whole", "x": { "y": "part" },
        }));
        assert_eq!(claims.strings("realm_access.roles"), ["a"]);
        assert_eq!(claims.string("realm_access.deep.er"), Some("b"));
        assert_eq!(claims.strings("https://acme.test/groups"), ["c"]);
        assert_eq!(claims.string("x.y"), Some("whole"));
        for absent in ["realm_access.none", "realm_access.roles.a", "absent.x", ""] {
            assert_eq!(claims.value(absent), None, "{absent}");
        }
    }

    #[test]
    fn a_session_expiry_is_a_numeric_date_or_refused() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0);
        let table = [
            (json!({}), Ok(None)),
            (
                json!({"session_expiry": 1_700_000_000}),
                Ok(at(1_700_000_000)),
            ),
            (
                json!({"session_expiry": 1_700_000_000.9}),
                Ok(at(1_700_000_000)),
            ),
            (json!({"session_expiry": "soon"}), Err("session_expiry")),
            (json!({"session_expiry": 1e300}), Err("session_expiry")),
        ];
        for (all, expected) in table {
            let found = claims(all.clone()).session_expiry();
            assert_eq!(found.map_err(|it| it.code()), expected, "{all}");
        }
    }

    #[test]
    fn a_verified_address_may_be_said_by_a_boolean_or_a_string() {
        let table = [
            (json!({}), None),
            (json!({"email_verified": true}), Some(true)),
            (json!({"email_verified": "true"}), Some(true)),
            (json!({"email_verified": "false"}), Some(false)),
            (json!({"email_verified": "yes"}), None),
            (json!({"email_verified": 1}), None),
        ];
        for (all, expected) in table {
            assert_eq!(claims(all.clone()).email_verified(), expected, "{all}");
        }
    }

    #[test]
    fn userinfo_adds_claims_and_replaces_none() {
        let userinfo = json!({"sub": "ana", "email": "other@acme.test", "name": "Ana"});
        let userinfo = userinfo.as_object().cloned().unwrap();
        let merged = claims(json!({"email": "ana@acme.test"}))
            .with_userinfo(userinfo)
            .unwrap();
        assert_eq!(merged.email(), Some("ana@acme.test"));
        assert_eq!(merged.string("name"), Some("Ana"));
    }

    #[test]
    fn userinfo_about_somebody_else_is_refused() {
        for userinfo in [json!({"sub": "bo"}), json!({}), json!({"sub": 7})] {
            let userinfo = userinfo.as_object().cloned().unwrap();
            let refused = claims(json!({})).with_userinfo(userinfo).unwrap_err();
            assert_eq!(refused.error_type(), "oidc_response_subject_mismatch");
        }
    }
}
