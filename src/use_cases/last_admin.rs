//! The last administrator stays: a directory takes `stytch_admin` from its last active holder only
//! where its connection says so. Until somebody else holds the role, what the directory asked for
//! waits on the member, and the member has the role for that reason.

use crate::domain::connection::Connection;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::ScimGroupId;
use crate::domain::id::ScimUserId;
use crate::domain::member::Member;
use crate::domain::member::MemberStatus;
use crate::domain::member::kept_admin::KeptAdmin;
use crate::domain::member::kept_admin::Withheld;
use crate::domain::rbac::ADMIN_ROLE;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::members as member_rows;
use crate::storage::role_holders;
use crate::storage::role_holders::Candidates;
use crate::storage::role_holders::RoleSources;
use crate::use_cases::credentials::ScimCaller;
use crate::use_cases::members;
use crate::use_cases::members::search::add_sources;

/// Whether the connection makes people administrators, all of them or by a group.
pub(crate) fn is_giver(connection: &Connection) -> bool {
    connection.scim().is_some_and(|settings| {
        let gives = &settings.implicit_roles;
        let by_group = gives.groups.iter().map(|(role, _)| role);
        let mut all = gives.connection.iter().chain(by_group);
        all.any(|role| role == ADMIN_ROLE)
    })
}

/// Whether a group of the connection makes people administrators.
pub(crate) fn is_given_by(connection: &Connection, group: ScimGroupId) -> bool {
    connection.scim().is_some_and(|settings| {
        let mut rules = settings.implicit_roles.groups.iter();
        rules.any(|(role, given_by)| role == ADMIN_ROLE && *given_by == group)
    })
}

fn may_go(connection: &Connection) -> bool {
    let settings = connection.scim();
    settings.is_some_and(|settings| settings.allow_last_admin_removal)
}

fn sources(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
) -> Result<RoleSources, StorageError> {
    let mut sources = RoleSources {
        explicit: vec![ADMIN_ROLE.to_owned()],
        ..RoleSources::default()
    };
    add_sources(tx, &[organization], &mut sources)?;
    Ok(sources)
}

/// Whether anything may make the member an administrator, as far as is known without a look.
fn may_administer(caller: &ScimCaller, member: &Member) -> bool {
    let by_domain = &caller
        .organization
        .settings
        .rbac_email_implicit_role_assignments;
    caller.connections_give_admin
        || member.kept_as_admin.is_some()
        || member.explicit_roles.iter().any(|role| role == ADMIN_ROLE)
        || by_domain.iter().any(|rule| rule.role_id == ADMIN_ROLE)
}

/// Whether the member is the last administrator, and the connection may not take it away.
pub(crate) fn is_guarded(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    member: &Member,
) -> Result<bool, StorageError> {
    if member.status != MemberStatus::Active
        || may_go(&caller.connection)
        || !may_administer(caller, member)
    {
        return Ok(false);
    }
    let organization = member.organization_id;
    let sources = sources(tx, organization)?;
    let itself = Candidates::Only(member.id);
    let holds = member.kept_as_admin.is_some()
        || role_holders::find_admin(tx, organization, &sources, itself)?.is_some();
    if !holds {
        return Ok(false);
    }
    let others = Candidates::AllBut(member.id);
    Ok(role_holders::find_admin(tx, organization, &sources, others)?.is_none())
}

/// Keeps a member as an administrator; what waits already waits on, unless more is asked for now.
pub(crate) fn keep(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    (member, withheld): (&Member, Withheld),
) -> Result<(), StorageError> {
    let known = member.kept_as_admin.as_ref();
    if known.is_some_and(|known| known.withheld >= withheld) {
        return Ok(());
    }
    let kept = KeptAdmin {
        connection_id: caller.connection.id,
        withheld,
        since: known.map_or(tx.now, |known| known.since),
    };
    let after = Member {
        kept_as_admin: Some(kept),
        updated_at: tx.now,
        ..member.clone()
    };
    members::commit(tx, Some(member), &after)
}

/// Keeps one of those who have left a group that made them administrators, if nobody else is one:
/// the longest-standing.
pub(crate) fn keep_one_of(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    left: &[ScimUserId],
) -> Result<(), StorageError> {
    if left.is_empty() || may_go(&caller.connection) {
        return Ok(());
    }
    let organization = caller.scope.organization_id;
    let sources = sources(tx, organization)?;
    if role_holders::find_admin(tx, organization, &sources, Candidates::All)?.is_some() {
        return Ok(());
    }
    let place = (&caller.scope, caller.connection.id);
    match role_holders::oldest_active(tx, place, left)? {
        Some(id) => keep_by_id(tx, caller, id),
        None => Ok(()),
    }
}

fn keep_by_id(
    tx: &mut Transaction<'_>,
    caller: &ScimCaller,
    id: MemberId,
) -> Result<(), StorageError> {
    match member_rows::find(tx, &caller.scope, id)? {
        Some(member) => keep(tx, caller, (&member, Withheld::RoleLoss)),
        None => Ok(()),
    }
}

/// Does what waited in an organization, once somebody else is an administrator or the connection
/// may take the last one away.
pub(crate) fn settle(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
) -> Result<(), StorageError> {
    for member in member_rows::list_kept_as_admin(tx, organization)? {
        let Some(kept) = member.kept_as_admin.clone() else {
            continue;
        };
        let sources = sources(tx, organization)?;
        let others = Candidates::AllBut(member.id);
        let mut replaced = role_holders::find_admin(tx, organization, &sources, others)?.is_some();
        if kept.withheld == Withheld::RoleLoss {
            let itself = Candidates::Only(member.id);
            replaced |= role_holders::find_admin(tx, organization, &sources, itself)?.is_some();
        }
        if !replaced && !may_go_now(tx, organization, &kept)? {
            continue;
        }
        let after = match kept.withheld {
            Withheld::Removal => member.deleted(true, tx.now),
            Withheld::RoleLoss => Member {
                kept_as_admin: None,
                updated_at: tx.now,
                ..member.clone()
            },
        };
        members::commit(tx, Some(&member), &after)?;
    }
    Ok(())
}

fn may_go_now(
    tx: &mut Transaction<'_>,
    organization: OrganizationId,
    kept: &KeptAdmin,
) -> Result<bool, StorageError> {
    let connections = connections::list(tx, &[organization])?;
    let its = connections.iter().find(|it| it.id == kept.connection_id);
    Ok(its.is_some_and(may_go))
}

/// Whether a change of a member may have made it an administrator.
pub(crate) fn may_arrive_by(before: Option<&Member>, after: &Member) -> bool {
    if after.status != MemberStatus::Active {
        return false;
    }
    let administers = |member: &Member| member.explicit_roles.iter().any(|r| r == ADMIN_ROLE);
    before.is_none_or(|before| {
        before.status != MemberStatus::Active
            || (administers(after) && !administers(before))
            || before.email_address.domain() != after.email_address.domain()
    })
}
