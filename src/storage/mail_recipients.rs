//! When mails were lately asked for an address, by its hash.

use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::mail_limit::Recent;
use crate::storage::Transaction;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::schema::mail_recipients;

/// When mails were lately asked for an address.
pub fn find(tx: &mut Transaction<'_>, address_hash: &str) -> Result<Option<Recent>, StorageError> {
    mail_recipients::table
        .find(address_hash)
        .select(mail_recipients::recent)
        .first::<String>(tx.connection()?)
        .optional()?
        .map(|recent| from_json(&recent))
        .transpose()
}

/// Keeps when mails were lately asked for an address.
pub fn save(
    tx: &mut Transaction<'_>,
    address_hash: &str,
    recent: &Recent,
) -> Result<(), StorageError> {
    let values = (
        mail_recipients::recent.eq(to_json(recent)?),
        mail_recipients::expires_at.eq(instant(Recent::ends_at(tx.now))),
    );
    let this = mail_recipients::table.find(address_hash);
    let known = diesel::update(this)
        .set(values.clone())
        .execute(tx.connection()?)?;
    if known == 0 {
        diesel::insert_into(mail_recipients::table)
            .values((mail_recipients::address_hash.eq(address_hash), values))
            .execute(tx.connection()?)?;
    }
    Ok(())
}

/// Forgets addresses that nothing was asked for lately.
pub fn forget_expired(tx: &mut Transaction<'_>) -> Result<usize, StorageError> {
    let expired = mail_recipients::table.filter(mail_recipients::expires_at.le(instant(tx.now)));
    Ok(diesel::delete(expired).execute(tx.connection()?)?)
}
