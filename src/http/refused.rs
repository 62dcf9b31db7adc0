//! Refusals on their way to the journal once their answer is given.

use crate::domain::id::RequestId;
use crate::http::management::error::ApiError;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::error::ManagementError;
use crate::use_cases::refusals::kept;
use crate::use_cases::refusals::kept::Refused;

/// Has a refusal kept, whoever it is of: that is found out when nobody waits any more.
pub(crate) fn keep(gateway: &Gateway, request_id: RequestId, refused: Refused) {
    let (storage, deployment) = (gateway.storage.clone(), gateway.deployment.clone());
    let sought = refused.clone();
    let begin = move |tx: &mut Transaction<'_>| kept::begin(tx, &sought);
    let note = move |tx: &mut Transaction<'_>| kept::note(tx, &deployment, &refused);
    actix_web::rt::spawn(async move {
        let kept = match storage.seek(request_id, begin).await {
            Ok(Some(begin)) => storage.transaction(begin, note).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = kept {
            tracing::warn!(%request_id, ?error, "a refusal was not kept");
        }
    });
}

/// What the caller is told of an error; what is to be kept of it is.
pub(crate) fn noted(
    gateway: &Gateway,
    request_id: RequestId,
    error: ManagementError,
) -> ManagementError {
    match error {
        ManagementError::Noted(noted) => {
            keep(gateway, request_id, noted.refused);
            noted.error
        }
        other => other,
    }
}

impl Gateway {
    /// Pairs errors with the request that they answer.
    pub(crate) fn told(&self, request_id: RequestId) -> impl Fn(ManagementError) -> ApiError + '_ {
        move |error| ApiError::of(request_id)(noted(self, request_id, error))
    }
}
