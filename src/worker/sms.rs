//! Hands the messages that wait to the operator's SMS gateway.

use crate::domain::clock::Clock;
use crate::domain::id::RequestId;
use crate::outbound::http_client::HttpClient;
use crate::outbound::sms_gateway::Handover;
use crate::outbound::sms_gateway::SmsGateway;
use crate::storage::Storage;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::sms_messages;
use crate::use_cases::sms_messages::DueMessage;

/// What sending needs.
pub struct Sender<'a> {
    /// The database.
    pub storage: &'a Storage,
    /// What use cases may know about this installation.
    pub deployment: &'a Deployment,
    /// Reaches out.
    pub client: &'a HttpClient,
    /// Where messages go.
    pub gateway: &'a SmsGateway,
    /// The time.
    pub clock: &'a Clock,
}

/// Sends messages until none waits; several at a time, or a gateway that is slow would let the codes
/// of all others end.
pub async fn run(sender: &Sender<'_>) {
    match sender.is_any_due().await {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => return tell(&error),
    }
    let lane = || sender.send_one_by_one();
    tokio::join!(lane(), lane(), lane(), lane());
}

fn tell(error: &ManagementError) {
    tracing::error!(?error, "messages could not be taken out of the database");
}

impl Sender<'_> {
    async fn is_any_due(&self) -> Result<bool, ManagementError> {
        let deployment = self.deployment.clone();
        let look = move |tx: &mut Transaction<'_>| sms_messages::is_due(tx, &deployment);
        self.storage.read(RequestId::fresh(), look).await
    }

    async fn send_one_by_one(&self) {
        loop {
            match self.send_next().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return tell(&error),
            }
        }
    }

    async fn send_next(&self) -> Result<bool, ManagementError> {
        let deployment = self.deployment.clone();
        let claim = move |tx: &mut Transaction<'_>| sms_messages::claim(tx, &deployment);
        let Some(due) = self.storage.transaction(RequestId::fresh(), claim).await? else {
            return Ok(false);
        };
        self.hand_over(due).await?;
        Ok(true)
    }

    async fn hand_over(&self, due: DueMessage) -> Result<(), ManagementError> {
        let id = due.id.to_string();
        let named = (id.as_str(), &due.message);
        let outcome = self
            .gateway
            .send(self.client, named, self.clock.now())
            .await;
        match &outcome {
            Handover::Taken => tracing::debug!(%id, "a message was handed to the SMS gateway"),
            Handover::Delayed(reason) => {
                tracing::warn!(%id, reason, "a message waits for the SMS gateway");
            }
            Handover::Refused(reason) => {
                tracing::error!(%id, reason, "the SMS gateway refuses a message");
            }
        }
        let is_delayed = matches!(outcome, Handover::Delayed(_));
        let note = move |tx: &mut Transaction<'_>| {
            if is_delayed {
                sms_messages::delayed(tx, &due)
            } else {
                sms_messages::done(tx, &due)
            }
        };
        self.storage.transaction(RequestId::fresh(), note).await
    }
}
