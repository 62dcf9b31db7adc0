//! The door for people who come to an organization with an address: by link, code or password
//! (contract 4.3).

use crate::domain::email::EmailAddress;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::organization::Organization;
use crate::domain::policy;
use crate::domain::policy::Known;
use crate::domain::policy::Refusal;
use crate::storage::Transaction;
use crate::storage::addresses;
use crate::storage::addresses::Elsewhere;
use crate::storage::error::StorageError;
use crate::use_cases::error::ManagementError;
use crate::use_cases::members;
use crate::use_cases::refusals::turned_away::TurnedAway;

/// Who stands at the door.
#[derive(Clone, Debug, PartialEq)]
pub struct Guest {
    /// The member, pending if it was never here.
    pub member: Member,
    /// Whether it was made just now.
    pub created: bool,
}

/// The live member with this address, or a new pending one, if the organization lets people with
/// such an address join.
pub fn open(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    address: &EmailAddress,
) -> Result<Guest, ManagementError> {
    let scope = organization.scope();
    let (found, elsewhere) = addresses::known_everywhere(tx, &scope, address)?;
    if let Some(member) = found.members.iter().find(|member| member.is_live()) {
        return Ok(Guest {
            member: member.clone(),
            created: false,
        });
    }
    check(organization, address, (&found, elsewhere))
        .map_err(|refusal| turned_away(organization, address, refusal))?;
    let member = Member {
        status: MemberStatus::Pending,
        ..Member::new(organization.id, address.clone(), tx.now)
    };
    members::commit(tx, None, &member)?;
    Ok(Guest {
        member,
        created: true,
    })
}

/// Somebody who may not join: what the caller is told, and what is kept of it.
pub fn turned_away(
    organization: &Organization,
    address: &EmailAddress,
    refusal: Refusal,
) -> ManagementError {
    TurnedAway::by_rule((organization.id, address), refusal).error()
}

/// Whether somebody with this address, who is no member, may join, or else why not.
pub fn is_open(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    address: &EmailAddress,
) -> Result<Result<(), Refusal>, StorageError> {
    let scope = organization.scope();
    let (found, elsewhere) = addresses::known_everywhere(tx, &scope, address)?;
    Ok(check(organization, address, (&found, elsewhere)))
}

fn check(
    organization: &Organization,
    address: &EmailAddress,
    (found, elsewhere): (&addresses::Known, Elsewhere),
) -> Result<(), Refusal> {
    let known = Known {
        member: found.members.first(),
        email_retired_by_other: found.former.is_some(),
        domain_claimed_elsewhere: elsewhere.is_claimed_by_other,
        inactive_in_directory: elsewhere.is_inactive,
    };
    policy::may_join_by_email(&organization.settings, address, known)
}
