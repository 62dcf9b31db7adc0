//! The table of refusals about links to the admin portal.

use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::portal_link::PortalLinkError;

pub(super) fn described(error: PortalLinkError) -> Described {
    use PortalLinkError as E;
    match error {
        E::NotFound => told(
            404,
            "portal_link_not_found",
            "There is no such link to the portal; ask whoever sent it for a new one.",
        ),
        E::Used => told(
            400,
            "portal_link_used",
            "This link works once and was used already; ask the application for a new one.",
        ),
        E::Expired => told(
            400,
            "portal_link_expired",
            "This link is too old; ask whoever sent it for a new one.",
        ),
        E::Revoked => told(
            400,
            "portal_link_revoked",
            "This link was taken back; ask whoever sent it for a new one.",
        ),
        E::Completed => told(
            400,
            "portal_link_completed",
            "The set-up was finished with this link; ask whoever sent it for a new one to change \
             something.",
        ),
        E::NoSession => told(
            401,
            "portal_session_not_found",
            "You are not in the portal, or your eight hours are over; open your link again.",
        ),
    }
}
