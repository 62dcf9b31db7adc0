//! Set a password anew, by what its member has proven instead of the old one.

use chrono::TimeDelta;

use crate::domain::event::EventKind;
use crate::domain::factor::Factor;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::password::Password;
use crate::domain::password::PasswordHolder;
use crate::domain::password::kept::PasswordHash;
use crate::storage::Transaction;
use crate::storage::members as member_rows;
use crate::storage::passwords as rows;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::organizations;
use crate::use_cases::passwords::authenticate::password_factor;
use crate::use_cases::passwords::commit::commit;
use crate::use_cases::passwords::eviction::Staying;
use crate::use_cases::passwords::eviction::evict;
use crate::use_cases::passwords::expectation::Expectation;
use crate::use_cases::passwords::settings;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::Proof;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::present;

const FRESH_MINUTES: i64 = 5;

/// Sets a password and lets its member in. Sessions and tokens that were open end, but for those that
/// were brought along: whoever knew the old password may hold some.
pub(crate) fn set(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    (organization, member): (Organization, Member),
    (hash, proven): (&PasswordHash, Option<Factor>),
    wishes: &SignInWishes,
) -> Result<Admission, ManagementError> {
    let present = present::look(tx, caller, &wishes.presented)?.of(&member);
    tx.enter(organization.id)?;
    let rules = settings(tx, &organization.project_id)?;
    let holder = PasswordHolder::of(&rules, &organization.project_id, &member);
    write(tx, &holder, hash)?;
    evict(
        tx,
        (&organization.project_id, &holder),
        &Staying::from(&present),
    )?;
    tx.enter(organization.id)?;
    let known = password_factor(tx, &holder);
    let proof = Proof {
        factors: proven.into_iter().chain([known]).collect(),
        ends_no_later_than: None,
    };
    let place = (organization, member);
    let admission = entry::enter_with(tx, deployment, place, (proof, present), &wishes.session)?;
    entry::begin_second_factor(tx, deployment, admission, wishes.locale.as_deref())
}

/// Writes a password that is new, or new again.
pub(crate) fn write(
    tx: &mut Transaction<'_>,
    holder: &PasswordHolder,
    hash: &PasswordHash,
) -> Result<(), ManagementError> {
    let password = match rows::find(tx, holder)? {
        Some(known) => known.changed(hash.clone(), tx.now),
        None => Password::new(hash.clone(), tx.now),
    };
    Ok(commit(tx, holder, (EventKind::PasswordSet, &password))?)
}

/// What a password set by a session has to be, if the session is good for that.
pub fn expect_by_session(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (organization, wishes): (&str, &SignInWishes),
) -> Result<Expectation, ManagementError> {
    let (organization, member) = proven_by_session(tx, caller, (organization, wishes))?;
    Ok(Expectation {
        hash: None,
        settings: settings(tx, &organization.project_id)?,
        email_address: member.email_address.to_string(),
    })
}

/// Sets a password for the member of a session.
pub fn by_session(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    (organization, wishes): (&str, &SignInWishes),
    hash: &PasswordHash,
) -> Result<Admission, ManagementError> {
    let place = proven_by_session(tx, caller, (organization, wishes))?;
    set(tx, (caller, deployment), place, (hash, None), wishes)
}

/// The member of a session that has proven something in the last minutes; where organizations
/// share passwords, the address itself, which an organization's own identity provider may not have
/// the word on.
fn proven_by_session(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (organization, wishes): (&str, &SignInWishes),
) -> Result<(Organization, Member), ManagementError> {
    if wishes.presented.session.is_none() {
        return Err(SessionError::NoArguments.into());
    }
    let session = present::look(tx, caller, &wishes.presented)?.session;
    let session = session.ok_or(SessionError::NotFound)?;
    if session.is_impersonated() {
        return Err(SessionError::Impersonated.into());
    }
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    if session.organization_id != organization.id {
        return Err(SessionError::Tenancy.into());
    }
    let scope = organization.scope();
    let member = member_rows::find(tx, &scope, session.member_id)?.filter(Member::is_live);
    let member = member.ok_or(SessionError::NotFound)?;
    let since = tx.now - TimeDelta::minutes(FRESH_MINUTES);
    let mut fresh = session
        .factors
        .iter()
        .filter(|factor| !factor.is_vouched_for() && factor.authenticated_at() >= since);
    if fresh.clone().next().is_none() {
        return Err(PasswordError::SessionTooOld.into());
    }
    let is_shared = settings(tx, &organization.project_id)?.cross_organization;
    if is_shared && !fresh.any(|factor| factor.proven_address() == Some(&member.email_address)) {
        return Err(PasswordError::AddressNotProven.into());
    }
    Ok((organization, member))
}
