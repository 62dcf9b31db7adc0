//! A member whose secrets were guessed at too often: for a while none is asked (contract 3.2).

use chrono::DateTime;
use chrono::Duration;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::member::Member;

/// Wrong secrets in a row after which a member is locked.
pub const FAILURES_UNTIL_LOCK: i32 = 10;
/// How long a lock lasts, and how long wrong secrets count.
pub const LOCK: Duration = Duration::hours(1);

/// Since when and until when no secret is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLock {
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

impl Member {
    /// Whether no secret is asked of this member now.
    pub fn is_locked(&self, now: DateTime<Utc>) -> bool {
        self.lock.is_some_and(|lock| now < lock.expires_at)
    }

    /// When its lock ends, if it is locked.
    pub fn lock_end(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.lock
            .map(|lock| lock.expires_at)
            .filter(|end| now < *end)
    }

    /// This member, locked from now on.
    pub fn locked(&self, now: DateTime<Utc>) -> Self {
        Self {
            lock: Some(MemberLock {
                created_at: now,
                expires_at: now + LOCK,
            }),
            updated_at: now,
            ..self.clone()
        }
    }

    /// This member, asked again.
    pub fn unlocked(&self, now: DateTime<Utc>) -> Self {
        Self {
            lock: None,
            updated_at: now,
            ..self.clone()
        }
    }
}

/// How many wrong secrets in a row there are with one more.
pub fn counted(failures: i32, last_at: DateTime<Utc>, now: DateTime<Utc>) -> i32 {
    if now - last_at < LOCK {
        failures.saturating_add(1)
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::email::EmailAddress;
    use crate::domain::id::OrganizationId;

    #[test]
    fn a_lock_ends_by_itself_or_by_hand() {
        let now = DateTime::UNIX_EPOCH;
        let email = EmailAddress::parse("ana@acme.test").unwrap();
        let member = Member::new(OrganizationId::fresh(), email, now);
        let locked = member.locked(now);
        assert!(!member.is_locked(now));
        assert!(locked.is_locked(now) && locked.is_locked(now + LOCK - Duration::seconds(1)));
        assert!(!locked.is_locked(now + LOCK));
        assert!(!locked.unlocked(now).is_locked(now));
    }

    #[test]
    fn wrong_secrets_count_while_they_come_within_an_hour_of_each_other() {
        let now = DateTime::UNIX_EPOCH;
        for (minutes, count) in [(0, 5), (59, 5), (60, 1)] {
            let later = now + Duration::minutes(minutes);
            assert_eq!(counted(4, now, later), count, "{minutes}");
        }
    }
}
