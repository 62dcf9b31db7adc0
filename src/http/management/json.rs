//! The response envelope, and bodies as official SDKs really send them (contract 1.3, 1.4).

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web;
use actix_web::web::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::id::RequestId;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;

const LIMIT: usize = 1024 * 1024;

/// What is around every success.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "the description reads it; `success` writes the two fields beside the payload's"
)]
pub(crate) struct Envelope {
    request_id: RequestId,
    /// The HTTP status.
    #[schema(minimum = 200, maximum = 200)]
    status_code: u16,
}

/// The payload's fields with what every answer has.
#[derive(Serialize)]
struct Enveloped<'a, P> {
    #[serde(flatten)]
    payload: &'a P,
    request_id: RequestId,
    status_code: u16,
}

/// Success: the payload's fields with `request_id` and `status_code`. Always 200.
pub fn success(request_id: RequestId, payload: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(Enveloped {
        payload,
        request_id,
        status_code: 200,
    })
}

/// A body of at most 1 MB, read into what the call takes. What is wrong with it is told only once
/// the caller has proven itself, so it is kept until then.
#[derive(Clone, Debug)]
pub(crate) struct JsonBody<T>(Result<T, ManagementError>);

impl<T> JsonBody<T> {
    /// What was given, or what is wrong with it.
    pub(crate) fn get(&self) -> Result<&T, ManagementError> {
        self.0.as_ref().map_err(Clone::clone)
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let stream = web::Payload::from_request(&request, payload);
        Box::pin(async move {
            let Ok(stream) = stream.await else {
                return Ok(Self(Err(broken_off())));
            };
            let read = match stream.to_bytes_limited(LIMIT).await {
                Ok(Ok(bytes)) => body(&request, &bytes),
                Ok(Err(_)) => Err(broken_off()),
                Err(_) => Err(ManagementError::Request(RequestError::BodyTooLarge(LIMIT))),
            };
            Ok(Self(read))
        })
    }
}

fn broken_off() -> ManagementError {
    ManagementError::Request(RequestError::InvalidBody(
        String::new(),
        "the body broke off".to_owned(),
    ))
}

/// Reads a body: a JSON object or nothing at all. Unknown fields are ignored and a `null` at the
/// top level means "not given", since that is how SDKs send what was not set.
fn body<T: DeserializeOwned>(request: &HttpRequest, bytes: &Bytes) -> Result<T, ManagementError> {
    check_content_type(request, bytes)?;
    let fields = object(bytes)?;
    if let Some((field, _)) = fields.iter().find(|(key, value)| has_nul(key, value)) {
        let field = field.replace('\0', "");
        let reason = "a text must not hold the character U+0000".to_owned();
        return Err(RequestError::InvalidBody(field, reason).into());
    }
    let given = fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    serde_path_to_error::deserialize(Value::Object(given)).map_err(|error| {
        let path = error.path().to_string();
        let field = path.split(['.', '[']).next().unwrap_or_default();
        let field = if field == "?" { "" } else { field };
        ManagementError::Request(RequestError::InvalidBody(
            field.to_owned(),
            error.inner().to_string(),
        ))
    })
}

/// PostgreSQL cannot keep this one character, so that no database does.
fn has_nul(key: &str, value: &Value) -> bool {
    key.contains('\0')
        || match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(items) => items.iter().any(|item| has_nul("", item)),
            Value::Object(fields) => fields.iter().any(|(key, value)| has_nul(key, value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
}

fn check_content_type(request: &HttpRequest, bytes: &Bytes) -> Result<(), ManagementError> {
    let given = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = given.map(|value| value.split(';').next().unwrap_or_default().trim());
    match essence {
        Some(essence) if essence.eq_ignore_ascii_case("application/json") => Ok(()),
        None => Ok(()),
        Some(_) if bytes.is_empty() => Ok(()),
        Some(other) => Err(ManagementError::Request(
            RequestError::UnsupportedContentType(other.to_owned()),
        )),
    }
}

fn object(bytes: &Bytes) -> Result<Map<String, Value>, ManagementError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(ManagementError::Request(RequestError::InvalidBody(
            String::new(),
            "the body must be a JSON object".to_owned(),
        ))),
        Err(error) => Err(ManagementError::Request(RequestError::InvalidBody(
            String::new(),
            format!("the body is no valid JSON: {error}"),
        ))),
    }
}

/// Reads a boolean of a query as SDKs spell it: `true`, `True`, `1`.
pub fn query_flag(value: Option<&str>) -> bool {
    value.is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
}
