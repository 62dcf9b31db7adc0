//! The one HTTP client: https only, no redirects, no proxy, public addresses only, and a limit on
//! time and size.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::AsyncHttpClient;
use openidconnect::HttpRequest;
use openidconnect::HttpResponse;
use openidconnect::http::HeaderValue;
use openidconnect::http::Method;
use openidconnect::http::header::ACCEPT;
use openidconnect::http::header::CONTENT_TYPE;
use openidconnect::http::header::LOCATION;
use reqwest::Request;
use serde::de::DeserializeOwned;
use url::Host;
use url::Url;

use crate::outbound::fetch_error::FetchError;
use crate::outbound::fetch_error::call_failure;
use crate::outbound::fetch_error::innermost;
use crate::outbound::public_address::PublicResolver;
use crate::outbound::public_address::is_public;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// The size limit for answers whose reader has no reason for another one.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// What the client may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// Lets calls use plain http and reach any address; for laboratories only.
    pub allow_private_network: bool,
    /// Origins (`http://127.0.0.1:8080`) that may be reached whatever their scheme and address.
    pub allowed_origins: Vec<String>,
}

/// The client could not be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

/// The client through which every call leaves.
#[derive(Debug, Clone)]
pub struct HttpClient {
    guarded: reqwest::Client,
    open: reqwest::Client,
    allow_private_network: bool,
    allowed_origins: BTreeSet<String>,
}

impl HttpClient {
    /// Sets the client up.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let build = |builder: reqwest::ClientBuilder| {
            builder
                .build()
                .map_err(|error| SettingsError(format!("HTTP client: {}", innermost(&error))))
        };
        Ok(Self {
            guarded: build(builder().https_only(true).dns_resolver(PublicResolver))?,
            open: build(builder())?,
            allow_private_network: settings.allow_private_network,
            allowed_origins: settings
                .allowed_origins
                .iter()
                .map(|origin| normal_origin(origin))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Whether plain http is allowed for this URL.
    pub fn allows_plain_http(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.is_exempt(&url))
    }

    /// Fetches a JSON document.
    pub async fn get_json<T: DeserializeOwned>(
        &self,
        url: &str,
        limit: usize,
    ) -> Result<T, FetchError> {
        let body = self.get(url, "application/json", limit).await?;
        serde_json::from_slice(&body).map_err(|error| FetchError::NotJson {
            reason: error.to_string(),
        })
    }

    /// Fetches a text document.
    pub async fn get_text(&self, url: &str, limit: usize) -> Result<String, FetchError> {
        let body = self.get(url, "*/*", limit).await?;
        String::from_utf8(body).map_err(|_| FetchError::NotText)
    }

    /// Posts a form and gives the answer, whatever its status.
    pub async fn post_form(
        &self,
        url: &str,
        fields: &[(&str, &str)],
        limit: usize,
    ) -> Result<HttpResponse, FetchError> {
        let mut request = Request::new(Method::POST, parse(url)?);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, form_type);
        *request.body_mut() = Some(form.into());
        self.execute(request, limit).await
    }

    /// Sends a request and gives the answer, whatever its status.
    pub async fn send(
        &self,
        request: HttpRequest,
        limit: usize,
    ) -> Result<HttpResponse, FetchError> {
        self.execute(checked(request)?, limit).await
    }

    /// The same for a caller that deals with redirects itself; none is followed here either.
    pub async fn send_unfollowed(
        &self,
        request: HttpRequest,
        limit: usize,
    ) -> Result<HttpResponse, FetchError> {
        self.exchange(checked(request)?, limit).await
    }

    async fn get(
        &self,
        url: &str,
        accept: &'static str,
        limit: usize,
    ) -> Result<Vec<u8>, FetchError> {
        let mut request = Request::new(Method::GET, parse(url)?);
        let accept = HeaderValue::from_static(accept);
        request.headers_mut().insert(ACCEPT, accept);
        let response = self.execute(request, limit).await?;
        if !response.status().is_success() {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        Ok(response.into_body())
    }

    async fn execute(&self, request: Request, limit: usize) -> Result<HttpResponse, FetchError> {
        let origin = request.url().origin().ascii_serialization();
        let answer = self.exchange(request, limit).await?;
        if answer.status().is_redirection() {
            return Err(redirected(&origin, &answer));
        }
        Ok(answer)
    }

    // The URL that is checked is the very value that is called: there is no second parser.
    async fn exchange(&self, request: Request, limit: usize) -> Result<HttpResponse, FetchError> {
        let client = self.client_for(request.url())?;
        let origin = request.url().origin().ascii_serialization();
        let failed = |error: reqwest::Error| call_failure(&origin, &error);
        let mut answer = client.execute(request).await.map_err(failed)?;
        let limit_u64 = u64::try_from(limit).unwrap_or(u64::MAX);
        if answer
            .content_length()
            .is_some_and(|length| length > limit_u64)
        {
            return Err(FetchError::TooLarge { limit });
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len().saturating_add(chunk.len()) > limit {
                return Err(FetchError::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }

    fn client_for(&self, url: &Url) -> Result<&reqwest::Client, FetchError> {
        let refused = |reason: &str| FetchError::Refused {
            url: url.origin().ascii_serialization(),
            reason: reason.to_owned(),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused(
                "a user name or password in the URL is not accepted",
            ));
        }
        if !matches!(url.scheme(), "https" | "http") {
            return Err(refused("the URL must begin with https://"));
        }
        if self.is_exempt(url) {
            return Ok(&self.open);
        }
        if url.scheme() != "https" {
            return Err(refused("the URL must begin with https://"));
        }
        // The resolver is never asked about literal addresses.
        if literal_address(url).is_some_and(|address| !is_public(address)) {
            return Err(refused("the address is not a public one"));
        }
        Ok(&self.guarded)
    }

    fn is_exempt(&self, url: &Url) -> bool {
        let origin = url.origin().ascii_serialization();
        self.allow_private_network || self.allowed_origins.contains(&origin)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request, BODY_LIMIT))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a client is built"
)]
fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("Vestibule/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
}

fn normal_origin(origin: &str) -> Result<String, SettingsError> {
    Url::parse(origin)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"))
        .map(|url| url.origin().ascii_serialization())
        .ok_or_else(|| SettingsError(format!("{origin} is no origin like http://127.0.0.1:8080")))
}

fn parse(url: &str) -> Result<Url, FetchError> {
    Url::parse(url).map_err(|error| FetchError::Refused {
        url: url.to_owned(),
        reason: error.to_string(),
    })
}

fn literal_address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}

fn checked(request: HttpRequest) -> Result<Request, FetchError> {
    let url = request.uri().to_string();
    Request::try_from(request).map_err(|error| FetchError::Refused {
        url,
        reason: innermost(&error),
    })
}

fn redirected(origin: &str, answer: &HttpResponse) -> FetchError {
    let location = answer.headers().get(LOCATION);
    FetchError::Redirected {
        url: origin.to_owned(),
        location: location
            .and_then(|location| location.to_str().ok())
            .unwrap_or("nowhere")
            .to_owned(),
    }
}

#[cfg(test)]
mod tests;
