//! Set a password anew by a link in a mail: the link is sent, the token that it brings is redeemed
//! once, and its member is in.

use chrono::TimeDelta;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::email::EmailAddress;
use crate::domain::event::Actor;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::factor::EmailFactor;
use crate::domain::factor::EmailMethod;
use crate::domain::factor::Factor;
use crate::domain::id::EmailId;
use crate::domain::id::MemberId;
use crate::domain::mail_template;
use crate::domain::member::Member;
use crate::domain::member::MemberRefusal;
use crate::domain::organization::Organization;
use crate::domain::password::kept::PasswordHash;
use crate::domain::project::RedirectKind;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::journal;
use crate::storage::members as member_rows;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations as organization_rows;
use crate::storage::used_tokens;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::mails;
use crate::use_cases::mails::Mail;
use crate::use_cases::mails::Postage;
use crate::use_cases::members;
use crate::use_cases::members::MemberView;
use crate::use_cases::organizations;
use crate::use_cases::passwords::expectation::Expectation;
use crate::use_cases::passwords::links;
use crate::use_cases::passwords::login_links::LoginLink;
use crate::use_cases::passwords::reset;
use crate::use_cases::passwords::settings;
use crate::use_cases::refusals::kept::Refused;
use crate::use_cases::refusals::turned_away::TurnedAway;
use crate::use_cases::sign_in::email_door;
use crate::use_cases::sign_in::email_door::Guest;
use crate::use_cases::sign_in::entry::Admission;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::pkce;

/// What `email/reset/start` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResetStart {
    /// The member's address.
    pub email_address: String,
    /// Where the new password is chosen, unless the project's default is.
    pub redirect_url: Option<String>,
    /// Where somebody goes who would rather sign in, if the mail shall offer it.
    pub login_redirect_url: Option<String>,
    /// For how many minutes the link is good, unless half an hour.
    pub minutes: Option<i64>,
    /// The application's PKCE challenge.
    pub code_challenge: Option<String>,
}

/// What `email/reset` brings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Redemption {
    /// The token of the link.
    pub token: String,
    /// The PKCE verifier, needed when the reset began with a challenge.
    pub code_verifier: Option<String>,
    /// What the session shall be.
    pub wishes: SignInWishes,
}

/// What the token of a link stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ResetToken {
    redirect_url: String,
    pkce_code_challenge: Option<String>,
    /// None where whoever uses the link joins.
    member_id: Option<MemberId>,
    email_address: EmailAddress,
}

/// Sends a link to a member's address.
pub fn start(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    organization: &str,
    asked: &ResetStart,
) -> Result<MemberView, ManagementError> {
    let organization = organizations::resolve(tx, &caller.project_id, organization)?;
    let redirect_url = links::target(tx, deployment, asked.redirect_url.as_deref())?;
    let lifetime = links::lifetime(asked.minutes)?;
    let pkce_code_challenge = links::challenge(asked.code_challenge.as_deref())?;
    let login = (RedirectKind::Login, asked.login_redirect_url.as_deref());
    let kept = (&pkce_code_challenge, lifetime);
    let login = LoginLink::asked(tx, deployment, login, kept)?;
    let address = EmailAddress::parse(&asked.email_address);
    let address = address.ok_or(MemberRefusal::EmailMissing)?;
    let postage = mails::postage(tx, deployment, &address)?;
    let Guest { member, .. } = email_door::open(tx, &organization, &address)?;
    let login_link = login.map(|it| it.of_member(tx, deployment, (&organization, &member)));
    let login_link = login_link.transpose()?;
    let content = ResetToken {
        redirect_url,
        pkce_code_challenge,
        member_id: Some(member.id),
        email_address: member.email_address.clone(),
    };
    let url = keep(tx, &organization, (&content, lifetime))?;
    let mail = Mail {
        kind: mail_template::RESET_PASSWORD,
        organization: Some(&organization),
        member_name: &member.name,
        secret: &url,
        login_link: login_link.as_deref(),
        minutes: lifetime.num_minutes(),
    };
    mails::queue(tx, deployment, postage, &mail)?;
    record(tx, &organization, (&member, lifetime))?;
    members::view(tx, organization, member)
}

