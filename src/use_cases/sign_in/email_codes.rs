//! Codes that are mailed to an address, to enter one organization (contract 4.3).
//!
//! A code is six digits, so little keeps it from being guessed but that few tries are counted: a try
//! that was wrong is an answer, not an error, or it would not be kept.

use chrono::TimeDelta;

use crate::domain::email::EmailAddress;
use crate::domain::event::Actor;
use crate::domain::factor::EmailFactor;
use crate::domain::factor::EmailMethod;
use crate::domain::factor::Factor;
use crate::domain::id::EmailId;
use crate::domain::id::OrganizationId;
use crate::domain::mail_template::ONE_TIME_PASSCODE;
use crate::domain::member::MemberRefusal;
use crate::domain::member::MemberStatus;
use crate::domain::member::lock::Guessed;
use crate::domain::organization::Organization;
use crate::domain::secret;
use crate::storage::Transaction;
use crate::storage::email_codes;
use crate::storage::error::StorageError;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::mails;
use crate::use_cases::mails::Mail;
use crate::use_cases::mails::Postage;
use crate::use_cases::member_lock;
use crate::use_cases::members;
use crate::use_cases::members::MemberView;
use crate::use_cases::members::email_update;
use crate::use_cases::members::email_update_code;
use crate::use_cases::organizations;
use crate::use_cases::sign_in::email_code_allowance::wrong_codes;
use crate::use_cases::sign_in::email_code_join::join;
use crate::use_cases::sign_in::email_door;
use crate::use_cases::sign_in::entry;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::Proof;
use crate::use_cases::sign_in::entry::SignInWishes;

const TRIES: i32 = 5;
const DEFAULT_MINUTES: i64 = 10;

/// Who is to be mailed a code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeRequest {
    /// An id, an external id or a slug.
    pub organization_id: String,
    /// The address.
    pub email_address: Option<EmailAddress>,
    /// For how long a code of a member is good.
    pub login_expiration_minutes: Option<i64>,
    /// For how long a code of somebody who was never here is good.
    pub signup_expiration_minutes: Option<i64>,
}

/// A code that somebody has read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodeAuthentication {
    /// An id, an external id or a slug.
    pub organization_id: String,
    /// The address.
    pub email_address: Option<EmailAddress>,
    /// The code.
    pub code: String,
    /// Whether somebody who is no member joins by it.
    pub joins: bool,
    /// What is asked of the sign-in.
    pub wishes: SignInWishes,
}

/// Where a code is good.
struct Place {
    hash: String,
}

impl Place {
    fn new(
        deployment: &Deployment,
        organization: Option<OrganizationId>,
        address: &EmailAddress,
    ) -> Self {
        let project = deployment.project_id.as_str();
        let organization = organization.map(|id| id.key()).unwrap_or_default();
        let place = format!("{project}\0{organization}\0{}", address.folded());
        Self {
            hash: deployment.master_key.token_for("email code place", &place),
        }
    }

    fn mac(&self, deployment: &Deployment, code: &str) -> String {
        let code = format!("{}\0{code}", self.hash);
        deployment.master_key.token_for("email code", &code)
    }
}

/// Mails a code to a member, or to somebody who may join: then the member is there from now on,
/// pending. Says whether it was made.
pub fn send(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &CodeRequest,
) -> Result<(MemberView, bool), ManagementError> {
    let login = minutes("login_expiration_minutes", asked.login_expiration_minutes)?;
    let signup = minutes("signup_expiration_minutes", asked.signup_expiration_minutes)?;
    let address = named(asked.email_address.as_ref())?;
    let organization = organizations::resolve(tx, &caller.project_id, &asked.organization_id)?;
    let postage = mails::postage(tx, deployment, address)?;
    let guest = email_door::open(tx, &organization, address)?;
    let minutes = match guest.member.status {
        MemberStatus::Active => login,
        _ => signup,
    };
    let name = guest.member.name.as_str();
    put(
        tx,
        deployment,
        (address, postage),
        (Some(&organization), name),
        minutes,
    )?;
    let view = members::view(tx, organization, guest.member)?;
    Ok((view, guest.created))
}

/// Mails a code to somebody whom the organization does not know, good for the usual time.
pub(crate) fn put_usual(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    to: (&EmailAddress, Postage),
    organization: &Organization,
) -> Result<(), ManagementError> {
    put(
        tx,
        deployment,
        to,
        (Some(organization), ""),
        DEFAULT_MINUTES,
    )
}

/// Makes a code in place of the one before and mails it.
pub(crate) fn put(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (address, postage): (&EmailAddress, Postage),
    (organization, member_name): (Option<&Organization>, &str),
    minutes: i64,
) -> Result<(), ManagementError> {
    let code = secret::fresh_digits()?;
    let place = Place::new(deployment, organization.map(|it| it.id), address);
    let mac = place.mac(deployment, &code);
    let expires_at = tx.now + TimeDelta::minutes(minutes);
    email_codes::replace(tx, (&place.hash, &mac), TRIES, expires_at)?;
    let mail = Mail {
        kind: ONE_TIME_PASSCODE,
        organization,
        member_name,
        secret: &code,
        login_link: None,
        minutes,
    };
    mails::queue(tx, deployment, postage, &mail)
}

