//! A User → the member that it is projected to, within the limits that keep one organization's
//! directory from taking over people who are not its own.

use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::MemberId;
use crate::domain::member::Member;
use crate::domain::member::kept_admin::Withheld;
use crate::domain::organization::Organization;
use crate::protocol::scim::error::ScimError;
use crate::storage::Transaction;
use crate::storage::addresses;
use crate::storage::addresses::Known;
use crate::storage::error::StorageError;
use crate::storage::foreseen::Newcomer;
use crate::storage::journal;
use crate::storage::one_time_tokens;
use crate::storage::scim_users;
use crate::storage::scim_users::ScimUser;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::last_admin;
use crate::use_cases::members;
use crate::use_cases::provisioning::error::MemberRefused;
use crate::use_cases::provisioning::error::ProvisioningError;
use crate::use_cases::provisioning::mapping;

/// Brings the User's member, if it has one, in line with it, and gives the User with its member.
///
/// A User without an address has no member until one arrives. When the address goes away later,
/// the member keeps the last one. A User that is not active has no live member.
pub(crate) fn link(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (user, member): (ScimUser, Option<&Member>),
) -> Result<ScimUser, ProvisioningError> {
    if let Some(member) = member {
        follow(tx, caller, (member, &user))?;
        return Ok(user);
    }
    let known = match address(&user) {
        Some(address) => Some(addresses::known(tx, &caller.scope, &address)?),
        None => None,
    };
    arrive(tx, caller, (user, known))
}

/// A new User, by what nobody else must have.
pub(super) fn newcomer(user: &ScimUser) -> Newcomer {
    let address = address(user);
    Newcomer::new(user.connection_id, (address.as_ref(), &user.user_name))
}

/// The address by which a User has a live member, if it is to have one.
fn address(user: &ScimUser) -> Option<EmailAddress> {
    mapping::address(&user.resource).filter(|_| user.active)
}

/// Gives a User that had no member its own, once it is known who has to do with its address.
pub(crate) fn arrive(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (user, known): (ScimUser, Option<Known>),
) -> Result<ScimUser, ProvisioningError> {
    let member_id = match (address(&user), known) {
        (Some(address), Some(known)) => Some(member_at(tx, caller, &user, (address, known))?),
        _ => None,
    };
    Ok(ScimUser { member_id, ..user })
}

/// Ends the membership of one whose User is gone or inactive. Break glass is exempt: it is there for
/// the day on which the directory is wrong. So is the last administrator, until there is another.
pub(crate) fn leave(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    member: Option<&Member>,
) -> Result<(), StorageError> {
    let Some(member) = member.filter(|member| member.is_live()) else {
        return Ok(());
    };
    if member.is_breakglass {
        // It stays, but not what only this directory gave it.
        let loses = last_admin::is_giver(&caller.connection);
        return if loses && last_admin::is_guarded(tx, caller, member)? {
            last_admin::keep(tx, caller, (member, Withheld::RoleLoss))
        } else {
            Ok(())
        };
    }
    if last_admin::is_guarded(tx, caller, member)? {
        return last_admin::keep(tx, caller, (member, Withheld::Removal));
    }
    let gone = member.deleted(true, tx.now);
    members::commit(tx, Some(member), &gone)
}

fn follow(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (member, user): (&Member, &ScimUser),
) -> Result<(), ProvisioningError> {
    if !user.active {
        return Ok(leave(tx, caller, Some(member))?);
    }
    // What an administrator deleted by hand, only an administrator brings back.
    let reachable = member.is_live() || member.removed_by_directory;
    if member.is_breakglass || !reachable {
        return Ok(());
    }
    let organization = &caller.organization;
    let after = mapping::member_of(&organization.settings, member, &user.resource);
    if after == *member {
        return Ok(());
    }
    let moves = after.email_address != member.email_address;
    if moves || !member.is_live() {
        check_free(tx, caller, (member.id, &after.email_address))?;
    }
    let leaves_domain = after.email_address.domain() != member.email_address.domain();
    let is_guarded = leaves_domain && last_admin::is_guarded(tx, caller, member)?;
    write(tx, caller, (member, &after))?;
    if moves {
        // Whoever signed in, or was invited, was so under the old address.
        members::end_sessions(tx, &after)?;
        one_time_tokens::delete_all_of(tx, &after)?;
    }
    if is_guarded {
        // Ends with the push unless the domain was what made it an administrator.
        last_admin::keep(tx, caller, (&after, Withheld::RoleLoss))?;
    }
    Ok(())
}

