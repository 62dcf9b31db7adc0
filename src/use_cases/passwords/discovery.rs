//! Somebody comes with the password of an address before an organization is chosen (contract 4.4).

use crate::domain::email::EmailAddress;
use crate::domain::event::Actor;
use crate::domain::event::EventKind;
use crate::domain::factor::Factor;
use crate::domain::factor::PasswordFactor;
use crate::domain::password::PasswordHolder;
use crate::domain::password::kept::Checked;
use crate::storage::Transaction;
use crate::storage::passwords as rows;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::discovery;
use crate::use_cases::discovery::DiscoveredOrganization;
use crate::use_cases::discovery::Seeker;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::intermediate_sessions;
use crate::use_cases::intermediate_sessions::IntermediateSession;
use crate::use_cases::intermediate_sessions::IntermediateToken;
use crate::use_cases::member_lock;
use crate::use_cases::passwords::commit::commit;
use crate::use_cases::passwords::expectation::Expectation;
use crate::use_cases::passwords::expectation::Outcome;
use crate::use_cases::passwords::expectation::Tried;
use crate::use_cases::passwords::settings;
use crate::use_cases::passwords::strangers;

/// What somebody who has proven an address may choose from.
#[derive(Clone, Debug, PartialEq)]
pub struct Discovered {
    /// The address.
    pub email_address: EmailAddress,
    /// Stands for what was proven.
    pub intermediate: IntermediateToken,
    /// The organizations.
    pub organizations: Vec<DiscoveredOrganization>,
}

/// What the password of an address has to fit.
pub fn expect(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    email_address: &str,
) -> Result<Expectation, ManagementError> {
    let rules = settings(tx, &caller.project_id)?;
    if !rules.cross_organization {
        return Err(PasswordError::SharingIsOff.into());
    }
    let kept = match holder(caller, email_address) {
        Some((holder, _)) => rows::find(tx, &holder)?,
        None => None,
    };
    Ok(Expectation {
        hash: kept.map(|password| password.hash),
        settings: rules,
        email_address: email_address.to_owned(),
    })
}

/// Opens an intermediate session for somebody whose password was right.
pub fn admit(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    (email_address, tried): (&str, &Tried),
) -> Result<Outcome<Discovered>, ManagementError> {
    tx.acts_as(Actor::SignIn("password".to_owned()));
    let wrong = Outcome::Refused(PasswordError::WrongCredentials);
    let nobody = ("", email_address);
    let Some((holder, address)) = holder(caller, email_address) else {
        strangers::note(tx, deployment, nobody)?;
        return Ok(wrong);
    };
    let guessable = member_lock::guessable(tx, &caller.project_id, &address)?;
    let (Some(kept), Some(guessable)) = (rows::find(tx, &holder)?, guessable) else {
        strangers::note(tx, deployment, nobody)?;
        return Ok(wrong);
    };
    let is_same = tried.expected.hash.as_ref() == Some(&kept.hash);
    if tried.checked == Checked::Wrong {
        if is_same {
            member_lock::note_failures(tx, &guessable)?;
        }
        return Ok(wrong);
    }
    if !is_same {
        return Ok(Outcome::Stale);
    }
    if kept.requires_reset {
        return Ok(Outcome::Refused(PasswordError::ResetRequired));
    }
    if let Checked::Right(Some(renewed)) = &tried.checked {
        let renewed = kept.changed(renewed.clone(), tx.now);
        commit(tx, &holder, (EventKind::PasswordRehashed, &renewed))?;
    }
    let factors = vec![shared(tx, &address)];
    Ok(Outcome::Right(Box::new(open(
        tx,
        caller,
        (address, factors),
    )?)))
}

/// That the password of an address was known, just now.
pub(crate) fn shared(tx: &Transaction<'_>, address: &EmailAddress) -> Factor {
    Factor::Password(PasswordFactor {
        email_address: Some(address.clone()),
        authenticated_at: tx.now,
    })
}

/// Keeps what was proven of an address and finds where it leads.
pub(crate) fn open(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    (address, factors): (EmailAddress, Vec<Factor>),
) -> Result<Discovered, ManagementError> {
    let content = IntermediateSession {
        email_address: address.clone(),
        organization_id: None,
        member_id: None,
        factors,
        ends_no_later_than: None,
    };
    let project = &caller.project_id;
    let intermediate = intermediate_sessions::open(tx, project, &content)?;
    let organizations = discovery::discovered(tx, project, &Seeker::from(&content), true)?;
    Ok(Discovered {
        email_address: address,
        intermediate,
        organizations,
    })
}

fn holder(caller: &ProjectCaller, email: &str) -> Option<(PasswordHolder, EmailAddress)> {
    let address = EmailAddress::parse(email)?;
    let holder = PasswordHolder::Address(caller.project_id.clone(), address.clone());
    Some((holder, address))
}
