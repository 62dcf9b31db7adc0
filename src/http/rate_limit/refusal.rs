//! What is answered to whoever asks too often, in the caller's own protocol.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::http::header::HeaderValue;
use actix_web::http::header::RETRY_AFTER;

use crate::http::caller::request_id;
use crate::http::management::error::ApiError;
use crate::http::management::m2m_token;
use crate::http::pages::Refused;
use crate::http::pages::page;
use crate::http::rate_limit::paths::is_asset;
use crate::http::rate_limit::paths::is_browser_leg;
use crate::http::rate_limit::paths::is_directory;
use crate::http::rate_limit::paths::is_machines_token;
use crate::http::rate_limit::paths::is_token_endpoint;
use crate::http::rate_limit::paths::path;
use crate::protocol::oauth::error::TokenError;
use crate::protocol::scim::error::ScimError;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;

/// 429, with the seconds to wait.
pub(super) fn too_many(request: &HttpRequest, seconds: u64) -> HttpResponse {
    let path = path(request);
    let mut answer = HttpResponse::TooManyRequests();
    answer.insert_header((RETRY_AFTER, seconds));
    if is_machines_token(path) {
        return m2m_token::refusal(request, &TokenError::TooManyRequests(seconds));
    }
    if is_token_endpoint(path) {
        return answer.json(TokenError::TooManyRequests(seconds).to_json());
    }
    if is_directory(path) {
        let error = ScimError::TooManyRequests(format!("too many requests; wait {seconds} s"));
        return answer
            .content_type("application/scim+json")
            .json(error.to_json());
    }
    if path.starts_with("/v1/") && !is_browser_leg(path) {
        let error = ManagementError::Request(RequestError::TooManyRequests(seconds));
        return HttpResponse::from_error(ApiError::of(request_id(request))(error));
    }
    if is_asset(path) {
        return answer
            .content_type(ContentType::plaintext())
            .body(format!("Too many requests. Wait {}.\n", told(seconds)));
    }
    told_to_a_person(seconds)
}

fn told_to_a_person(seconds: u64) -> HttpResponse {
    let fix = format!(
        "Wait {}, then load this page again, or go back and send the form again.",
        told(seconds)
    );
    let refused = Refused {
        title: "One moment, please",
        reason: "More requests came from your network just now than we take at once. What you \
                 did last was not done; nothing else is lost.",
        fix: &fix,
    };
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, &refused);
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn told(seconds: u64) -> String {
    match seconds {
        0 | 1 => "one second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        more => format!("{} minutes", more.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_refusal_speaks_the_protocol_of_the_caller() {
        let page = "text/html; charset=utf-8";
        for (path, content_type) in [
            (
                "/v1/b2b/scim/scim-connection-test-1/Users",
                "application/scim+json",
            ),
            (
                "/v1/b2b/scim/scim-connection-test-1/oauth2/token",
                "application/json",
            ),
            ("/v1/public/project-test-1/oauth2/token", "application/json"),
            (
                "/v1/b2b/scim/organization-test-1/connection",
                "application/json",
            ),
            ("/v1/b2b/organizations", "application/json"),
            ("/v1/public/sso/start", page),
            ("/v1/b2b/sso/callback/x", page),
            ("/v1/b2b/oauth/callback/google", page),
            ("/v1/magic_links/redirect", page),
            ("/login", page),
            ("/o/acme", page),
            ("/portal/domains", page),
            ("/console", page),
            ("/", page),
            ("/assets/style.css", "text/plain; charset=utf-8"),
        ] {
            let answer = too_many(&TestRequest::with_uri(path).to_http_request(), 3);
            assert_eq!(answer.status(), 429, "{path}");
            assert_eq!(
                answer.headers().get("content-type").unwrap(),
                content_type,
                "{path}"
            );
            assert_eq!(answer.headers().get("retry-after").unwrap(), "3", "{path}");
        }
    }

    #[actix_web::test]
    async fn people_are_told_in_words_how_long_to_wait() {
        for (seconds, words) in [
            (1, "Wait one second,"),
            (20, "Wait 20 seconds,"),
            (601, "Wait 11 minutes,"),
        ] {
            let answer = too_many(&TestRequest::with_uri("/login").to_http_request(), seconds);
            let body = to_bytes(answer.into_body()).await.unwrap();
            let text = std::str::from_utf8(&body).unwrap();
            assert!(text.contains(words) && text.contains("<h1>"), "{text}");
        }
    }
}
