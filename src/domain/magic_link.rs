//! Links that prove an address: what they are for, and how long they work (contract 4.3, 8).

use chrono::TimeDelta;
use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::domain::email::EmailAddress;
use crate::domain::id::MemberId;
use crate::domain::mail_template;
use crate::domain::mail_template::MailKind;

/// What a link inside an organization was sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// A member comes back.
    Login,
    /// Somebody comes for the first time.
    Signup,
    /// Somebody was invited.
    Invite,
    /// A member takes another address.
    EmailUpdate,
}

impl LinkPurpose {
    /// The mail that brings it.
    pub fn mail(self) -> MailKind {
        match self {
            Self::Login => mail_template::LOGIN,
            Self::Signup => mail_template::SIGNUP,
            Self::Invite => mail_template::INVITE,
            Self::EmailUpdate => mail_template::EMAIL_UPDATE,
        }
    }

    /// The word in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Signup => "signup",
            Self::Invite => "invite",
            Self::EmailUpdate => "email_update",
        }
    }
}

/// A link that proves the address of one member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MagicLink {
    /// What it was sent for.
    pub purpose: LinkPurpose,
    /// Whose it is.
    pub member_id: MemberId,
    /// Whether nobody is this member yet, and whoever uses the link joins.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub joins: bool,
    /// The address that it was sent to.
    pub email_address: EmailAddress,
    /// Where it leads.
    pub redirect_url: String,
    /// The application's PKCE challenge.
    pub pkce_code_challenge: Option<String>,
}

/// A link that proves an address before an organization is chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiscoveryLink {
    /// The address that it was sent to.
    pub email_address: EmailAddress,
    /// Where it leads.
    pub redirect_url: String,
    /// The application's PKCE challenge.
    pub pkce_code_challenge: Option<String>,
}

/// Minutes that a link works when a call does not say.
pub const DEFAULT_MINUTES: i64 = 60;
/// Minutes that an invitation works when a call does not say: a week.
pub const INVITE_MINUTES: i64 = MAX_MINUTES;
/// Minutes that somebody has to prove another address of theirs.
pub const EMAIL_UPDATE_MINUTES: i64 = 5;
const MIN_MINUTES: i64 = 5;
const MAX_MINUTES: i64 = 10_080;

/// How long a link works, if that is as long as a link may.
pub fn lifetime(minutes: i64) -> Option<TimeDelta> {
    let allowed = (MIN_MINUTES..=MAX_MINUTES).contains(&minutes);
    allowed.then(|| TimeDelta::minutes(minutes))
}

/// An address of an application with what it needs to redeem a token. What the address asks for
/// itself stays as it is.
pub fn with_token(address: &str, more: &[(&str, &str)], token: (&str, &str)) -> Option<String> {
    let mut url = Url::parse(address).ok()?;
    let (kind, token) = token;
    url.query_pairs_mut()
        .extend_pairs(more)
        .append_pair("stytch_token_type", kind)
        .append_pair("token", token);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_for_five_minutes_to_a_week() {
        let table = [
            (4, None),
            (5, Some(TimeDelta::minutes(5))),
            (10_080, Some(TimeDelta::days(7))),
            (10_081, None),
            (-60, None),
            (i64::MAX, None),
        ];
        for (minutes, expected) in table {
            assert_eq!(lifetime(minutes), expected, "{minutes}");
        }
        for minutes in [DEFAULT_MINUTES, INVITE_MINUTES, EMAIL_UPDATE_MINUTES] {
            assert!(lifetime(minutes).is_some(), "{minutes}");
        }
    }

    #[test]
    fn a_token_is_added_to_what_the_address_asks_for() {
        let token = ("multi_tenant_magic_links", "t-1");
        assert_eq!(
            with_token("https://app.test/in?from=a%20b", &[("slug", "a&b")], token).as_deref(),
            Some(
                "https://app.test/in?from=a%20b&slug=a%26b\
                 &stytch_token_type=multi_tenant_magic_links&token=t-1"
            )
        );
        assert_eq!(
            with_token("myapp://return", &[], token).as_deref(),
            Some("myapp://return?stytch_token_type=multi_tenant_magic_links&token=t-1")
        );
        assert_eq!(with_token("/in", &[], token), None);
    }
}
