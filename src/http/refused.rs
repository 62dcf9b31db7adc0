//! Refused passwords, codes and links, on their way to the journal once their answer is given.

use actix_web::web::Data;

use crate::domain::id::RequestId;
use crate::http::state::Gateway;
use crate::storage::Transaction;
use crate::use_cases::refusals::guesses;
use crate::use_cases::refusals::guesses::Refused;

/// Has a refusal kept, whoever it is of: that is found out when nobody waits any more.
pub(crate) fn keep(gateway: &Data<Gateway>, request_id: RequestId, refused: Refused) {
    let (gateway, deployment) = (gateway.clone(), gateway.deployment.clone());
    let note = move |tx: &mut Transaction<'_>| guesses::note(tx, &deployment, &refused);
    actix_web::rt::spawn(async move {
        let kept = gateway.storage.transaction(request_id, note).await;
        if let Err(error) = kept {
            tracing::warn!(%request_id, ?error, "a refusal was not kept");
        }
    });
}
