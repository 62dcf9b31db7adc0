//! Learns which keys sign JWTs, so that every node knows a new one before it signs and forgets a
//! revoked one within seconds.

use std::sync::Arc;

use tokio::sync::watch;

use crate::domain::id::RequestId;
use crate::domain::session_token::SessionSigner;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::signing_keys;
use crate::worker::Tools;

pub(crate) async fn learn(tools: Tools, mut stopped: watch::Receiver<bool>) {
    let pause = signing_keys::LOOKED_FOR_EVERY.to_std().unwrap_or_default();
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(pause) => {
                look(&tools.storage, &tools.deployment, &tools.signer).await;
            }
        }
    }
}

/// Takes the keys as they are now; without a database the signer goes on with those that it has.
pub async fn look(storage: &Storage, deployment: &Arc<Deployment>, signer: &Arc<SessionSigner>) {
    let current = {
        let (deployment, signer) = (deployment.clone(), signer.clone());
        move |tx: &mut Transaction<'_>| {
            let whose = (&deployment.project_id, &deployment.master_key);
            signing_keys::current(tx, whose, &signer)
        }
    };
    let request_id = RequestId::fresh();
    match storage.read(request_id, current).await {
        Ok(keys) if keys.is_empty() => tracing::error!(%request_id, "there is no signing key"),
        Ok(keys) => signer.take(keys),
        Err(error) => tracing::error!(?error, %request_id, "the signing keys cannot be read"),
    }
}
