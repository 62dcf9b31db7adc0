//! The code exchange at a provider's token endpoint (OpenID Connect Core 1.0 §3.1.3, RFC 7636).

use std::fmt;
use std::time::Duration;

use openidconnect::AuthType;
use openidconnect::AuthorizationCode;
use openidconnect::ClientId;
use openidconnect::ClientSecret;
use openidconnect::IssuerUrl;
use openidconnect::OAuth2TokenResponse;
use openidconnect::PkceCodeVerifier;
use openidconnect::RedirectUrl;
use openidconnect::RequestTokenError;
use openidconnect::StandardErrorResponse;
use openidconnect::TokenResponse;
use openidconnect::TokenUrl;
use openidconnect::core::CoreClient;
use openidconnect::core::CoreErrorResponseType;
use openidconnect::core::CoreTokenResponse;
use serde::Deserialize;

use crate::outbound::fetch_error::FetchError;
use crate::outbound::oidc_provider::OidcProviders;
use crate::outbound::oidc_provider::ProviderError;
use crate::protocol::oidc::Jwks;
use crate::protocol::oidc::Rejection;
use crate::protocol::oidc::private_key_jwt::ASSERTION_TYPE;
use crate::protocol::oidc::provider::ClientAuthentication;

type ExchangeError = RequestTokenError<FetchError, StandardErrorResponse<CoreErrorResponseType>>;

/// What proves us at a token endpoint.
#[derive(Clone)]
pub enum ClientProof<'a> {
    /// A secret, and how it is sent.
    Secret(&'a str, ClientAuthentication),
    /// A signed assertion (RFC 7523 §2.2).
    Assertion(String),
}

/// A code and what proves that it is ours to use.
pub struct CodeExchange<'a> {
    /// The connection's issuer.
    pub issuer: &'a str,
    /// The provider's token endpoint.
    pub token_url: &'a str,
    /// Our client id at the provider.
    pub client_id: &'a str,
    /// What proves us there.
    pub proof: ClientProof<'a>,
    /// The redirect URI of the authorization request.
    pub redirect_uri: &'a str,
    /// The code the browser brought.
    pub code: &'a str,
    /// The PKCE secret of the authorization request.
    pub code_verifier: &'a str,
}

/// What the code was exchanged for.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Tokens {
    /// The key to the userinfo endpoint.
    pub access_token: String,
    /// The ID token, not verified yet.
    #[serde(default)]
    pub id_token: String,
    /// The key to another access token.
    #[serde(skip)]
    pub refresh_token: String,
    /// How long the access token is good.
    #[serde(skip)]
    pub lifetime: Option<Duration>,
    /// What the access token allows, where the provider says so.
    #[serde(skip)]
    pub scopes: Vec<String>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Tokens([REDACTED])")
    }
}

impl OidcProviders {
    /// Exchanges an authorization code for tokens.
    ///
    /// # Errors
    /// The endpoint cannot be reached, refuses the code, or gives no ID token.
    pub async fn exchange_code(
        &self,
        exchange: &CodeExchange<'_>,
    ) -> Result<Tokens, ProviderError> {
        let tokens = self.exchange_code_for_any(exchange).await?;
        if tokens.id_token.is_empty() {
            return Err(Rejection::IdTokenMissing.into());
        }
        Ok(tokens)
    }

    /// The same with a provider that may speak OAuth 2.0 alone and give no ID token.
    ///
    /// # Errors
    /// The endpoint cannot be reached or refuses the code.
    pub async fn exchange_code_for_any(
        &self,
        exchange: &CodeExchange<'_>,
    ) -> Result<Tokens, ProviderError> {
        let mut client = CoreClient::new(
            ClientId::new(exchange.client_id.to_owned()),
            exchange.issuer_url()?,
            Jwks::default(),
        )
        .set_auth_type(exchange.auth_type())
        .set_redirect_uri(exchange.redirect_url()?)
        .set_token_uri(exchange.endpoint()?);
        if let ClientProof::Secret(secret, _) = exchange.proof {
            client = client.set_client_secret(ClientSecret::new(secret.to_owned()));
        }
        let mut request = client
            .exchange_code(AuthorizationCode::new(exchange.code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(exchange.code_verifier.to_owned()));
        if let ClientProof::Assertion(assertion) = &exchange.proof {
            request = request
                .add_extra_param("client_assertion_type", ASSERTION_TYPE)
                .add_extra_param("client_assertion", assertion.as_str());
        }
        let answer = request.request_async(&self.http).await;
        answer.map_or_else(tokens_of_unread, |answer| Ok(tokens_of(&answer)))
    }
}

impl CodeExchange<'_> {
    fn auth_type(&self) -> AuthType {
        match self.proof {
            ClientProof::Secret(_, ClientAuthentication::ClientSecretBasic) => AuthType::BasicAuth,
            ClientProof::Secret(_, ClientAuthentication::ClientSecretPost)
            | ClientProof::Assertion(_) => AuthType::RequestBody,
        }
    }

    fn issuer_url(&self) -> Result<IssuerUrl, Rejection> {
        let received = || Rejection::IssuerUrl {
            received: self.issuer.to_owned(),
        };
        IssuerUrl::new(self.issuer.to_owned()).map_err(|_| received())
    }

    fn endpoint(&self) -> Result<TokenUrl, Rejection> {
        TokenUrl::new(self.token_url.to_owned())
            .map_err(|_| no_url("token_endpoint", self.token_url))
    }

    fn redirect_url(&self) -> Result<RedirectUrl, Rejection> {
        RedirectUrl::new(self.redirect_uri.to_owned())
            .map_err(|_| no_url("redirect_uri", self.redirect_uri))
    }
}

fn no_url(name: &'static str, received: &str) -> Rejection {
    let received = received.to_owned();
    Rejection::EndpointUrl { name, received }
}

fn tokens_of(answer: &CoreTokenResponse) -> Tokens {
    Tokens {
        access_token: answer.access_token().secret().clone(),
        id_token: answer
            .id_token()
            .map(ToString::to_string)
            .unwrap_or_default(),
        refresh_token: answer
            .refresh_token()
            .map(|token| token.secret().clone())
            .unwrap_or_default(),
        lifetime: answer.expires_in(),
        scopes: answer
            .scopes()
            .into_iter()
            .flatten()
            // GitHub puts commas between them.
            .flat_map(|scope| scope.split(','))
            .map(str::to_owned)
            .collect(),
    }
}

// The library reads the ID token's claims while it reads the answer. A token that it cannot read
// is handed on as it came, so that its verification says what is wrong with it.
fn tokens_of_unread(error: ExchangeError) -> Result<Tokens, ProviderError> {
    match error {
        RequestTokenError::Request(error) => Err(error.into()),
        RequestTokenError::ServerResponse(refusal) => Err(Rejection::CodeRefused {
            error: refusal.error().as_ref().to_owned(),
            description: refusal.error_description().cloned().unwrap_or_default(),
        }
        .into()),
        RequestTokenError::Parse(error, body) => serde_json::from_slice(&body).map_err(|_| {
            let reason = error.to_string();
            Rejection::TokenResponse { reason }.into()
        }),
        RequestTokenError::Other(reason) => Err(Rejection::TokenResponse { reason }.into()),
    }
}