/// Sends a link to this page of ours to an address that is no member's: whoever uses it joins.
pub(crate) fn start_for_newcomer(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (address, postage): (&EmailAddress, Postage),
    (organization, page): (&Organization, &str),
) -> Result<(), ManagementError> {
    let lifetime = links::lifetime(None)?;
    let content = ResetToken {
        redirect_url: page.to_owned(),
        pkce_code_challenge: None,
        member_id: None,
        email_address: address.clone(),
    };
    let url = keep(tx, organization, (&content, lifetime))?;
    let mail = Mail {
        kind: mail_template::RESET_PASSWORD,
        organization: Some(organization),
        member_name: "",
        secret: &url,
        login_link: None,
        minutes: lifetime.num_minutes(),
    };
    mails::queue(tx, deployment, postage, &mail)
}

/// Keeps what a link stands for, and gives its URL.
fn keep(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (content, lifetime): (&ResetToken, TimeDelta),
) -> Result<String, ManagementError> {
    let token = secret::fresh_token()?;
    let place = (&organization.scope(), TokenKind::PasswordReset);
    let expires_at = tx.now + lifetime;
    one_time_tokens::insert(tx, place, &SecretHash::of(&token), content, expires_at)?;
    let slug = Some(organization.slug.as_str());
    links::url(&content.redirect_url, slug, (links::PASSWORDS, &token))
}

/// What the new password has to be; the token is not used up yet.
pub fn expect(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    redemption: &Redemption,
) -> Result<Expectation, ManagementError> {
    let (organization, content, _) = find(tx, caller, redemption)?;
    if let Some(id) = content.member_id {
        member(tx, &organization, (id, &content.email_address))?;
    }
    Ok(Expectation {
        hash: None,
        settings: settings(tx, &organization.project_id)?,
        email_address: content.email_address.to_string(),
    })
}

/// Uses the token up, sets the password, and lets its member in. With it comes the id of the address.
pub fn redeem(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    redemption: &Redemption,
    hash: &PasswordHash,
) -> Result<(EmailId, Admission), ManagementError> {
    tx.acts_as(Actor::SignIn("password".to_owned()));
    let (organization, content, token) = find(tx, caller, redemption)?;
    let address = &content.email_address;
    let member = match content.member_id {
        Some(id) => member(tx, &organization, (id, address))?,
        None => email_door::open(tx, &organization, address)?.member,
    };
    if !used_tokens::use_up(tx, TokenKind::PasswordReset, &token)? {
        return Err(PasswordError::TokenNotFound.into());
    }
    let mail_read = Factor::Email(EmailFactor {
        method: EmailMethod::MagicLink,
        email_address: member.email_address.clone(),
        authenticated_at: tx.now,
    });
    let id = EmailId::of(member.id, &member.email_address);
    let place = (organization, member);
    let proven = (hash, Some(mail_read));
    let admission = reset::set(tx, (caller, deployment), place, proven, &redemption.wishes)?;
    Ok((id, admission))
}

/// What a live token stands for.
fn find(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    redemption: &Redemption,
) -> Result<(Organization, ResetToken, SecretHash), ManagementError> {
    let missing = || ManagementError::from(PasswordError::TokenNotFound);
    let token = SecretHash::of(&redemption.token);
    let found = one_time_tokens::find::<ResetToken>(tx, TokenKind::PasswordReset, &token)?;
    let unknown = || missing().noted(Refused::Link(token.clone()));
    let (organization_id, content) = found.ok_or_else(unknown)?;
    let organization = organization_rows::find(tx, &caller.project_id, organization_id)?;
    let organization = organization.ok_or_else(missing)?;
    let challenge = content.pkce_code_challenge.as_deref();
    let checked = pkce::check_verifier(challenge, redemption.code_verifier.as_deref());
    checked.map_err(|refusal| {
        let place = (organization.id, &content.email_address);
        let person = TurnedAway::by_verifier(place, refusal);
        person.member(content.member_id).error()
    })?;
    Ok((organization, content, token))
}

/// The member to whom a token was sent, if the address is still theirs.
fn member(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (id, address): (MemberId, &EmailAddress),
) -> Result<Member, ManagementError> {
    let member = member_rows::find(tx, &organization.scope(), id)?;
    let member = member.filter(|member| member.is_live() && member.email_address == *address);
    Ok(member.ok_or(PasswordError::TokenNotFound)?)
}

fn record(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (member, lifetime): (&Member, TimeDelta),
) -> Result<(), ManagementError> {
    let change = Change {
        organization_id: Some(organization.id),
        kind: EventKind::PasswordResetSent,
        object_id: member.id.to_string(),
        before: None,
        after: Some(serde_json::json!({
            "email_address": member.email_address,
            "expires_at": tx.now + lifetime,
        })),
    };
    Ok(journal::append(tx, &change)?)
}
