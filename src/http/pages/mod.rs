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
pub(crate) fn page_that_leads_away(status: StatusCode, template: &impl Template) -> HttpResponse {
    let policy = POLICY.replace("form-action 'self'", "form-action 'self' https: http:");
    with_policy(status, template, &policy)
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
}
