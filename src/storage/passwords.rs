//! Passwords: of members, as rows of their organization; of addresses, as rows of the project.

use chrono::NaiveDateTime;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::id::MemberId;
use crate::domain::id::MemberPasswordId;
use crate::domain::password::Password;
use crate::domain::password::PasswordHolder;
use crate::domain::password::kept::PasswordHash;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::address_passwords;
use crate::storage::schema::member_passwords;

type Row = (String, String, bool, NaiveDateTime, NaiveDateTime);

fn read((id, hash, requires_reset, created_at, updated_at): Row) -> Result<Password, StorageError> {
    Ok(Password {
        id: MemberPasswordId::from_key(&id).map_err(StorageError::corrupt)?,
        hash: PasswordHash::from_text(hash),
        requires_reset,
        created_at: created_at.and_utc(),
        updated_at: updated_at.and_utc(),
    })
}

/// Somebody's password.
pub fn find(
    tx: &mut Transaction<'_>,
    holder: &PasswordHolder,
) -> Result<Option<Password>, StorageError> {
    let row = match holder {
        PasswordHolder::Member(organization, member) => member_passwords::table
            .filter(member_passwords::organization_id.eq(organization.key()))
            .filter(member_passwords::member_id.eq(member.key()))
            .select((
                member_passwords::id,
                member_passwords::hash,
                member_passwords::requires_reset,
                member_passwords::created_at,
                member_passwords::updated_at,
            ))
            .first::<Row>(tx.connection()?)
            .optional()?,
        PasswordHolder::Address(project, email) => address_passwords::table
            .filter(address_passwords::project_id.eq(project.as_str()))
            .filter(address_passwords::email.eq(email.folded()))
            .select((
                address_passwords::id,
                address_passwords::hash,
                address_passwords::requires_reset,
                address_passwords::created_at,
                address_passwords::updated_at,
            ))
            .first::<Row>(tx.connection()?)
            .optional()?,
    };
    row.map(read).transpose()
}

/// The member of an organization whose password has this id.
pub fn member_with(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    id: MemberPasswordId,
) -> Result<Option<MemberId>, StorageError> {
    member_passwords::table
        .filter(member_passwords::organization_id.eq(scope.key()))
        .filter(member_passwords::id.eq(id.key()))
        .select(member_passwords::member_id)
        .first::<String>(tx.connection()?)
        .optional()?
        .map(|key| MemberId::from_key(&key).map_err(StorageError::corrupt))
        .transpose()
}

/// Writes somebody's password in place of what was there.
pub fn save(
    tx: &mut Transaction<'_>,
    holder: &PasswordHolder,
    password: &Password,
) -> Result<(), StorageError> {
    delete(tx, holder)?;
    match holder {
        PasswordHolder::Member(organization, member) => {
            let row = (
                member_passwords::organization_id.eq(organization.key()),
                member_passwords::member_id.eq(member.key()),
                member_passwords::id.eq(password.id.key()),
                member_passwords::hash.eq(password.hash.as_text()),
                member_passwords::requires_reset.eq(password.requires_reset),
                member_passwords::created_at.eq(instant(password.created_at)),
                member_passwords::updated_at.eq(instant(password.updated_at)),
            );
            diesel::insert_into(member_passwords::table)
                .values(row)
                .execute(tx.connection()?)?;
        }
        PasswordHolder::Address(project, email) => {
            let row = (
                address_passwords::project_id.eq(project.as_str()),
                address_passwords::email.eq(email.folded()),
                address_passwords::id.eq(password.id.key()),
                address_passwords::hash.eq(password.hash.as_text()),
                address_passwords::requires_reset.eq(password.requires_reset),
                address_passwords::created_at.eq(instant(password.created_at)),
                address_passwords::updated_at.eq(instant(password.updated_at)),
            );
            diesel::insert_into(address_passwords::table)
                .values(row)
                .execute(tx.connection()?)?;
        }
    }
    Ok(())
}

/// Takes somebody's password away; false when there was none.
pub fn delete(tx: &mut Transaction<'_>, holder: &PasswordHolder) -> Result<bool, StorageError> {
    let gone = match holder {
        PasswordHolder::Member(organization, member) => diesel::delete(
            member_passwords::table
                .filter(member_passwords::organization_id.eq(organization.key()))
                .filter(member_passwords::member_id.eq(member.key())),
        )
        .execute(tx.connection()?)?,
        PasswordHolder::Address(project, email) => diesel::delete(
            address_passwords::table
                .filter(address_passwords::project_id.eq(project.as_str()))
                .filter(address_passwords::email.eq(email.folded())),
        )
        .execute(tx.connection()?)?,
    };
    Ok(gone > 0)
}
