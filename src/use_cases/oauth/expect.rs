//! What the answer of an OAuth provider must satisfy.

use crate::domain::id::ConnectionKind;
use crate::domain::oauth_client::OauthClient;
use crate::domain::oauth_provider::OauthProvider;
use crate::storage::Transaction;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::use_cases::Deployment;
use crate::use_cases::oauth::flow;
use crate::use_cases::oauth::flow::OauthCallback;
use crate::use_cases::oauth::flow::OauthFlow;
use crate::use_cases::oauth::start::client;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow::check_browser;

/// What proves an answer, and with what its code is exchanged.
#[derive(Clone)]
pub struct OauthExpectation {
    /// The provider.
    pub provider: OauthProvider,
    /// What we are to it.
    pub client: OauthClient,
    /// The redirect URI of the request.
    pub redirect_uri: String,
    /// The nonce of the request.
    pub nonce: String,
    /// The PKCE verifier of the request.
    pub code_verifier: String,
    /// What was asked for.
    pub scopes: Vec<String>,
}

/// The kind by whose words the errors of a callback are told: all that is not SAML.
pub(crate) const KIND: ConnectionKind = ConnectionKind::Oidc;

/// What the answer to this callback must satisfy. A state is good at the callback of its own
/// provider alone, so that no provider can bring another one's answer.
pub fn expect(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    callback: &OauthCallback,
) -> Result<OauthExpectation, SignInError> {
    let flow = find(tx, deployment, callback)?;
    let client = client(deployment, flow.provider)?.clone();
    let place = flow::sealing_place(&callback.state);
    let verifier = deployment
        .master_key
        .open(&flow.sealed_code_verifier, &place)?;
    Ok(OauthExpectation {
        provider: flow.provider,
        client,
        redirect_uri: deployment.oauth_callback_url(flow.provider),
        nonce: flow.nonce,
        code_verifier: String::from_utf8_lossy(&verifier).into_owned(),
        scopes: flow.scopes.split_whitespace().map(str::to_owned).collect(),
    })
}

/// The open flow of a callback, brought by the browser that was sent away.
pub(crate) fn find(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    callback: &OauthCallback,
) -> Result<OauthFlow, SignInError> {
    let place = (&deployment.project_id, TokenKind::OauthFlow);
    let flow = one_time_tokens::find_in_project::<OauthFlow>(tx, place, &callback.state)?;
    let flow = flow
        .filter(|flow| flow.provider == callback.provider)
        .ok_or(SignInError::UnknownFlow(KIND))?;
    check_browser(&flow.browser_hash, KIND, callback.cookie.as_deref())?;
    Ok(flow)
}
