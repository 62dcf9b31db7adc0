//! Wrong secrets in a row, a row for each member with some.

use chrono::DateTime;
use chrono::NaiveDateTime;
use chrono::Utc;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::member::Member;
use crate::domain::member::lock::Failures;
use crate::domain::member::lock::Guessed;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::member_failures;

/// The failures at first factors and the last of them, and the same of second ones.
type Row = (i32, NaiveDateTime, i32, Option<NaiveDateTime>);

/// How many there are at what is guessed, and when the last one came.
pub fn find(
    tx: &mut Transaction<'_>,
    member: &Member,
    guessed: Guessed,
) -> Result<Option<Failures>, StorageError> {
    let known = row(tx, member)?;
    Ok(known.and_then(|(first, first_at, second, second_at)| {
        let (count, last_at) = match guessed {
            Guessed::FirstFactor => (first, Some(first_at)),
            Guessed::SecondFactor => (second, second_at),
        };
        let last_at: DateTime<Utc> = last_at?.and_utc();
        (count > 0).then_some(Failures { count, last_at })
    }))
}

/// Says how many there are by now.
pub fn put(
    tx: &mut Transaction<'_>,
    member: &Member,
    (guessed, count): (Guessed, i32),
) -> Result<(), StorageError> {
    let now = instant(tx.now);
    let known = row(tx, member)?.unwrap_or((0, now, 0, None));
    let (first, first_at, second, second_at) = match guessed {
        Guessed::FirstFactor => (count, now, known.2, known.3),
        Guessed::SecondFactor => (known.0, known.1, count, Some(now)),
    };
    delete(tx, member)?;
    if first == 0 && second == 0 {
        return Ok(());
    }
    let row = (
        member_failures::organization_id.eq(member.organization_id.key()),
        member_failures::member_id.eq(member.id.key()),
        member_failures::failures.eq(first),
        member_failures::last_at.eq(first_at),
        member_failures::second_factor_failures.eq(second),
        member_failures::second_factor_last_at.eq(second_at),
    );
    diesel::insert_into(member_failures::table)
        .values(row)
        .execute(tx.connection()?)?;
    Ok(())
}

/// Forgets all of them.
pub fn delete(tx: &mut Transaction<'_>, member: &Member) -> Result<(), StorageError> {
    let theirs = member_failures::table
        .filter(member_failures::organization_id.eq(member.organization_id.key()))
        .filter(member_failures::member_id.eq(member.id.key()));
    diesel::delete(theirs).execute(tx.connection()?)?;
    Ok(())
}

fn row(tx: &mut Transaction<'_>, member: &Member) -> Result<Option<Row>, StorageError> {
    let found = member_failures::table
        .filter(member_failures::organization_id.eq(member.organization_id.key()))
        .filter(member_failures::member_id.eq(member.id.key()))
        .select((
            member_failures::failures,
            member_failures::last_at,
            member_failures::second_factor_failures,
            member_failures::second_factor_last_at,
        ))
        .first::<Row>(tx.connection()?)
        .optional()?;
    Ok(found)
}
