//! Create and configure OIDC connections (contract 3.4).

use std::fmt;

use serde_json::Map;
use serde_json::Value;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::id::ConnectionKind;
use crate::domain::key_pair::KeyPair;
use crate::domain::oidc_settings::OidcSettings;
use crate::domain::oidc_settings::TokenEndpointAuthMethod;
use crate::domain::secret::last_four;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::caller::Caller;
use crate::use_cases::client_keys;
use crate::use_cases::connections;
use crate::use_cases::connections::Naming;
use crate::use_cases::connections::RoleRules;
use crate::use_cases::connections::SSO;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::connection::ConnectionError;
use crate::use_cases::oidc_connections::fields::check_given;
use crate::use_cases::oidc_connections::fields::check_tenant;
use crate::use_cases::oidc_connections::fields::sends_secret_elsewhere;
use crate::use_cases::oidc_connections::fields::take_beyond;
use crate::use_cases::oidc_connections::fields::take_urls;

mod fields;

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
    /// How we prove ourselves at the token endpoint; empty to do as the provider says.
    pub token_endpoint_auth_method: Option<String>,
    /// How long sessions last at most; 0 for no limit of the connection's own.
    pub maximum_session_minutes: Option<i64>,
    /// A key pair made for this update, to be kept if there is none yet.
    pub client_key: Option<ClientKeyPair>,
}

/// A key pair that is compared by its certificate.
#[derive(Clone)]
pub struct ClientKeyPair(pub KeyPair);

impl PartialEq for ClientKeyPair {
    fn eq(&self, other: &Self) -> bool {
        self.0.certificate_der == other.0.certificate_der
    }
}

impl fmt::Debug for ClientKeyPair {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ClientKeyPair([REDACTED])")
    }
}

/// What an update needs that no transaction can get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preparation {
    /// The issuer that the update would change to, whose document is to be read.
    pub new_issuer: Option<String>,
    /// Whether a key pair is to be made.
    pub needs_key: bool,
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

/// What an update needs beforehand. Whoever may not update the connection learns nothing and has
/// nothing fetched.
pub fn prepare(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&Caller, &Deployment),
    (organization, connection): (&str, &str),
    draft: &OidcConnectionDraft,
) -> Result<Preparation, ManagementError> {
    let organization = caller.enter(tx, organization, &[(SSO, "update")])?;
    let connection = connections::find(tx, &organization, connection, ConnectionKind::Oidc)?;
    let mut settings = connection.oidc().cloned().unwrap_or_default();
    let current = settings.issuer.clone();
    take_urls(&mut settings, draft, deployment.allow_http)?;
    check_tenant(&connection, draft, &settings)?;
    take_beyond(&mut settings, draft)?;
    let by_key = settings.token_endpoint_auth_method == TokenEndpointAuthMethod::PrivateKeyJwt;
    Ok(Preparation {
        new_issuer: draft.issuer.clone().filter(|issuer| *issuer != current),
        needs_key: by_key && settings.client_keys.is_empty(),
    })
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
    check_tenant(&before, draft, &settings)?;
    take_beyond(&mut settings, draft)?;
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
    let by_key = settings.token_endpoint_auth_method == TokenEndpointAuthMethod::PrivateKeyJwt;
    if by_key
        && settings.client_keys.is_empty()
        && let Some(ClientKeyPair(pair)) = &draft.client_key
    {
        settings.client_keys = vec![client_keys::sealed(deployment, &before, pair, tx.now)?];
    }
    let gives = &mut settings.implicit_roles;
    connections::take_group_roles(tx, &organization, gives, &draft.roles)?;
    let settings = ConnectionSettings::Oidc(settings);
    connections::settle(tx, &before, &draft.naming, settings)
}
