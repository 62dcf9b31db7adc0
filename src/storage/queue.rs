//! Work that waits for the threads that own connections.
//!
//! What is known to be of one organization waits in a lane of its own, sign-ins beside pushes. Lanes
//! take turns, and no more than some work on one at once, so that whoever sends the most waits for
//! itself and not before everybody else.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;
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
pub(crate) struct Queue {
    state: Mutex<State>,
}

struct State {
    turns: VecDeque<Turn>,
    /// Those in which something waits or is being worked on.
    lanes: HashMap<Place, LaneState>,
    /// How many may work on a lane at once.
    at_once: usize,
    waiting: usize,
    /// Who has nothing to do, each by what wakes it; the last one knows best what it did before.
    idle: Vec<Arc<Condvar>>,
    is_closed: bool,
}

#[derive(Default)]
struct LaneState {
    waiting: VecDeque<Work>,
    at_work: usize,
    /// Whether it stands among the turns: once, while something waits that may be taken.
    has_turn: bool,
}

enum Turn {
    One(Work),
    Lane(Place),
}

/// A lane that somebody works on, until it is given back.
pub(crate) struct Lane(Option<Place>);

impl Queue {
    /// One where so many work on a lane at once at most.
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            state: Mutex::new(State {
                turns: VecDeque::new(),
                lanes: HashMap::new(),
                at_once,
                waiting: 0,
                idle: Vec::new(),
                is_closed: false,
            }),
        }
    }

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
        Self::wake_one(state);
        Ok(())
    }

    /// What waits in the next lane, but no more than so much, in the order in which it came; waits for
    /// it. `None` when no more will come.
    pub(crate) fn take(&self, most: usize) -> Option<(Vec<Work>, Lane)> {
        self.wait()?.take(most)
    }

    /// Gives a lane back and takes one thing that waits, if there is any.
    pub(crate) fn take_next(&self, done: Lane) -> Option<(Work, Lane)> {
        let mut state = self.state();
        state.give_back(done);
        let (mut work, lane) = state.take(1)?;
        Some((work.pop()?, lane))
    }

    /// What has come to the lane that somebody works on, unless something else waits for its turn.
    pub(crate) fn take_more(&self, lane: &Lane, most: usize) -> Vec<Work> {
        let mut state = self.state();
        let Some(place) = lane.0.filter(|_| state.turns.is_empty()) else {
            return Vec::new();
        };
        let work = state.of_lane(place, most);
        state.waiting = state.waiting.saturating_sub(work.len());
        work
    }

    /// At most so much work, some of each lane that has any; waits for the first. Whoever takes work
    /// like this works alone.
    pub(crate) fn take_some(&self, most: usize) -> Option<Vec<Work>> {
        self.wait()?.take_shares(most)
    }

    /// All that waits and that nobody works on.
    pub(crate) fn take_waiting(&self) -> Vec<Work> {
        self.state().take_shares(LENGTH).unwrap_or_default()
    }

    /// Lets others work on the lane again.
    pub(crate) fn give_back(&self, lane: Lane) {
        let mut state = self.state();
        state.give_back(lane);
        Self::wake_one(state);
    }

    /// Nothing more comes in; what waits is still worked on.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        for idle in state.idle.drain(..) {
            idle.notify_one();
        }
    }

    /// Nobody is woken for what waits in a lane on which enough are at work.
    fn wake_one(mut state: MutexGuard<'_, State>) {
        let has_turns = !state.turns.is_empty();
        let woken = has_turns.then(|| state.idle.pop()).flatten();
        drop(state);
        if let Some(woken) = woken {
            woken.notify_one();
        }
    }

    fn wait(&self) -> Option<MutexGuard<'_, State>> {
        let mut state = self.state();
        let me = Arc::new(Condvar::new());
        while state.turns.is_empty() {
            if state.is_closed {
                return None;
            }
            state.idle.push(Arc::clone(&me));
            state = me.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle.retain(|idle| !Arc::ptr_eq(idle, &me));
        }
        Some(state)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn push_to_lane(&mut self, place: Place, work: Work) -> Result<(), StorageError> {
        let lane = self.lanes.entry(place).or_default();
        if lane.waiting.len() >= LENGTH_OF_LANE {
            return Err(StorageError::Busy);
        }
        lane.waiting.push_back(work);
        self.settle(place);
        Ok(())
    }

    fn take(&mut self, most: usize) -> Option<(Vec<Work>, Lane)> {
        let (work, lane) = match self.turns.pop_front()? {
            Turn::One(work) => (vec![work], None),
            Turn::Lane(place) => {
                let work = self.of_lane(place, most);
                if let Some(lane) = self.lanes.get_mut(&place) {
                    lane.at_work += 1;
                }
                self.settle(place);
                (work, Some(place))
            }
        };
        self.waiting = self.waiting.saturating_sub(work.len());
        Some((work, Lane(lane)))
    }

    /// Takes in turns, a fair share of each lane.
    fn take_shares(&mut self, most: usize) -> Option<Vec<Work>> {
        let share = (most / self.turns.len().max(1)).max(1);
        let mut taken = Vec::new();
        while taken.len() < most {
            match self.turns.pop_front() {
                None => break,
                Some(Turn::One(work)) => taken.push(work),
                Some(Turn::Lane(place)) => {
                    let share = share.min(most - taken.len());
                    taken.append(&mut self.of_lane(place, share));
                    self.settle(place);
                }
            }
        }
        self.waiting = self.waiting.saturating_sub(taken.len());
        (!taken.is_empty()).then_some(taken)
    }

    /// What is first in a lane whose turn it is.
    fn of_lane(&mut self, place: Place, most: usize) -> Vec<Work> {
        let Some(lane) = self.lanes.get_mut(&place) else {
            return Vec::new();
        };
        lane.has_turn = false;
        let count = most.min(lane.waiting.len());
        lane.waiting.drain(..count).collect()
    }

    fn give_back(&mut self, lane: Lane) {
        let Lane(Some(place)) = lane else {
            return;
        };
        if let Some(lane) = self.lanes.get_mut(&place) {
            lane.at_work = lane.at_work.saturating_sub(1);
        }
        self.settle(place);
    }

    /// The lane's next turn, if it has one, comes after those of all others.
    fn settle(&mut self, place: Place) {
        let Some(lane) = self.lanes.get_mut(&place) else {
            return;
        };
        if lane.waiting.is_empty() {
            if lane.at_work == 0 {
                self.lanes.remove(&place);
            }
        } else if !lane.has_turn && lane.at_work < self.at_once {
            lane.has_turn = true;
            self.turns.push_back(Turn::Lane(place));
        }
    }
}

#[cfg(test)]
mod tests;
