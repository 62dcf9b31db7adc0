//! Reach a member that a call names, on behalf of whoever makes the call (contract 5.4).

use crate::domain::id::MemberId;
use crate::domain::member::Member;
use crate::domain::member::rights::MemberRight;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::members::find::find_named;

const RESOURCE: &str = "stytch.member";

/// The live member that a call names, if the caller may do all of this to it.
pub(crate) fn reach(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, member): (&str, &str),
    needed: &[MemberRight],
) -> Result<(Organization, Member), ManagementError> {
    let organization = caller.enter(tx, organization, &[])?;
    let found = find_named(tx, &organization.scope(), member)?.filter(Member::is_live);
    demand(caller, found.as_ref().map(|member| member.id), needed)?;
    Ok((organization, found.ok_or(MemberError::NotFound)?))
}

/// Refuses unless the caller may do all of this to the member; with no member, to others. Whoever
/// may do nothing to others does not learn in this way which of them there are.
pub(crate) fn demand(
    caller: &Caller,
    member: Option<MemberId>,
    needed: &[MemberRight],
) -> Result<(), ManagementError> {
    needed
        .iter()
        .try_for_each(|right| demand_one(caller, member, *right))
}

fn demand_one(
    caller: &Caller,
    member: Option<MemberId>,
    right: MemberRight,
) -> Result<(), ManagementError> {
    match (right, member) {
        (MemberRight::OnOneself(action), Some(member)) => caller.demand_on(member, &[action]),
        (MemberRight::OnOthers(_), Some(member)) if caller.own_member() == Some(member) => {
            Err(MemberError::OwnEmail.into())
        }
        (MemberRight::Sight, Some(member)) if caller.own_member() == Some(member) => Ok(()),
        (MemberRight::Sight, _) => caller.demand(&[(RESOURCE, "search")]),
        (
            MemberRight::Action(action)
            | MemberRight::OnOneself(action)
            | MemberRight::OnOthers(action),
            _,
        ) => caller.demand(&[(RESOURCE, action)]),
        (MemberRight::TrustedMetadata, _) => caller.demand_trusted_metadata(true),
        (MemberRight::Backend, _) if caller.is_member() => Err(SessionError::Authorization.into()),
        (MemberRight::Backend, _) => Ok(()),
    }
}
