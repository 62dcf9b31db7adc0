//! The single fields of an OIDC connection: what each may be.

use crate::domain::connection::Connection;
use crate::domain::oidc_settings::OidcSettings;
use crate::domain::oidc_settings::TokenEndpointAuthMethod;
use crate::domain::session;
use crate::protocol::oidc::entra;
use crate::protocol::oidc::entra::SharedIssuer;
use crate::protocol::oidc::entra::Tenant;
use crate::use_cases::connections::check_url;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::error::oidc_connection::OidcConnectionError;
use crate::use_cases::oidc_connections::OidcConnectionDraft;

/// Whether a secret that is kept would go to another place than it was given for. It is shown to
/// nobody, so nobody may have it sent to a server of theirs either.
pub(crate) fn sends_secret_elsewhere(before: &Connection, after: &OidcSettings) -> bool {
    let Some(before) = before.oidc() else {
        return false;
    };
    let origin = |url: &str| url::Url::parse(url).map(|url| url.origin()).ok();
    let keeps_secret = !before.sealed_client_secret.is_empty();
    keeps_secret
        && !before.token_url.is_empty()
        && origin(&before.token_url) != origin(&after.token_url)
}

/// Refuses an issuer of Entra behind which anybody can have an account.
pub(crate) fn check_tenant(
    before: &Connection,
    draft: &OidcConnectionDraft,
    settings: &OidcSettings,
) -> Result<(), ManagementError> {
    let named = draft.naming.identity_provider.as_ref();
    let provider = named.unwrap_or(&before.identity_provider);
    let is_entra = entra::is_named(provider);
    if settings.issuer.is_empty() {
        return Ok(());
    }
    match Tenant::of(&settings.issuer, is_entra) {
        Ok(_) => Ok(()),
        Err(SharedIssuer(named)) => Err(OidcConnectionError::SharedIssuer(named).into()),
    }
}

/// Takes what the contract does not have.
pub(crate) fn take_beyond(
    settings: &mut OidcSettings,
    draft: &OidcConnectionDraft,
) -> Result<(), ManagementError> {
    if let Some(named) = &draft.token_endpoint_auth_method {
        let method = TokenEndpointAuthMethod::from_name(named);
        let unknown = || OidcConnectionError::UnknownAuthMethod(named.clone());
        settings.token_endpoint_auth_method = method.ok_or_else(unknown)?;
    }
    match draft.maximum_session_minutes {
        None => {}
        Some(0) => settings.maximum_session_minutes = None,
        Some(minutes) if session::is_duration(minutes) => {
            settings.maximum_session_minutes = Some(minutes);
        }
        Some(minutes) => return Err(OidcConnectionError::InvalidMaximumSession(minutes).into()),
    }
    Ok(())
}

/// Refuses to empty a field without which nobody can sign in.
pub(crate) fn check_given(
    given: Option<&str>,
    error_type: &'static str,
) -> Result<(), ManagementError> {
    match given {
        Some("") => Err(ConnectionError::Required(error_type).into()),
        _ => Ok(()),
    }
}

/// Takes the URLs of a draft, each checked.
pub(crate) fn take_urls(
    settings: &mut OidcSettings,
    draft: &OidcConnectionDraft,
    allow_http: bool,
) -> Result<(), ManagementError> {
    check_given(draft.issuer.as_deref(), "oidc_connection_issuer_required")?;
    let authorization_url = draft.authorization_url.as_deref();
    check_given(
        authorization_url,
        "oidc_connection_authorization_url_required",
    )?;
    check_given(
        draft.token_url.as_deref(),
        "oidc_connection_token_url_required",
    )?;
    check_given(
        draft.jwks_url.as_deref(),
        "oidc_connection_jwks_url_required",
    )?;
    let urls = [
        (
            &draft.issuer,
            &mut settings.issuer,
            "oidc_connection_issuer_url_invalid_format",
        ),
        (
            &draft.authorization_url,
            &mut settings.authorization_url,
            "oidc_connection_authorization_url_invalid_format",
        ),
        (
            &draft.token_url,
            &mut settings.token_url,
            "oidc_connection_token_url_invalid_format",
        ),
        (
            &draft.userinfo_url,
            &mut settings.userinfo_url,
            "oidc_connection_userinfo_url_invalid_format",
        ),
        (
            &draft.jwks_url,
            &mut settings.jwks_url,
            "oidc_connection_jwks_url_invalid_format",
        ),
    ];
    for (given, current, error_type) in urls {
        if let Some(url) = given {
            // Only the userinfo URL gets here empty, and with it the connection is pending.
            if !url.is_empty() {
                check_url(error_type, url, allow_http)?;
            }
            current.clone_from(url);
        }
    }
    Ok(())
}
