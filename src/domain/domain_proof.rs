//! A mail domain that an organization proves by a TXT record in the DNS: what has to be there, what
//! was seen of it, and what follows.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::DomainProofId;
use crate::domain::id::OrganizationId;

/// How many looks in a row may miss the record of a verified domain before it is suspended.
pub const MISSES_TO_SUSPEND: i32 = 3;

/// Misses that are closer together than this are one: nobody is suspended by an hour's trouble.
const BETWEEN_MISSES: TimeDelta = TimeDelta::hours(20);

/// A domain is proven by two sights of its record that are at least so far apart: an answer that
/// somebody slipped to our resolvers once is gone by the second.
pub const BETWEEN_SIGHTS: TimeDelta = TimeDelta::minutes(1);

/// How many texts are kept of what was found instead.
const MOST_FOUND: usize = 5;

/// How many characters are kept of each.
const LONGEST_FOUND: usize = 300;

/// Whether the organization has proven that the domain is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProofStatus {
    /// The record was not seen yet.
    Waiting,
    /// The record is there.
    Verified,
    /// The record was there and is gone.
    Suspended,
}

impl ProofStatus {
    /// The word on the wire and in the column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Verified => "verified",
            Self::Suspended => "suspended",
        }
    }

    /// Reads the word back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Verified, Self::Suspended]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

/// What resolvers said about the record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Look {
    /// When they were asked.
    pub at: DateTime<Utc>,
    /// How many resolvers were asked.
    pub resolvers_asked: usize,
    /// How many of them answered.
    pub resolvers_answered: usize,
    /// How many of them saw the record.
    pub resolvers_that_saw_it: usize,
    /// Other texts under the record's name, at most five, shortened.
    pub found_instead: Vec<String>,
    /// Whether another organization holds the domain, so that the record proves nothing here.
    pub held_elsewhere: bool,
}

impl Look {
    /// What these resolvers said: the texts that each one found, or nothing where it gave no answer.
    pub fn of(answers: &[Option<Vec<String>>], wanted: &str, at: DateTime<Utc>) -> Self {
        let given = || answers.iter().flatten();
        let mut found_instead: Vec<String> = Vec::new();
        for text in given().flatten().filter(|text| *text != wanted) {
            let shortened: String = text.chars().take(LONGEST_FOUND).collect();
            if found_instead.len() < MOST_FOUND && !found_instead.contains(&shortened) {
                found_instead.push(shortened);
            }
        }
        Self {
            at,
            resolvers_asked: answers.len(),
            resolvers_answered: given().count(),
            resolvers_that_saw_it: given()
                .filter(|texts| texts.iter().any(|text| text == wanted))
                .count(),
            found_instead,
            held_elsewhere: false,
        }
    }

    /// Whether the record is there: more than half of those who answered see it.
    pub fn is_seen(&self) -> bool {
        self.resolvers_that_saw_it * 2 > self.resolvers_answered
    }

    /// Whether more than half of all who were asked see the record, whoever else was silent.
    pub fn is_seen_by_most(&self) -> bool {
        self.resolvers_that_saw_it * 2 > self.resolvers_asked
    }

    /// Whether the record is not there; resolvers that give no answer say nothing about it.
    pub fn is_missed(&self) -> bool {
        self.resolvers_answered > 0 && !self.is_seen()
    }
}

/// A domain that an organization has claimed and proves, or is to prove.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainProof {
    /// Its id.
    pub id: DomainProofId,
    /// Whose claim it is.
    pub organization_id: OrganizationId,
    /// The domain, in its one spelling.
    pub domain: String,
    /// What the record has to hold.
    pub token: String,
    /// How far it is.
    pub status: ProofStatus,
    /// How many looks in a row have missed the record since it was last seen.
    pub misses: i32,
    /// When the last of them was.
    pub missed_at: Option<DateTime<Utc>>,
    /// The last look.
    pub last_look: Option<Look>,
    /// When it was claimed.
    pub created_at: DateTime<Utc>,
    /// Since when it is verified, or was before it was suspended.
    pub verified_at: Option<DateTime<Utc>>,
    /// When the record is looked up (again).
    pub next_look_at: DateTime<Utc>,
    /// When the record was first seen, as long as the domain is not verified by it.
    pub seen_at: Option<DateTime<Utc>>,
}

/// What a look changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The domain is verified from now on.
    Verified,
    /// The domain is verified no longer.
    Suspended,
}

