//! Session JWTs signed a moment ago, to be given out again while nothing in them has changed.
//!
//! Whether a session still holds is never asked here: its row is read before any JWT is given out.

use std::collections::HashMap;
use std::mem;
use std::sync::Mutex;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::Duration;
use chrono::Utc;
use serde_json::Value;

use crate::domain::id::SessionId;
use crate::domain::session::Session;

const GIVEN_OUT_FOR: Duration = Duration::seconds(30);
/// A generation that is full, or as old as a JWT may be given out, makes way for the next.
const MOST_OF_A_GENERATION: usize = 8192;

/// Everything that a JWT says but for its instants: the session, as its member sees it, and the
/// slug of its organization.
pub(crate) type Content<'a> = (&'a Session, &'a Value, &'a str);

/// The latest JWT of each session, for half a minute.
#[derive(Default)]
pub(crate) struct RecentJwts(Mutex<Generations>);

/// Forgetting a whole generation at once costs nothing per JWT.
#[derive(Default)]
struct Generations {
    young: HashMap<SessionId, Signed>,
    old: HashMap<SessionId, Signed>,
    begun_at: DateTime<Utc>,
}

impl Generations {
    fn find(&self, session: SessionId) -> Option<&Signed> {
        self.young.get(&session).or_else(|| self.old.get(&session))
    }

    fn keep(&mut self, session: SessionId, signed: Signed) {
        let is_over = signed.at - self.begun_at >= GIVEN_OUT_FOR;
        if is_over || self.young.len() >= MOST_OF_A_GENERATION {
            self.old = mem::take(&mut self.young);
            self.begun_at = signed.at;
        }
        self.young.insert(session, signed);
    }
}

struct Signed {
    session: Session,
    member_facing: Value,
    slug: String,
    at: DateTime<Utc>,
    jwt: String,
}

impl Signed {
    fn is_recent(&self, now: DateTime<Utc>) -> bool {
        self.at <= now && now - self.at < GIVEN_OUT_FOR
    }
}

impl RecentJwts {
    /// A JWT that says just this, if one was signed a moment ago.
    pub(crate) fn find(&self, content: Content<'_>, now: DateTime<Utc>) -> Option<String> {
        let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (session, member_facing, slug) = content;
        recent
            .find(session.id)
            .filter(|signed| signed.is_recent(now))
            .filter(|signed| {
                signed.session == *session
                    && signed.member_facing == *member_facing
                    && signed.slug == slug
            })
            .map(|signed| signed.jwt.clone())
    }

    /// Keeps a JWT that was just signed.
    pub(crate) fn keep(&self, content: Content<'_>, jwt: &str, now: DateTime<Utc>) {
        let (session, member_facing, slug) = content;
        let signed = Signed {
            session: session.clone(),
            member_facing: member_facing.clone(),
            slug: slug.to_owned(),
            at: now,
            jwt: jwt.to_owned(),
        };
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent.keep(session.id, signed);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;
    use serde_json::json;

    use super::*;
    use crate::domain::id::MemberId;
    use crate::domain::id::OrganizationId;

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
    fn only_the_very_same_is_given_out_again_and_not_for_long() {
        let recent = RecentJwts::default();
        let (session, roles) = (session(), json!({ "roles": ["editor"] }));
        let now = DateTime::UNIX_EPOCH;
        recent.keep((&session, &roles, "acme"), "jwt", now);
        let found = |session: &Session, roles: &Value, slug: &str, seconds| {
            let at = now + Duration::seconds(seconds);
            recent.find((session, roles, slug), at).is_some()
        };
        assert!(found(&session, &roles, "acme", 0));
        assert!(found(&session, &roles, "acme", 29));
        assert!(!found(&session, &roles, "acme", 30));
        assert!(!found(&session, &roles, "acme", -1));
        assert!(!found(&session, &roles, "globex", 0));
        assert!(!found(&session, &json!({ "roles": [] }), "acme", 0));
        let longer = session.touched(Some(120), now).unwrap();
        assert!(!found(&longer, &roles, "acme", 0));
        let other = Session {
            id: SessionId::fresh(),
            ..session.clone()
        };
        assert!(!found(&other, &roles, "acme", 0));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let recent = RecentJwts::default();
        let roles = json!({});
        let now = DateTime::UNIX_EPOCH;
        let first = session();
        recent.keep((&first, &roles, "acme"), "jwt", now);
        let is_kept = || recent.find((&first, &roles, "acme"), now).is_some();
        for _ in 0..MOST_OF_A_GENERATION {
            recent.keep((&session(), &roles, "acme"), "jwt", now);
        }
        assert!(is_kept());
        for _ in 0..MOST_OF_A_GENERATION {
            recent.keep((&session(), &roles, "acme"), "jwt", now);
        }
        assert!(!is_kept());
        let kept = || {
            let recent = recent.0.lock().unwrap();
            recent.young.len() + recent.old.len()
        };
        assert!(kept() <= 2 * MOST_OF_A_GENERATION);
        for round in 1..=2 {
            let later = now + GIVEN_OUT_FOR * round;
            recent.keep((&session(), &roles, "acme"), "jwt", later);
        }
        assert_eq!(kept(), 2);
    }
}