fn write(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (before, after): (&Member, &Member),
) -> Result<(), StorageError> {
    let mut after = Member {
        updated_at: tx.now,
        ..after.clone()
    };
    if !before.is_live() && members::external_id_is_taken(tx, &caller.scope, &after)? {
        // The application gave the id to somebody else meanwhile; that must not keep the person out.
        after.external_id = None;
    }
    members::commit(tx, Some(before), &after)
}

fn check_free(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (member, address): (MemberId, &EmailAddress),
) -> Result<(), ProvisioningError> {
    let known = addresses::known(tx, &caller.scope, address)?;
    let holder = known.members.into_iter().find(Member::is_live);
    if let Some(holder) = holder.filter(|holder| holder.id != member) {
        let why = "another member of the organization has it; use another address";
        let told = taken(address, why);
        return if has_user(tx, caller, holder.id)? {
            Err(told.into())
        } else {
            Err(refused(&holder, "held_by_another_member", told))
        };
    }
    if known.former.is_some_and(|former| former != member) {
        return Err(given_up(address).into());
    }
    Ok(())
}

fn taken(address: &EmailAddress, why: &str) -> ScimError {
    let detail = format!("the address \"{address}\" cannot be used: {why}");
    ScimError::Uniqueness(detail)
}

fn refused(member: &Member, reason: &'static str, told: ScimError) -> ProvisioningError {
    ProvisioningError::MemberRefused(Box::new(MemberRefused {
        told,
        member_id: member.id,
        address: member.email_address.clone(),
        reason: if member.is_breakglass {
            "break_glass"
        } else {
            reason
        },
    }))
}

/// Tells the journal of a member whom a directory was refused.
pub fn note_refusal(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    error: &ProvisioningError,
) -> Result<(), StorageError> {
    let ProvisioningError::MemberRefused(refused) = error else {
        return Ok(());
    };
    let change = Change {
        organization_id: Some(caller.scope.organization_id),
        kind: EventKind::ScimUserRefused,
        object_id: refused.member_id.to_string(),
        before: None,
        after: Some(json!({ "email_address": refused.address, "reason": refused.reason })),
    };
    journal::append(tx, &change)
}

fn given_up(address: &EmailAddress) -> ScimError {
    taken(
        address,
        "another member of the organization gave it up, and it stays theirs until it is unlinked",
    )
}

/// The member of a User that had none: an existing one, one that comes back, or a new one.
fn member_at(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    user: &ScimUser,
    (address, known): (EmailAddress, Known),
) -> Result<MemberId, ProvisioningError> {
    let organization = &caller.organization;
    if let Some(member) = known.members.iter().find(|member| member.is_live()) {
        check_adoptable(tx, caller, (organization, member))?;
        let after = mapping::member_of(&organization.settings, member, &user.resource);
        if after != *member {
            write(tx, caller, (member, &after))?;
        }
        return Ok(member.id);
    }
    for member in known.members {
        if member.removed_by_directory && !member.is_breakglass && !has_user(tx, caller, member.id)?
        {
            check_free(tx, caller, (member.id, &address))?;
            let after = mapping::member_of(&organization.settings, &member, &user.resource);
            write(tx, caller, (&member, &after))?;
            return Ok(member.id);
        }
    }
    if known.former.is_some() {
        return Err(given_up(&address).into());
    }
    let blank = Member::new(organization.id, address, tx.now);
    let member = mapping::member_of(&organization.settings, &blank, &user.resource);
    members::arrive(tx, &member, known.is_retired)?;
    Ok(member.id)
}

/// Whether a User of this connection is already projected to the member.
fn has_user(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    member: MemberId,
) -> Result<bool, StorageError> {
    let users = scim_users::list_of_members(tx, &caller.scope, &[member])?;
    Ok(users
        .iter()
        .any(|user| user.connection_id == caller.connection.id))
}

/// A directory may take over a member that it did not create only if the organization vouches
/// for the address, and never one that is kept for emergencies.
fn check_adoptable(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (organization, member): (&Organization, &Member),
) -> Result<(), ProvisioningError> {
    let address = &member.email_address;
    if has_user(tx, caller, member.id)? {
        return Err(taken(
            address,
            "another User of this connection has it; use another address",
        )
        .into());
    }
    if member.is_breakglass {
        let why = "a member has it who is marked break glass, and a directory does not manage \
                   those; use another address";
        return Err(refused(member, "break_glass", taken(address, why)));
    }
    if !organization.settings.vouches_for(address) {
        let why = "a member has it whom this directory did not create; the directory may take that \
                   member over once the domain is in the organization's email_allowed_domains or \
                   claimed_email_domains";
        return Err(refused(
            member,
            "domain_not_vouched_for",
            taken(address, why),
        ));
    }
    Ok(())
}
