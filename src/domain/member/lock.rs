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

/// Since when and until when a kind of secret is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLock {
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

impl Member {
    /// Whether some secret is not asked of this member now.
    pub fn is_locked(&self, now: DateTime<Utc>) -> bool {
        self.lock.is_some_and(|lock| now < lock.expires_at)
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

/// What is guessed at. Anybody may guess at a first factor, so that the count of those holds up no
/// second one: else a stranger could keep out whoever comes by single sign-on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guessed {
    /// A password, or a code by e-mail.
    FirstFactor,
    /// The code of an application, one by SMS, a recovery code.
    SecondFactor,
}

/// Wrong secrets in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: i32,
    /// When the last one came.
    pub last_at: DateTime<Utc>,
}

impl Failures {
    /// How many there are with one more.
    pub fn with_one_more(&self, now: DateTime<Utc>) -> i32 {
        if now - self.last_at < LOCK {
            self.count.saturating_add(1)
        } else {
            1
        }
    }

    /// When the lock ends that they are, if they are too many.
    pub fn lock_end(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let end = self.last_at + LOCK;
        (self.count >= FAILURES_UNTIL_LOCK && now < end).then_some(end)
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
        for (count, minutes, expected, is_lock) in [
            (4, 0, 5, false),
            (4, 59, 5, false),
            (4, 60, 1, false),
            (10, 59, 11, true),
            (10, 60, 1, false),
        ] {
            let later = now + Duration::minutes(minutes);
            let failures = Failures {
                count,
                last_at: now,
            };
            assert_eq!(failures.with_one_more(later), expected, "{minutes}");
            let end = failures.lock_end(later);
            assert_eq!(end, is_lock.then_some(now + LOCK), "{minutes}");
        }
    }
}
