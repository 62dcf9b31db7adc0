//! Sessions that were authenticated a moment ago, so that the many requests of one page are
//! answered without asking the database each time.
//!
//! What this node writes is seen at once: a write makes it forget the sessions of the member whom it
//! concerns, or all of them when it does not say whom. What another node writes is seen after half a
//! second, well within the second that a revoked session may live on.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::storage::writes::Writes;
use crate::use_cases::sessions::Authentication;
use crate::use_cases::sessions::SessionLocator;
use crate::use_cases::sessions::SessionView;

const HOLDS_FOR: TimeDelta = TimeDelta::milliseconds(500);
const MOST: usize = 1024;

/// Which state of the database was read, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadAt {
    /// How often this node had written when the reading began.
    pub writes: u64,
    /// The instant.
    pub now: DateTime<Utc>,
}

/// The sessions.
#[derive(Debug, Default)]
pub struct RecentSessions(Mutex<HashMap<SessionLocator, (ReadAt, Arc<SessionView>)>>);

impl RecentSessions {
    /// The session as it was authenticated a moment ago, if it would be the same now.
    pub fn find(
        &self,
        asked: &Authentication,
        (writes, now): (&Writes, DateTime<Utc>),
    ) -> Option<Arc<SessionView>> {
        if !asked.is_plain() {
            return None;
        }
        let kept = self.kept();
        let (read_at, view) = kept.get(&asked.locator)?;
        let age = now - read_at.now;
        let holds = writes.spared(view.session.member_id, read_at.writes)
            && TimeDelta::zero() <= age
            && age < HOLDS_FOR
            && now < view.session.expires_at
            && view.session.is_noted(now);
        holds.then(|| view.clone())
    }

    /// Keeps what was just read, if nothing but the session was asked for.
    pub fn keep(&self, asked: &Authentication, (at, view): (ReadAt, &Arc<SessionView>)) {
        if !asked.is_plain() {
            return;
        }
        let mut kept = self.kept();
        if kept.len() >= MOST {
            kept.retain(|_, (read_at, _)| at.now - read_at.now < HOLDS_FOR);
        }
        if kept.len() < MOST {
            kept.insert(asked.locator.clone(), (at, view.clone()));
        }
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<SessionLocator, (ReadAt, Arc<SessionView>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::email::EmailAddress;
    use crate::domain::id::OrganizationId;
    use crate::domain::id::SessionId;
    use crate::domain::member::Member;
    use crate::domain::organization::Organization;
    use crate::domain::organization_draft::OrganizationDraft;
    use crate::domain::project::ProjectId;
    use crate::domain::session::Session;
    use crate::storage::writes::Concern;
    use crate::use_cases::members::MemberView;
    use crate::use_cases::organizations::OrganizationView;
    use crate::use_cases::sessions::AuthorizationCheck;
    use crate::use_cases::standing::MemberStanding;

    fn instant() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn view(now: DateTime<Utc>) -> Arc<SessionView> {
        let named = OrganizationDraft {
            organization_name: Some("Acme".into()),
            ..OrganizationDraft::default()
        };
        let organization = Organization::create(ProjectId::new("p"), &named, now).unwrap();
        let address = EmailAddress::parse("ana@acme.test").unwrap();
        let member = Member::new(OrganizationId::fresh(), address, now);
        Arc::new(SessionView {
            session: Session {
                id: SessionId::fresh(),
                organization_id: organization.id,
                member_id: member.id,
                factors: Vec::new(),
                custom_claims: serde_json::Map::new(),
                started_at: now,
                last_accessed_at: now,
                expires_at: now + TimeDelta::milliseconds(400),
                ends_no_later_than: None,
            },
            roles: Vec::new(),
            claims: serde_json::Map::new(),
            member: MemberView {
                standing: MemberStanding {
                    oauth: Vec::new(),
                    member,
                    sso: Vec::new(),
                    scim: None,
                    retired_emails: Vec::new(),
                    password: None,
                    roles: Vec::new(),
                },
                organization: OrganizationView {
                    organization,
                    connections: Vec::new(),
                },
            },
            granting_roles: None,
        })
    }

    fn plain(view: &SessionView) -> Authentication {
        Authentication {
            locator: SessionLocator::Jwt(view.session.id),
            duration_minutes: None,
            custom_claims: serde_json::Map::new(),
            authorization_check: None,
        }
    }

    #[test]
    fn a_session_is_remembered_until_its_member_is_written_or_time_has_passed() {
        let now = instant();
        let view = view(now);
        let asked = plain(&view);
        let recent = RecentSessions::default();
        let writes = Writes::default();
        writes.note(Concern::default());
        let keep = || {
            let writes = writes.count();
            recent.keep(&asked, (ReadAt { writes, now }, &view));
        };
        let found = |milliseconds| {
            let later = now + TimeDelta::milliseconds(milliseconds);
            recent.find(&asked, (&writes, later)).is_some()
        };
        keep();
        for (case, milliseconds, is_held) in [
            ("at once", 0, true),
            ("a little later", 399, true),
            ("the session is over", 400, false),
            ("another node may have written", 500, false),
            ("the clock was turned back", -1, false),
        ] {
            assert_eq!(found(milliseconds), is_held, "{case}");
        }
        let mut of_stranger = Concern::default();
        of_stranger.say(None);
        writes.note(of_stranger);
        assert!(found(0), "it concerned nobody");
        let mut of_member = Concern::default();
        of_member.say(Some(view.session.member_id));
        writes.note(of_member);
        assert!(!found(0), "the member was written");
        keep();
        assert!(found(0));
        writes.note(Concern::default());
        assert!(!found(0), "who knows whom that concerned");
    }

    #[test]
    fn only_who_asks_for_nothing_else_is_answered_from_memory() {
        let now = instant();
        let view = view(now);
        let at = ReadAt { writes: 0, now };
        let recent = RecentSessions::default();
        let extending = Authentication {
            duration_minutes: Some(60),
            ..plain(&view)
        };
        let writes = Writes::default();
        let now = (&writes, now);
        recent.keep(&extending, (at, &view));
        assert_eq!(recent.find(&plain(&view), now), None);
        recent.keep(&plain(&view), (at, &view));
        let check = AuthorizationCheck {
            organization_id: "acme".into(),
            resource_id: "documents".into(),
            action: "read".into(),
        };
        let checking = Authentication {
            authorization_check: Some(check),
            ..plain(&view)
        };
        assert_eq!(recent.find(&extending, now), None);
        assert_eq!(recent.find(&checking, now), None);
    }

    #[test]
    fn the_memory_is_bounded_and_what_is_old_makes_room() {
        let now = instant();
        let recent = RecentSessions::default();
        let keep = |at: ReadAt| {
            let view = view(now);
            recent.keep(&plain(&view), (at, &view));
        };
        (0..MOST + 5).for_each(|_| keep(ReadAt { writes: 0, now }));
        assert_eq!(recent.kept().len(), MOST);
        let now = now + HOLDS_FOR;
        keep(ReadAt { writes: 0, now });
        assert_eq!(recent.kept().len(), 1);
    }
}
