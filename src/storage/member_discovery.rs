//! Members across organizations, by what their addresses are.

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel::RunQueryDsl;
use diesel::TextExpressionMethods;
use diesel::dsl::exists;

use crate::domain::email::EmailAddress;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::fence::Crossing;
use crate::storage::members::MemberRow;
use crate::storage::schema::members;
use crate::storage::schema::organizations;

/// The live members with this address in any of these organizations.
pub fn list_live_with_address(
    tx: &mut Transaction<'_>,
    organizations: &[OrganizationId],
    email: &EmailAddress,
) -> Result<Vec<Member>, StorageError> {
    tx.across_organizations(Crossing::Search)?;
    let keys = organizations.iter().map(OrganizationId::key);
    let rows = members::table
        .filter(members::organization_id.eq_any(keys))
        .filter(members::email.eq(email.folded()))
        .filter(members::status.ne(MemberStatus::Deleted.name()))
        .order(members::organization_id.asc())
        .load::<MemberRow>(tx.connection()?)?;
    rows.into_iter().map(Member::try_from).collect()
}

/// Those of these organizations that have an active member with a proven address of a domain.
pub fn with_proven_domain(
    tx: &mut Transaction<'_>,
    among: &[OrganizationId],
    domain: &str,
) -> Result<Vec<OrganizationId>, StorageError> {
    if domain.contains(['%', '_']) {
        return Ok(Vec::new());
    }
    tx.across_organizations(Crossing::Search)?;
    // One member is enough, so that this stops at the first and never counts them.
    let known = members::table
        .filter(members::organization_id.eq(organizations::id))
        .filter(members::status.eq(MemberStatus::Active.name()))
        .filter(members::email_address_verified.eq(true))
        .filter(members::email.like(format!("%@{domain}")));
    let keys = organizations::table
        .filter(organizations::id.eq_any(among.iter().map(OrganizationId::key)))
        .filter(exists(known))
        .select(organizations::id)
        .load::<String>(tx.connection()?)?;
    let ids = keys.iter().map(|key| OrganizationId::from_key(key));
    ids.map(|id| id.map_err(StorageError::corrupt)).collect()
}
