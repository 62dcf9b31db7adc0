//! A member session, the factors that opened it, and its expiry (contract 3.6).

use chrono::DateTime;
use chrono::Duration;
use chrono::Utc;
use serde_json::Map;
use serde_json::Value;

use crate::domain::factor;
use crate::domain::factor::Factor;
use crate::domain::factor::sso::SsoFactor;
use crate::domain::id::ConnectionId;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::SessionId;

/// Minutes a session lasts when a login does not say.
pub const DEFAULT_DURATION_MINUTES: i64 = 60;
const MIN_DURATION_MINUTES: i64 = 5;
const MAX_DURATION_MINUTES: i64 = 527_040;
const MAX_CUSTOM_CLAIMS_BYTES: usize = 4096;
const OUR_CLAIMS: &str = "https://stytch.com/";
const USE_IS_NOTED_EVERY: Duration = Duration::minutes(1);
const REGISTERED_CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// Why a session cannot be opened or extended as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionRefusal {
    /// The duration is not 5 to 527040 minutes.
    InvalidDuration,
    /// More than 4096 bytes of custom claims.
    CustomClaimsTooLarge,
    /// A custom claim begins with `https://stytch.com/`.
    ReservedNamespace,
}

/// A member session.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub member_id: MemberId,
    /// The factors that it holds.
    pub factors: Vec<Factor>,
    /// What the application added.
    pub custom_claims: Map<String, Value>,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it was last authenticated.
    pub last_accessed_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// The latest end that the IdP allows.
    pub ends_no_later_than: Option<DateTime<Utc>>,
}

impl Session {
    /// The connections whose factors the session holds.
    pub fn proven_by(&self) -> Vec<ConnectionId> {
        self.sso_factors()
            .map(|factor| factor.connection_id)
            .collect()
    }

    /// What was proven by single sign-on.
    pub fn sso_factors(&self) -> impl DoubleEndedIterator<Item = &SsoFactor> {
        self.factors.iter().filter_map(Factor::as_sso)
    }

    /// This session without the factors of a connection that is gone; none if no first factor is
    /// left, since a second one alone opens nothing.
    pub fn without(&self, connection: ConnectionId) -> Option<Self> {
        let mut left = self.clone();
        let is_of = |factor: &SsoFactor| factor.connection_id == connection;
        left.factors
            .retain(|factor| !factor.as_sso().is_some_and(is_of));
        left.factors.iter().any(Factor::is_first).then_some(left)
    }

    /// This session with what was proven just now. The earliest end that an IdP allows holds.
    pub fn joined_by(
        &self,
        factors: Vec<Factor>,
        ends_no_later_than: Option<DateTime<Utc>>,
    ) -> Self {
        let ends = [self.ends_no_later_than, ends_no_later_than];
        let latest = ends.into_iter().flatten().min();
        Self {
            factors: factor::merged(&self.factors, factors),
            ends_no_later_than: latest,
            expires_at: latest.map_or(self.expires_at, |end| self.expires_at.min(end)),
            ..self.clone()
        }
    }

    /// Whether somebody else acts as the member.
    pub fn is_impersonated(&self) -> bool {
        self.factors.iter().any(Factor::is_impersonation)
    }

    /// Whether the session still counts.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }

    /// Whether its use was noted so lately that it need not be noted now.
    pub fn is_noted(&self, now: DateTime<Utc>) -> bool {
        now - self.last_accessed_at < USE_IS_NOTED_EVERY
    }

