//! The body of a request: read whole, understood later.

use std::future::Future;
use std::pin::Pin;

use actix_web::FromRequest;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use serde_json::Map;
use serde_json::Value;

use crate::http::scim::BodyLimit;
use crate::http::scim::error::ScimFailure;
use crate::http::scim::request_log::Trace;
use crate::protocol::scim::body;
use crate::protocol::scim::error::ScimError;
use crate::protocol::scim::patch_request::PatchRequest;

/// The largest body that is read, in bytes.
pub(crate) const BODY_LIMIT: usize = 1_048_576;

/// A body that should be a JSON object. What is wrong with it is told only to those who have
/// proven themselves.
#[derive(Clone, Debug)]
pub(crate) struct ScimBody(Result<Map<String, Value>, ScimError>);

impl ScimBody {
    /// The object.
    pub(crate) fn get(&self) -> Result<&Map<String, Value>, ScimError> {
        self.0.as_ref().map_err(Clone::clone)
    }

    /// The operations of a PATCH request.
    pub(crate) fn operations(&self) -> Result<PatchRequest, ScimError> {
        PatchRequest::parse(&Value::Object(self.get()?.clone()))
    }
}

impl FromRequest for ScimBody {
    type Error = ScimFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ScimFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = ScimBytes::from_request(request, payload);
        Box::pin(async move { Ok(Self(bytes.await?.get().and_then(|bytes| body::read(bytes)))) })
    }
}

/// A body that is read later.
#[derive(Clone, Debug)]
pub(crate) struct ScimBytes(Result<Bytes, ScimError>);

impl ScimBytes {
    /// What came, all of it.
    pub(crate) fn get(&self) -> Result<&Bytes, ScimError> {
        self.0.as_ref().map_err(Clone::clone)
    }
}

impl FromRequest for ScimBytes {
    type Error = ScimFailure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ScimFailure>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = check_media_type(request);
        let limit = request
            .app_data::<BodyLimit>()
            .map_or(BODY_LIMIT, |it| it.0);
        let trace = Trace::of(request);
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            let bytes = bytes.await.map_err(|error| unreadable(&error, limit));
            if let Ok(bytes) = &bytes {
                trace.received(bytes);
            }
            Ok(Self(media_type.and(bytes)))
        })
    }
}

/// A body without a type is taken for what it must be.
fn check_media_type(request: &HttpRequest) -> Result<(), ScimError> {
    let Some(given) = request.headers().get(CONTENT_TYPE) else {
        return Ok(());
    };
    let given = String::from_utf8_lossy(given.as_bytes());
    let essence = given.split(';').next().unwrap_or_default().trim();
    if ["application/scim+json", "application/json"]
        .iter()
        .any(|served| essence.eq_ignore_ascii_case(served))
    {
        return Ok(());
    }
    Err(ScimError::UnsupportedMediaType(format!(
        "bodies of type \"{essence}\" are not read; send application/scim+json"
    )))
}

fn unreadable(error: &actix_web::Error, limit: usize) -> ScimError {
    if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE {
        return ScimError::PayloadTooLarge(format!(
            "the body is larger than {limit} bytes; split it into several requests"
        ));
    }
    ScimError::InvalidSyntax("the body did not arrive whole".to_owned())
}
