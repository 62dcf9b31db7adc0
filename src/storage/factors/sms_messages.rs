//! Messages on their way to phones, taken by one node at a time.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::id::SmsMessageId;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::sms_messages;

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptMessage {
    /// Its id.
    pub id: SmsMessageId,
    /// Number and text, sealed.
    pub message: String,
    /// How often it was taken.
    pub attempts: i32,
    /// When it is of no use any more.
    pub expires_at: DateTime<Utc>,
}

/// Puts a message on its way.
pub fn insert(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    message: &KeptMessage,
) -> Result<(), StorageError> {
    let row = (
        sms_messages::id.eq(message.id.key()),
        sms_messages::project_id.eq(project.as_str()),
        sms_messages::message.eq(&message.message),
        sms_messages::created_at.eq(instant(tx.now)),
        sms_messages::expires_at.eq(instant(message.expires_at)),
        sms_messages::attempts.eq(message.attempts),
        sms_messages::next_attempt_at.eq(instant(tx.now)),
    );
    diesel::insert_into(sms_messages::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// The message that waits longest, of those that may be taken now and are still of use.
pub fn find_due(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Option<KeptMessage>, StorageError> {
    let found = sms_messages::table
        .filter(sms_messages::project_id.eq(project.as_str()))
        .filter(sms_messages::next_attempt_at.le(instant(tx.now)))
        .filter(sms_messages::expires_at.gt(instant(tx.now)))
        .order((sms_messages::next_attempt_at.asc(), sms_messages::id.asc()))
        .select((
            sms_messages::id,
            sms_messages::message,
            sms_messages::attempts,
            sms_messages::expires_at,
        ))
        .first::<(String, String, i32, NaiveDateTime)>(tx.connection()?)
        .optional()?;
    let read = |(id, message, attempts, end): (String, String, i32, NaiveDateTime)| {
        Ok(KeptMessage {
            id: SmsMessageId::from_key(&id).map_err(StorageError::corrupt)?,
            message,
            attempts,
            expires_at: end.and_utc(),
        })
    };
    found.map(read).transpose()
}

/// Says when a message may be taken next, and that it was taken once more; false when somebody
/// else has taken it since it was read.
pub fn plan(
    tx: &mut Transaction<'_>,
    message: &KeptMessage,
    (attempts, next): (i32, DateTime<Utc>),
) -> Result<bool, StorageError> {
    let this = sms_messages::table
        .filter(sms_messages::id.eq(message.id.key()))
        .filter(sms_messages::attempts.eq(message.attempts));
    let planned = diesel::update(this).set((
        sms_messages::attempts.eq(attempts),
        sms_messages::next_attempt_at.eq(instant(next)),
    ));
    Ok(planned.execute(tx.connection()?)? == 1)
}

/// Takes a message away.
pub fn delete(tx: &mut Transaction<'_>, id: SmsMessageId) -> Result<(), StorageError> {
    let this = sms_messages::table.filter(sms_messages::id.eq(id.key()));
    diesel::delete(this).execute(tx.connection()?)?;
    Ok(())
}

/// Forgets messages that are of no use any more.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let old = sms_messages::table.filter(sms_messages::expires_at.le(instant(tx.now)));
    Ok(diesel::delete(old).execute(tx.connection()?)?)
}
