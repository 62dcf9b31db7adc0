//! Around every request: its id, its access log line, its count, and headers that every answer has.

use std::time::Instant;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderName;
use actix_web::http::header::HeaderValue;
use actix_web::http::header::REFERRER_POLICY;
use actix_web::http::header::X_CONTENT_TYPE_OPTIONS;
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::domain::id::RequestId;
use crate::http::caller::request_id;
use crate::http::ops::metrics::Metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Identifies, counts and logs a request, and completes its answer's headers.
pub(crate) async fn accompany<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let began = Instant::now();
    let id = request_id(request.request());
    let metrics = request.app_data::<Data<Metrics>>().cloned();
    let in_flight = metrics.as_ref().map(|metrics| metrics.begin());
    let mut response = next.call(request).await?;
    drop(in_flight);
    complete_headers(response.headers_mut(), id);
    let status = response.status().as_u16();
    if let Some(metrics) = metrics {
        metrics.count(status);
    }
    // The query is left out: it may hold tokens.
    tracing::info!(
        method = %response.request().method(),
        path = response.request().path(),
        status,
        millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        request_id = %id,
        "request"
    );
    Ok(response)
}

/// Headers that a handler set itself are left as they are.
fn complete_headers(headers: &mut HeaderMap, id: RequestId) {
    let always = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
    ];
    for (name, value) in always {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
}
