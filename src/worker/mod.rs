//! What happens without a request: wake, work, sleep, until told to stop.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::storage::Storage;

mod cleanup;

const PAUSE: Duration = Duration::from_mins(1);

/// The running worker.
pub struct Worker {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Starts the worker on the current runtime.
pub fn start(storage: Storage) -> Worker {
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(work(storage, stopped));
    Worker { stop, task }
}

impl Worker {
    /// Lets the round in hand end, then stops.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the worker failed");
        }
    }
}

async fn work(storage: Storage, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(PAUSE) => cleanup::run(&storage).await,
        }
    }
}
