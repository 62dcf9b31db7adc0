//! Work that waits for the threads that own connections.
//!
//! What is known to be of one organization waits in a lane of its own, sign-ins beside pushes. Lanes
//! take turns, so that whoever sends the most waits for itself and not before everybody else.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::domain::id::OrganizationId;
use crate::storage::error::StorageError;
use crate::storage::job::Job;
use crate::storage::job::Way;

/// How much waits at most, and how much of it of one organization.
const LENGTH: usize = 1024;
const LENGTH_OF_LANE: usize = 512;

type Work = Box<dyn Job>;
type Place = (OrganizationId, Way);

/// What waits.
#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    turns: VecDeque<Turn>,
    /// Those that have a turn, and those that are being worked on.
    lanes: HashMap<Place, VecDeque<Work>>,
    waiting: usize,
    is_closed: bool,
}

enum Turn {
    One(Work),
    Lane(Place),
}

/// A lane that is being worked on; nobody else does until it is given back.
pub(crate) struct Lane(Option<Place>);

impl Queue {
    /// Takes work, unless too much is waiting.
    pub(crate) fn push(&self, work: Work) -> Result<(), StorageError> {
        let mut state = self.state();
        if state.is_closed {
            return Err(StorageError::Unavailable("shutting down".to_owned()));
        }
        if state.waiting >= LENGTH {
            return Err(StorageError::Busy);
        }
        match work.within() {
            None => state.turns.push_back(Turn::One(work)),
            Some(organization) => state.push_to_lane((organization, work.way()), work)?,
        }
        state.waiting += 1;
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// The next work, of whichever lane it is; waits for it. `None` when no more will come.
    pub(crate) fn take(&self) -> Option<Work> {
        self.take_some(1)?.pop()
    }

    /// The next work, if there is some.
    pub(crate) fn take_waiting(&self) -> Option<Work> {
        self.state().next(1)?.pop()
    }

    /// At most so much work, some of each lane that has any; waits for the first.
    pub(crate) fn take_some(&self, most: usize) -> Option<Vec<Work>> {
        let mut state = self.wait()?;
        state.next(most)
    }

    /// All that waits in the next lane, but no more than so much, in the order in which it came;
    /// waits for it.
    pub(crate) fn take_lane(&self, most: usize) -> Option<(Vec<Work>, Lane)> {
        let mut state = self.wait()?;
        let (work, lane) = match state.turns.pop_front()? {
            Turn::One(work) => (vec![work], None),
            Turn::Lane(lane) => (state.of_lane(lane, most), Some(lane)),
        };
        state.waiting = state.waiting.saturating_sub(work.len());
        Some((work, Lane(lane)))
    }

    /// Lets others work on the lane again.
    pub(crate) fn give_back(&self, lane: Lane) {
        let Lane(Some(lane)) = lane else {
            return;
        };
        self.state().end_turn(lane);
        self.arrived.notify_one();
    }

    /// Nothing more comes in; what waits is still worked on.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.arrived.notify_all();
    }

