//! Passwords and codes of members that were refused. Guesses at addresses that nobody has are not kept.

use crate::domain::email::EmailAddress;
use crate::domain::member::Member;
use crate::domain::member::lock;
use crate::domain::member::lock::Guessed;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::storage::factors::member_failures;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::explain::catalogue::joining;
use crate::use_cases::member_lock;
use crate::use_cases::members::live_by_email;
use crate::use_cases::organizations;
use crate::use_cases::refusals::kept::Found;
use crate::use_cases::refusals::told::Told;
use crate::use_cases::sign_in::email_codes;

/// A password that was refused, for an address in an organization.
pub(super) fn password(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    named: (&str, &str),
) -> Result<Option<Found>, ManagementError> {
    let Some((organization, member)) = meant(tx, deployment, named)? else {
        return Ok(None);
    };
    let told = match locked(tx, &member)? {
        Some(told) => told,
        None => wrong_password(tx, &member)?,
    };
    Ok(Some(found("password", &organization, member, told)))
}

/// A code that was refused, for an address in an organization.
pub(super) fn code(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    named: (&str, &str),
) -> Result<Option<Found>, ManagementError> {
    let Some((organization, member)) = meant(tx, deployment, named)? else {
        return Ok(None);
    };
    let told = if let Some(told) = locked(tx, &member)? {
        told
    } else {
        let place = (Some(organization.id), &member.email_address);
        wrong_code(email_codes::tries_left(tx, deployment, place)?)
    };
    Ok(Some(found("email_otp", &organization, member, told)))
}

fn found(method: &'static str, organization: &Organization, member: Member, told: Told) -> Found {
    Found {
        method,
        organization_id: organization.id,
        object_id: member.id.to_string(),
        member_id: Some(member.id),
        email_address: Some(member.email_address),
        known: Vec::new(),
        told,
    }
}

/// Who was meant.
fn meant(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, email): (&str, &str),
) -> Result<Option<(Organization, Member)>, ManagementError> {
    let organization = organizations::resolve(tx, &deployment.project_id, organization)?;
    let Some(address) = EmailAddress::parse(email) else {
        return Ok(None);
    };
    let member = live_by_email(tx, &organization.scope(), &address)?;
    Ok(member.map(|member| (organization, member)))
}

fn locked(tx: &mut Transaction<'_>, member: &Member) -> Result<Option<Told>, ManagementError> {
    let end = member_lock::lock_end(tx, member, Guessed::FirstFactor)?;
    let rule = "no password and no code is looked at while the member is locked";
    Ok(end.map(|end| Told {
        code: "locked",
        rule: Some(rule.to_owned()),
        expected: Some(format!("a try after {end}")),
        received: Some(format!("a try at {}", tx.now)),
        remedy: joining::LOCKED,
    }))
}

fn wrong_password(tx: &mut Transaction<'_>, member: &Member) -> Result<Told, ManagementError> {
    let failures = member_failures::find(tx, member, Guessed::FirstFactor)?;
    let count = failures.map_or(0, |failures| failures.count);
    let expected = format!(
        "the member's password, before {} wrong ones in a row",
        lock::FAILURES_UNTIL_LOCK
    );
    let received = match count {
        0 => "a password, of a member who has none".to_owned(),
        count => format!("wrong ones in a row: {count}"),
    };
    Ok(Told {
        code: "wrong_password",
        rule: Some("the password has to be the member's".to_owned()),
        expected: Some(expected),
        received: Some(received),
        remedy: joining::WRONG_PASSWORD,
    })
}

fn wrong_code(tries_left: Option<i32>) -> Told {
    let rule = "the code has to be the one that was mailed last, in its time and within its tries";
    let received = match tries_left {
        Some(left) if left > 0 => format!("another code; tries left: {left}"),
        _ => "a code when none was good any more".to_owned(),
    };
    Told {
        code: "wrong_code",
        rule: Some(rule.to_owned()),
        expected: Some("the code of the last mail".to_owned()),
        received: Some(received),
        remedy: joining::WRONG_CODE,
    }
}
