//! Codes by SMS as they are sent and kept: six digits for two minutes, few tries, one code at a time; a
//! number gets few messages, whoever asks.

use chrono::TimeDelta;

use crate::domain::authentication_settings::MfaMethod;
use crate::domain::member::Member;
use crate::domain::member::lock::Guessed;
use crate::domain::organization::Organization;
use crate::domain::secret;
use crate::domain::sms_message::SmsMessage;
use crate::storage::Transaction;
use crate::storage::email_codes;
use crate::storage::mail_recipients;
use crate::use_cases::Deployment;
use crate::use_cases::allowance::Allowance;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::member_lock;
use crate::use_cases::sms_messages;

const MINUTES: i64 = 2;
const TRIES: i32 = 5;
/// Messages within an hour to numbers that nobody has proven.
const UNPROVEN_OF_ORGANIZATION: i32 = 100;
const UNPROVEN_OF_PROJECT: i32 = 1000;

/// Sends a code as soon as a second factor is owed, to a member that is asked for one first;
/// gives the method that was begun. A number that has had too many lately gets none, and the
/// person asks for one later.
pub(crate) fn begin_unasked(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, member): (&Organization, &Member),
    locale: Option<&str>,
) -> Result<Option<MfaMethod>, ManagementError> {
    let number = member.number_to_be_asked(&organization.settings);
    let is_unproven = number.is_some() && !member.mfa_phone_number_verified;
    let is_other = is_unproven && member.has_second_factor(&organization.settings);
    if !deployment.sends_sms || number.is_none() || is_other {
        return Ok(None);
    }
    if member_lock::is_locked(tx, member, Guessed::SecondFactor)? {
        return Ok(None);
    }
    match begin(tx, deployment, (organization, member), locale) {
        Ok(()) => Ok(Some(MfaMethod::SmsOtp)),
        Err(ManagementError::Request(RequestError::TooManyRequests(_))) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sends a fresh code to the member's number, within the limits of that.
pub(crate) fn begin(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, member): (&Organization, &Member),
    locale: Option<&str>,
) -> Result<(), ManagementError> {
    let number = &member.mfa_phone_number;
    let project = deployment.project_id.as_str();
    let counted = format!("{project}\0{number}");
    let counted = deployment.master_key.token_for("sms recipient", &counted);
    let recent = mail_recipients::find(tx, &counted)?.unwrap_or_default();
    let more = recent.with_one_more(tx.now);
    let more = more.map_err(RequestError::TooManyRequests)?;
    mail_recipients::save(tx, &counted, &more)?;
    if !member.mfa_phone_number_verified {
        spend_on_unproven(tx, deployment, organization)?;
    }
    let code = secret::fresh_digits()?;
    let end = tx.now + TimeDelta::minutes(MINUTES);
    let place = place(deployment, member);
    let mac = mac(deployment, &place, &code);
    email_codes::replace(tx, (&place, &mac), TRIES, end)?;
    let message = SmsMessage::with_code(number, (&organization.name, &code), locale);
    sms_messages::queue(tx, deployment, &message, end)
}

/// Counts a message to a number that nobody has proven: to send to ever new ones is how somebody earns
/// by messages that others pay for. Whoever has proven theirs is not held back by it.
fn spend_on_unproven(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    organization: &Organization,
) -> Result<(), ManagementError> {
    let key = organization.id.key();
    let own = ("sms of an organization", key.as_str());
    for allowance in [
        Allowance::new(deployment, own, UNPROVEN_OF_ORGANIZATION),
        Allowance::new(deployment, ("sms of a project", ""), UNPROVEN_OF_PROJECT),
    ] {
        if let Some(seconds) = allowance.wait(tx)? {
            return Err(RequestError::TooManyRequests(seconds).into());
        }
        allowance.spend(tx)?;
    }
    Ok(())
}

/// Where a code is good: for this member, at this number.
fn place(deployment: &Deployment, member: &Member) -> String {
    let (id, number) = (member.id, &member.mfa_phone_number);
    let key = &deployment.master_key;
    key.token_for("sms code place", &format!("{id}\0{number}"))
}

/// A code as it is kept: six digits under a plain hash would be told by trying them all.
fn mac(deployment: &Deployment, place: &str, code: &str) -> String {
    let key = &deployment.master_key;
    key.token_for("sms code", &format!("{place}\0{code}"))
}

/// What is wrong with a code, if anything is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No code is on its way.
    NotFound,
    /// It is another one.
    Wrong,
}

/// Uses up the code that is on its way to a member, if it is this one.
pub(crate) fn consume(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (member, given): (&Member, &str),
) -> Result<Option<Refused>, ManagementError> {
    let place = place(deployment, member);
    let Some(kept) = email_codes::find(tx, &place)? else {
        return Ok(Some(Refused::NotFound));
    };
    if !secret::equal(&kept, &mac(deployment, &place, given.trim())) {
        email_codes::count_try(tx, &place)?;
        return Ok(Some(Refused::Wrong));
    }
    let is_ours = email_codes::consume(tx, (&place, &kept))?;
    Ok((!is_ours).then_some(Refused::NotFound))
}
