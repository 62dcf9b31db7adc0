//! What this process has written, told so that what was read before can be told to hold still.

use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::domain::id::MemberId;

/// Members that share a place forget one another's sessions, which costs a reading and no more.
const PLACES: usize = 1024;

/// Whose sessions look otherwise after a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Concern {
    /// Whether the transaction says whom it concerns; if not, it may be anybody.
    is_said: bool,
    whom: Whom,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Whom {
    #[default]
    Nobody,
    Member(MemberId),
    /// Several members, or whole organizations.
    Everybody,
}

impl Concern {
    /// What the use case says: nobody but these members, and those whose rows it writes.
    pub(crate) fn say(&mut self, member: Option<MemberId>) {
        self.is_said = true;
        if let Some(member) = member {
            self.add(member);
        }
    }

    /// A row of this member was written.
    pub(crate) fn add(&mut self, member: MemberId) {
        self.whom = match self.whom {
            Whom::Nobody => Whom::Member(member),
            Whom::Member(known) if known == member => self.whom,
            Whom::Member(_) | Whom::Everybody => Whom::Everybody,
        };
    }

    /// A row was written that sessions of many members show.
    pub(crate) fn add_everybody(&mut self) {
        self.whom = Whom::Everybody;
    }
}

/// The writes, counted.
#[derive(Debug)]
pub struct Writes {
    count: AtomicU64,
    of_everybody: AtomicU64,
    of_members: Vec<AtomicU64>,
}

impl Default for Writes {
    fn default() -> Self {
        Self {
            count: AtomicU64::new(0),
            of_everybody: AtomicU64::new(0),
            of_members: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Writes {
    /// How many there were. What is read from now on sees them all.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// Whether nothing of this member was written since there were so many.
    pub fn spared(&self, member: MemberId, since: u64) -> bool {
        let is_older = |last: &AtomicU64| last.load(Ordering::SeqCst) <= since;
        is_older(&self.of_everybody) && self.place(member).is_some_and(is_older)
    }

    /// Called when the write is committed and before anybody is told.
    pub(crate) fn note(&self, concern: Concern) {
        let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        let place = match concern.whom {
            Whom::Nobody if concern.is_said => return,
            Whom::Member(member) if concern.is_said => self.place(member),
            _ => None,
        };
        let last = place.unwrap_or(&self.of_everybody);
        last.fetch_max(number, Ordering::SeqCst);
    }

    fn place(&self, member: MemberId) -> Option<&AtomicU64> {
        let mut hasher = DefaultHasher::new();
        member.hash(&mut hasher);
        let places = u64::try_from(PLACES).ok()?;
        let place = usize::try_from(hasher.finish() % places).ok()?;
        self.of_members.get(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_held_against_those_whom_it_concerns() {
        let writes = Writes::default();
        let ana = MemberId::fresh();
        let elsewhere = |it: &MemberId| {
            let (ours, theirs) = (writes.place(ana), writes.place(*it));
            !std::ptr::eq(ours.unwrap(), theirs.unwrap())
        };
        let mut others = std::iter::repeat_with(MemberId::fresh);
        let bo = others.find(elsewhere).unwrap();
        let concern = |said: &[Option<MemberId>], written: &[MemberId]| {
            let mut concern = Concern::default();
            for member in written {
                concern.add(*member);
            }
            for member in said {
                concern.say(*member);
            }
            concern
        };
        let everybody = {
            let mut concern = concern(&[Some(ana)], &[]);
            concern.add_everybody();
            concern
        };
        let (none, of_bo) = (&[None][..], &[Some(bo)][..]);
        for (case, concern, ana_is_spared, bo_is_spared) in [
            ("nothing is said", concern(&[], &[bo]), false, false),
            ("it concerns nobody", concern(none, &[]), true, true),
            (
                "nobody, but a row was written",
                concern(none, &[bo]),
                true,
                false,
            ),
            ("it concerns Bo", concern(of_bo, &[bo]), true, false),
            (
                "Bo, but Ana's row was written",
                concern(of_bo, &[ana]),
                false,
                false,
            ),
            ("an organization was written", everybody, false, false),
        ] {
            let read = writes.count();
            assert!(
                writes.spared(ana, read) && writes.spared(bo, read),
                "{case}"
            );
            writes.note(concern);
            assert_eq!(writes.spared(ana, read), ana_is_spared, "{case}");
            assert_eq!(writes.spared(bo, read), bo_is_spared, "{case}");
        }
    }
}
