//! A link to an address inside one organization: whoever is in comes back, somebody new joins where
//! the organization lets them (contract 4.3).

use crate::domain::email::EmailAddress;
use crate::domain::magic_link;
use crate::domain::magic_link::LinkPurpose;
use crate::domain::magic_link::MagicLink;
use crate::domain::member::MemberRefusal;
use crate::domain::member::MemberStatus;
use crate::domain::project::RedirectKind;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::magic_links::sending;
use crate::use_cases::mails;
use crate::use_cases::members;
use crate::use_cases::members::MemberView;
use crate::use_cases::organizations;
use crate::use_cases::sign_in::email_door;
use crate::use_cases::sign_in::email_door::Guest;
use crate::use_cases::sign_in::pkce;

/// What one of the two kinds of link shall be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkWish {
    /// Where it leads, unless the project's default does.
    pub redirect_url: Option<String>,
    /// How long it works, unless an hour.
    pub minutes: Option<i64>,
}

/// What `login_or_signup` asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoginOrSignup {
    /// Whom to send to.
    pub email_address: Option<EmailAddress>,
    /// The link of a member that is in.
    pub login: LinkWish,
    /// The link of anybody else.
    pub signup: LinkWish,
    /// The application's PKCE challenge.
    pub pkce_code_challenge: Option<String>,
}

/// Sends a link, and says whether its member is new. Both kinds of link are checked whoever the
/// address is, so that a wrong call is wrong for everybody.
pub fn login_or_signup(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    organization: &str,
    asked: &LoginOrSignup,
) -> Result<(MemberView, bool), ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    let address = asked.email_address.as_ref();
    let address = address.ok_or(MemberRefusal::EmailMissing)?;
    let login = (RedirectKind::Login, asked.login.redirect_url.as_deref());
    let signup = (RedirectKind::Signup, asked.signup.redirect_url.as_deref());
    let login_url = sending::target(tx, deployment, login)?;
    let signup_url = sending::target(tx, deployment, signup)?;
    let (login, signup) = (
        ("login_expiration_minutes", asked.login.minutes),
        ("signup_expiration_minutes", asked.signup.minutes),
    );
    let login_time = sending::lifetime(login, magic_link::DEFAULT_MINUTES)?;
    let signup_time = sending::lifetime(signup, magic_link::DEFAULT_MINUTES)?;
    let pkce_code_challenge = pkce::challenge(asked.pkce_code_challenge.as_deref())?;
    let postage = mails::postage(tx, deployment, address)?;
    let Guest { member, created } = email_door::open(tx, &organization, address)?;
    let (purpose, redirect_url, lifetime) = match member.status {
        MemberStatus::Active => (LinkPurpose::Login, login_url, login_time),
        _ => (LinkPurpose::Signup, signup_url, signup_time),
    };
    let link = MagicLink {
        purpose,
        member_id: member.id,
        joins: false,
        email_address: member.email_address.clone(),
        redirect_url,
        pkce_code_challenge,
    };
    let place = (deployment, &organization);
    sending::send(tx, place, (postage, &member.name), (&link, lifetime))?;
    sending::record(tx, &organization, (&link, lifetime))?;
    Ok((members::view(tx, organization, member)?, created))
}
