//! Members and the addresses they gave up: rows of one organization.

use chrono::NaiveDateTime;
use diesel::BoolExpressionMethods;
use diesel::ExpressionMethods;
use diesel::OptionalExtension;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::prelude::AsChangeset;
use diesel::prelude::Insertable;
use diesel::prelude::Queryable;
use diesel::prelude::QueryableByName;
use diesel::sql_types::Bool;

use crate::domain::authentication_settings::MfaMethod;
use crate::domain::email::EmailAddress;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::TotpId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::member::lock::MemberLock;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::added_rows::row_of;
use crate::storage::columns::from_json;
use crate::storage::columns::instant;
use crate::storage::columns::to_json;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::schema::members;

#[derive(Queryable, QueryableByName, Insertable, AsChangeset)]
#[diesel(table_name = members, primary_key(organization_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct MemberRow {
    organization_id: String,
    id: String,
    email: String,
    email_address: String,
    email_address_verified: bool,
    status: String,
    name: String,
    external_id: Option<String>,
    trusted_metadata: String,
    untrusted_metadata: String,
    is_breakglass: bool,
    mfa_enrolled: bool,
    mfa_phone_number: String,
    explicit_roles: String,
    removed_by_directory: bool,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    mfa_phone_number_verified: bool,
    default_mfa_method: Option<String>,
    kept_as_admin: Option<String>,
    totp_registration_id: Option<String>,
    locked_at: Option<NaiveDateTime>,
    lock_expires_at: Option<NaiveDateTime>,
}

row_of!(MemberRow, members);

impl MemberRow {
    fn new(member: &Member) -> Result<Self, StorageError> {
        Ok(Self {
            organization_id: member.organization_id.key(),
            id: member.id.key(),
            email: member.email_address.folded(),
            email_address: member.email_address.to_string(),
            email_address_verified: member.email_address_verified,
            status: member.status.name().to_owned(),
            name: member.name.clone(),
            external_id: member.external_id.clone(),
            trusted_metadata: to_json(&member.trusted_metadata)?,
            untrusted_metadata: to_json(&member.untrusted_metadata)?,
            is_breakglass: member.is_breakglass,
            mfa_enrolled: member.mfa_enrolled,
            mfa_phone_number: member.mfa_phone_number.clone(),
            explicit_roles: to_json(&member.explicit_roles)?,
            removed_by_directory: member.removed_by_directory,
            created_at: instant(member.created_at),
            updated_at: instant(member.updated_at),
            mfa_phone_number_verified: member.mfa_phone_number_verified,
            default_mfa_method: member
                .default_mfa_method
                .map(|method| method.name().to_owned()),
            kept_as_admin: member.kept_as_admin.as_ref().map(to_json).transpose()?,
            totp_registration_id: member.totp_registration_id.map(|id| id.key()),
            locked_at: member.lock.map(|lock| instant(lock.created_at)),
            lock_expires_at: member.lock.map(|lock| instant(lock.expires_at)),
        })
    }
}

