//! The sessions of a member, seen from outside: list them, end one or all (contract 3.6).

use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::MemberId;
use crate::domain::id::OrganizationId;
use crate::domain::id::SessionId;
use crate::domain::member::Member;
use crate::domain::session::Session;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::members as member_rows;
use crate::storage::organizations as organization_rows;
use crate::storage::sessions;
use crate::storage::sessions::FoundSession;
use crate::use_cases::caller::Caller;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::member::MemberError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::members;
use crate::use_cases::members::MemberLocator;
use crate::use_cases::sessions as session_views;
use crate::use_cases::sessions::SessionLocator;
use crate::use_cases::sessions::SessionView;

/// How a caller names what has to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// One session, by its id.
    Session(SessionId),
    /// One session, by its token or JWT.
    Presented(SessionLocator),
    /// Every session of a member.
    Member(MemberId),
}

/// The sessions of a member that are not over, oldest first, with the roles that count in each.
pub fn list(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    organization: &str,
    locator: &MemberLocator,
) -> Result<Vec<SessionView>, ManagementError> {
    let found = members::get(tx, caller, organization, locator)?;
    let (organization, member) = (found.organization.organization, found.standing.member);
    let mut views = Vec::new();
    for session in sessions::list_of_member(tx, &organization.scope(), member.id)? {
        let (organization, member) = (organization.clone(), member.clone());
        views.push(session_views::view(tx, session, organization, member)?);
    }
    Ok(views)
}

/// Ends what was named. What is over already stays over, so that a caller may try again.
pub fn revoke(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    named: &Revocation,
) -> Result<(), ManagementError> {
    tx.concerns(None);
    let project = caller.project_id();
    let found = match named {
        Revocation::Member(id) => return revoke_all(tx, caller, *id),
        Revocation::Session(id) | Revocation::Presented(SessionLocator::Jwt(id)) => {
            sessions::find(tx, project, *id)?
        }
        Revocation::Presented(SessionLocator::Token(hash)) => {
            sessions::find_by_token(tx, project, hash)?
        }
    };
    let Some(FoundSession { session, .. }) = found else {
        // To a member another organization's sessions and those that are over are the same.
        return match caller.own_organization() {
            Some(_) => Err(SessionError::Tenancy.into()),
            None => Ok(forget_expired(tx, named)?),
        };
    };
    demand(caller, (session.organization_id, session.member_id))?;
    Ok(end(tx, &session)?)
}

/// What has expired by itself ended then; its row goes now and not with the next cleaning.
fn forget_expired(tx: &mut Transaction<'_>, named: &Revocation) -> Result<(), StorageError> {
    match named {
        Revocation::Member(_) => Ok(()),
        Revocation::Session(id) | Revocation::Presented(SessionLocator::Jwt(id)) => {
            sessions::forget_expired_one(tx, *id)
        }
        Revocation::Presented(SessionLocator::Token(hash)) => {
            sessions::forget_expired_token(tx, hash)
        }
    }
}

fn revoke_all(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    id: MemberId,
) -> Result<(), ManagementError> {
    let missing: ManagementError = if caller.is_member() {
        // To a member another organization's members and missing ones are the same.
        SessionError::Tenancy.into()
    } else {
        MemberError::NotFound.into()
    };
    let member = find(tx, caller, id)?.ok_or(missing)?;
    demand(caller, (member.organization_id, member.id))?;
    Ok(members::end_sessions(tx, &member)?)
}

fn find(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    id: MemberId,
) -> Result<Option<Member>, StorageError> {
    let Some(owner) = member_rows::organization_of(tx, id)? else {
        return Ok(None);
    };
    match organization_rows::find(tx, caller.project_id(), owner)? {
        Some(organization) => member_rows::find(tx, &organization.scope(), id),
        None => Ok(None),
    }
}

/// Refuses unless the caller may end the sessions of this member of this organization.
fn demand(
    caller: &Caller,
    (organization, member): (OrganizationId, MemberId),
) -> Result<(), ManagementError> {
    let own = caller.own_organization();
    if own.is_some_and(|own| own.id != organization) {
        return Err(SessionError::Tenancy.into());
    }
    caller.demand_on(member, &["revoke-sessions"])
}

/// Ends a session, with an event of its own.
pub(crate) fn end(tx: &mut Transaction<'_>, session: &Session) -> Result<(), StorageError> {
    sessions::delete(tx, session)?;
    let change = Change {
        organization_id: Some(session.organization_id),
        kind: EventKind::SessionRevoked,
        object_id: session.id.to_string(),
        before: Some(json!({
            "member_id": session.member_id,
            "expires_at": session.expires_at,
        })),
        after: None,
    };
    journal::append(tx, &change)
}
