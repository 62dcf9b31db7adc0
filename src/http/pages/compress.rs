//! Pages are compressed where that tells nobody anything. The length of a compressed page gives away
//! a secret in it to whoever chooses what stands beside it and watches (BREACH), so only these are:
//! documents without any secret, and pages of the portal that show nothing a link to them or a
//! stranger's sign-in put there. What shows a token, a recovery code or a hidden field of a sign-in
//! is never compressed, nor is any answer of SCIM or of the management API.

use std::io;
use std::io::Write;

use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::body::EitherBody;
use actix_web::body::MessageBody;
use actix_web::body::to_bytes_limited;
use actix_web::dev::ServiceRequest;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::header::ACCEPT_ENCODING;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::http::header::HeaderMap;
use actix_web::http::header::HeaderName;
use actix_web::http::header::HeaderValue;
use actix_web::http::header::SET_COOKIE;
use actix_web::http::header::VARY;
use actix_web::middleware::Next;
use flate2::Compression;
use flate2::write::GzEncoder;

const PAGES: [&str; 10] = [
    "/docs",
    "/docs/api",
    "/docs/errors",
    "/portal",
    "/portal/members",
    "/portal/roles",
    "/portal/settings",
    "/console",
    "/console/organizations",
    "/demo",
];

/// No page of ours comes near it.
const LARGEST: usize = 8 * 1024 * 1024;

type Compressed<B> = ServiceResponse<EitherBody<B, BoxBody>>;

/// Compresses a page that may be, for a browser that takes it.
pub(crate) async fn compress<B>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<Compressed<B>, Error>
where
    B: MessageBody + 'static,
{
    let may_be = may_be_compressed(&request);
    let takes_gzip = header(request.headers(), &ACCEPT_ENCODING).contains("gzip");
    let mut response = next.call(request).await?;
    if !may_be || !is_page(&response) {
        return Ok(response.map_into_left_body());
    }
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    if !takes_gzip {
        return Ok(response.map_into_left_body());
    }
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let plain = to_bytes_limited(body, LARGEST).await;
    let plain = plain.map_err(|_| io::Error::other("the page is too large"))?;
    let plain = plain.map_err(Into::into)?;
    let body = gzipped(&plain, Compression::fast())?;
    let response = response.set_body(BoxBody::new(body));
    Ok(ServiceResponse::new(request, response).map_into_right_body())
}

/// What stands in the query of a page may come from a link of anybody's.
fn may_be_compressed(request: &ServiceRequest) -> bool {
    let is_read = request.method() == Method::GET && request.query_string().is_empty();
    is_read && PAGES.contains(&request.match_info().as_str())
}

fn is_page<B>(response: &ServiceResponse<B>) -> bool {
    let headers = response.headers();
    response.status() == StatusCode::OK
        && header(headers, &CONTENT_TYPE).starts_with("text/html")
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(SET_COOKIE)
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    let value = headers.get(name).and_then(|it| it.to_str().ok());
    value.unwrap_or_default()
}

/// The same in fewer bytes.
pub(super) fn gzipped(plain: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(plain)?;
    encoder.finish()
}
