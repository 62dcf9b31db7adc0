//! The table of refusals about links.

use crate::domain::project::RedirectKind;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::told;
use crate::use_cases::error::magic_link::MagicLinkError;

pub(super) fn described(error: &MagicLinkError) -> Described {
    use MagicLinkError as E;
    match error {
        E::NotFound => told(
            404,
            "magic_link_not_found",
            "No link has such a token; give the token that the browser brought to the redirect URL.",
        ),
        E::Unusable => told(
            401,
            "unable_to_auth_magic_link",
            "The link was used already, has expired, or the person has another address by now; \
             send another one.",
        ),
        E::InvalidExpiration(field) => told(
            400,
            "invalid_expiration",
            format!("{field} must be 5 to 10080."),
        ),
        E::NoRedirectUrls(kind) => no_url(*kind, ("no", "urls_set")),
        E::NoDefaultRedirectUrl(kind) => no_url(*kind, ("no_default", "url_set")),
        E::UnregisteredRedirectUrl(url) => told(
            400,
            "no_match_for_provided_magic_link_url",
            format!("{url:?} is not among the project's redirect URLs; they match exactly."),
        ),
        E::NotInvitable(address) => told(
            400,
            "invalid_email_for_invites",
            format!(
                "The organization's email_invites and email_allowed_domains do not let {address} \
                 be invited."
            ),
        ),
        E::EmailUpdateOfInactive => told(
            400,
            "email_updates_available_only_for_active_members",
            "The member has not signed in yet; only active members prove another address.",
        ),
        E::EmailUpdateOfUnverified => told(
            400,
            "member_has_no_active_verified_email",
            "The member has not proven the address that it has; it signs in by a mail first.",
        ),
        E::DesiredEmailGivenUp(address) => told(
            400,
            "desired_email_deactivated_by_different_member",
            format!(
                "A member of the organization gave up the address {address}; unlink it there first."
            ),
        ),
        E::DesiredEmailPending(address) => told(
            400,
            "desired_email_updating_for_different_member",
            format!("Another member of the organization is about to take the address {address}."),
        ),
    }
}

fn no_url(kind: RedirectKind, (before, after): (&str, &str)) -> Described {
    let kind = kind.name();
    told(
        400,
        &format!("{before}_{kind}_redirect_{after}"),
        format!("The project has no redirect URL for {kind}; declare one in redirect_urls.{kind}."),
    )
}
