//! OAuth clients of a SCIM connection: who may ask for its access tokens, and by what proof.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::id::ScimClientId;
use crate::domain::id::ScimClientSecretId;
use crate::domain::secret::CryptoFailure;
use crate::domain::secret::SecretHash;
use crate::domain::secret::equal;
use crate::domain::secret::fresh_token;
use crate::domain::secret::last_four;

/// How many clients a connection may have.
pub const MOST_CLIENTS: usize = 20;
/// How many secrets a client may have, so that one can be replaced while the other still works.
pub const MOST_SECRETS: usize = 5;
/// How long an access token works.
pub const TOKEN_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// An OAuth client of a SCIM connection.
#[derive(Clone, Debug, PartialEq)]
pub struct ScimClient {
    /// Its id, which is its `client_id` as well.
    pub id: ScimClientId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The connection whose tokens it gets.
    pub connection_id: ConnectionId,
    /// What people call it.
    pub display_name: String,
    /// Its secrets, oldest first; those that have expired are kept until they are deleted.
    pub secrets: Vec<ClientSecret>,
    /// Whose assertions prove it, if assertions do.
    pub trust: Option<AssertionTrust>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A secret of a client, without the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// Its id.
    pub id: ScimClientSecretId,
    /// What is kept of it.
    hash: String,
    /// Its end, which may be shown.
    pub last_four: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it stops working; never, if absent.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whose assertions prove a client, and the keys that sign them (RFC 7523 §3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssertionTrust {
    /// The `iss` of its assertions.
    pub issuer: String,
    /// Their `sub`.
    pub subject: String,
    /// Their `aud`.
    pub audience: String,
    /// The keys.
    pub keys: TrustedKeys,
    /// Whether an assertion without `jti` is good until it expires, for issuers that hand out the
    /// same one again.
    #[serde(default)]
    pub allow_reuse: bool,
}

/// Where the keys are that sign assertions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustedKeys {
    /// At this URL.
    JwksUrl(String),
    /// Here: a JWK set.
    Jwks(Value),
}

impl ClientSecret {
    /// A new secret and what is kept of it.
    pub fn fresh(
        now: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
    ) -> Result<(Self, String), CryptoFailure> {
        let secret = format!("scim-secret-test-{}", fresh_token()?);
        let kept = Self {
            id: ScimClientSecretId::fresh(),
            hash: SecretHash::of(&secret).as_str().to_owned(),
            last_four: last_four(&secret),
            created_at: now,
            expires_at,
        };
        Ok((kept, secret))
    }

    /// Whether it still works.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl ScimClient {
    /// The live secret that was presented, if it is one of this client's.
    pub fn secret(&self, presented: &SecretHash, now: DateTime<Utc>) -> Option<&ClientSecret> {
        let mut live = self.secrets.iter().filter(|secret| secret.is_live(now));
        live.find(|secret| equal(&secret.hash, presented.as_str()))
    }

    /// Whether assertions of this issuer about this subject would prove it.
    pub fn trusts(&self, issuer: &str, subject: &str) -> bool {
        let trust = self.trust.as_ref();
        trust.is_some_and(|trust| trust.issuer == issuer && trust.subject == subject)
    }
}

/// A new access token.
pub fn fresh_access_token() -> Result<String, CryptoFailure> {
    Ok(format!("scim-access-test-{}", fresh_token()?))
}

/// When an access token got with this secret, or with none, stops working: it does not outlive
/// the secret.
pub fn access_token_expiry(now: DateTime<Utc>, secret: Option<&ClientSecret>) -> DateTime<Utc> {
    let whole = now + TOKEN_LIFETIME;
    let end = secret.and_then(|secret| secret.expires_at);
    end.map_or(whole, |end| end.min(whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ConnectionKind;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn client(secrets: Vec<ClientSecret>) -> ScimClient {
        ScimClient {
            id: ScimClientId::fresh(),
            organization_id: OrganizationId::fresh(),
            connection_id: ConnectionId::fresh(ConnectionKind::Scim),
            display_name: String::new(),
            secrets,
            trust: None,
            created_at: at(0),
            updated_at: at(0),
        }
    }

    #[test]
    fn each_live_secret_proves_the_client_and_nothing_else_does() {
        let (lasting, first) = ClientSecret::fresh(at(0), None).unwrap();
        let (ending, second) = ClientSecret::fresh(at(0), Some(at(10))).unwrap();
        let client = client(vec![lasting.clone(), ending.clone()]);
        let found = |secret: &str, seconds| client.secret(&SecretHash::of(secret), at(seconds));
        assert_eq!(found(&first, 100), Some(&lasting));
        assert_eq!(found(&second, 9), Some(&ending));
        assert_eq!(found(&second, 10), None);
        assert_eq!(found("", 0), None);
        assert_eq!(found(&lasting.hash, 0), None);
        assert_eq!(first.len(), 60);
        assert!(first.ends_with(&lasting.last_four));
    }

    #[test]
    fn a_token_does_not_outlive_the_secret_it_was_got_with() {
        let (lasting, _) = ClientSecret::fresh(at(0), None).unwrap();
        let (ending, _) = ClientSecret::fresh(at(0), Some(at(60))).unwrap();
        let (later, _) = ClientSecret::fresh(at(0), Some(at(9999))).unwrap();
        let table = [
            (None, 3600),
            (Some(&lasting), 3600),
            (Some(&ending), 60),
            (Some(&later), 3600),
        ];
        for (secret, end) in table {
            assert_eq!(access_token_expiry(at(0), secret), at(end));
        }
    }
}