    fn wait(&self) -> Option<MutexGuard<'_, State>> {
        let mut state = self.state();
        while state.turns.is_empty() {
            if state.is_closed {
                return None;
            }
            state = self
                .arrived
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Some(state)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push_to_lane(&mut self, lane: Place, work: Work) -> Result<(), StorageError> {
        if let Some(known) = self.lanes.get_mut(&lane) {
            if known.len() >= LENGTH_OF_LANE {
                return Err(StorageError::Busy);
            }
            known.push_back(work);
            return Ok(());
        }
        self.lanes.insert(lane, VecDeque::from([work]));
        self.turns.push_back(Turn::Lane(lane));
        Ok(())
    }

    /// Takes in turns, a fair share of each lane.
    fn next(&mut self, most: usize) -> Option<Vec<Work>> {
        let share = (most / self.turns.len().max(1)).max(1);
        let mut taken = Vec::new();
        while taken.len() < most {
            match self.turns.pop_front() {
                None => break,
                Some(Turn::One(work)) => taken.push(work),
                Some(Turn::Lane(lane)) => {
                    let share = share.min(most - taken.len());
                    taken.append(&mut self.of_lane(lane, share));
                    self.end_turn(lane);
                }
            }
        }
        self.waiting = self.waiting.saturating_sub(taken.len());
        (!taken.is_empty()).then_some(taken)
    }

    fn of_lane(&mut self, lane: Place, most: usize) -> Vec<Work> {
        let Some(waiting) = self.lanes.get_mut(&lane) else {
            return Vec::new();
        };
        let count = most.min(waiting.len());
        waiting.drain(..count).collect()
    }

    /// The lane's next turn comes after those of all others.
    fn end_turn(&mut self, lane: Place) {
        if self.lanes.get(&lane).is_some_and(VecDeque::is_empty) {
            self.lanes.remove(&lane);
        } else {
            self.turns.push_back(Turn::Lane(lane));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::db_connection::DbConnection;
    use crate::storage::fence::Crossing;
    use crate::storage::job::Isolation;
    use crate::storage::job::Verdict;
    use crate::storage::together::Together;

    struct Waits(Option<OrganizationId>, Way);

    impl Job for Waits {
        fn isolation(&self) -> Isolation {
            Isolation::Serializable
        }

        fn within(&self) -> Option<OrganizationId> {
            self.0
        }

        fn across(&self) -> Option<Crossing> {
            None
        }

        fn way(&self) -> Way {
            self.1
        }

        fn run(&mut self, _: &mut DbConnection, _: &mut Together) -> Verdict {
            Verdict::Commit
        }

        fn answer(self: Box<Self>, _: Result<(), StorageError>) {}
    }

    fn push(queue: &Queue, organization: Option<OrganizationId>) -> Result<(), StorageError> {
        queue.push(Box::new(Waits(organization, Way::Directory)))
    }

    fn whose(work: &[Work]) -> Vec<Option<OrganizationId>> {
        work.iter().map(|work| work.within()).collect()
    }

    #[test]
    fn an_organization_that_floods_waits_for_itself() {
        let (queue, flood, other) = (
            Queue::default(),
            OrganizationId::fresh(),
            OrganizationId::fresh(),
        );
        for _ in 0..LENGTH_OF_LANE {
            push(&queue, Some(flood)).unwrap();
        }
        assert_eq!(push(&queue, Some(flood)), Err(StorageError::Busy));
        push(&queue, Some(other)).unwrap();
        push(&queue, None).unwrap();
        let sign_in = Waits(Some(flood), Way::SignIn);
        assert_eq!(queue.push(Box::new(sign_in)), Ok(()));
        let shared = queue.take_some(64).unwrap();
        assert_eq!(shared.len(), 64);
        assert!(whose(&shared).contains(&Some(other)) && whose(&shared).contains(&None));
        assert!(shared.iter().any(|work| work.way() == Way::SignIn));
        assert_eq!(push(&queue, Some(flood)), Ok(()));
    }

    #[test]
    fn a_lane_is_worked_on_by_one_at_a_time() {
        let (queue, ours, theirs) = (
            Queue::default(),
            OrganizationId::fresh(),
            OrganizationId::fresh(),
        );
        push(&queue, Some(ours)).unwrap();
        push(&queue, Some(theirs)).unwrap();
        push(&queue, Some(ours)).unwrap();
        let (first, lane) = queue.take_lane(32).unwrap();
        assert_eq!(whose(&first), [Some(ours), Some(ours)]);
        push(&queue, Some(ours)).unwrap();
        let (second, _) = queue.take_lane(32).unwrap();
        assert_eq!(whose(&second), [Some(theirs)]);
        assert!(queue.take_waiting().is_none());
        queue.give_back(lane);
        let (third, _) = queue.take_lane(32).unwrap();
        assert_eq!(whose(&third), [Some(ours)]);
    }

    #[test]
    fn what_waits_is_done_before_the_end() {
        let queue = Queue::default();
        push(&queue, None).unwrap();
        queue.close();
        assert!(push(&queue, None).is_err());
        assert!(queue.take().is_some());
        assert!(queue.take().is_none() && queue.take_lane(32).is_none());
    }
}
