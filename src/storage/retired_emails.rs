//! Addresses that members gave up: rows of one organization. While its member is live, nobody
//! else of the organization takes such an address over.

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;

use crate::domain::email::EmailAddress;
use crate::domain::email::folded;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::RetiredEmailId;
use crate::domain::member::Member;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::columns::instant;
use crate::storage::error::StorageError;
use crate::storage::schema::retired_emails;

/// Keeps an address that a member gave up.
pub fn insert(
    tx: &mut Transaction<'_>,
    member: &Member,
    email: &EmailAddress,
) -> Result<(), StorageError> {
    let row = (
        retired_emails::organization_id.eq(member.organization_id.key()),
        retired_emails::email.eq(email.folded()),
        retired_emails::id.eq(RetiredEmailId::fresh().key()),
        retired_emails::member_id.eq(member.id.key()),
        retired_emails::email_address.eq(email.as_str().to_owned()),
        retired_emails::retired_at.eq(instant(tx.now)),
    );
    let row = diesel::insert_into(retired_emails::table).values(row);
    tx.add("retired_emails", row)
}

/// Frees an address, whoever gave it up.
pub fn delete(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
    email: &str,
) -> Result<(), StorageError> {
    let this = retired_emails::table
        .filter(retired_emails::organization_id.eq(organization.key()))
        .filter(retired_emails::email.eq(folded(email)));
    tx.change("retired_emails", diesel::delete(this))
}

/// The addresses that these members gave up, with whose they were.
pub fn list(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    members: &[MemberId],
) -> Result<Vec<(MemberId, RetiredEmailId, String)>, StorageError> {
    let rows = retired_emails::table
        .filter(retired_emails::organization_id.eq(scope.key()))
        .filter(retired_emails::member_id.eq_any(members.iter().map(MemberId::key)))
        .order(retired_emails::id.asc())
        .select((
            retired_emails::member_id,
            retired_emails::id,
            retired_emails::email_address,
        ))
        .load::<(String, String, String)>(tx.connection()?)?;
    rows.into_iter()
        .map(|(member, id, address)| {
            let member = MemberId::from_key(&member).map_err(StorageError::corrupt)?;
            let id = RetiredEmailId::from_key(&id).map_err(StorageError::corrupt)?;
            Ok((member, id, address))
        })
        .collect()
}
