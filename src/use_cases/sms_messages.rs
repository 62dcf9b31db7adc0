//! Messages to phones: written in the transaction that they are about, and taken by whoever sends
//! them. What they hold is good for minutes, so they are tried quickly or not at all.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde_json::json;

use crate::domain::id::SmsMessageId;
use crate::domain::sms_message::SmsMessage;
use crate::storage::Transaction;
use crate::storage::factors::sms_messages;
use crate::storage::factors::sms_messages::KeptMessage;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;

/// For how long a message is whoever's took it; then it counts as not sent.
const LEASE: TimeDelta = TimeDelta::seconds(20);
/// How long after each failure the next try comes.
const PAUSE: TimeDelta = TimeDelta::seconds(5);

/// A message that its taker has to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueMessage {
    /// What it says, and to whom.
    pub message: SmsMessage,
    /// The same however often it is sent.
    pub id: SmsMessageId,
    taken: KeptMessage,
}

/// Puts a message on its way; it is sent when the transaction has been committed.
pub(crate) fn queue(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    message: &SmsMessage,
    expires_at: DateTime<Utc>,
) -> Result<(), ManagementError> {
    let id = SmsMessageId::fresh();
    let text = json!(message).to_string();
    let kept = KeptMessage {
        id,
        message: deployment.master_key.seal(text.as_bytes(), &place(id))?,
        attempts: 0,
        expires_at,
    };
    Ok(sms_messages::insert(tx, &deployment.project_id, &kept)?)
}

fn place(id: SmsMessageId) -> String {
    format!("sms_messages/message/{id}")
}

/// Whether a message waits.
pub fn is_due(tx: &mut Transaction<'_>, deployment: &Deployment) -> Result<bool, ManagementError> {
    Ok(sms_messages::find_due(tx, &deployment.project_id)?.is_some())
}

/// Takes the message that waits longest, so that of several nodes one sends it.
pub fn claim(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
) -> Result<Option<DueMessage>, ManagementError> {
    tx.concerns(None);
    while let Some(kept) = sms_messages::find_due(tx, &deployment.project_id)? {
        let attempts = kept.attempts.saturating_add(1);
        if !sms_messages::plan(tx, &kept, (attempts, tx.now + LEASE))? {
            continue;
        }
        let taken = KeptMessage { attempts, ..kept };
        if let Some(message) = open(deployment, &taken) {
            let id = taken.id;
            return Ok(Some(DueMessage { message, id, taken }));
        }
        // It was sealed with another master key, and nobody will open it.
        sms_messages::delete(tx, taken.id)?;
    }
    Ok(None)
}

fn open(deployment: &Deployment, kept: &KeptMessage) -> Option<SmsMessage> {
    let text = deployment
        .master_key
        .open(&kept.message, &place(kept.id))
        .ok()?;
    serde_json::from_slice(&text).ok()
}

/// A message was handed over, or refused for good.
pub fn done(tx: &mut Transaction<'_>, due: &DueMessage) -> Result<(), ManagementError> {
    Ok(sms_messages::delete(tx, due.id)?)
}

/// A message was not taken, for a reason that may pass.
pub fn delayed(tx: &mut Transaction<'_>, due: &DueMessage) -> Result<(), ManagementError> {
    sms_messages::plan(tx, &due.taken, (due.taken.attempts, tx.now + PAUSE))?;
    Ok(())
}
