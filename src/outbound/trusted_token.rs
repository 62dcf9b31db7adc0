//! Tokens of issuers that the project trusts, and sessions of a system that people come from.

use chrono::DateTime;
use chrono::Utc;
use openidconnect::http::HeaderValue;
use openidconnect::http::Request;
use openidconnect::http::header::ACCEPT;
use openidconnect::http::header::AUTHORIZATION;
use serde_json::Map;
use serde_json::Value;

use crate::outbound::fetch_error::FetchError;
use crate::outbound::http_client::BODY_LIMIT;
use crate::outbound::http_client::HttpClient;
use crate::outbound::oidc_provider::KeySource;
use crate::outbound::oidc_provider::OidcProviders;
use crate::outbound::oidc_provider::ProviderError;
use crate::protocol::oauth::trusted_token;
use crate::protocol::oidc::signed_jwt::SignedJwt;

/// Why a token or a foreign session proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForeignFailure {
    /// The issuer's keys, or the other system, cannot be reached.
    Unreachable(String),
    /// It is not believed, and why.
    Refused(String),
}

impl From<ProviderError> for ForeignFailure {
    fn from(error: ProviderError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

impl OidcProviders {
    /// The claims of a trusted issuer's token, asking for fresh keys once if they may have changed.
    ///
    /// # Errors
    /// The keys cannot be fetched or a check fails; the signature comes first.
    pub async fn verify_trusted_token(
        &self,
        raw: &str,
        (source, audience): (&KeySource, &str),
        now: DateTime<Utc>,
    ) -> Result<Map<String, Value>, ForeignFailure> {
        let refused = |fault: &dyn ToString| ForeignFailure::Refused(fault.to_string());
        let token = SignedJwt::read(raw).map_err(|fault| refused(&fault))?;
        let signed = self.check_signature(&token, source, now).await?;
        signed.map_err(|fault| refused(&fault))?;
        trusted_token::check(&token, (&source.issuer, audience), now)
            .map_err(ForeignFailure::Refused)?;
        Ok(token.claims().clone())
    }
}

/// What the userinfo endpoint of another system says of one of its sessions.
///
/// # Errors
/// It cannot be reached, does not know the session, or answers with something else than JSON.
pub async fn foreign_session(
    client: &HttpClient,
    (url, session_token): (&str, &str),
) -> Result<Map<String, Value>, ForeignFailure> {
    let request = Request::builder()
        .uri(url)
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        .header(AUTHORIZATION, format!("Bearer {session_token}"))
        .body(Vec::new())
        .map_err(|_| ForeignFailure::Refused("the token cannot be sent in a header".to_owned()))?;
    let unreachable = |error: FetchError| ForeignFailure::Unreachable(error.to_string());
    let answer = client
        .send(request, BODY_LIMIT)
        .await
        .map_err(unreachable)?;
    if answer.status().is_client_error() {
        let reason = format!("the other system answered {}", answer.status().as_u16());
        return Err(ForeignFailure::Refused(reason));
    }
    if !answer.status().is_success() {
        return Err(unreachable(FetchError::Status(answer.status().as_u16())));
    }
    serde_json::from_slice(answer.body())
        .map_err(|error| ForeignFailure::Unreachable(format!("no JSON object: {error}")))
}
