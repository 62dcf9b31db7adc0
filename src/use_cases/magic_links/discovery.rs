//! A link that proves an address before an organization is chosen (contract 4.4). Nothing is looked
//! up when it is sent, so nobody learns from it who is a member.

use chrono::TimeDelta;
use serde_json::json;

use crate::domain::email::EmailAddress;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::magic_link;
use crate::domain::magic_link::DiscoveryLink;
use crate::domain::mail_template;
use crate::domain::member::MemberRefusal;
use crate::domain::project::ProjectId;
use crate::domain::project::RedirectKind;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::journal;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::one_time_tokens::TokenPlace;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::magic_links::DISCOVERY;
use crate::use_cases::magic_links::sending;
use crate::use_cases::mails;
use crate::use_cases::mails::Mail;
use crate::use_cases::sign_in::pkce;

/// What `discovery/send` asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DiscoverySend {
    /// Whom to send to.
    pub email_address: Option<EmailAddress>,
    /// Where the link leads, unless the project's default does.
    pub redirect_url: Option<String>,
    /// How long it works, unless an hour.
    pub minutes: Option<i64>,
    /// The application's PKCE challenge.
    pub pkce_code_challenge: Option<String>,
}

/// Sends a link to an address, whoever it is.
pub fn send(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &DiscoverySend,
) -> Result<(), ManagementError> {
    let address = asked.email_address.clone();
    let email_address = address.ok_or(MemberRefusal::EmailMissing)?;
    let target = (RedirectKind::Discovery, asked.redirect_url.as_deref());
    let minutes = ("discovery_expiration_minutes", asked.minutes);
    let lifetime = sending::lifetime(minutes, magic_link::DEFAULT_MINUTES)?;
    let postage = mails::postage(tx, deployment, &email_address)?;
    let link = DiscoveryLink {
        redirect_url: sending::target(tx, deployment, target)?,
        email_address,
        pkce_code_challenge: pkce::challenge(asked.pkce_code_challenge.as_deref())?,
    };
    let place = (&caller.project_id, deployment);
    let url = keep(tx, place, (&link, lifetime), &[])?;
    let mail = Mail {
        kind: mail_template::DISCOVERY,
        organization: None,
        member_name: "",
        secret: &url,
        login_link: None,
        minutes: lifetime.num_minutes(),
    };
    mails::queue(tx, deployment, postage, &mail)
}

/// Keeps a link under a new token and gives its URL, with this in it besides.
pub(crate) fn keep(
    tx: &mut Transaction<'_>,
    (project, deployment): (&ProjectId, &Deployment),
    (link, lifetime): (&DiscoveryLink, TimeDelta),
    more: &[(&str, &str)],
) -> Result<String, ManagementError> {
    let token = secret::fresh_token()?;
    let place = TokenPlace {
        project_id: project.clone(),
        organization_id: None,
    };
    let (hash, expires_at) = (SecretHash::of(&token), tx.now + lifetime);
    let place = (&place, TokenKind::DiscoveryLink);
    one_time_tokens::insert_at(tx, place, &hash, link, expires_at)?;
    let change = Change {
        organization_id: None,
        kind: EventKind::MagicLinkSent,
        object_id: project.to_string(),
        before: None,
        after: Some(json!({
            "purpose": DISCOVERY,
            "email_address": link.email_address,
            "expires_at": expires_at,
        })),
    };
    journal::append(tx, &change)?;
    sending::url(deployment, more, (DISCOVERY, &token))
}