    /// This session, used now; extended when a duration was asked for. Use alone is noted once a
    /// minute, so that not every request of every person writes.
    pub fn touched(
        &self,
        duration_minutes: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Self, SessionRefusal> {
        let expires_at = match duration_minutes {
            Some(minutes) => expiry(minutes, self.ends_no_later_than, now)?,
            None => self.expires_at,
        };
        Ok(Self {
            last_accessed_at: if self.is_noted(now) && duration_minutes.is_none() {
                self.last_accessed_at
            } else {
                now
            },
            expires_at,
            ..self.clone()
        })
    }

    /// This session with custom claims merged in; `null` deletes, registered claims are dropped.
    pub fn with_claims(&self, update: &Map<String, Value>) -> Result<Self, SessionRefusal> {
        let mut claims = self.custom_claims.clone();
        for (key, value) in update {
            if key.starts_with(OUR_CLAIMS) {
                return Err(SessionRefusal::ReservedNamespace);
            }
            if REGISTERED_CLAIMS.contains(&key.as_str()) {
                continue;
            }
            if value.is_null() {
                claims.shift_remove(key);
            } else {
                claims.insert(key.clone(), value.clone());
            }
        }
        let bytes = serde_json::to_string(&claims).map_or(usize::MAX, |text| text.len());
        if bytes > MAX_CUSTOM_CLAIMS_BYTES {
            return Err(SessionRefusal::CustomClaimsTooLarge);
        }
        Ok(Self {
            custom_claims: claims,
            ..self.clone()
        })
    }
}

/// Whether a claim of the session JWT is not the application's to set.
pub fn is_reserved_claim(name: &str) -> bool {
    name.starts_with(OUR_CLAIMS) || REGISTERED_CLAIMS.contains(&name)
}

/// Whether a session may last so long.
pub fn is_duration(minutes: i64) -> bool {
    (MIN_DURATION_MINUTES..=MAX_DURATION_MINUTES).contains(&minutes)
}

/// When a session of this length, begun now, ends.
pub fn expiry(
    minutes: i64,
    ends_no_later_than: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, SessionRefusal> {
    if !is_duration(minutes) {
        return Err(SessionRefusal::InvalidDuration);
    }
    let end = now + Duration::minutes(minutes);
    Ok(ends_no_later_than.map_or(end, |latest| end.min(latest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn session() -> Session {
        let now = DateTime::UNIX_EPOCH;
        Session {
            id: SessionId::fresh(),
            organization_id: OrganizationId::fresh(),
            member_id: MemberId::fresh(),
            factors: vec![],
            custom_claims: Map::new(),
            started_at: now,
            last_accessed_at: now,
            expires_at: now + Duration::minutes(60),
            ends_no_later_than: None,
        }
    }

    #[test]
    fn a_session_is_extended_only_when_asked_and_within_limits() {
        let later = DateTime::UNIX_EPOCH + Duration::minutes(30);
        let session = session();
        assert_eq!(
            session.touched(None, later).unwrap().expires_at,
            session.expires_at
        );
        let extended = session.touched(Some(120), later).unwrap();
        assert_eq!(extended.expires_at, later + Duration::minutes(120));
        for minutes in [0, 4, 527_041, -5] {
            assert_eq!(
                session.touched(Some(minutes), later),
                Err(SessionRefusal::InvalidDuration)
            );
        }
        let capped = Session {
            ends_no_later_than: Some(later + Duration::minutes(10)),
            ..session
        };
        assert_eq!(
            capped.touched(Some(120), later).unwrap().expires_at,
            later + Duration::minutes(10)
        );
    }

    #[test]
    fn use_alone_is_noted_once_a_minute() {
        let session = session();
        let begun = session.last_accessed_at;
        for (seconds, noted) in [(0, 0), (59, 0), (60, 60), (300, 300)] {
            let now = begun + Duration::seconds(seconds);
            let touched = session.touched(None, now).unwrap();
            assert_eq!(touched.last_accessed_at, begun + Duration::seconds(noted));
            assert_eq!(touched == session, noted == 0);
            assert_eq!(session.touched(Some(5), now).unwrap().last_accessed_at, now);
        }
    }

    #[test]
    fn custom_claims_merge_and_cannot_pose_as_ours() {
        let claims = |value: Value| value.as_object().cloned().unwrap();
        let session = session()
            .with_claims(&claims(json!({"plan": "pro", "sub": "x"})))
            .unwrap();
        assert_eq!(
            Value::Object(session.custom_claims.clone()),
            json!({"plan": "pro"})
        );
        assert!(
            session
                .with_claims(&claims(json!({"plan": null})))
                .unwrap()
                .custom_claims
                .is_empty()
        );
        assert_eq!(
            session.with_claims(&claims(json!({"https://stytch.com/session": 1}))),
            Err(SessionRefusal::ReservedNamespace)
        );
        assert_eq!(
            session.with_claims(&claims(json!({"x": "y".repeat(5000)}))),
            Err(SessionRefusal::CustomClaimsTooLarge)
        );
    }
}
