//! What a provider's userinfo endpoint says, as JSON or as a signed JWT (OpenID Connect Core 1.0
//! §5.3.2).

use chrono::DateTime;
use chrono::Utc;
use openidconnect::http::HeaderValue;
use openidconnect::http::Request;
use openidconnect::http::header::ACCEPT;
use openidconnect::http::header::AUTHORIZATION;
use openidconnect::http::header::CONTENT_TYPE;
use serde_json::Map;
use serde_json::Value;

use crate::outbound::fetch_error::FetchError;
use crate::outbound::http_client::BODY_LIMIT;
use crate::outbound::oidc_provider::KeySource;
use crate::outbound::oidc_provider::OidcProviders;
use crate::outbound::oidc_provider::ProviderError;
use crate::protocol::oidc::Rejection;
use crate::protocol::oidc::signed_jwt::JwtFault;
use crate::protocol::oidc::signed_jwt::SignedJwt;

/// What the endpoint is asked with, and what a signed answer must satisfy.
pub struct UserinfoRequest<'a> {
    /// The endpoint.
    pub url: &'a str,
    /// The key to it.
    pub access_token: &'a str,
    /// Whose tokens the keys verify.
    pub source: &'a KeySource,
    /// Our client id at the provider.
    pub client_id: &'a str,
}

impl OidcProviders {
    /// What the userinfo endpoint says; to be joined by `Claims::with_userinfo`, which checks whom
    /// it is about.
    ///
    /// # Errors
    /// It cannot be fetched, is no JSON object, or a check of a signed answer fails.
    pub async fn userinfo(
        &self,
        asked: &UserinfoRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<Map<String, Value>, ProviderError> {
        let accept = HeaderValue::from_static("application/json, application/jwt");
        let request = Request::builder()
            .uri(asked.url)
            .header(ACCEPT, accept)
            .header(AUTHORIZATION, format!("Bearer {}", asked.access_token))
            .body(Vec::new())
            .map_err(|error| malformed(&error.to_string()))?;
        let answer = self.http.send(request, BODY_LIMIT).await?;
        if !answer.status().is_success() {
            return Err(FetchError::Status(answer.status().as_u16()).into());
        }
        let kind = answer.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.trim_start().starts_with("application/jwt") {
            let raw = String::from_utf8_lossy(answer.body()).into_owned();
            return self.signed_userinfo(raw.trim(), asked, now).await;
        }
        let claims = serde_json::from_slice(answer.body());
        Ok(claims.map_err(|error| malformed(&error.to_string()))?)
    }

    async fn signed_userinfo(
        &self,
        raw: &str,
        asked: &UserinfoRequest<'_>,
        now: DateTime<Utc>,
    ) -> Result<Map<String, Value>, ProviderError> {
        let fault = |fault: JwtFault| malformed(&fault.to_string());
        let jwt = SignedJwt::read(raw).map_err(fault)?;
        self.check_signature(&jwt, asked.source, now)
            .await?
            .map_err(fault)?;
        let claims = jwt.claims();
        if claims.contains_key("iss") && jwt.text("iss") != asked.source.issuer {
            return Err(malformed("its iss is another issuer").into());
        }
        if claims.contains_key("aud") && !jwt.audience(asked.client_id).0 {
            return Err(malformed("its aud is another client").into());
        }
        Ok(claims.clone())
    }
}

fn malformed(reason: &str) -> Rejection {
    let reason = reason.to_owned();
    Rejection::UserinfoMalformed { reason }
}
