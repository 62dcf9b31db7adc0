//! Answers to a SCIM client: resources with their address and version, lists, nothing.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LOCATION;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::http::header::ETAG;
use actix_web::http::header::LOCATION;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::protocol::scim::projection::Projection;
use crate::protocol::scim::representation::etag;
use crate::protocol::scim::schema::ResourceType;

/// What answers are written in.
pub(crate) const MEDIA_TYPE: &str = "application/scim+json";

/// A body with a status.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, MEDIA_TYPE));
    response.json(body)
}

/// A body that is JSON already, with a status.
pub(crate) fn text(status: StatusCode, body: String) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, MEDIA_TYPE));
    response.body(body)
}

/// A resource, shown as the client wishes; the headers are those of the whole.
pub(crate) fn resource(
    status: StatusCode,
    full: &Map<String, Value>,
    (projection, resource_type): (&Projection, &ResourceType),
) -> HttpResponse {
    let meta = |name: &str| {
        let meta = full.get("meta").and_then(|meta| meta.get(name));
        meta.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let shown = Value::Object(projection.apply(full, resource_type));
    let headers = (meta("location"), meta("version"));
    written(status, headers, shown.to_string())
}

/// A resource that is JSON already; its address and its version are those of the whole.
pub(crate) fn written(
    status: StatusCode,
    (location, version): (String, String),
    body: String,
) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, MEDIA_TYPE));
    response.insert_header((LOCATION, location.clone()));
    response.insert_header((CONTENT_LOCATION, location));
    response.insert_header((ETAG, version));
    response.body(body)
}

/// The client has this version already.
pub(crate) fn not_modified(version: i32) -> HttpResponse {
    let mut response = HttpResponse::NotModified();
    response.insert_header((ETAG, etag(version.into())));
    response.finish()
}

/// Success without a body.
pub(crate) fn nothing() -> HttpResponse {
    HttpResponse::NoContent().finish()
}
