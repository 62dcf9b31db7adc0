//! The password of an address is set anew by a link in a mail, before an organization is chosen.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::email::EmailAddress;
use crate::domain::event::Actor;
use crate::domain::factor::EmailFactor;
use crate::domain::factor::EmailMethod;
use crate::domain::factor::Factor;
use crate::domain::mail_template;
use crate::domain::member::MemberRefusal;
use crate::domain::password::PasswordHolder;
use crate::domain::password::kept::PasswordHash;
use crate::domain::project::RedirectKind;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::one_time_tokens::TokenPlace;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::admission::AdmissionError;
use crate::use_cases::error::password::PasswordError;
use crate::use_cases::mails;
use crate::use_cases::mails::Mail;
use crate::use_cases::passwords::discovery;
use crate::use_cases::passwords::discovery::Discovered;
use crate::use_cases::passwords::email_reset::Redemption;
use crate::use_cases::passwords::email_reset::ResetStart;
use crate::use_cases::passwords::eviction::Staying;
use crate::use_cases::passwords::eviction::evict;
use crate::use_cases::passwords::expectation::Expectation;
use crate::use_cases::passwords::links;
use crate::use_cases::passwords::login_links::LoginLink;
use crate::use_cases::passwords::reset;
use crate::use_cases::passwords::settings;
use crate::use_cases::sign_in::pkce;

/// What the token of a link stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ResetToken {
    redirect_url: String,
    pkce_code_challenge: Option<String>,
    email_address: EmailAddress,
}

/// Sends a link to an address, whosever it is.
pub fn start(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &ResetStart,
) -> Result<(), ManagementError> {
    if !settings(tx, &caller.project_id)?.cross_organization {
        return Err(PasswordError::SharingIsOff.into());
    }
    let redirect_url = links::target(tx, deployment, asked.redirect_url.as_deref())?;
    let lifetime = links::lifetime(asked.minutes)?;
    let pkce_code_challenge = links::challenge(asked.code_challenge.as_deref())?;
    let login = (RedirectKind::Discovery, asked.login_redirect_url.as_deref());
    let kept = (&pkce_code_challenge, lifetime);
    let login = LoginLink::asked(tx, deployment, login, kept)?;
    let address = EmailAddress::parse(&asked.email_address).ok_or(MemberRefusal::EmailMissing)?;
    let postage = mails::postage(tx, deployment, &address)?;
    let place = (&caller.project_id, deployment);
    let login_link = login.map(|it| it.of_address(tx, place, &address));
    let login_link = login_link.transpose()?;
    let content = ResetToken {
        redirect_url,
        pkce_code_challenge,
        email_address: address,
    };
    let token = secret::fresh_token()?;
    let place = TokenPlace {
        project_id: caller.project_id.clone(),
        organization_id: None,
    };
    let place = (&place, TokenKind::DiscoveryPasswordReset);
    let expires_at = tx.now + lifetime;
    one_time_tokens::insert_at(tx, place, &SecretHash::of(&token), &content, expires_at)?;
    let mail = Mail {
        kind: mail_template::RESET_PASSWORD,
        organization: None,
        member_name: "",
        secret: &links::url(&content.redirect_url, None, (links::DISCOVERY, &token))?,
        login_link: login_link.as_deref(),
        minutes: lifetime.num_minutes(),
    };
    mails::queue(tx, deployment, postage, &mail)
}

/// What the new password has to be; the token is not used up yet.
pub fn expect(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    redemption: &Redemption,
) -> Result<Expectation, ManagementError> {
    let (content, _) = find(tx, caller, redemption)?;
    Ok(Expectation {
        hash: None,
        settings: settings(tx, &caller.project_id)?,
        email_address: content.email_address.to_string(),
    })
}

/// Uses the token up, sets the password, and opens an intermediate session.
pub fn redeem(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    redemption: &Redemption,
    hash: &PasswordHash,
) -> Result<Discovered, ManagementError> {
    tx.acts_as(Actor::SignIn("password".to_owned()));
    let (content, token) = find(tx, caller, redemption)?;
    if !one_time_tokens::consume(tx, TokenKind::DiscoveryPasswordReset, &token)? {
        return Err(PasswordError::TokenNotFound.into());
    }
    let address = content.email_address;
    let holder = PasswordHolder::Address(caller.project_id.clone(), address.clone());
    reset::write(tx, &holder, hash)?;
    evict(tx, (&caller.project_id, &holder), &Staying::default())?;
    let mail_read = Factor::Email(EmailFactor {
        method: EmailMethod::MagicLink,
        email_address: address.clone(),
        authenticated_at: tx.now,
    });
    let factors = vec![mail_read, discovery::shared(tx, &address)];
    discovery::open(tx, caller, (address, factors))
}

fn find(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    redemption: &Redemption,
) -> Result<(ResetToken, SecretHash), ManagementError> {
    if !settings(tx, &caller.project_id)?.cross_organization {
        return Err(PasswordError::SharingIsOff.into());
    }
    let token = SecretHash::of(&redemption.token);
    let place = (&caller.project_id, TokenKind::DiscoveryPasswordReset);
    let found = one_time_tokens::find_in_project::<ResetToken>(tx, place, &token)?;
    let content = found.ok_or(PasswordError::TokenNotFound)?;
    let challenge = content.pkce_code_challenge.as_deref();
    let checked = pkce::check_verifier(challenge, redemption.code_verifier.as_deref());
    checked.map_err(AdmissionError::Pkce)?;
    Ok((content, token))
}
