//! Change what a call names of a member.

use crate::domain::id::ConnectionId;
use crate::domain::id::MemberPasswordId;
use crate::domain::member::Member;
use crate::domain::member::changes::MemberUpdate;
use crate::domain::member::rights;
use crate::domain::member::rights::MemberRight;
use crate::domain::organization::Organization;
use crate::domain::password::PasswordHolder;
use crate::domain::roles::RoleSource;
use crate::storage::Transaction;
use crate::storage::members;
use crate::storage::one_time_tokens;
use crate::storage::passwords as password_rows;
use crate::use_cases::caller::Caller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::members::MemberView;
use crate::use_cases::members::access::demand;
use crate::use_cases::members::access::reach;
use crate::use_cases::members::commit::OldAddress;
use crate::use_cases::members::commit::commit_with;
use crate::use_cases::members::commit::end_sessions;
use crate::use_cases::members::commit::end_sessions_proven_by;
use crate::use_cases::members::create::check_address;
use crate::use_cases::members::create::check_unique;
use crate::use_cases::members::create::texts;
use crate::use_cases::members::view;
use crate::use_cases::passwords;
use crate::use_cases::rbac;

/// Changes what the update names.
pub fn update(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
    update: &MemberUpdate,
) -> Result<MemberView, ManagementError> {
    let (organization, before) = reach(tx, caller, named, &rights::of_update(update))?;
    let after = before.update(update, tx.now)?;
    if address_brings_roles(&organization, (&before, &after)) {
        demand(caller, Some(before.id), &[rights::ROLES])?;
    }
    take(tx, &organization, (&before, &after), update)?;
    view(tx, organization, after)
}

/// Makes a member what it is to be, once it is clear that it may be that.
pub(crate) fn take(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (before, after): (&Member, &Member),
    update: &MemberUpdate,
) -> Result<(), ManagementError> {
    check(tx, organization, (before, after))?;
    let losing = if update.preserve_existing_sessions == Some(true) {
        Vec::new()
    } else {
        connections_that_give(tx, organization, (before, after))?
    };
    let old_address = if update.unlink_email == Some(true) {
        OldAddress::Freed
    } else {
        OldAddress::Retired
    };
    if !after.is_as(before) {
        commit_with(tx, (Some(before), after), old_address)?;
    }
    if after.email_address != before.email_address {
        // Whoever signed in, or was invited, was so under the old address.
        end_sessions(tx, after)?;
        one_time_tokens::delete_all_of(tx, after)?;
    }
    if !losing.is_empty() {
        end_sessions_proven_by(tx, (&organization.scope(), after), &losing)?;
    }
    Ok(())
}

/// Whether the member comes to an address whose domain gives roles: to give it is to give them.
fn address_brings_roles(organization: &Organization, (before, after): (&Member, &Member)) -> bool {
    let domain = after.email_address.domain();
    let rules = &organization.settings.rbac_email_implicit_role_assignments;
    domain != before.email_address.domain()
        && rules
            .iter()
            .any(|rule| rule.domain.eq_ignore_ascii_case(&domain))
}

/// What a member has already is not asked about again, so that a body can be sent twice.
fn check(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (before, after): (&Member, &Member),
) -> Result<(), ManagementError> {
    let is_new = |role: &&str| !texts(&before.explicit_roles).any(|held| held == *role);
    rbac::check_roles(
        tx,
        organization,
        texts(&after.explicit_roles).filter(is_new),
    )?;
    let scope = organization.scope();
    if after.email_address != before.email_address {
        check_address(tx, &scope, (after, &after.email_address))?;
    }
    check_unique(tx, &scope, after)
}

/// The SSO connections that give the member a role which it loses as an explicit one.
fn connections_that_give(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (before, after): (&Member, &Member),
) -> Result<Vec<ConnectionId>, ManagementError> {
    let is_lost = |role: &str| {
        texts(&before.explicit_roles).any(|held| held == role)
            && !texts(&after.explicit_roles).any(|held| held == role)
    };
    if !texts(&before.explicit_roles).any(is_lost) {
        return Ok(Vec::new());
    }
    let standing = view(tx, organization.clone(), before.clone())?.standing;
    let lost = standing.roles.iter().filter(|role| is_lost(&role.role_id));
    let by_sso = |source: &RoleSource| match source {
        RoleSource::SsoConnection(id) | RoleSource::SsoConnectionGroup(id, _) => Some(*id),
        RoleSource::DirectAssignment
        | RoleSource::EmailAssignment(_)
        | RoleSource::ScimConnection(_)
        | RoleSource::ScimConnectionGroup(..)
        | RoleSource::LastAdmin(_) => None,
    };
    Ok(lost
        .flat_map(|role| role.sources.iter().filter_map(by_sso))
        .collect())
}

/// Takes away the name by which the application knows a member.
pub fn delete_external_id(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: (&str, &str),
) -> Result<MemberView, ManagementError> {
    change(tx, caller, (named, rights::DELETE_EXTERNAL_ID), |before| {
        Member {
            external_id: None,
            ..before.clone()
        }
    })
}

/// One change without conditions; what is gone already stays gone.
fn change(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (named, right): ((&str, &str), MemberRight),
    changed: impl Fn(&Member) -> Member,
) -> Result<MemberView, ManagementError> {
    let (organization, before) = reach(tx, caller, named, &[right])?;
    let after = changed(&before);
    if after.is_as(&before) {
        return view(tx, organization, before);
    }
    let after = Member {
        updated_at: tx.now,
        ..after
    };
    commit_with(tx, (Some(&before), &after), OldAddress::Retired)?;
    view(tx, organization, after)
}

/// Takes a password away, which is named without its member.
pub fn delete_password(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    (organization, password): (&str, &str),
) -> Result<MemberView, ManagementError> {
    let organization = caller.enter(tx, organization, &[])?;
    let scope = organization.scope();
    let holder = match password.parse::<MemberPasswordId>() {
        Ok(id) => password_rows::member_with(tx, &scope, id)?,
        Err(_) => None,
    };
    let asked = holder.or_else(|| caller.own_member());
    demand(caller, asked, &[rights::DELETE_PASSWORD])?;
    if passwords::settings(tx, &organization.project_id)?.cross_organization {
        return Err(PasswordError::SharingIsOn.into());
    }
    let holder = holder.ok_or(MemberError::PasswordNotFound)?;
    let member = members::find(tx, &scope, holder)?.ok_or(MemberError::PasswordNotFound)?;
    passwords::commit::remove(tx, &PasswordHolder::Member(organization.id, holder))?;
    view(tx, organization, member)
}
