//! Calls JSON over HTTP with one credential, as any program outside would.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openidconnect::http::Request;
use serde_json::Value;

use crate::demo::DemoError;
use crate::outbound::http_client::BODY_LIMIT;
use crate::outbound::http_client::HttpClient;
use crate::outbound::http_client::Settings;

/// A client that reaches the demo's own origin and nothing else.
pub(crate) fn http_client(origin: &str) -> Result<HttpClient, DemoError> {
    let settings = Settings {
        allow_private_network: false,
        allowed_origins: vec![origin.to_owned()],
    };
    HttpClient::new(settings).map_err(|error| DemoError::because("the HTTP client", error))
}

/// A base URL with the credential and the content type that belong to it.
#[derive(Clone, Debug)]
pub(crate) struct ApiClient {
    http: HttpClient,
    base: String,
    authorization: String,
    content_type: &'static str,
}

impl ApiClient {
    /// The management API, with the project's id and secret.
    pub(crate) fn management(
        http: HttpClient,
        origin: &str,
        (project_id, secret): (&str, &str),
    ) -> Self {
        let credential = STANDARD.encode(format!("{project_id}:{secret}"));
        Self {
            http,
            base: origin.to_owned(),
            authorization: format!("Basic {credential}"),
            content_type: "application/json",
        }
    }

    /// A SCIM base URL, with its bearer token.
    pub(crate) fn scim(http: HttpClient, base_url: &str, token: &str) -> Self {
        Self {
            http,
            base: base_url.to_owned(),
            authorization: format!("Bearer {token}"),
            content_type: "application/scim+json",
        }
    }

    /// The answer's body; any status but a success is an error that shows it.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, DemoError> {
        let what = format!("{method} {path}");
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", &self.authorization)
            .header("content-type", self.content_type)
            .body(
                body.map(|body| body.to_string().into_bytes())
                    .unwrap_or_default(),
            )
            .map_err(|error| DemoError::because(&what, error))?;
        let answer = self.http.send(request, BODY_LIMIT).await;
        let answer = answer.map_err(|error| DemoError::because(&what, error))?;
        let text = String::from_utf8_lossy(answer.body());
        if !answer.status().is_success() {
            return Err(DemoError(format!(
                "{what} was answered {}: {text}",
                answer.status()
            )));
        }
        serde_json::from_str(&text).map_err(|error| DemoError::because(&what, error))
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, DemoError> {
        self.call("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        self.call("POST", path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        self.call("PUT", path, Some(body)).await
    }
}

/// A text inside an answer, by its JSON pointer.
pub(crate) fn text<'v>(answer: &'v Value, pointer: &str) -> Result<&'v str, DemoError> {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| DemoError(format!("the answer has no text at {pointer}")))
}
