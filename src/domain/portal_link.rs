//! A link that lets a customer's IT admin set up one organization without an account, and the
//! session that it opens.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::domain::id::OrganizationId;
use crate::domain::id::PortalLinkId;

/// How long a link from the management API can be opened.
pub const SHORT_LIFE: TimeDelta = TimeDelta::minutes(5);
/// How many days an operator's link can be opened, unless they say so.
pub const DEFAULT_DAYS: u32 = 30;
/// The most days of an operator's link.
pub const MOST_DAYS: u32 = 365;
/// How long a session lasts, however it is used.
pub const SESSION_LIFE: TimeDelta = TimeDelta::hours(8);

/// A link to the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalLink {
    /// Its id, by which the journal names who acts.
    pub id: PortalLinkId,
    /// The one organization that it leads to.
    pub organization_id: OrganizationId,
    /// Whether it can be opened again and again; one that cannot works once.
    pub is_lasting: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it opens nothing.
    pub expires_at: DateTime<Utc>,
    /// When it was opened last.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When its holder said that all is set up.
    pub completed_at: Option<DateTime<Utc>>,
}

/// What becomes of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortalLinkStatus {
    /// It can be opened.
    Live,
    /// It worked once, and was used.
    Used,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
    /// Its holder said that all is set up.
    Completed,
}

impl PortalLinkStatus {
    /// The word in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "active",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Completed => "completed",
        }
    }
}

impl PortalLink {
    /// A link that works once, within minutes.
    pub fn short(organization_id: OrganizationId, now: DateTime<Utc>) -> Self {
        Self::new(organization_id, now, (false, SHORT_LIFE))
    }

    /// A link that can be opened again and again for so many days.
    pub fn lasting(organization_id: OrganizationId, now: DateTime<Utc>, days: u32) -> Self {
        let life = TimeDelta::days(i64::from(days.clamp(1, MOST_DAYS)));
        Self::new(organization_id, now, (true, life))
    }

    fn new(
        organization_id: OrganizationId,
        now: DateTime<Utc>,
        (is_lasting, life): (bool, TimeDelta),
    ) -> Self {
        Self {
            id: PortalLinkId::fresh(),
            organization_id,
            is_lasting,
            created_at: now,
            expires_at: now + life,
            opened_at: None,
            revoked_at: None,
            completed_at: None,
        }
    }

    /// What has become of it.
    pub fn status(&self, now: DateTime<Utc>) -> PortalLinkStatus {
        if self.revoked_at.is_some() {
            PortalLinkStatus::Revoked
        } else if self.completed_at.is_some() {
            PortalLinkStatus::Completed
        } else if !self.is_lasting && self.opened_at.is_some() {
            PortalLinkStatus::Used
        } else if self.expires_at <= now {
            PortalLinkStatus::Expired
        } else {
            PortalLinkStatus::Live
        }
    }
}

/// What a link opened, in one browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortalSession {
    /// The organization of its link.
    pub organization_id: OrganizationId,
    /// The link.
    pub link_id: PortalLinkId,
    /// When the link was opened.
    pub started_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl PortalSession {
    /// A session of this link, from now on.
    pub fn of(link: &PortalLink, now: DateTime<Utc>) -> Self {
        Self {
            organization_id: link.organization_id,
            link_id: link.id,
            started_at: now,
            expires_at: now + SESSION_LIFE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Step = fn(&mut PortalLink, DateTime<Utc>);

    #[test]
    fn what_ended_a_link_is_told_before_its_age() {
        let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        let later = |minutes| now + TimeDelta::minutes(minutes);
        let opened: Step = |link, now| link.opened_at = Some(now);
        let revoked: Step = |link, now| link.revoked_at = Some(now);
        let completed: Step = |link, now| link.completed_at = Some(now);
        let table: [(&[Step], i64, _, _); 7] = [
            (&[], 4, PortalLinkStatus::Live, PortalLinkStatus::Live),
            (&[], 5, PortalLinkStatus::Expired, PortalLinkStatus::Live),
            (&[opened], 1, PortalLinkStatus::Used, PortalLinkStatus::Live),
            (
                &[opened],
                1440,
                PortalLinkStatus::Used,
                PortalLinkStatus::Expired,
            ),
            (
                &[opened, completed],
                1,
                PortalLinkStatus::Completed,
                PortalLinkStatus::Completed,
            ),
            (
                &[revoked],
                1440,
                PortalLinkStatus::Revoked,
                PortalLinkStatus::Revoked,
            ),
            (
                &[completed, revoked],
                1,
                PortalLinkStatus::Revoked,
                PortalLinkStatus::Revoked,
            ),
        ];
        for (steps, minutes, short, lasting) in table {
            let organization = OrganizationId::fresh();
            let mut once = PortalLink::short(organization, now);
            let mut again = PortalLink::lasting(organization, now, 1);
            for step in steps {
                step(&mut once, now);
                step(&mut again, now);
            }
            assert_eq!(once.status(later(minutes)), short, "{steps:?} {minutes}");
            assert_eq!(again.status(later(minutes)), lasting, "{steps:?} {minutes}");
        }
    }

    #[test]
    fn a_session_ends_after_its_hours_whatever_its_link_does() {
        let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
        let link = PortalLink::lasting(OrganizationId::fresh(), now, 9999);
        assert_eq!(link.expires_at, now + TimeDelta::days(365));
        let session = PortalSession::of(&link, now);
        assert_eq!(session.expires_at, now + TimeDelta::hours(8));
        assert_eq!(session.link_id, link.id);
    }
}
