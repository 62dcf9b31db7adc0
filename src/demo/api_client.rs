//! Calls JSON over HTTP with one credential, as any program outside would, and keeps a record of it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openidconnect::http::Request;
use serde_json::Value;

use crate::demo::DemoError;
use crate::demo::record::Call;
use crate::demo::record::Record;
use crate::demo::record::Who;
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

/// What was answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The body; null if there is none.
    pub(crate) body: Value,
}

/// A base URL with the credential and the content type that belong to it.
#[derive(Clone, Debug)]
pub(crate) struct ApiClient {
    http: HttpClient,
    base: String,
    authorization: String,
    curl_credential: String,
    content_type: &'static str,
    record: Option<(Arc<Record>, Who)>,
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
            curl_credential: format!("-u {}", quoted(&format!("{project_id}:{secret}"))),
            content_type: "application/json",
            record: None,
        }
    }

    /// A SCIM base URL, with its bearer token.
    pub(crate) fn scim(http: HttpClient, base_url: &str, token: &str) -> Self {
        let authorization = format!("Bearer {token}");
        let header = quoted(&format!("Authorization: {authorization}"));
        Self {
            http,
            base: base_url.to_owned(),
            authorization,
            curl_credential: format!("-H {header}"),
            content_type: "application/scim+json",
            record: None,
        }
    }

    /// The same, with each call written down as this one's.
    pub(crate) fn recorded(mut self, record: Arc<Record>, who: Who) -> Self {
        self.record = Some((record, who));
        self
    }

    /// The same, with no call written down: for what only looks.
    pub(crate) fn unrecorded(&self) -> Self {
        let mut own = self.clone();
        own.record = None;
        own
    }

    /// Whatever is answered.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, DemoError> {
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
        let status = answer.status().as_u16();
        let body_of_answer = match answer.body().as_slice() {
            [] => Value::Null,
            bytes => {
                serde_json::from_slice(bytes).map_err(|error| DemoError::because(&what, error))?
            }
        };
        if let Some((record, who)) = &self.record {
            let call = Call {
                status,
                request: body.map(|body| format!("{body:#}")).unwrap_or_default(),
                answer: format!("{body_of_answer:#}"),
                curl: self.curl(method, path, body),
            };
            record.call(*who, what, call);
        }
        Ok(Answer {
            status,
            body: body_of_answer,
        })
    }

    /// The answer's body; any status but a success is an error that shows it.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, DemoError> {
        let answer = self.ask(method, path, body).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        Err(DemoError(format!(
            "{method} {path} was answered {}: {}",
            answer.status, answer.body
        )))
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

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        self.call("PATCH", path, Some(body)).await
    }

    /// The same call for a terminal.
    pub(crate) fn curl(&self, method: &str, path: &str, body: Option<&Value>) -> String {
        let credential = &self.curl_credential;
        let url = quoted(&format!("{}{path}", self.base));
        match body {
            None if method == "GET" => format!("curl -s {credential} {url}"),
            None => format!("curl -s -X {method} {credential} {url}"),
            Some(body) => {
                let kind = quoted(&format!("Content-Type: {}", self.content_type));
                let body = quoted(&body.to_string());
                format!("curl -s -X {method} {credential} -H {kind} -d {body} {url}")
            }
        }
    }
}

/// As a shell takes it, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A text inside an answer, by its JSON pointer.
pub(crate) fn text<'v>(answer: &'v Value, pointer: &str) -> Result<&'v str, DemoError> {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| DemoError(format!("the answer has no text at {pointer}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_command_is_what_was_called_whatever_is_in_it() {
        let origin = "http://127.0.0.1:8080";
        let http = http_client(origin).unwrap();
        let api = ApiClient::management(http.clone(), origin, ("project", "secret"));
        assert_eq!(
            api.curl("GET", "/v1/x?y=1", None),
            "curl -s -u 'project:secret' 'http://127.0.0.1:8080/v1/x?y=1'"
        );
        let scim = ApiClient::scim(http, &format!("{origin}/scim"), "token");
        let body = json!({ "displayName": "O'Brien; rm -rf" });
        assert_eq!(
            scim.curl("POST", "/Users", Some(&body)),
            "curl -s -X POST -H 'Authorization: Bearer token' -H 'Content-Type: application/scim+json' \
             -d '{\"displayName\":\"O'\\''Brien; rm -rf\"}' 'http://127.0.0.1:8080/scim/Users'"
        );
    }
}
