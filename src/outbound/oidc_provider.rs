//! What we ask an OpenID provider: its discovery document, its keys, tokens for a code, userinfo.

use std::fmt;
use std::sync::Arc;

use chrono::DateTime;
use chrono::Utc;
use serde_json::Value;
use tokio::task::JoinSet;

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
use crate::protocol::oidc::signed_jwt::JwtFault;
use crate::protocol::oidc::signed_jwt::SignedJwt;

/// How many documents are renewed at once.
const AT_ONCE: usize = 16;

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
        self.verify_id_token_by(raw, expectation, &source, now)
            .await
    }

    /// The same where the keys are not remembered by the token's own issuer: Microsoft signs with
    /// one set for all tenants.
    ///
    /// # Errors
    /// The keys cannot be fetched or a check fails.
    pub async fn verify_id_token_by(
        &self,
        raw: &str,
        expectation: &Expectation<'_>,
        source: &KeySource,
        now: DateTime<Utc>,
    ) -> Result<Claims, ProviderError> {
        let keys = self.keys(source, now).await?;
        match id_token::verify(raw, expectation, &keys, now) {
            Err(rejection) if rejection.may_be_key_rotation() => {
                let keys = self.fresh_keys(source, now).await?;
                Ok(id_token::verify(raw, expectation, &keys, now)?)
            }
            verdict => Ok(verdict?),
        }
    }

    /// Checks the signature of a JWT, asking for fresh keys once if the provider may have changed
    /// them.
    ///
    /// # Errors
    /// The keys cannot be fetched; the verdict itself is inside.
    pub(in crate::outbound) async fn check_signature(
        &self,
        jwt: &SignedJwt,
        source: &KeySource,
        now: DateTime<Utc>,
    ) -> Result<Result<(), JwtFault>, ProviderError> {
        let keys = self.keys(source, now).await?;
        match jwt.check_signature(&keys) {
            Err(fault) if fault.may_be_key_rotation() => {
                let keys = self.fresh_keys(source, now).await?;
                Ok(jwt.check_signature(&keys))
            }
            verdict => Ok(verdict),
        }
    }

    /// Fetches again what is in use and will soon be old, so that nobody who signs in waits for it.
    pub async fn renew(&self, now: DateTime<Utc>) {
        let mut renewals = JoinSet::new();
        for issuer in self.metadata.due(now) {
            let providers = self.clone();
            renewals.spawn(async move {
                let fetch = providers.discover(&issuer);
                let renewed = providers.metadata.renew(&issuer, now, fetch).await;
                (issuer, renewed)
            });
            note(&mut renewals, AT_ONCE).await;
        }
        for source in self.keys.due(now) {
            let providers = self.clone();
            renewals.spawn(async move {
                let fetch = providers.fetch_keys(&source);
                let renewed = providers.keys.renew(&source, now, fetch).await;
                (source.jwks_url, renewed)
            });
            note(&mut renewals, AT_ONCE).await;
        }
        note(&mut renewals, 0).await;
    }

    async fn fetch_keys(&self, source: &KeySource) -> Result<Jwks, ProviderError> {
        let document: Value = self.http.get_json(&source.jwks_url, BODY_LIMIT).await?;
        let keys = serde_json::from_value(document);
        Ok(keys.map_err(|error| Rejection::JwksMalformed {
            reason: error.to_string(),
        })?)
    }
}

type Renewals = JoinSet<(String, Result<(), ProviderError>)>;

/// Waits until no more than so many are under way.
async fn note(renewals: &mut Renewals, at_most: usize) {
    while renewals.len() > at_most {
        match renewals.join_next().await {
            Some(Ok((url, Err(error)))) => {
                tracing::warn!(%url, %error, "an OpenID provider's document could not be renewed");
            }
            Some(Err(error)) => tracing::error!(%error, "a renewal failed"),
            Some(Ok((_, Ok(())))) | None => {}
        }
    }
}

#[cfg(test)]
mod tests;
