//! What we ask an OpenID provider: its discovery document, its keys, tokens for a code, userinfo.

use std::fmt;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use openidconnect::http::HeaderValue;
use openidconnect::http::Request;
use openidconnect::http::header::ACCEPT;
use openidconnect::http::header::AUTHORIZATION;
use serde_json::Map;
use serde_json::Value;

use crate::outbound::document_cache::DocumentCache;
use crate::outbound::fetch_error::FetchError;
use crate::outbound::http_client::BODY_LIMIT;
use crate::outbound::http_client::HttpClient;
use crate::protocol::oidc::Claims;
use crate::protocol::oidc::Expectation;
use crate::protocol::oidc::Jwks;
use crate::protocol::oidc::ProviderMetadata;
use crate::protocol::oidc::Rejection;
use crate::protocol::oidc::id_token;
use crate::protocol::oidc::provider::discovery_url;

/// Why a provider could not be asked, or its answer not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderError {
    /// Nothing usable was fetched.
    Fetch(FetchError),
    /// The answer failed a check.
    Rejected(Rejection),
}

impl ProviderError {
    /// The management API's name for this class of failure.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Fetch(_) => "oidc_auth_code_error",
            Self::Rejected(rejection) => rejection.error_type(),
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetch(error) => error.fmt(out),
            Self::Rejected(rejection) => rejection.fmt(out),
        }
    }
}

impl std::error::Error for ProviderError {}

impl From<FetchError> for ProviderError {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

impl From<Rejection> for ProviderError {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// Where an issuer's keys are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeySource {
    /// The issuer whose tokens the keys verify.
    pub issuer: String,
    /// The URL of its key set.
    pub jwks_url: String,
}

/// The providers of all connections, with what is remembered of them.
#[derive(Clone)]
pub struct OidcProviders {
    pub(in crate::outbound) http: HttpClient,
    metadata: Arc<DocumentCache<String, ProviderMetadata, ProviderError>>,
    keys: Arc<DocumentCache<KeySource, Jwks, ProviderError>>,
}

impl OidcProviders {
    /// Providers that are reached through this client, of which nothing is known yet.
    pub fn new(http: HttpClient) -> Self {
        Self {
            http,
            metadata: Arc::new(DocumentCache::new()),
            keys: Arc::new(DocumentCache::new()),
        }
    }

    /// Reads the discovery document of an issuer anew.
    ///
    /// # Errors
    /// It cannot be fetched or fails a check.
    pub async fn discover(&self, issuer: &str) -> Result<ProviderMetadata, ProviderError> {
        let allow_http = self.http.allows_plain_http(issuer);
        let url = discovery_url(issuer, allow_http)?;
        let document = self.http.get_json(&url, BODY_LIMIT).await?;
        Ok(ProviderMetadata::read(document, issuer, allow_http)?)
    }

    /// The discovery document of an issuer, at most an hour old while the provider answers.
    ///
    /// # Errors
    /// It cannot be fetched or fails a check, and none from the last day is known.
    pub async fn metadata(
        &self,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<ProviderMetadata>, ProviderError> {
        self.metadata
            .get(&issuer.to_owned(), now, self.discover(issuer))
            .await
    }

    /// The keys of an issuer, at most an hour old while the provider answers.
    ///
    /// # Errors
    /// They cannot be fetched, and none from the last day are known.
    pub async fn keys(
        &self,
        source: &KeySource,
        now: DateTime<Utc>,
    ) -> Result<Arc<Jwks>, ProviderError> {
        self.keys.get(source, now, self.fetch_keys(source)).await
    }

    /// The keys of an issuer, fetched again unless that was done within the last minute.
    pub(in crate::outbound) async fn fresh_keys(
        &self,
        source: &KeySource,
        now: DateTime<Utc>,
    ) -> Result<Arc<Jwks>, ProviderError> {
        self.keys
            .refresh(source, now, self.fetch_keys(source))
            .await
    }

    /// Verifies an ID token, asking for fresh keys once if the provider may have changed them.
    ///
    /// # Errors
    /// The keys cannot be fetched or a check fails.
    pub async fn verify_id_token(
        &self,
        raw: &str,
        expectation: &Expectation<'_>,
        jwks_url: &str,
        now: DateTime<Utc>,
    ) -> Result<Claims, ProviderError> {
        let source = KeySource {
            issuer: expectation.issuer.to_owned(),
            jwks_url: jwks_url.to_owned(),
        };
        let keys = self.keys(&source, now).await?;
        match id_token::verify(raw, expectation, &keys, now) {
            Err(rejection) if rejection.may_be_key_rotation() => {
                let keys = self.fresh_keys(&source, now).await?;
                Ok(id_token::verify(raw, expectation, &keys, now)?)
            }
            verdict => Ok(verdict?),
        }
    }

    /// What the userinfo endpoint says; to be joined by [`Claims::with_userinfo`], which checks whom
    /// it is about.
    ///
    /// # Errors
    /// It cannot be fetched or is no JSON object.
    pub async fn userinfo(
        &self,
        userinfo_url: &str,
        access_token: &str,
    ) -> Result<Map<String, Value>, ProviderError> {
        let malformed = |reason: String| Rejection::UserinfoMalformed { reason };
        let request = Request::builder()
            .uri(userinfo_url)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(AUTHORIZATION, format!("Bearer {access_token}"))
            .body(Vec::new())
            .map_err(|error| malformed(error.to_string()))?;
        let answer = self.http.send(request, BODY_LIMIT).await?;
        if !answer.status().is_success() {
            return Err(FetchError::Status(answer.status().as_u16()).into());
        }
        let claims = serde_json::from_slice(answer.body());
        Ok(claims.map_err(|error| malformed(error.to_string()))?)
    }

    async fn fetch_keys(&self, source: &KeySource) -> Result<Jwks, ProviderError> {
        let document: Value = self.http.get_json(&source.jwks_url, BODY_LIMIT).await?;
        let keys = serde_json::from_value(document);
        Ok(keys.map_err(|error| Rejection::JwksMalformed {
            reason: error.to_string(),
        })?)
    }
}

#[cfg(test)]
mod tests;
