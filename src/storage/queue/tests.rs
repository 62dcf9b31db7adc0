use std::time::Instant;

use super::*;
use crate::storage::db_connection::DbConnection;
use crate::storage::fence::Crossing;
use crate::storage::foreseen::Newcomer;
use crate::storage::job::Isolation;
use crate::storage::job::Verdict;
use crate::storage::together::Together;

struct Waits(Option<OrganizationId>, Way);

impl Job for Waits {
    fn arrived(&self) -> Instant {
        Instant::now()
    }

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

    fn newcomer(&self) -> Option<&Newcomer> {
        None
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
        Queue::new(1),
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
fn a_lane_is_worked_on_by_so_many_at_once() {
    for at_once in [1, 3] {
        let queue = Queue::new(at_once);
        let (ours, theirs) = (OrganizationId::fresh(), OrganizationId::fresh());
        for _ in 0..at_once + 2 {
            push(&queue, Some(ours)).unwrap();
        }
        push(&queue, Some(theirs)).unwrap();
        let mut taken: Vec<_> = (0..=at_once).map(|_| queue.take(1).unwrap()).collect();
        let others = taken
            .iter()
            .filter(|(work, _)| whose(work) == [Some(theirs)]);
        assert_eq!(others.count(), 1, "{at_once}");
        assert!(queue.take_next(Lane(None)).is_none(), "{at_once}");
        let is_ours = |(work, _): &(Vec<Work>, Lane)| whose(work) == [Some(ours)];
        let (_, lane) = taken.remove(taken.iter().position(is_ours).unwrap());
        let (next, lane) = queue.take_next(lane).unwrap();
        assert_eq!(next.within(), Some(ours));
        assert!(queue.take_next(Lane(None)).is_none(), "{at_once}");
        queue.give_back(lane);
        assert!(is_ours(&queue.take(32).unwrap()));
    }
}

#[test]
fn what_waits_in_a_lane_is_taken_together_in_the_order_in_which_it_came() {
    let (queue, ours) = (Queue::new(1), OrganizationId::fresh());
    for _ in 0..3 {
        push(&queue, Some(ours)).unwrap();
    }
    push(&queue, None).unwrap();
    let (together, lane) = queue.take(32).unwrap();
    assert_eq!(whose(&together), [Some(ours); 3]);
    push(&queue, Some(ours)).unwrap();
    queue.give_back(lane);
    assert_eq!(whose(&queue.take(32).unwrap().0), [None]);
    assert_eq!(whose(&queue.take(32).unwrap().0), [Some(ours)]);
}

#[test]
fn what_waits_is_done_before_the_end() {
    let (queue, ours) = (Queue::new(1), OrganizationId::fresh());
    push(&queue, None).unwrap();
    push(&queue, Some(ours)).unwrap();
    push(&queue, Some(ours)).unwrap();
    queue.close();
    assert!(push(&queue, None).is_err());
    assert!(queue.take(1).is_some());
    let (_, lane) = queue.take(1).unwrap();
    let (_, lane) = queue.take_next(lane).unwrap();
    queue.give_back(lane);
    assert!(queue.take(1).is_none() && queue.take_some(32).is_none());
}
