//! People who ask on an organization's page for a mail and are no members. Asking makes nobody a
//! member, as anybody may type any address: who has read the mail joins, where the organization lets
//! people with such an address in.

use crate::domain::email::EmailAddress;
use crate::domain::id::MemberId;
use crate::domain::magic_link;
use crate::domain::magic_link::LinkPurpose;
use crate::domain::magic_link::MagicLink;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::allowance::Allowance;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::magic_links::sending;
use crate::use_cases::mails;
use crate::use_cases::members::live_by_email;
use crate::use_cases::organizations;
use crate::use_cases::passwords::email_reset;
use crate::use_cases::sign_in::email_codes;
use crate::use_cases::sign_in::email_door;

/// Mails within an hour to people who are no members of an organization.
const MAILS: i32 = 200;

/// What a newcomer is mailed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A code.
    Code,
    /// A link that leads to this page.
    Link(String),
    /// A link to this page, where a password is chosen.
    Password(String),
}

/// Mails somebody who is no member of the organization with this id what they join by; whether they are
/// none, mailed or not.
pub fn send(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    (organization, address): (&str, &EmailAddress),
    wanted: &Wanted,
) -> Result<bool, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    if live_by_email(tx, &organization.scope(), address)?.is_some() {
        return Ok(false);
    }
    email_door::is_open(tx, &organization, address)?
        .map_err(|refusal| email_door::turned_away(&organization, address, refusal))?;
    let place = organization.id.key();
    let allowance = Allowance::new(deployment, ("mails to newcomers", &place), MAILS);
    if allowance.wait(tx)?.is_some() {
        return Ok(true);
    }
    allowance.spend(tx)?;
    let postage = mails::postage(tx, deployment, address)?;
    let asked = (address, postage);
    match wanted {
        Wanted::Code => email_codes::put_usual(tx, deployment, asked, &organization)?,
        Wanted::Password(page) => {
            email_reset::start_for_newcomer(tx, deployment, asked, (&organization, page))?;
        }
        Wanted::Link(page) => link(tx, deployment, asked, (&organization, page))?,
    }
    Ok(true)
}

fn link(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (address, postage): (&EmailAddress, mails::Postage),
    (organization, page): (&Organization, &str),
) -> Result<(), ManagementError> {
    let link = MagicLink {
        purpose: LinkPurpose::Signup,
        member_id: MemberId::fresh(),
        joins: true,
        email_address: address.clone(),
        redirect_url: page.to_owned(),
        pkce_code_challenge: None,
    };
    let lifetime = sending::lifetime(("minutes", None), magic_link::DEFAULT_MINUTES)?;
    let place = (deployment, organization);
    sending::send(tx, place, (postage, ""), (&link, lifetime))
}
