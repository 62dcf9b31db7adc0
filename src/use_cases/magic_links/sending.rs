//! What all links have in common that are sent: where they lead, how long they work, under which
//! token they are kept.

use chrono::TimeDelta;
use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::magic_link;
use crate::domain::magic_link::MagicLink;
use crate::domain::organization::Organization;
use crate::domain::project::RedirectKind;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::use_cases::Deployment;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::magic_link::MagicLinkError;
use crate::use_cases::magic_links::MAGIC_LINKS;
use crate::use_cases::mails;
use crate::use_cases::mails::Mail;
use crate::use_cases::mails::Postage;
use crate::use_cases::project_settings;

/// Where a link leads that asks for a URL of this kind, or for none.
pub(crate) fn target(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (kind, asked): (RedirectKind, Option<&str>),
) -> Result<String, ManagementError> {
    if let Some(own) = deployment.own_page(asked) {
        return Ok(own);
    }
    let urls = project_settings::redirect_urls(tx, &deployment.project_id, deployment)?;
    Ok(chosen(urls.of(kind), (kind, asked))?)
}

fn chosen(
    registered: &[String],
    (kind, asked): (RedirectKind, Option<&str>),
) -> Result<String, MagicLinkError> {
    match (asked, registered.first()) {
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(MagicLinkError::NoDefaultRedirectUrl(kind)),
        (Some(_), None) => Err(MagicLinkError::NoRedirectUrls(kind)),
        (Some(url), Some(_)) => registered
            .iter()
            .find(|known| *known == url)
            .cloned()
            .ok_or_else(|| MagicLinkError::UnregisteredRedirectUrl(url.to_owned())),
    }
}

/// How long a link works, as the field of a call says.
pub(crate) fn lifetime(
    (field, minutes): (&'static str, Option<i64>),
    default: i64,
) -> Result<TimeDelta, MagicLinkError> {
    magic_link::lifetime(minutes.unwrap_or(default)).ok_or(MagicLinkError::InvalidExpiration(field))
}

/// Keeps a link and writes the mail that brings it.
pub(crate) fn send(
    tx: &mut Transaction<'_>,
    (deployment, organization): (&Deployment, &Organization),
    (postage, member_name): (Postage, &str),
    (link, lifetime): (&MagicLink, TimeDelta),
) -> Result<(), ManagementError> {
    let url = keep(tx, (deployment, organization), (link, lifetime), &[])?;
    let mail = Mail {
        kind: link.purpose.mail(),
        organization: Some(organization),
        member_name,
        secret: &url,
        login_link: None,
        minutes: lifetime.num_minutes(),
    };
    mails::queue(tx, deployment, postage, &mail)
}

/// Keeps a link under a new token and gives its URL, with this in it besides.
pub(crate) fn keep(
    tx: &mut Transaction<'_>,
    (deployment, organization): (&Deployment, &Organization),
    (link, lifetime): (&MagicLink, TimeDelta),
    more: &[(&str, &str)],
) -> Result<String, ManagementError> {
    let token = secret::fresh_token()?;
    let place = (&organization.scope(), TokenKind::MagicLink);
    let (hash, expires_at) = (SecretHash::of(&token), tx.now + lifetime);
    one_time_tokens::insert(tx, place, &hash, link, expires_at)?;
    let slug = [("slug", organization.slug.as_str())];
    url(deployment, &[&slug, more].concat(), (MAGIC_LINKS, &token))
}

/// The URL of a mail: always at the address that is configured, whatever a request says.
pub(crate) fn url(
    deployment: &Deployment,
    more: &[(&str, &str)],
    token: (&str, &str),
) -> Result<String, ManagementError> {
    let address = format!("{}/v1/magic_links/redirect", deployment.public_url);
    magic_link::with_token(&address, more, token)
        .ok_or_else(|| ManagementError::Internal(format!("no URL: {address}")))
}

/// Puts into the journal that a link was sent to a member.
pub(crate) fn record(
    tx: &mut Transaction<'_>,
    organization: &Organization,
    (link, lifetime): (&MagicLink, TimeDelta),
) -> Result<(), StorageError> {
    let change = Change {
        organization_id: Some(organization.id),
        kind: EventKind::MagicLinkSent,
        object_id: link.member_id.to_string(),
        before: None,
        after: Some(json!({
            "purpose": link.purpose.name(),
            "email_address": link.email_address,
            "expires_at": tx.now + lifetime,
        })),
    };
    journal::append(tx, &change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_the_projects_own_and_matches_exactly() {
        let kind = RedirectKind::Invite;
        let urls = [
            "https://app.test/in".to_owned(),
            "https://app.test/2".to_owned(),
        ];
        let table = [
            (&urls[..], None, Ok("https://app.test/in")),
            (
                &urls[..],
                Some("https://app.test/2"),
                Ok("https://app.test/2"),
            ),
            (
                &urls[..],
                Some("https://app.test/2/"),
                Err(MagicLinkError::UnregisteredRedirectUrl(
                    "https://app.test/2/".to_owned(),
                )),
            ),
            (&[], None, Err(MagicLinkError::NoDefaultRedirectUrl(kind))),
            (
                &[],
                Some("https://app.test/in"),
                Err(MagicLinkError::NoRedirectUrls(kind)),
            ),
        ];
        for (registered, asked, expected) in table {
            let expected = expected.map(str::to_owned);
            assert_eq!(chosen(registered, (kind, asked)), expected, "{asked:?}");
        }
    }

    #[test]
    fn a_lifetime_is_as_asked_or_as_usual() {
        let field = "login_expiration_minutes";
        let refused = Err(MagicLinkError::InvalidExpiration(field));
        assert_eq!(lifetime((field, None), 60), Ok(TimeDelta::minutes(60)));
        assert_eq!(lifetime((field, Some(5)), 60), Ok(TimeDelta::minutes(5)));
        assert_eq!(lifetime((field, Some(4)), 60), refused);
    }
}
