//! JWTs of the project: the session JWT, its claims, and the keys that sign it (contract 4.2).

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use chrono::DateTime;
use chrono::Duration;
use chrono::SecondsFormat;
use chrono::Utc;
use jsonwebtoken::Algorithm;
use jsonwebtoken::Validation;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::id::JwkId;
use crate::domain::id::SessionId;
use crate::domain::project::ProjectId;
use crate::domain::session::Session;
use crate::domain::signing_key;
pub use crate::domain::signing_key::PublicJwk;
use crate::domain::signing_key::SigningKey;
use crate::domain::signing_key::Term;
pub use crate::domain::signing_key::TokenRefusal;

const LIFETIME_SECONDS: i64 = 300;

/// A key and its term.
pub type KeyInTerm = (Arc<SigningKey>, Term);

/// The keys that sign JWTs of the project, as this node knows them.
pub struct SessionSigner {
    project_id: ProjectId,
    keys: RwLock<Arc<[KeyInTerm]>>,
}

impl Clone for SessionSigner {
    /// Another node's: what it learns from now on is its own.
    fn clone(&self) -> Self {
        Self {
            project_id: self.project_id.clone(),
            keys: RwLock::new(self.keys()),
        }
    }
}

impl SessionSigner {
    /// Signs with these keys.
    pub fn new(project_id: ProjectId, keys: Vec<KeyInTerm>) -> Self {
        Self {
            project_id,
            keys: RwLock::new(keys.into()),
        }
    }

    /// Takes these keys in place of all that it had.
    pub fn take(&self, keys: Vec<KeyInTerm>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.into();
    }

    /// A key that is in use already.
    pub fn known(&self, id: JwkId) -> Option<Arc<SigningKey>> {
        let keys = self.keys();
        let found = keys.iter().find(|(key, _)| key.id() == id);
        found.map(|(key, _)| key.clone())
    }

    /// The public halves of all keys, of those too that will sign later and that have signed.
    pub fn jwks(&self) -> Vec<PublicJwk> {
        let keys = self.keys();
        keys.iter().map(|(key, _)| key.jwk().clone()).collect()
    }

    fn keys(&self) -> Arc<[KeyInTerm]> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone()
    }

    fn signing(&self, now: DateTime<Utc>) -> Result<Arc<SigningKey>, TokenRefusal> {
        let keys = self.keys();
        let signing = signing_key::signing_of(&keys, |(_, term)| *term, now);
        let signing = signing.map(|(key, _)| key.clone());
        signing.ok_or_else(|| TokenRefusal("there is no signing key".to_owned()))
    }

    /// The JWT of a session: good for five minutes, or for a few seconds less when the very same
    /// has just been signed, since a signature costs more than all else in a request.
    pub fn sign(
        &self,
        session: &Session,
        member_facing: &Value,
        slug: &str,
        now: DateTime<Utc>,
    ) -> Result<String, TokenRefusal> {
        let (key, content) = (self.signing(now)?, (session, member_facing, slug));
        if let Some(jwt) = key.recent().find(content, now) {
            return Ok(jwt);
        }
        let mut claims = session.custom_claims.clone();
        claims.extend(self.registered_claims(
            &session.member_id.to_string(),
            now,
            LIFETIME_SECONDS,
        ));
        claims.extend(session_claims(session, member_facing, slug));
        let jwt = key.sign(&claims)?;
        key.recent().keep(content, &jwt, now);
        Ok(jwt)
    }

    /// A JWT about somebody else than a member; the registered claims win over those given.
    pub fn sign_claims(
        &self,
        mut claims: Map<String, Value>,
        (subject, seconds): (&str, i64),
        now: DateTime<Utc>,
    ) -> Result<String, TokenRefusal> {
        claims.extend(self.registered_claims(subject, now, seconds));
        self.signing(now)?.sign(&claims)
    }

    /// Who says it to whom about whom, and for how long (RFC 7519 §4.1).
    fn registered_claims(
        &self,
        subject: &str,
        now: DateTime<Utc>,
        seconds: i64,
    ) -> impl Iterator<Item = (String, Value)> {
        let claims = [
            ("iss", json!(format!("stytch.com/{}", self.project_id))),
            ("aud", json!([self.project_id])),
            ("sub", json!(subject)),
            ("iat", json!(now.timestamp())),
            ("nbf", json!(now.timestamp())),
            ("exp", json!((now + Duration::seconds(seconds)).timestamp())),
        ];
        claims
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
    }

    /// The session that a JWT of ours speaks of; one that has expired is fine here, since the
    /// session itself is looked up afterwards.
    pub fn session_of(&self, jwt: &str) -> Result<SessionId, TokenRefusal> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[self.project_id.as_str()]);
        validation.set_issuer(&[format!("stytch.com/{}", self.project_id)]);
        validation.validate_exp = false;
        let invalid =
            |reason: String| TokenRefusal(format!("the session JWT is not valid: {reason}"));
        let header =
            jsonwebtoken::decode_header(jwt).map_err(|error| invalid(error.to_string()))?;
        let keys = self.keys();
        let named = header.kid.as_deref();
        let named = keys
            .iter()
            .find(|(key, _)| Some(key.jwk().kid.as_str()) == named);
        let (key, _) = named.ok_or_else(|| invalid("no key of ours signed it".to_owned()))?;
        let claims = key
            .read(jwt, &validation)
            .map_err(|error| invalid(error.to_string()))?;
        claims
            .get("https://stytch.com/session")
            .and_then(|claim| claim.get("id"))
            .and_then(Value::as_str)
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| TokenRefusal("the session JWT names no session".to_owned()))
    }
}

fn session_claims(session: &Session, member_facing: &Value, slug: &str) -> [(String, Value); 2] {
    let about_session = json!({
        "id": session.id,
        "started_at": timestamp(session.started_at),
        "last_accessed_at": timestamp(session.last_accessed_at),
        "expires_at": timestamp(session.expires_at),
        "attributes": { "user_agent": "", "ip_address": "" },
        "authentication_factors": member_facing.get("authentication_factors"),
        "roles": member_facing.get("roles"),
    });
    let organization = json!({ "organization_id": session.organization_id, "slug": slug });
    [
        ("https://stytch.com/session".to_owned(), about_session),
        ("https://stytch.com/organization".to_owned(), organization),
    ]
}

/// An instant as the contract writes it: RFC 3339, UTC, `Z`.
pub fn timestamp(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
