//! The outbox: mails that are to be sent, taken by one node at a time.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::Queryable;

use crate::domain::id::MailId;
use crate::domain::id::OrganizationId;
use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::mails;

/// A mail in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptMail {
    /// Its id.
    pub id: MailId,
    /// Whose it is, if it is one organization's.
    pub organization_id: Option<OrganizationId>,
    /// Its kind.
    pub kind: String,
    /// The letter, sealed.
    pub letter: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When what it holds ends.
    pub expires_at: DateTime<Utc>,
    /// How often it was taken.
    pub attempts: i32,
}

/// A mail that is new.
#[derive(Debug)]
pub struct NewMail<'a> {
    /// Its id.
    pub id: MailId,
    /// The project that sends it.
    pub project_id: &'a ProjectId,
    /// Whose it is, if it is one organization's.
    pub organization_id: Option<OrganizationId>,
    /// Its kind.
    pub kind: &'a str,
    /// The letter, sealed.
    pub letter: &'a str,
    /// When what it holds ends.
    pub expires_at: DateTime<Utc>,
}

#[derive(Queryable)]
struct MailRow {
    id: String,
    organization_id: String,
    kind: String,
    letter: String,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    attempts: i32,
}

impl TryFrom<MailRow> for KeptMail {
    type Error = StorageError;
    fn try_from(row: MailRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: MailId::from_key(&row.id).map_err(StorageError::corrupt)?,
            organization_id: OrganizationId::from_key(&row.organization_id).ok(),
            kind: row.kind,
            letter: row.letter,
            created_at: row.created_at.and_utc(),
            expires_at: row.expires_at.and_utc(),
            attempts: row.attempts,
        })
    }
}

macro_rules! columns {
    () => {
        (
            mails::id,
            mails::organization_id,
            mails::kind,
            mails::letter,
            mails::created_at,
            mails::expires_at,
            mails::attempts,
        )
    };
}

/// Puts a mail into the outbox.
pub fn insert(tx: &mut Transaction<'_>, mail: &NewMail<'_>) -> Result<(), StorageError> {
    let organization = mail.organization_id.map(|id| id.key()).unwrap_or_default();
    let row = (
        mails::id.eq(mail.id.key()),
        mails::project_id.eq(mail.project_id.as_str()),
        mails::organization_id.eq(organization),
        mails::kind.eq(mail.kind),
        mails::letter.eq(mail.letter),
        mails::created_at.eq(instant(tx.now)),
        mails::expires_at.eq(instant(mail.expires_at)),
        mails::attempts.eq(0),
        mails::next_attempt_at.eq(Some(instant(tx.now))),
    );
    diesel::insert_into(mails::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// The mail that waits longest, of those that may be taken now and are still of use.
pub fn find_due(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
) -> Result<Option<KeptMail>, StorageError> {
    mails::table
        .filter(mails::project_id.eq(project.as_str()))
        .filter(mails::next_attempt_at.le(instant(tx.now)))
        .filter(mails::expires_at.gt(instant(tx.now)))
        .order((mails::next_attempt_at.asc(), mails::id.asc()))
        .select(columns!())
        .first::<MailRow>(tx.connection()?)
        .optional()?
        .map(KeptMail::try_from)
        .transpose()
}

/// Every mail of a project that is still of use, the newest first.
pub fn list(
    tx: &mut Transaction<'_>,
    (project, most): (&ProjectId, i64),
) -> Result<Vec<KeptMail>, StorageError> {
    let rows = mails::table
        .filter(mails::project_id.eq(project.as_str()))
        .filter(mails::expires_at.gt(instant(tx.now)))
        .order(mails::id.desc())
        .limit(most)
        .select(columns!())
        .load::<MailRow>(tx.connection()?)?;
    rows.into_iter().map(KeptMail::try_from).collect()
}

/// Says when a mail may be taken next (never, if given up), and that it was taken once more; false
/// when somebody else has taken it since it was read.
pub fn plan(
    tx: &mut Transaction<'_>,
    (mail, attempts): (&KeptMail, i32),
    next_attempt_at: Option<DateTime<Utc>>,
) -> Result<bool, StorageError> {
    let this = mails::table
        .filter(mails::id.eq(mail.id.key()))
        .filter(mails::attempts.eq(mail.attempts));
    let planned = diesel::update(this).set((
        mails::attempts.eq(attempts),
        mails::next_attempt_at.eq(next_attempt_at.map(instant)),
    ));
    Ok(planned.execute(tx.connection()?)? == 1)
}

/// Takes a mail out of the outbox.
pub fn delete(tx: &mut Transaction<'_>, id: MailId) -> Result<bool, StorageError> {
    let this = mails::table.find(id.key());
    Ok(diesel::delete(this).execute(tx.connection()?)? == 1)
}

/// Forgets mails whose link or code has ended.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let expired = mails::table.filter(mails::expires_at.le(instant(tx.now)));
    Ok(diesel::delete(expired).execute(tx.connection()?)?)
}
