//! Passwords, codes and links of members that were refused. They are kept once the caller has its
//! answer: to write for members alone while somebody waits would tell who is one. Only what is about
//! a known member is kept, and so much of it an hour.

use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::event::Actor;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::magic_link::MagicLink;
use crate::domain::member::Member;
use crate::domain::member::lock;
use crate::domain::member::lock::Guessed;
use crate::domain::organization::Organization;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::factors::member_failures;
use crate::storage::journal;
use crate::storage::late_tokens;
use crate::storage::members as member_rows;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations as organization_rows;
use crate::use_cases::Deployment;
use crate::use_cases::allowance::Allowance;
use crate::use_cases::error::ManagementError;
use crate::use_cases::explain::catalogue::joining;
use crate::use_cases::explain::remedy::Remedy;
use crate::use_cases::member_lock;
use crate::use_cases::members::live_by_email;
use crate::use_cases::organizations;
use crate::use_cases::sign_in::email_codes;

/// Refusals of this kind that are kept of one member within an hour.
const MOST: i32 = 20;

/// What was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A password, for an address in an organization.
    Password(String, String),
    /// A code that was mailed, for an address in an organization.
    EmailCode(String, String),
    /// A link, by its token.
    MagicLink(String),
}

/// What the journal is told of it.
struct Told {
    code: &'static str,
    rule: &'static str,
    expected: String,
    received: String,
    remedy: Remedy,
}

/// Keeps a refusal, if it is a member's and not one of too many.
pub fn note(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    refused: &Refused,
) -> Result<(), ManagementError> {
    let (method, found) = match refused {
        Refused::Password(organization, email) => {
            let named = (organization.as_str(), email.as_str());
            ("password", guessed(tx, deployment, named, false)?)
        }
        Refused::EmailCode(organization, email) => {
            let named = (organization.as_str(), email.as_str());
            ("email_otp", guessed(tx, deployment, named, true)?)
        }
        Refused::MagicLink(token) => ("magic_link", late(tx, deployment, token)?),
    };
    let Some((organization, member, told)) = found else {
        return Ok(());
    };
    let place = member.id.to_string();
    let allowance = Allowance::new(deployment, ("refusals of a member", &place), MOST);
    if allowance.wait(tx)?.is_some() {
        return Ok(());
    }
    allowance.spend(tx)?;
    tx.acts_as(Actor::SignIn(method.to_owned()));
    let change = Change {
        organization_id: Some(organization.id),
        kind: EventKind::SignInRefused,
        object_id: place,
        before: None,
        after: Some(json!({
            "code": told.code,
            "rule": told.rule,
            "expected": told.expected,
            "received": told.received,
            "remedy": told.remedy.name,
            "method": method,
            "member_id": member.id,
            "email_address": member.email_address,
        })),
    };
    Ok(journal::append(tx, &change)?)
}

type Found = Option<(Organization, Member, Told)>;

/// Who was meant by a password or a code, and what was wrong about it.
fn guessed(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, email): (&str, &str),
    is_code: bool,
) -> Result<Found, ManagementError> {
    let organization = organizations::resolve(tx, &deployment.project_id, organization)?;
    let Some(address) = EmailAddress::parse(email) else {
        return Ok(None);
    };
    let Some(member) = live_by_email(tx, &organization.scope(), &address)? else {
        return Ok(None);
    };
    let told = if let Some(end) = member_lock::lock_end(tx, &member, Guessed::FirstFactor)? {
        Told {
            code: "locked",
            rule: "no password and no code is looked at while the member is locked",
            expected: format!("a try after {end}"),
            received: format!("a try at {}", tx.now),
            remedy: joining::LOCKED,
        }
    } else if is_code {
        let place = (Some(organization.id), &address);
        code(email_codes::tries_left(tx, deployment, place)?)
    } else {
        let failures = member_failures::find(tx, &member, Guessed::FirstFactor)?;
        let count = failures.map_or(0, |failures| failures.count);
        Told {
            code: "wrong_password",
            rule: "the password has to be the member's",
            expected: format!(
                "the member's password, before {} wrong ones in a row",
                lock::FAILURES_UNTIL_LOCK
            ),
            received: match count {
                0 => "a password, of a member who has none".to_owned(),
                count => format!("wrong ones in a row: {count}"),
            },
            remedy: joining::WRONG_PASSWORD,
        }
    };
    Ok(Some((organization, member, told)))
}

fn code(tries_left: Option<i32>) -> Told {
    Told {
        code: "wrong_code",
        rule: "the code has to be the one that was mailed last, in its time and within its tries",
        expected: "the code of the last mail".to_owned(),
        received: match tries_left {
            Some(left) if left > 0 => format!("another code; tries left: {left}"),
            _ => "a code when none was good any more".to_owned(),
        },
        remedy: joining::WRONG_CODE,
    }
}

/// Whose link came too late. One that was used up is known no more.
fn late(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    token: &str,
) -> Result<Found, ManagementError> {
    let hash = SecretHash::of(token);
    let found = late_tokens::find::<MagicLink>(tx, TokenKind::MagicLink, &hash)?;
    let Some((id, link, expired_at)) = found else {
        return Ok(None);
    };
    let organization = organization_rows::find(tx, &deployment.project_id, id)?;
    let Some(organization) = organization else {
        return Ok(None);
    };
    let member = member_rows::find(tx, &organization.scope(), link.member_id)?;
    let told = Told {
        code: "link_expired",
        rule: "a link in a mail has to be used before it expires",
        expected: format!("before {expired_at}"),
        received: format!("at {}", tx.now),
        remedy: joining::LINK_OVER,
    };
    let member = member.filter(Member::is_live);
    Ok(member.map(|member| (organization, member, told)))
}
