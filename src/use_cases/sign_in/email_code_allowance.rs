//! How many codes of a domain may be guessed wrong. Whoever may send codes to ever new addresses of a
//! domain whose people may join has a few tries at each of them; together they are too many.
//!
//! It holds back only whom nobody knows by the address yet: an active member whose address is proven
//! has tries of its own alone, so that nobody keeps people out by guessing.

use crate::domain::email::EmailAddress;
use crate::domain::email_domain;
use crate::domain::id::OrganizationId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::member_discovery::list_live_with_address;
use crate::storage::organization_search::OrganizationFilter;
use crate::storage::organization_search::first_matching;
use crate::use_cases::Deployment;
use crate::use_cases::allowance::Allowance;
use crate::use_cases::members::live_by_email;

const WRONG_CODES: i32 = 100;
const MOST_ORGANIZATIONS: i64 = 1000;

/// What counts for an address; none where it is known already, or nobody joins by its domain.
pub(super) fn wrong_codes(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, address): (Option<OrganizationId>, &EmailAddress),
) -> Result<Option<Allowance>, StorageError> {
    let domain = address.domain();
    if email_domain::is_common(&domain) {
        return Ok(None);
    }
    let known = known(tx, deployment, (organization, address))?;
    let is_proven = |it: &Member| it.status == MemberStatus::Active && it.email_address_verified;
    if known.iter().any(is_proven) {
        return Ok(None);
    }
    let place = ("wrong email codes", domain.as_str());
    Ok(Some(Allowance::new(deployment, place, WRONG_CODES)))
}

fn known(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, address): (Option<OrganizationId>, &EmailAddress),
) -> Result<Vec<Member>, StorageError> {
    let project = &deployment.project_id;
    if let Some(organization_id) = organization {
        let scope = OrgScope {
            project_id: project.clone(),
            organization_id,
        };
        return Ok(live_by_email(tx, &scope, address)?.into_iter().collect());
    }
    let filter = OrganizationFilter::MemberEmails(vec![address.folded()]);
    let organizations = first_matching(tx, (project, filter), MOST_ORGANIZATIONS)?;
    let ids: Vec<_> = organizations.iter().map(|it| it.id).collect();
    list_live_with_address(tx, &ids, address)
}
