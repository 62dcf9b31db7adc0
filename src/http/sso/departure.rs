//! The browser leaves for an IdP: a redirect, or a form that posts itself where scripts run and has
//! a button where they do not (SAML bindings §3.4, §3.5).

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::cookie::Cookie;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::http::header::REFERRER_POLICY;
use actix_web::http::header::X_FRAME_OPTIONS;

use crate::http::html::STYLE;
use crate::http::html::document;
use crate::http::html::escape;
use crate::http::html::posting_policy_for;
use crate::http::sso::redirect;
use crate::protocol::saml::PostForm;
use crate::use_cases::sign_in::departure::Departure;

const SUBMIT: &str = "document.forms[0].submit()";

static POLICY: LazyLock<String> = LazyLock::new(|| posting_policy_for(STYLE, SUBMIT));

/// The answer that takes the browser away, and a cookie for when it comes back.
pub(crate) fn leave(departure: Departure, cookie: Option<Cookie<'static>>) -> HttpResponse {
    let (mut response, page) = match departure {
        Departure::Redirect(url) => (redirect(&url), None),
        Departure::Form(form) => (HttpResponse::Ok(), Some(page(&form))),
    };
    if let Some(cookie) = cookie {
        response.cookie(cookie);
    }
    let Some(page) = page else {
        return response.finish();
    };
    response
        .insert_header((CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .content_type("text/html; charset=utf-8")
        .body(page)
}

fn page(form: &PostForm) -> String {
    let field = |name: &str, value: &str| {
        let value = escape(value);
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    };
    let relay_state = if form.relay_state.is_empty() {
        String::new()
    } else {
        field("RelayState", &form.relay_state)
    };
    let posted = format!(
        "<form method=\"post\" action=\"{action}\">{message}{relay_state}\
         <button>Continue</button></form><script>{SUBMIT}</script>",
        action = escape(&form.action),
        message = field(form.field, &form.message),
    );
    document("To your identity provider", &posted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_form_carries_is_escaped() {
        let html = page(&PostForm {
            action: "https://idp.test/?a=\"><script>".to_owned(),
            field: "SAMLRequest",
            message: "PGEvPg==".to_owned(),
            relay_state: "'<b>".to_owned(),
        });
        assert!(html.contains("action=\"https://idp.test/?a=&quot;&gt;&lt;script&gt;\""));
        assert!(html.contains("value=\"&#39;&lt;b&gt;\""));
        assert_eq!(html.matches("<script").count(), 1);
        assert!(POLICY.contains("script-src 'sha256-") && POLICY.contains("form-action https:"));
    }
}
