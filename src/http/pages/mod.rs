//! What every page of ours shares: its headers, its policy, its style and script, and the proof
//! that a form was sent from one of them.

use actix_web::HttpResponse;
use actix_web::HttpResponseBuilder;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::http::header::LOCATION;
use actix_web::http::header::REFERRER_POLICY;
use askama::Template;
use url::Url;

pub(crate) mod assets;
pub(crate) mod compress;
pub(crate) mod cookies;
pub(crate) mod form;
pub(crate) mod same_origin;

/// Nothing from elsewhere and nothing inline: what is written into a page can never run.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                      img-src 'self' data:; connect-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// The most characters of a name that are shown.
const SHOWN: usize = 80;

/// A page that says something plainly and offers nothing to do.
#[derive(Template)]
#[template(path = "refused.html")]
pub(crate) struct Refused<'t> {
    /// What happened.
    pub(crate) title: &'t str,
    /// Why.
    pub(crate) reason: &'t str,
    /// What helps.
    pub(crate) fix: &'t str,
}

/// A page.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> HttpResponse {
    with_policy(status, template, POLICY)
}

/// A page whose form may lead to another site: browsers hold the redirects after a form to
/// `form-action` as well, and where an identity provider sends its people on to is its own affair.
/// The way may end in an application's own scheme, if its redirect URL has one.
pub(crate) fn page_that_leads_away(
    status: StatusCode,
    template: &impl Template,
    redirect_url: &str,
) -> HttpResponse {
    let scheme = own_scheme(redirect_url);
    let targets = format!("form-action 'self' https: http:{scheme}");
    with_policy(
        status,
        template,
        &POLICY.replace("form-action 'self'", &targets),
    )
}

/// A scheme has letters, digits, `+`, `-` and `.` alone, so that it cannot end the directive.
fn own_scheme(redirect_url: &str) -> String {
    match Url::parse(redirect_url) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => format!(" {}:", url.scheme()),
        _ => String::new(),
    }
}

/// Leads the browser on after a form was sent, so that reloading sends nothing again.
pub(crate) fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}

/// A name that others chose, no longer than fits into a line or two.
pub(crate) fn shortened(name: &str) -> String {
    if name.chars().count() <= SHOWN {
        return name.to_owned();
    }
    name.chars().take(SHOWN).chain(['…']).collect()
}

fn with_policy(status: StatusCode, template: &impl Template, policy: &str) -> HttpResponse {
    let Ok(html) = template.render() else {
        return HttpResponse::InternalServerError().finish();
    };
    let mut response = HttpResponseBuilder::new(status);
    response
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((CACHE_CONTROL, "no-store"))
        // With `no-referrer` browsers would not tell our own forms' origin either.
        .insert_header((REFERRER_POLICY, "same-origin"))
        .body(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_escapes_what_it_is_given_and_runs_nothing_inline() {
        let hostile = "<script>alert(\"x\")</script>'";
        let refused = Refused {
            title: hostile,
            reason: hostile,
            fix: hostile,
        };
        let html = refused.render().unwrap();
        assert!(!html.contains("<script>"), "{html}");
        assert_eq!(html.matches("alert(").count(), 4);
        let response = page(StatusCode::FORBIDDEN, &refused);
        let policy = response.headers().get(CONTENT_SECURITY_POLICY).unwrap();
        assert!(!policy.to_str().unwrap().contains("unsafe"));
    }

    #[test]
    fn a_form_may_lead_to_the_scheme_of_the_redirect_url() {
        let refused = Refused {
            title: "",
            reason: "",
            fix: "",
        };
        for (url, targets) in [
            ("https://app.test/in", "'self' https: http:"),
            ("http://127.0.0.1:3000/in", "'self' https: http:"),
            ("", "'self' https: http:"),
            (
                "com.example.app:/callback",
                "'self' https: http: com.example.app:",
            ),
            ("myapp://in", "'self' https: http: myapp:"),
            ("my; script-src *:/in", "'self' https: http:"),
        ] {
            let response = page_that_leads_away(StatusCode::OK, &refused, url);
            let policy = response.headers().get(CONTENT_SECURITY_POLICY).unwrap();
            let policy = policy.to_str().unwrap();
            let own = policy
                .split("; ")
                .find_map(|it| it.strip_prefix("form-action "));
            assert_eq!(own, Some(targets), "{url}");
        }
    }
}
