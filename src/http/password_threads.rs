//! Where passwords are hashed: threads of their own behind a short queue, so that nothing else
//! waits for them, not even for a core. Whoever comes when the queue is full is told to come back.

use std::io;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::sync_channel;
use std::thread;

use rustix::process::setpriority_process;
use tokio::sync::oneshot;

use crate::use_cases::error::ManagementError;
use crate::use_cases::error::password::PasswordError;

/// As many as one thread is done with in about two seconds.
const WAITING_FOR_EACH_THREAD: usize = 64;

type Work = Box<dyn FnOnce() + Send>;

/// A bounded queue before the threads that hash passwords.
#[derive(Clone)]
pub struct PasswordThreads(SyncSender<Work>);

impl PasswordThreads {
    /// Threads for half of the machine, so that the other half answers everything else.
    pub fn start() -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let threads = (cores / 2).max(1);
        Self::with(threads, threads * WAITING_FOR_EACH_THREAD)
    }

    fn with(threads: usize, waiting: usize) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(waiting);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..threads {
            let receiver = receiver.clone();
            thread::Builder::new()
                .name(format!("password-{number}"))
                .spawn(move || work_off(&receiver))?;
        }
        Ok(Self(sender))
    }

    /// Does slow work there and gives what came of it. What nobody waits for any more is not begun.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ManagementError> {
        let (answer, answered) = oneshot::channel();
        let job = move || {
            if !answer.is_closed() {
                // Whoever asked may have gone meanwhile.
                let _ = answer.send(work());
            }
        };
        let queued = self.0.try_send(Box::new(job));
        queued.map_err(|_| PasswordError::Busy)?;
        let failed = |_| ManagementError::Internal("a password could not be hashed".to_owned());
        answered.await.map_err(failed)
    }
}

/// The weight that Linux gives to what may wait.
const NICEST: i32 = 19;

fn work_off(receiver: &Mutex<Receiver<Work>>) {
    // Of this thread alone, as Linux has it. Where it is refused, hashing is only less polite.
    let _ = setpriority_process(None, NICEST);
    loop {
        let next = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(work) = next else {
            return;
        };
        // A panic must not take the thread with it; whoever waits is told by the dropped answer.
        let _ = catch_unwind(AssertUnwindSafe(work));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn what_does_not_fit_into_the_queue_is_turned_away_at_once() {
        let threads = PasswordThreads::with(1, 1).unwrap();
        let (release, released) = channel::<()>();
        let (begun, has_begun) = channel();
        let slow = threads.clone();
        let slow = tokio::spawn(async move {
            slow.run(move || {
                begun.send(()).unwrap();
                released.recv().unwrap();
            })
            .await
        });
        tokio::task::spawn_blocking(move || has_begun.recv())
            .await
            .unwrap()
            .unwrap();
        let mut waiting = Box::pin(threads.run(|| 2));
        let pending = tokio::time::timeout(std::time::Duration::from_millis(20), &mut waiting);
        assert!(pending.await.is_err(), "it waits");
        let busy = Err(PasswordError::Busy.into());
        assert_eq!(threads.run(|| 3).await, busy);
        release.send(()).unwrap();
        assert_eq!(waiting.await, Ok(2));
        slow.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_the_thread_goes_on() {
        let threads = PasswordThreads::with(1, 4).unwrap();
        let failed = threads.run(|| panic!("as a test")).await;
        assert!(matches!(failed, Err::<(), _>(ManagementError::Internal(_))));
        assert_eq!(threads.run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_begun() {
        let threads = PasswordThreads::with(1, 4).unwrap();
        let (release, released) = channel::<()>();
        let slow = threads.clone();
        let (started, has_started) = channel::<()>();
        let slow = tokio::spawn(async move {
            let work = move || {
                started.send(()).unwrap();
                released.recv().unwrap();
            };
            slow.run(work).await
        });
        tokio::task::spawn_blocking(move || has_started.recv())
            .await
            .unwrap()
            .unwrap();
        let (begun, has_begun) = channel::<()>();
        let left = threads.run(move || begun.send(()));
        assert!(
            tokio::time::timeout(std::time::Duration::from_millis(20), left)
                .await
                .is_err()
        );
        release.send(()).unwrap();
        slow.await.unwrap().unwrap();
        assert_eq!(threads.run(|| 1).await, Ok(1));
        assert!(has_begun.try_recv().is_err());
    }
}
