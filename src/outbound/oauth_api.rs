//! What providers that speak OAuth 2.0 alone say by their own APIs about whoever gave us a token
//! (RFC 6750 §2.1).

use openidconnect::http::HeaderValue;
use openidconnect::http::Request;
use openidconnect::http::header::ACCEPT;
use openidconnect::http::header::AUTHORIZATION;
use serde_json::Value;
use url::Url;

use crate::outbound::fetch_error::FetchError;
use crate::outbound::http_client::BODY_LIMIT;
use crate::outbound::oidc_provider::OidcProviders;

impl OidcProviders {
    /// A document of a provider's API, for the holder of an access token.
    ///
    /// # Errors
    /// It cannot be fetched or is no JSON.
    pub async fn document(&self, url: &str, access_token: &str) -> Result<Value, FetchError> {
        let refused = |reason: String| FetchError::Refused {
            url: url.to_owned(),
            reason,
        };
        let request = Request::builder()
            .uri(url)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(AUTHORIZATION, format!("Bearer {access_token}"))
            .body(Vec::new())
            .map_err(|error| refused(error.to_string()))?;
        let answer = self.http.send(request, BODY_LIMIT).await?;
        if !answer.status().is_success() {
            return Err(FetchError::Status(answer.status().as_u16()));
        }
        let not_json = |error: serde_json::Error| FetchError::NotJson {
            reason: error.to_string(),
        };
        serde_json::from_slice(answer.body()).map_err(not_json)
    }

    /// What is known at a URL about an access token, which is the last part of its path.
    ///
    /// # Errors
    /// It cannot be fetched or is no JSON.
    pub async fn about_token(&self, url: &str, access_token: &str) -> Result<Value, FetchError> {
        let refused = || FetchError::Refused {
            url: url.to_owned(),
            reason: "it is no URL below which a token can stand".to_owned(),
        };
        let mut about = Url::parse(url).map_err(|_| refused())?;
        about
            .path_segments_mut()
            .map_err(|()| refused())?
            .push(access_token);
        self.http.get_json(about.as_str(), BODY_LIMIT).await
    }
}
