//! How the demo's pages are answered, and which requests of browsers are not its own pages'.

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::http::header::LOCATION;
use actix_web::http::header::ORIGIN;
use actix_web::http::header::REFERRER_POLICY;
use actix_web::http::header::X_CONTENT_TYPE_OPTIONS;
use askama::Template;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// A page, or a part of one.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    let Ok(html) = template.render() else {
        return HttpResponse::InternalServerError().body("The page could not be written.");
    };
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(html)
}

/// Leads the browser on after a form.
pub(crate) fn see(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, path))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

/// Answers a page that asks again and again: there is nothing new.
pub(crate) fn nothing_new() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "demo/note.html")]
pub(crate) struct Note<'n> {
    /// What it is about.
    pub(crate) title: &'n str,
    /// What it says.
    pub(crate) sentence: &'n str,
}

/// Everything is being set up.
pub(crate) fn one_moment() -> HttpResponse {
    let note = Note {
        title: "One moment, please",
        sentence: "The companies are being set up. Load this page again.",
    };
    page(StatusCode::SERVICE_UNAVAILABLE, &note)
}

/// Something does not work.
pub(crate) fn trouble(sentence: &str) -> HttpResponse {
    let title = "This did not work";
    let note = Note { title, sentence };
    page(StatusCode::BAD_GATEWAY, &note)
}

/// A request that cannot be used.
pub(crate) fn unusable(sentence: &str) -> HttpResponse {
    let title = "This request cannot be used";
    page(StatusCode::BAD_REQUEST, &Note { title, sentence })
}

/// There is no such thing.
pub(crate) fn missing(sentence: &str) -> HttpResponse {
    let title = "There is nothing here";
    let note = Note { title, sentence };
    page(StatusCode::NOT_FOUND, &note)
}

/// Whether a form was sent by one of our own pages, as a browser says that it was.
pub(crate) fn is_own(request: &HttpRequest, origin: &str) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|it| it.to_str().ok());
    match header("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => header(ORIGIN.as_str()) == Some(origin),
    }
}

/// Whether a request calls the demo by its own address; another name that leads here is somebody
/// else's page reaching for this machine.
pub(crate) fn is_here(host: Option<&str>, origin: &str) -> bool {
    let port = origin.rsplit_once(':').map(|(_, port)| port);
    let own = origin.split_once("//").map(|(_, host)| host);
    host.is_some_and(|host| {
        Some(host) == own || port.is_some_and(|port| host == format!("localhost:{port}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const HERE: &str = "http://127.0.0.1:8080";

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for (host, answered) in [
            (Some("127.0.0.1:8080"), true),
            (Some("localhost:8080"), true),
            (Some("127.0.0.1"), false),
            (Some("evil.test:8080"), false),
            (Some("127.0.0.1:8080.evil.test"), false),
            (None, false),
        ] {
            assert_eq!(is_here(host, HERE), answered, "{host:?}");
        }
    }

    #[test]
    fn forms_of_other_sites_are_known() {
        for (name, value, own) in [
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "cross-site", false),
            ("sec-fetch-site", "same-site", false),
            ("origin", HERE, true),
            ("origin", "http://evil.test", false),
            ("origin", "null", false),
        ] {
            let request = TestRequest::post().insert_header((name, value));
            assert_eq!(
                is_own(&request.to_http_request(), HERE),
                own,
                "{name}: {value}"
            );
        }
        let nameless = TestRequest::post().to_http_request();
        assert!(!is_own(&nameless, HERE), "who says nothing is no page");
    }
}
