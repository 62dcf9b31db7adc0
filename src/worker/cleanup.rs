//! Forgets what has expired, once a minute.

use crate::domain::id::RequestId;
use crate::storage::Storage;
use crate::use_cases::cleanup;

pub(crate) async fn run(storage: &Storage) {
    let request_id = RequestId::fresh();
    match storage
        .transaction(request_id, cleanup::forget_expired)
        .await
    {
        Ok(0) => {}
        Ok(rows) => tracing::debug!(rows, %request_id, "forgot what has expired"),
        Err(error) => tracing::error!(?error, %request_id, "expired rows could not be forgotten"),
    }
}