impl TryFrom<MemberRow> for Member {
    type Error = StorageError;
    fn try_from(row: MemberRow) -> Result<Self, StorageError> {
        let totp = |key: String| TotpId::from_key(&key).map_err(StorageError::corrupt);
        Ok(Self {
            id: MemberId::from_key(&row.id).map_err(StorageError::corrupt)?,
            organization_id: OrganizationId::from_key(&row.organization_id)
                .map_err(StorageError::corrupt)?,
            email_address: EmailAddress::parse(&row.email_address)
                .ok_or_else(|| StorageError::corrupt("a member without an address"))?,
            email_address_verified: row.email_address_verified,
            status: MemberStatus::from_name(&row.status)
                .ok_or_else(|| StorageError::corrupt("a member of unknown status"))?,
            name: row.name,
            external_id: row.external_id,
            trusted_metadata: from_json(&row.trusted_metadata)?,
            untrusted_metadata: from_json(&row.untrusted_metadata)?,
            is_breakglass: row.is_breakglass,
            mfa_enrolled: row.mfa_enrolled,
            mfa_phone_number: row.mfa_phone_number,
            mfa_phone_number_verified: row.mfa_phone_number_verified,
            default_mfa_method: row
                .default_mfa_method
                .as_deref()
                .and_then(MfaMethod::from_name),
            explicit_roles: from_json(&row.explicit_roles)?,
            removed_by_directory: row.removed_by_directory,
            kept_as_admin: row.kept_as_admin.as_deref().map(from_json).transpose()?,
            totp_registration_id: row.totp_registration_id.map(totp).transpose()?,
            lock: lock(row.locked_at, row.lock_expires_at),
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

fn lock(created: Option<NaiveDateTime>, expires: Option<NaiveDateTime>) -> Option<MemberLock> {
    let (created_at, expires_at) = created.zip(expires)?;
    Some(MemberLock {
        created_at: created_at.and_utc(),
        expires_at: expires_at.and_utc(),
    })
}

/// The member with this id.
pub fn find(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    id: MemberId,
) -> Result<Option<Member>, StorageError> {
    members::table
        .filter(members::organization_id.eq(scope.key()))
        .filter(members::id.eq(id.key()))
        .first::<MemberRow>(tx.connection()?)
        .optional()?
        .map(Member::try_from)
        .transpose()
}

/// The live member with this external id.
pub fn find_by_external_id(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    external_id: &str,
) -> Result<Option<Member>, StorageError> {
    members::table
        .filter(members::organization_id.eq(scope.key()))
        .filter(members::external_id.eq(external_id))
        .filter(members::status.ne(MemberStatus::Deleted.name()))
        .first::<MemberRow>(tx.connection()?)
        .optional()?
        .map(Member::try_from)
        .transpose()
}

/// Another live member whose number for codes this is.
pub fn other_holder_of_phone_number(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    (member, number): (MemberId, &str),
) -> Result<Option<MemberId>, StorageError> {
    members::table
        .filter(members::organization_id.eq(scope.key()))
        .filter(members::mfa_phone_number.eq(number))
        // Repeats the condition of the index, which does not hold members without a number.
        .filter(members::mfa_phone_number.ne(""))
        .filter(members::id.ne(member.key()))
        .filter(members::status.ne(MemberStatus::Deleted.name()))
        .select(members::id)
        .first::<String>(tx.connection()?)
        .optional()?
        .map(|key| MemberId::from_key(&key).map_err(StorageError::corrupt))
        .transpose()
}

/// Every member that has or had this address, live ones first, then the latest.
pub fn list_by_email(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    email: &EmailAddress,
) -> Result<Vec<Member>, StorageError> {
    let rows = members::table
        .filter(members::organization_id.eq(scope.key()))
        .filter(members::email.eq(email.folded()))
        .order(members::id.desc())
        .load::<MemberRow>(tx.connection()?)?;
    let mut found = rows
        .into_iter()
        .map(Member::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    found.sort_by_key(|member| !member.is_live());
    Ok(found)
}

/// The organization of a member that is named by nothing but its id.
pub fn organization_of(
    tx: &mut Transaction<'_>,
    id: MemberId,
) -> Result<Option<OrganizationId>, StorageError> {
    tx.across_organizations(Crossing::MemberId)?;
    members::table
        .filter(members::id.eq(id.key()))
        .select(members::organization_id)
        .first::<String>(tx.connection()?)
        .optional()?
        .map(|key| OrganizationId::from_key(&key).map_err(StorageError::corrupt))
        .transpose()
}

/// The members who stay administrators although a directory said otherwise.
pub fn list_kept_as_admin(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
) -> Result<Vec<Member>, StorageError> {
    if tx.keeps_nobody(organization) {
        return Ok(Vec::new());
    }
    let rows = members::table
        .filter(members::organization_id.eq(organization.key()))
        .filter(members::kept_as_admin.is_not_null())
        .load::<MemberRow>(tx.connection()?)?;
    if rows.is_empty() {
        tx.learn_that_nobody_is_kept(organization);
    }
    rows.into_iter().map(Member::try_from).collect()
}

/// The live members, the oldest first.
pub fn list_live(tx: &mut Transaction<'_>, scope: &OrgScope) -> Result<Vec<Member>, StorageError> {
    let is_live = diesel::dsl::sql::<Bool>("members.status <> 'deleted'");
    let rows = members::table
        .filter(members::organization_id.eq(scope.key()))
        .filter(is_live)
        .order(members::id.asc())
        .load::<MemberRow>(tx.connection()?)?;
    rows.into_iter().map(Member::try_from).collect()
}

/// So many of the live members, the oldest first.
pub fn first_live(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    most: i64,
) -> Result<Vec<Member>, StorageError> {
    let is_live = diesel::dsl::sql::<Bool>("members.status <> 'deleted'");
    let rows = members::table
        .filter(members::organization_id.eq(scope.key()))
        .filter(is_live)
        .order(members::id.asc())
        .limit(most)
        .load::<MemberRow>(tx.connection()?)?;
    rows.into_iter().map(Member::try_from).collect()
}

/// How many live members there are.
pub fn count_live(tx: &mut Transaction<'_>, scope: &OrgScope) -> Result<i64, StorageError> {
    // As a literal, because SQLite uses the partial index of live members for no bound value.
    let is_live = diesel::dsl::sql::<Bool>("members.status <> 'deleted'");
    let live = members::table
        .filter(members::organization_id.eq(scope.key()))
        .filter(is_live);
    Ok(live.count().get_result(tx.connection()?)?)
}

/// Adds a member.
pub fn insert(tx: &mut Transaction<'_>, member: &Member) -> Result<(), StorageError> {
    note(tx, member);
    tx.add_row(MemberRow::new(member)?)
}

/// Writes a member as it now is.
pub fn save(tx: &mut Transaction<'_>, member: &Member) -> Result<(), StorageError> {
    note(tx, member);
    let this = members::organization_id.eq(member.organization_id.key());
    let this = this.and(members::id.eq(member.id.key()));
    tx.rewrite("members", MemberRow::new(member)?, this)
}

fn note(tx: &mut Transaction<'_>, member: &Member) {
    tx.concern.add(member.id);
    if member.kept_as_admin.is_some() {
        tx.forget_what_is_known();
    }
}
