//! Why a link is not sent, or opens nothing.

use crate::domain::project::RedirectKind;

/// Why a link is not sent, or opens nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum MagicLinkError {
    /// No token of ours looks like this.
    NotFound,
    /// The link was used, replaced or has expired, or what it proves has changed.
    Unusable,
    /// A link cannot work so long: the field that asks for it.
    InvalidExpiration(&'static str),
    /// A URL was asked for, but the project has none of the kind.
    NoRedirectUrls(RedirectKind),
    /// No URL was asked for, and the project has none of the kind.
    NoDefaultRedirectUrl(RedirectKind),
    /// The URL asked for is not one of the project's.
    UnregisteredRedirectUrl(String),
    /// The organization's settings do not let the address be invited.
    NotInvitable(String),
    /// Only members who are in may ask for another address.
    EmailUpdateOfInactive,
    /// Only members who have proven the address that they have may ask for another.
    EmailUpdateOfUnverified,
    /// Another member gave the wanted address up.
    DesiredEmailGivenUp(String),
    /// Another member is about to take the wanted address.
    DesiredEmailPending(String),
}

impl MagicLinkError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        let kinds = [
            RedirectKind::Login,
            RedirectKind::Signup,
            RedirectKind::Invite,
            RedirectKind::Discovery,
        ];
        let mut all: Vec<Self> = kinds.into_iter().map(Self::NoRedirectUrls).collect();
        all.extend(kinds.map(Self::NoDefaultRedirectUrl));
        let address = "ana@acme.test".to_owned();
        all.extend([
            Self::NotFound,
            Self::Unusable,
            Self::InvalidExpiration("login_expiration_minutes"),
            Self::UnregisteredRedirectUrl("https://app.example/other".to_owned()),
            Self::NotInvitable(address.clone()),
            Self::EmailUpdateOfInactive,
            Self::EmailUpdateOfUnverified,
            Self::DesiredEmailGivenUp(address.clone()),
            Self::DesiredEmailPending(address),
        ]);
        all
    }
}
