//! Wrong secrets in a row, a row for each member with some.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::member::Member;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::member_failures;

/// How many there are, and when the last one came.
pub fn find(
    tx: &mut Transaction<'_>,
    member: &Member,
) -> Result<Option<(i32, DateTime<Utc>)>, StorageError> {
    let found = member_failures::table
        .filter(member_failures::organization_id.eq(member.organization_id.key()))
        .filter(member_failures::member_id.eq(member.id.key()))
        .select((member_failures::failures, member_failures::last_at))
        .first::<(i32, NaiveDateTime)>(tx.connection)
        .optional()?;
    Ok(found.map(|(failures, last_at)| (failures, last_at.and_utc())))
}

/// Says how many there are by now.
pub fn put(tx: &mut Transaction<'_>, member: &Member, failures: i32) -> Result<(), StorageError> {
    delete(tx, member)?;
    let row = (
        member_failures::organization_id.eq(member.organization_id.key()),
        member_failures::member_id.eq(member.id.key()),
        member_failures::failures.eq(failures),
        member_failures::last_at.eq(instant(tx.now)),
    );
    diesel::insert_into(member_failures::table)
        .values(row)
        .execute(tx.connection)?;
    Ok(())
}

/// Forgets them.
pub fn delete(tx: &mut Transaction<'_>, member: &Member) -> Result<(), StorageError> {
    let theirs = member_failures::table
        .filter(member_failures::organization_id.eq(member.organization_id.key()))
        .filter(member_failures::member_id.eq(member.id.key()));
    diesel::delete(theirs).execute(tx.connection)?;
    Ok(())
}