/// Lets a member in who has read a code, or says what is still owed; nothing when the code is not
/// right, which counts. A code to an address that a member wants makes it the member's. With it
/// comes the id of the address.
pub fn authenticate(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &CodeAuthentication,
) -> Result<Option<(EmailId, Admission)>, ManagementError> {
    let address = named(asked.email_address.as_ref())?;
    let organization = organizations::resolve(tx, &caller.project_id, &asked.organization_id)?;
    let place = (Some(organization.id), address);
    let here = members::live_by_email(tx, &organization.scope(), address)?;
    let is_update = here.is_none();
    let found = match here {
        Some(member) => Some(member),
        None => email_update_code::find(tx, deployment, (&organization, address))?,
    };
    // Who is locked is refused like anybody whose code is wrong, or guessing would tell who is there.
    if found.is_none() && asked.joins {
        return join(tx, (caller, deployment), organization, asked);
    }
    let is_locked = match &found {
        Some(member) => member_lock::is_locked(tx, member, Guessed::FirstFactor)?,
        None => false,
    };
    let Some(member) = found.filter(|_| !is_locked) else {
        return Ok(None);
    };
    match use_up(tx, deployment, place, &asked.code)? {
        Tried::Right => {}
        Tried::Wrong => {
            member_lock::note_failure(tx, &member, Guessed::FirstFactor)?;
            return Ok(None);
        }
        Tried::NoCode => return Ok(None),
    }
    let id = EmailId::of(member.id, address);
    let member = if is_update {
        tx.acts_as(Actor::SignIn(id.to_string()));
        let member = email_update_code::finish(tx, deployment, &organization, (&member, address))?;
        let place = (&organization, &member);
        email_update::end_other_sessions(tx, caller, place, &asked.wishes.presented)?;
        member
    } else {
        member
    };
    let proof = Proof::from(proven(tx, &member.email_address));
    let (wishes, who) = (&asked.wishes, (organization, member.clone()));
    let admission = entry::enter(tx, (caller, deployment), who, proof, wishes)?;
    member_lock::clear_if_in(tx, (&member, Guessed::FirstFactor), &admission)?;
    Ok(Some((id, admission)))
}

/// What a code proves.
pub(super) fn proven(tx: &Transaction<'_>, address: &EmailAddress) -> Factor {
    Factor::Email(EmailFactor {
        method: EmailMethod::Otp,
        email_address: address.clone(),
        authenticated_at: tx.now,
    })
}

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// It was right, and is used up.
    Right,
    /// It was not, and a try is used up.
    Wrong,
    /// There is none that could be guessed: none was sent, or it is used up or over.
    NoCode,
}

/// Tries a code at its place.
pub(super) fn use_up(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, address): (Option<OrganizationId>, &EmailAddress),
    code: &str,
) -> Result<Tried, ManagementError> {
    let place = Place::new(deployment, organization, address);
    let mac = place.mac(deployment, code.trim());
    let Some(right) = email_codes::find(tx, &place.hash)? else {
        return Ok(Tried::NoCode);
    };
    let allowance = wrong_codes(tx, deployment, (organization, address))?;
    if let Some(allowance) = &allowance
        && allowance.wait(tx)?.is_some()
    {
        return Ok(Tried::NoCode);
    }
    if !secret::equal(&right, &mac) {
        email_codes::count_try(tx, &place.hash)?;
        if let Some(allowance) = allowance {
            allowance.spend(tx)?;
        }
        return Ok(Tried::Wrong);
    }
    let is_first = email_codes::consume(tx, (&place.hash, &mac))?;
    Ok(if is_first {
        Tried::Right
    } else {
        Tried::NoCode
    })
}

/// How many tries the code of a place has left, if one is good.
pub(crate) fn tries_left(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, address): (Option<OrganizationId>, &EmailAddress),
) -> Result<Option<i32>, StorageError> {
    let place = Place::new(deployment, organization, address);
    let found = email_codes::tries_left(tx, &place.hash)?;
    Ok(found.map(|(left, _)| left))
}

pub(super) fn named(address: Option<&EmailAddress>) -> Result<&EmailAddress, ManagementError> {
    Ok(address.ok_or(MemberRefusal::EmailMissing)?)
}

/// For how many minutes a code is good.
pub(super) fn minutes(field: &str, asked: Option<i64>) -> Result<i64, ManagementError> {
    let minutes = asked.unwrap_or(DEFAULT_MINUTES);
    if (2..=15).contains(&minutes) {
        Ok(minutes)
    } else {
        let reason = format!("{minutes} must be 2 to 15 minutes");
        Err(RequestError::InvalidBody(field.to_owned(), reason).into())
    }
}
