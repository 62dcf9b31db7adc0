//! A member of an organization comes with a password.

use crate::domain::email::EmailAddress;
use crate::domain::event::Actor;
use crate::domain::event::EventKind;
use crate::domain::factor::Factor;
use crate::domain::factor::PasswordFactor;
use crate::domain::member::Member;
use crate::domain::member::lock::Guessed;
use crate::domain::organization::Organization;
use crate::domain::password::Password;
use crate::domain::password::PasswordHolder;
use crate::domain::password::kept::Checked;
use crate::domain::password::kept::PasswordHash;
use crate::storage::Transaction;
use crate::storage::passwords as rows;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::member_lock;
use crate::use_cases::members;
use crate::use_cases::organizations;
use crate::use_cases::passwords::commit::commit;
use crate::use_cases::passwords::expectation::Expectation;
use crate::use_cases::passwords::expectation::Outcome;
use crate::use_cases::passwords::expectation::Tried;
use crate::use_cases::passwords::reset;
use crate::use_cases::passwords::settings;
use crate::use_cases::passwords::strangers;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::SignInWishes;

/// Who says to be whom, where.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Login {
    /// The organization, by id, external id or slug.
    pub organization: String,
    /// The member's address.
    pub email_address: String,
    /// What the session shall be.
    pub wishes: SignInWishes,
}

/// A member with a password.
struct Found {
    member: Member,
    holder: PasswordHolder,
    password: Password,
}

/// What the password of a login has to fit.
pub fn expect(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (organization, email_address): (&str, &str),
) -> Result<Expectation, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    let found = find(tx, &organization, email_address)?;
    Ok(Expectation {
        hash: found.map(|found| found.password.hash),
        settings: settings(tx, &organization.project_id)?,
        email_address: email_address.to_owned(),
    })
}

/// Lets a member in whose password was right.
pub fn admit(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    (login, tried): (&Login, &Tried),
) -> Result<Outcome<Admission>, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, &login.organization)?;
    let found = match judge(tx, (deployment, &organization), (login, tried))? {
        Ok(found) => found,
        Err(outcome) => return Ok(outcome),
    };
    if let Checked::Right(Some(renewed)) = &tried.checked {
        let renewed = found.password.changed(renewed.clone(), tx.now);
        commit(tx, &found.holder, (EventKind::PasswordRehashed, &renewed))?;
    }
    let proof = password_factor(tx, &found.holder).into();
    let place = (organization, found.member.clone());
    let admission = entry::enter(tx, (caller, deployment), place, proof, &login.wishes)?;
    member_lock::clear_if_in(tx, (&found.member, Guessed::FirstFactor), &admission)?;
    Ok(Outcome::Right(Box::new(admission)))
}

/// Sets a new password for a member whose old one was right.
pub fn change(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    (login, tried): (&Login, &Tried),
    hash: &PasswordHash,
) -> Result<Outcome<Admission>, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, &login.organization)?;
    let found = match judge(tx, (deployment, &organization), (login, tried))? {
        Ok(found) => found,
        Err(outcome) => return Ok(outcome),
    };
    let place = (organization, found.member.clone());
    let proven = (hash, None);
    let admission = reset::set(tx, (caller, deployment), place, proven, &login.wishes)?;
    member_lock::clear_if_in(tx, (&found.member, Guessed::FirstFactor), &admission)?;
    Ok(Outcome::Right(Box::new(admission)))
}

/// That a password was known, just now; where it is an address's, that address stays named,
/// whatever becomes of the member's.
pub(crate) fn password_factor(tx: &Transaction<'_>, holder: &PasswordHolder) -> Factor {
    Factor::Password(PasswordFactor {
        email_address: match holder {
            PasswordHolder::Member(..) => None,
            PasswordHolder::Address(_, address) => Some(address.clone()),
        },
        authenticated_at: tx.now,
    })
}

/// The member, if the password that was checked is still the one. Who is locked is refused like
/// anybody whose password is wrong, or guessing would tell who is a member.
fn judge(
    tx: &mut Transaction<'_>,
    (deployment, organization): (&Deployment, &Organization),
    (login, tried): (&Login, &Tried),
) -> Result<Result<Found, Outcome<Admission>>, ManagementError> {
    tx.acts_as(Actor::SignIn("password".to_owned()));
    let refused = |error| Ok(Err(Outcome::Refused(error)));
    let found = find(tx, organization, &login.email_address)?;
    let is_locked = match &found {
        Some(found) => member_lock::is_locked(tx, &found.member, Guessed::FirstFactor)?,
        None => false,
    };
    let Some(found) = found.filter(|_| !is_locked) else {
        let organization = organization.id.to_string();
        tx.concerns(None);
        strangers::note(tx, deployment, (&organization, &login.email_address))?;
        return refused(PasswordError::WrongCredentials);
    };
    let is_same = tried.expected.hash.as_ref() == Some(&found.password.hash);
    if tried.checked == Checked::Wrong {
        tx.concerns(Some(found.member.id));
        if is_same {
            member_lock::note_failure(tx, &found.member, Guessed::FirstFactor)?;
        }
        return refused(PasswordError::WrongCredentials);
    }
    if !is_same {
        return Ok(Err(Outcome::Stale));
    }
    if found.password.requires_reset {
        return refused(PasswordError::ResetRequired);
    }
    Ok(Ok(found))
}

fn find(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    email_address: &str,
) -> Result<Option<Found>, ManagementError> {
    let Some(email) = EmailAddress::parse(email_address) else {
        return Ok(None);
    };
    let rules = settings(tx, &organization.project_id)?;
    let Some(member) = members::live_by_email(tx, &organization.scope(), &email)? else {
        return Ok(None);
    };
    let holder = PasswordHolder::of(&rules, &organization.project_id, &member);
    let password = rows::find(tx, &holder)?;
    Ok(password.map(|password| Found {
        member,
        holder,
        password,
    }))
}
