//! Keeps what the database knows of growing tables true enough to plan by.

use crate::storage::Storage;

pub(crate) async fn run(storage: &Storage) {
    if let Err(error) = storage.look_at_what_has_grown().await {
        tracing::warn!(?error, "the database could not look at what has grown");
    }
}
