//! Why a link to the admin portal opens nothing.

use crate::domain::portal_link::PortalLinkStatus;

/// Why a link to the admin portal, or what it opened, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortalLinkError {
    /// No such link.
    NotFound,
    /// It worked once, and was used.
    Used,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
    /// Its holder said that all is set up.
    Completed,
    /// The browser has no session in the portal, or its time is over.
    NoSession,
}

impl PortalLinkError {
    /// One of each kind.
    pub fn examples() -> Vec<Self> {
        vec![
            Self::NotFound,
            Self::Used,
            Self::Expired,
            Self::Revoked,
            Self::Completed,
            Self::NoSession,
        ]
    }

    /// Why a link with this status does not open; `None` if it does.
    pub fn of(status: PortalLinkStatus) -> Option<Self> {
        match status {
            PortalLinkStatus::Live => None,
            PortalLinkStatus::Used => Some(Self::Used),
            PortalLinkStatus::Expired => Some(Self::Expired),
            PortalLinkStatus::Revoked => Some(Self::Revoked),
            PortalLinkStatus::Completed => Some(Self::Completed),
        }
    }
}
