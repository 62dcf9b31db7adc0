//! Sends what the outbox holds, a few letters at a time.

use crate::domain::id::RequestId;
use crate::outbound::smtp::Mailer;
use crate::outbound::smtp::NotSent;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::mails;
use crate::use_cases::mails::Due;

/// Sends letters until none is due, or until it is to end: then those in hand are finished.
pub async fn run(
    storage: &Storage,
    deployment: &Deployment,
    mailer: &Mailer,
    is_ending: &(dyn Fn() -> bool + Send + Sync),
) {
    let owned = deployment.clone();
    let waits = storage
        .read(RequestId::fresh(), move |tx| mails::is_any_due(tx, &owned))
        .await;
    match waits {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => {
            tracing::error!(?error, "the outbox could not be read");
            return;
        }
    }
    let lane = || send_one_by_one(storage, deployment, mailer, is_ending);
    tokio::join!(lane(), lane(), lane(), lane());
}

async fn send_one_by_one(
    storage: &Storage,
    deployment: &Deployment,
    mailer: &Mailer,
    is_ending: &(dyn Fn() -> bool + Send + Sync),
) {
    while !is_ending() {
        let owned = deployment.clone();
        let claimed = storage
            .transaction(RequestId::fresh(), move |tx| mails::claim(tx, &owned))
            .await;
        let outcome = match claimed {
            Ok(None) => return,
            Ok(Some(due)) => send(storage, mailer, due).await,
            Err(error) => Err(error),
        };
        // A mail whose outcome cannot be noted is sent again when its lease ends.
        if let Err(error) = outcome {
            tracing::error!(?error, "a mail could not be seen through");
            return;
        }
    }
}

async fn send(storage: &Storage, mailer: &Mailer, due: Due) -> Result<(), ManagementError> {
    let outcome = mailer.send(&due.letter, (due.id, due.written_at)).await;
    if let Err(NotSent::Refused(reason) | NotSent::NotNow(reason)) = &outcome {
        tracing::warn!(mail = %due.id, reason, "a mail was not taken");
    }
    let note = move |tx: &mut Transaction<'_>| match &outcome {
        Ok(()) => mails::sent(tx, &due),
        Err(NotSent::NotNow(reason)) => mails::delayed(tx, &due, reason),
        Err(NotSent::Refused(reason)) => mails::failed(tx, &due, reason),
    };
    storage.transaction(RequestId::fresh(), note).await
}