impl DomainProof {
    /// A claim that nothing proves yet.
    pub fn new(
        organization_id: OrganizationId,
        (domain, token): (String, String),
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id: DomainProofId::fresh(),
            organization_id,
            domain,
            token,
            status: ProofStatus::Waiting,
            misses: 0,
            missed_at: None,
            last_look: None,
            created_at: now,
            verified_at: None,
            next_look_at: now,
            seen_at: None,
        }
    }

    /// The name under which the record has to be.
    pub fn record_name(&self) -> String {
        format!("_vestibule-challenge.{}", self.domain)
    }

    /// What the record has to say.
    pub fn record_value(&self) -> String {
        format!("vestibule-domain-verification={}", self.token)
    }

    /// Whether a look is the second sight of the record that a proof takes.
    pub fn is_proven_by(&self, look: &Look, now: DateTime<Utc>) -> bool {
        let is_second = self.seen_at.is_some_and(|at| now - at >= BETWEEN_SIGHTS);
        self.status != ProofStatus::Verified && look.is_seen_by_most() && is_second
    }

    /// The claim after a look, and what the look changed.
    pub fn after(&self, look: Look, now: DateTime<Utc>) -> (Self, Option<Turn>) {
        let mut next = self.clone();
        let proves = self.is_proven_by(&look, now) && !look.held_elsewhere;
        let counts = self.missed_at.is_none_or(|at| now - at >= BETWEEN_MISSES);
        let turn = match self.status {
            ProofStatus::Waiting | ProofStatus::Suspended if proves => {
                next.status = ProofStatus::Verified;
                next.verified_at = Some(now);
                next.seen_at = None;
                Some(Turn::Verified)
            }
            ProofStatus::Verified if look.is_missed() && counts => next.miss(now),
            ProofStatus::Verified => None,
            ProofStatus::Waiting | ProofStatus::Suspended => {
                next.note_sight(&look, now);
                None
            }
        };
        if look.is_seen() {
            next.misses = 0;
            next.missed_at = None;
        }
        next.last_look = Some(look);
        next.next_look_at = now + next.pause(now);
        (next, turn)
    }

    fn note_sight(&mut self, look: &Look, now: DateTime<Utc>) {
        if look.is_missed() {
            self.seen_at = None;
        } else if look.is_seen_by_most() {
            self.seen_at = self.seen_at.or(Some(now));
        }
    }

    fn miss(&mut self, now: DateTime<Utc>) -> Option<Turn> {
        self.misses += 1;
        self.missed_at = Some(now);
        if self.misses < MISSES_TO_SUSPEND {
            return None;
        }
        self.status = ProofStatus::Suspended;
        Some(Turn::Suspended)
    }

    /// How long until the next look: soon after a claim, when somebody waits for it, then rarer.
    fn pause(&self, now: DateTime<Utc>) -> TimeDelta {
        let age = now - self.created_at;
        let unanswered = |look: &Look| look.resolvers_answered == 0;
        let held_elsewhere = |look: &Look| look.held_elsewhere;
        let is_held = self.last_look.as_ref().is_some_and(held_elsewhere);
        match self.status {
            ProofStatus::Waiting | ProofStatus::Suspended if self.seen_at.is_some() && !is_held => {
                BETWEEN_SIGHTS
            }
            ProofStatus::Waiting if age < TimeDelta::hours(1) => TimeDelta::seconds(15),
            ProofStatus::Waiting if age < TimeDelta::days(1) => TimeDelta::minutes(5),
            ProofStatus::Waiting if age < TimeDelta::days(14) => TimeDelta::hours(1),
            ProofStatus::Suspended => TimeDelta::hours(1),
            ProofStatus::Verified if self.last_look.as_ref().is_some_and(unanswered) => {
                TimeDelta::hours(1)
            }
            ProofStatus::Waiting | ProofStatus::Verified => TimeDelta::days(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn look(answers: &[Option<&[&str]>]) -> Look {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let answers: Vec<_> = answers.iter().map(|answer| answer.map(owned)).collect();
        Look::of(&answers, "v", NOW)
    }

    fn claim() -> DomainProof {
        let named = ("acme.test".to_owned(), "t".to_owned());
        DomainProof::new(OrganizationId::fresh(), named, NOW)
    }

    #[test]
    fn a_record_is_there_when_more_than_half_of_the_answers_have_it() {
        let (yes, no): (Option<&[&str]>, Option<&[&str]>) = (Some(&["x", "v"]), Some(&["x"]));
        for (answers, seen, missed) in [
            (vec![yes], true, false),
            (vec![yes, yes], true, false),
            (vec![yes, no], false, true),
            (vec![yes, yes, no], true, false),
            (vec![yes, None], true, false),
            (vec![no, None], false, true),
            (vec![Some(&[][..])], false, true),
            (vec![None, None], false, false),
            (vec![], false, false),
        ] {
            let look = look(&answers);
            assert_eq!(
                (look.is_seen(), look.is_missed()),
                (seen, missed),
                "{look:?}"
            );
        }
    }

    #[test]
    fn what_is_kept_of_other_texts_is_little() {
        let long = "ü".repeat(10_000);
        let many: Vec<String> = (0..20).map(|n| format!("{n}{long}")).collect();
        let look = Look::of(&[Some(many.clone()), Some(many)], "v", NOW);
        assert_eq!(look.found_instead.len(), MOST_FOUND);
        let lengths = look.found_instead.iter().map(|text| text.chars().count());
        assert!(lengths.into_iter().all(|length| length == LONGEST_FOUND));
        assert_eq!(
            Look::of(&[Some(vec!["v".into()])], "v", NOW)
                .found_instead
                .len(),
            0
        );
    }

    #[test]
    fn three_daily_misses_suspend_and_two_sights_bring_back() {
        let (seen, missed, silent) = (look(&[Some(&["v"])]), look(&[Some(&[])]), look(&[None]));
        let day = |days| NOW + TimeDelta::days(days);
        let (proof, _) = claim().after(seen.clone(), NOW - BETWEEN_SIGHTS);
        let (proof, turn) = proof.after(seen.clone(), NOW);
        assert_eq!(
            (proof.status, turn),
            (ProofStatus::Verified, Some(Turn::Verified))
        );
        let (proof, turn) = proof.after(missed.clone(), day(1));
        assert_eq!((proof.misses, turn), (1, None));
        // Whoever asks again at once counts no further miss, and no answer is none.
        let (proof, _) = proof.after(missed.clone(), day(1) + TimeDelta::hours(1));
        let (proof, _) = proof.after(silent, day(2));
        assert_eq!(proof.misses, 1);
        assert_eq!(proof.next_look_at, day(2) + TimeDelta::hours(1));
        let (proof, _) = proof.after(missed.clone(), day(2));
        let (gone, turn) = proof.after(missed, day(3));
        assert_eq!(
            (gone.status, turn),
            (ProofStatus::Suspended, Some(Turn::Suspended))
        );
        let (once, turn) = gone.after(seen.clone(), day(4) - BETWEEN_SIGHTS);
        assert_eq!((once.status, turn), (ProofStatus::Suspended, None));
        let (back, turn) = once.after(seen.clone(), day(4));
        assert_eq!((back.misses, turn), (0, Some(Turn::Verified)));
        assert_eq!(back.verified_at, Some(day(4)));
        let (kept, turn) = proof.after(seen, day(3));
        assert_eq!((kept.misses, turn, kept.verified_at), (0, None, Some(NOW)));
    }

    #[test]
    fn a_record_for_a_domain_of_somebody_else_proves_nothing() {
        let mut seen = look(&[Some(&["v"])]);
        seen.held_elsewhere = true;
        let (proof, _) = claim().after(seen.clone(), NOW);
        let (proof, turn) = proof.after(seen, NOW + BETWEEN_SIGHTS);
        assert_eq!((proof.status, turn), (ProofStatus::Waiting, None));
    }

    #[test]
    fn a_proof_takes_two_sights_by_most_resolvers_a_minute_apart() {
        let (yes, no): (Option<&[&str]>, Option<&[&str]>) = (Some(&["v"]), Some(&["x"]));
        let second = TimeDelta::seconds(1);
        for (first, next, pause, is_proven) in [
            (vec![yes, yes, no], vec![yes, yes, no], BETWEEN_SIGHTS, true),
            (
                vec![yes, yes, None],
                vec![None, yes, yes],
                BETWEEN_SIGHTS,
                true,
            ),
            (vec![yes], vec![yes], BETWEEN_SIGHTS - second, false),
            // Who is silent has not seen it.
            (vec![yes, None], vec![yes, yes], BETWEEN_SIGHTS, false),
            (vec![yes, yes], vec![yes, None], BETWEEN_SIGHTS, false),
            (vec![no], vec![yes], BETWEEN_SIGHTS, false),
        ] {
            let (proof, turn) = claim().after(look(&first), NOW);
            assert_eq!(turn, None, "{first:?}");
            let (proof, turn) = proof.after(look(&next), NOW + pause);
            assert_eq!(turn.is_some(), is_proven, "{first:?} {next:?}");
            assert_eq!(proof.status == ProofStatus::Verified, is_proven);
        }
        // A miss in between begins anew, and silence does not.
        for (between, is_proven) in [(no, false), (None, true)] {
            let (proof, _) = claim().after(look(&[yes]), NOW);
            assert_eq!(proof.next_look_at, NOW + BETWEEN_SIGHTS);
            let (proof, _) = proof.after(look(&[between]), NOW + BETWEEN_SIGHTS);
            let (proof, _) = proof.after(look(&[yes]), NOW + BETWEEN_SIGHTS * 2);
            assert_eq!(proof.status == ProofStatus::Verified, is_proven);
        }
    }

    #[test]
    fn looks_become_rarer() {
        let missed = || look(&[Some(&[])]);
        for (age, pause) in [
            (TimeDelta::zero(), TimeDelta::seconds(15)),
            (TimeDelta::hours(2), TimeDelta::minutes(5)),
            (TimeDelta::days(2), TimeDelta::hours(1)),
            (TimeDelta::days(20), TimeDelta::days(1)),
        ] {
            let (proof, _) = claim().after(missed(), NOW + age);
            assert_eq!(proof.next_look_at, NOW + age + pause);
        }
    }
}
