//! Codes that were mailed: one for each place where one is good, with few tries. Other
//! allowances are kept likewise, without a code.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::email_codes;

/// Keeps a code in place of the one before.
pub fn replace(
    tx: &mut Transaction<'_>,
    (place_hash, code_mac): (&str, &str),
    tries: i32,
    expires_at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let values = (
        email_codes::code_mac.eq(code_mac),
        email_codes::tries_left.eq(tries),
        email_codes::expires_at.eq(instant(expires_at)),
    );
    let this = email_codes::table.find(place_hash);
    if diesel::update(this).set(values).execute(tx.connection()?)? == 0 {
        diesel::insert_into(email_codes::table)
            .values((email_codes::place_hash.eq(place_hash), values))
            .execute(tx.connection()?)?;
    }
    Ok(())
}

/// The live code of a place that has tries left.
pub fn find(tx: &mut Transaction<'_>, place_hash: &str) -> Result<Option<String>, StorageError> {
    let live = email_codes::table
        .find(place_hash)
        .filter(email_codes::tries_left.gt(0))
        .filter(email_codes::expires_at.gt(instant(tx.now)));
    Ok(live
        .select(email_codes::code_mac)
        .first::<String>(tx.connection()?)
        .optional()?)
}

/// How many tries a live place has left, and until when.
pub fn tries_left(
    tx: &mut Transaction<'_>,
    place_hash: &str,
) -> Result<Option<(i32, DateTime<Utc>)>, StorageError> {
    let live = email_codes::table
        .find(place_hash)
        .filter(email_codes::expires_at.gt(instant(tx.now)));
    let found = live
        .select((email_codes::tries_left, email_codes::expires_at))
        .first::<(i32, NaiveDateTime)>(tx.connection()?)
        .optional()?;
    Ok(found.map(|(left, ends)| (left, ends.and_utc())))
}

/// Counts a try that was wrong.
pub fn count_try(tx: &mut Transaction<'_>, place_hash: &str) -> Result<(), StorageError> {
    let this = email_codes::table.find(place_hash);
    diesel::update(this)
        .set(email_codes::tries_left.eq(email_codes::tries_left - 1))
        .execute(tx.connection()?)?;
    Ok(())
}

/// Uses a code up; false when somebody else already did, or another one has come.
pub fn consume(
    tx: &mut Transaction<'_>,
    (place_hash, code_mac): (&str, &str),
) -> Result<bool, StorageError> {
    let this = email_codes::table
        .find(place_hash)
        .filter(email_codes::code_mac.eq(code_mac));
    Ok(diesel::delete(this).execute(tx.connection()?)? == 1)
}

/// Forgets codes that have expired.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let expired = email_codes::table.filter(email_codes::expires_at.le(instant(tx.now)));
    Ok(diesel::delete(expired).execute(tx.connection()?)?)
}
