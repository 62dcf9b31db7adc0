//! `/docs`: the calls of the management API and its error types, made from what answers them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web;
use actix_web::web::Data;

use crate::http::html::escape;
use crate::http::html::policy_for;
use crate::http::html::styled_document;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::described;
use crate::http::openapi::document;
use crate::http::state::Gateway;
use crate::use_cases::error::ManagementError;

mod calls;
mod curl;
mod schemas;

/// Follows the reader's light or dark, and a phone's width.
const STYLE: &str = ":root{color-scheme:light dark;--line:light-dark(#d5d5d5,#444);\
--soft:light-dark(#f4f4f4,#222)}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto 6rem;padding:0 1.25rem}\
nav ul{list-style:none;padding:0;margin:.3rem 0 1rem}header a{margin-right:1rem}\
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.5rem;border-bottom:1px solid var(--line)}\
h3{font-size:1rem;margin:2rem 0 .3rem}h4{font-size:1rem;margin:.8rem 0 .2rem}p{margin:.3rem 0}\
code,pre{font-family:ui-monospace,monospace;font-size:.9em}code{overflow-wrap:anywhere}\
pre{background:var(--soft);padding:.7rem;overflow-x:auto}\
details{border-left:3px solid var(--line);padding-left:.8rem;margin:.4rem 0}summary{cursor:pointer}\
dl{margin:.4rem 0}dt{margin-top:.4rem}dd{margin:0 0 0 1rem}small{opacity:.75}\
:target{background:var(--soft)}";

static POLICY: LazyLock<String> = LazyLock::new(|| policy_for(STYLE));

/// The URLs of the documentation.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/docs", web::get().to(index))
        .route("/docs/api", web::get().to(api))
        .route("/docs/errors", web::get().to(errors));
}

async fn index() -> HttpResponse {
    answer(&page(
        "Documentation",
        "<h2><a href=\"/docs/api\">Calls</a></h2><p>Each call of the management API, what it takes and \
         what it answers, with an example to try.</p>\
         <h2><a href=\"/docs/errors\">Errors</a></h2><p>What each <code>error_type</code> means.</p>\
         <h2><a href=\"/openapi.json\">openapi.json</a></h2><p>The same for programs, as OpenAPI \
         3.1.</p>",
    ))
}

async fn api(gateway: Data<Gateway>) -> HttpResponse {
    let body = calls::body(document(), &gateway.deployment.public_url);
    answer(&page("Calls of the management API", &body))
}

async fn errors() -> HttpResponse {
    answer(&error_page())
}

fn answer(page: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .body(page.to_owned())
}

fn page(title: &str, body: &str) -> String {
    let body = format!(
        "<header><a href=\"/docs\">Vestibule</a><a href=\"/docs/api\">Calls</a>\
         <a href=\"/docs/errors\">Errors</a></header><main><h1>{title}</h1>{body}</main>"
    );
    styled_document((&format!("{title} – Vestibule"), STYLE), &body)
}

/// Each error type once, with the status and the text of one example.
pub(crate) fn by_type() -> BTreeMap<String, Described> {
    let all = ManagementError::examples();
    all.iter()
        .map(described)
        .map(|told| (told.error_type.clone(), told))
        .collect()
}

fn error_page() -> String {
    let mut body = "<p>Each answer that is no success carries one of these as \
         <code>error_type</code>, with a text like the one here.</p>"
        .to_owned();
    for (error_type, told) in by_type() {
        let message = escape(&told.message);
        let status = told.status;
        // Writing to a String cannot fail.
        let _ = write!(
            body,
            "<h3 id=\"{error_type}\"><code>{error_type}</code></h3><p>{status}. {message}</p>"
        );
    }
    page("Errors of the management API", &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::use_cases::error::foreign_token::ForeignTokenError;
    use crate::use_cases::error::password::PasswordError;

    #[test]
    fn every_refusal_has_its_place_in_the_table_and_on_the_page() {
        let page = error_page();
        for error in ManagementError::examples() {
            let told = described(&error);
            let is_not_the_caller_s = matches!(
                error,
                ManagementError::Internal(_)
                    | ManagementError::Storage(_)
                    | ManagementError::ForeignToken(ForeignTokenError::Unreachable(_))
                    | ManagementError::Password(PasswordError::Busy)
            );
            let is_misplaced = (told.status >= 500) != is_not_the_caller_s;
            assert!(!is_misplaced, "{error:?} is misplaced");
            let well_formed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            assert!(
                told.error_type.chars().all(well_formed),
                "{}",
                told.error_type
            );
            assert!(page.contains(&format!("id=\"{}\"", told.error_type)));
        }
    }
}
