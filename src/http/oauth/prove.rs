//! Exchanges the code of an OAuth provider and reads from its answers who came.

use chrono::TimeDelta;

use crate::domain::oauth_identity::OauthIdentity;
use crate::domain::oauth_identity::ProviderTokens;
use crate::domain::oauth_provider::OauthProvider;
use crate::http::state::Gateway;
use crate::outbound::code_exchange::ClientProof;
use crate::outbound::code_exchange::CodeExchange;
use crate::outbound::code_exchange::Tokens;
use crate::outbound::fetch_error::FetchError;
use crate::outbound::oidc_provider::KeySource;
use crate::outbound::oidc_provider::ProviderError;
use crate::protocol::oidc::Expectation;
use crate::protocol::oidc::Rejection;
use crate::protocol::oidc::authorization::AuthorizationResponse;
use crate::protocol::oidc::entra;
use crate::protocol::oidc::provider::ClientAuthentication;
use crate::use_cases::oauth::expect::OauthExpectation;
use crate::use_cases::oauth::identity::of_claims;
use crate::use_cases::oauth::identity::of_github;
use crate::use_cases::oauth::identity::of_hubspot;
use crate::use_cases::sign_in::error::SignInError;

/// Who came, and what the provider gave us for them.
pub(super) async fn prove(
    gateway: &Gateway,
    expected: &OauthExpectation,
    answer: &AuthorizationResponse,
) -> Result<(OauthIdentity, ProviderTokens), SignInError> {
    let (client, now) = (&expected.client, gateway.clock.now());
    // Every provider has a callback of its own, so that none can answer for another one.
    let answer = AuthorizationResponse {
        iss: None,
        ..answer.clone()
    };
    let exchange = CodeExchange {
        issuer: &client.endpoints.token_url,
        token_url: &client.endpoints.token_url,
        client_id: &client.client_id,
        code: answer.code("", false)?,
        proof: ClientProof::Secret(
            &client.client_secret,
            ClientAuthentication::ClientSecretPost,
        ),
        redirect_uri: &expected.redirect_uri,
        code_verifier: &expected.code_verifier,
    };
    let exchanged = gateway.oidc_providers.exchange_code_for_any(&exchange);
    let tokens = exchanged.await.map_err(refused)?;
    let identity = match expected.provider {
        OauthProvider::Github => by_github(gateway, expected, &tokens.access_token).await?,
        OauthProvider::Hubspot => {
            let url = &client.endpoints.api_url;
            let providers = &gateway.oidc_providers;
            let about = providers.about_token(url, &tokens.access_token).await;
            of_hubspot(&about.map_err(unreachable)?)?
        }
        OauthProvider::Google | OauthProvider::Microsoft | OauthProvider::Slack => {
            by_id_token(gateway, expected, &tokens).await?
        }
    };
    let lifetime = tokens.lifetime.and_then(|it| TimeDelta::from_std(it).ok());
    let given = ProviderTokens {
        scopes: if tokens.scopes.is_empty() {
            expected.scopes.clone()
        } else {
            tokens.scopes
        },
        access_token: tokens.access_token,
        refresh_token: tokens.refresh_token,
        expires_at: lifetime.and_then(|lifetime| now.checked_add_signed(lifetime)),
        id_token: tokens.id_token,
    };
    Ok((identity, given))
}

async fn by_id_token(
    gateway: &Gateway,
    expected: &OauthExpectation,
    tokens: &Tokens,
) -> Result<OauthIdentity, SignInError> {
    let endpoints = &expected.client.endpoints;
    if tokens.id_token.is_empty() {
        return Err(Rejection::IdTokenMissing.into());
    }
    let issuer = match expected.provider {
        OauthProvider::Microsoft => entra::issuer_of(&tokens.id_token, &endpoints.issuer)?,
        _ => endpoints.issuer.clone(),
    };
    let expectation = Expectation {
        issuer: &issuer,
        client_id: &expected.client.client_id,
        nonce: &expected.nonce,
        access_token: Some(&tokens.access_token),
    };
    let source = KeySource {
        issuer: endpoints.issuer.clone(),
        jwks_url: endpoints.keys_url.clone(),
    };
    let (providers, now) = (&gateway.oidc_providers, gateway.clock.now());
    let verified = providers.verify_id_token_by(&tokens.id_token, &expectation, &source, now);
    of_claims(expected.provider, &verified.await.map_err(refused)?)
}

async fn by_github(
    gateway: &Gateway,
    expected: &OauthExpectation,
    access_token: &str,
) -> Result<OauthIdentity, SignInError> {
    let api = &expected.client.endpoints.api_url;
    let ask = async |path: &str| {
        let url = format!("{api}/user{path}");
        let document = gateway.oidc_providers.document(&url, access_token).await;
        document.map_err(unreachable)
    };
    let (user, emails) = (ask("").await?, ask("/emails").await?);
    of_github(&user, &emails, &ask("/orgs?per_page=100").await?)
}

fn unreachable(error: FetchError) -> SignInError {
    SignInError::ProviderUnreachable(error.to_string())
}

fn refused(error: ProviderError) -> SignInError {
    match error {
        ProviderError::Fetch(error) => unreachable(error),
        ProviderError::Rejected(rejection) => SignInError::Oidc(rejection),
    }
}
