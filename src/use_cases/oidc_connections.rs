//! Create and configure OIDC connections (contract 3.4).

use serde_json::Map;
use serde_json::Value;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::connection_settings::OidcSettings;
use crate::domain::id::ConnectionKind;
use crate::domain::secret::last_four;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::RoleRules;
use crate::use_cases::connections::SSO;
use crate::use_cases::connections::check_url;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;

/// What a caller asks an OIDC connection to become; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(
    missing_docs,
    reason = "the fields are those of the contract, section 3.4"
)]
pub struct OidcConnectionDraft {
    pub naming: Naming,
    pub issuer: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    pub authorization_url: Option<String>,
    pub token_url: Option<String>,
    pub userinfo_url: Option<String>,
    pub jwks_url: Option<String>,
    pub custom_scopes: Option<String>,
    pub attribute_mapping: Option<Map<String, Value>>,
    pub roles: RoleRules,
}

impl OidcConnectionDraft {
    /// This draft with what the provider's own document says where nothing was given.
    pub fn completed_by(self, discovered: &DiscoveredEndpoints) -> Self {
        let or = |given: Option<String>, found: &Option<String>| given.or_else(|| found.clone());
        Self {
            authorization_url: or(self.authorization_url, &discovered.authorization_url),
            token_url: or(self.token_url, &discovered.token_url),
            userinfo_url: or(self.userinfo_url, &discovered.userinfo_url),
            jwks_url: or(self.jwks_url, &discovered.jwks_url),
            ..self
        }
    }
}

/// What a discovery document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscoveredEndpoints {
    /// Where the browser is sent.
    pub authorization_url: Option<String>,
    /// Where codes are exchanged.
    pub token_url: Option<String>,
    /// Where claims are read.
    pub userinfo_url: Option<String>,
    /// Where the keys are.
    pub jwks_url: Option<String>,
}

/// Creates a connection that is still to be filled in.
pub fn create(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    organization: &str,
    naming: &Naming,
) -> Result<Connection, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "create")])?;
    let settings = ConnectionSettings::Oidc(OidcSettings::default());
    connections::create(tx, &organization, naming, settings)
}

/// The issuer that an update would change to, so that its document can be read beforehand. Whoever
/// may not update the connection learns nothing and has nothing fetched.
pub fn new_issuer(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    (organization, connection): (&str, &str),
    draft: &OidcConnectionDraft,
) -> Result<Option<String>, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "update")])?;
    let connection = connections::find(tx, &organization, connection, ConnectionKind::Oidc)?;
    let mut settings = connection.oidc().cloned().unwrap_or_default();
    let current = settings.issuer.clone();
    take_urls(&mut settings, draft, deployment.allow_http)?;
    Ok(draft.issuer.clone().filter(|issuer| *issuer != current))
}

/// Fills in what the draft names; the connection becomes active when it is complete.
pub fn update(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    (organization, connection): (&str, &str),
    draft: &OidcConnectionDraft,
) -> Result<Connection, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "update")])?;
    let before = connections::find(tx, &organization, connection, ConnectionKind::Oidc)?;
    let missing = ConnectionError::NotFound(Some(ConnectionKind::Oidc));
    let mut settings = before.oidc().cloned().ok_or(missing)?;
    take_urls(&mut settings, draft, deployment.allow_http)?;
    if sends_secret_elsewhere(&before, &settings) && draft.client_secret.is_none() {
        return Err(ConnectionError::Required("oidc_connection_client_secret_required").into());
    }
    check_given(
        draft.client_id.as_deref(),
        "oidc_connection_client_id_required",
    )?;
    let secret = draft.client_secret.as_deref();
    check_given(secret, "oidc_connection_client_secret_required")?;
    macro_rules! take {
        ($($field:ident),*) => {$(
            if let Some(value) = &draft.$field { settings.$field.clone_from(value); }
        )*};
    }
    take!(client_id, custom_scopes, attribute_mapping);
    if let Some(secret) = &draft.client_secret {
        let place = before.sealing_place("client_secret");
        settings.sealed_client_secret = deployment.master_key.seal(secret.as_bytes(), &place)?;
        settings.client_secret_last_four = last_four(secret);
    }
    let gives = &mut settings.implicit_roles;
    connections::take_group_roles(tx, &organization, gives, &draft.roles)?;
    let settings = ConnectionSettings::Oidc(settings);
    connections::settle(tx, &before, &draft.naming, settings)
}

/// Whether a secret that is kept would go to another place than it was given for. It is shown to
/// nobody, so nobody may have it sent to a server of theirs either.
fn sends_secret_elsewhere(before: &Connection, after: &OidcSettings) -> bool {
    let Some(before) = before.oidc() else {
        return false;
    };
    let origin = |url: &str| url::Url::parse(url).map(|url| url.origin()).ok();
    let keeps_secret = !before.sealed_client_secret.is_empty();
    keeps_secret
        && !before.token_url.is_empty()
        && origin(&before.token_url) != origin(&after.token_url)
}

/// Refuses to empty a field without which nobody can sign in.
fn check_given(given: Option<&str>, error_type: &'static str) -> Result<(), ManagementError> {
    match given {
        Some("") => Err(ConnectionError::Required(error_type).into()),
        _ => Ok(()),
    }
}

fn take_urls(
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
