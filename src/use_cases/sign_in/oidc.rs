//! OIDC: the request, and what an answer must satisfy (contract 3.4 and 4.1).

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::oidc_settings::OidcSettings;
use crate::domain::oidc_settings::TokenEndpointAuthMethod;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::protocol::oidc::Rejection;
use crate::protocol::oidc::authorization::AuthorizationRequest;
use crate::protocol::oidc::authorization::DEFAULT_SCOPES;
use crate::protocol::oidc::entra;
use crate::protocol::oidc::entra::Tenant;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::client_keys;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::flow::Callback;
use crate::use_cases::sign_in::flow::OpenRequest;
use crate::use_cases::sign_in::start::Opening;

/// What proves an answer, and how its claims are read.
#[derive(Clone)]
pub struct OidcExpectation {
    /// Whether this is a test, which lets nobody in.
    pub is_test: bool,
    /// The connection's settings.
    pub settings: OidcSettings,
    /// What proves us at the provider.
    pub credential: ClientCredential,
    /// The redirect URI of the request.
    pub redirect_uri: String,
    /// The nonce of the request.
    pub nonce: String,
    /// The PKCE verifier of the request.
    pub code_verifier: String,
    /// The tenant that the connection is pinned to, where the provider is Entra.
    pub tenant: Option<Tenant>,
    pub(in crate::use_cases::sign_in) connection_id: ConnectionId,
}

/// What proves us at a provider's token endpoint.
#[derive(Clone)]
pub enum ClientCredential {
    /// A secret.
    Secret(String),
    /// A key of ours: its name there, and the private key in PEM.
    Key(String, String),
}

/// The redirect to the provider and what its answer must fit.
pub(crate) fn request(
    deployment: &Deployment,
    (settings, opening): (&OidcSettings, &Opening<'_>),
) -> Result<(String, OpenRequest), SignInError> {
    tenant(opening.connection, settings)?;
    let (nonce, verifier) = (secret::fresh_token()?, secret::fresh_token()?);
    let scopes = match settings.custom_scopes.as_str() {
        "" => DEFAULT_SCOPES,
        custom => custom,
    };
    let request = AuthorizationRequest {
        issuer: &settings.issuer,
        authorization_url: &settings.authorization_url,
        client_id: &settings.client_id,
        redirect_uri: &deployment.callback_url(opening.connection.id),
        scopes: &format!("{scopes} {}", opening.more_scopes),
        state: opening.state,
        nonce: &nonce,
        code_verifier: &verifier,
        login_hint: opening.login_hint,
    };
    let url = request
        .url()
        .map_err(|rejection| SignInError::Unstartable(rejection.to_string()))?;
    let place = flow::sealing_place(opening.connection, &SecretHash::of(opening.state));
    let open = OpenRequest::Oidc {
        nonce,
        sealed_code_verifier: deployment.master_key.seal(verifier.as_bytes(), &place)?,
    };
    Ok((url.to_string(), open))
}

/// What the answer to this callback must satisfy.
pub fn expect(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    callback: &Callback,
) -> Result<OidcExpectation, SignInError> {
    let kind = ConnectionKind::Oidc;
    let project = &deployment.project_id;
    let (_, connection, flow) = flow::answered(tx, project, callback)?;
    let settings = connection.oidc().ok_or(SignInError::ConnectionNotFound)?;
    let state = callback.state.as_ref().ok_or(Rejection::StateMissing)?;
    let unknown = SignInError::UnknownFlow(kind);
    let flow = flow.ok_or(unknown.clone())?;
    let is_test = flow.tested_by.is_some();
    flow.check_browser(kind, callback.cookie.as_deref())?;
    let OpenRequest::Oidc {
        nonce,
        sealed_code_verifier,
    } = flow.request
    else {
        return Err(unknown);
    };
    Ok(OidcExpectation {
        is_test,
        settings: settings.clone(),
        credential: credential(deployment, &connection, settings)?,
        tenant: tenant(&connection, settings)?,
        redirect_uri: deployment.callback_url(connection.id),
        nonce,
        code_verifier: open(
            deployment,
            &sealed_code_verifier,
            &flow::sealing_place(&connection, state),
        )?,
        connection_id: connection.id,
    })
}

fn open(deployment: &Deployment, sealed: &str, place: &str) -> Result<String, SignInError> {
    let plain = deployment.master_key.open(sealed, place)?;
    Ok(String::from_utf8_lossy(&plain).into_owned())
}

fn credential(
    deployment: &Deployment,
    connection: &Connection,
    settings: &OidcSettings,
) -> Result<ClientCredential, SignInError> {
    if settings.token_endpoint_auth_method != TokenEndpointAuthMethod::PrivateKeyJwt {
        let place = connection.sealing_place("client_secret");
        let secret = open(deployment, &settings.sealed_client_secret, &place)?;
        return Ok(ClientCredential::Secret(secret));
    }
    let key = settings.signing_key();
    let key = key.ok_or(SignInError::ConnectionNotFound)?;
    let place = client_keys::sealing_place(connection, &key.kid);
    let pem = open(deployment, &key.sealed_private_key, &place)?;
    Ok(ClientCredential::Key(key.kid.clone(), pem))
}

/// The tenant that the connection is pinned to, where the provider is Entra.
pub(crate) fn tenant(
    connection: &Connection,
    settings: &OidcSettings,
) -> Result<Option<Tenant>, SignInError> {
    let is_entra = entra::is_named(&connection.identity_provider);
    Tenant::of(&settings.issuer, is_entra).map_err(|shared| {
        SignInError::Unstartable(format!(
            "its issuer names {:?} and not the id of one Entra tenant",
            shared.0
        ))
    })
}
