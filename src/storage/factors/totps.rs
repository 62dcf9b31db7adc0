//! Authenticator applications of members, one each; what is secret about them is sealed.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;

use crate::domain::id::TotpId;
use crate::domain::member::Member;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::totps;

/// An authenticator application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// Its id.
    pub id: TotpId,
    /// The shared secret, sealed.
    pub secret: String,
    /// The recovery codes that are left, sealed.
    pub recovery_codes: String,
    /// Until when it may prove itself for the first time; once it has, nothing.
    pub pending_until: Option<DateTime<Utc>>,
    /// The last time step whose code was accepted.
    pub last_step: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = totps, treat_none_as_default_value = false)]
struct TotpRow {
    organization_id: String,
    member_id: String,
    id: String,
    secret: String,
    recovery_codes: String,
    is_active: bool,
    last_step: i64,
    created_at: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
}

impl TryFrom<TotpRow> for Totp {
    type Error = StorageError;
    fn try_from(row: TotpRow) -> Result<Self, StorageError> {
        Ok(Self {
            id: TotpId::from_key(&row.id).map_err(StorageError::corrupt)?,
            secret: row.secret,
            recovery_codes: row.recovery_codes,
            pending_until: row.expires_at.map(|end| end.and_utc()),
            last_step: row.last_step,
            created_at: row.created_at.and_utc(),
        })
    }
}

/// A member's authenticator application, proven or pending.
pub fn find(tx: &mut Transaction<'_>, member: &Member) -> Result<Option<Totp>, StorageError> {
    totps::table
        .filter(totps::organization_id.eq(member.organization_id.key()))
        .filter(totps::member_id.eq(member.id.key()))
        .first::<TotpRow>(tx.connection()?)
        .optional()?
        .map(Totp::try_from)
        .transpose()
}

/// Keeps a member's authenticator application as it is now, in the place of any other.
pub fn put(tx: &mut Transaction<'_>, member: &Member, totp: &Totp) -> Result<(), StorageError> {
    delete(tx, member)?;
    let row = TotpRow {
        organization_id: member.organization_id.key(),
        member_id: member.id.key(),
        id: totp.id.key(),
        secret: totp.secret.clone(),
        recovery_codes: totp.recovery_codes.clone(),
        is_active: totp.pending_until.is_none(),
        last_step: totp.last_step,
        created_at: instant(totp.created_at),
        expires_at: totp.pending_until.map(instant),
    };
    diesel::insert_into(totps::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Takes it away; false when there was none.
pub fn delete(tx: &mut Transaction<'_>, member: &Member) -> Result<bool, StorageError> {
    let theirs = totps::table
        .filter(totps::organization_id.eq(member.organization_id.key()))
        .filter(totps::member_id.eq(member.id.key()));
    Ok(diesel::delete(theirs).execute(tx.connection()?)? == 1)
}
