//! `/docs/errors`: what each `error_type` means, made from the table that answers with it.

use std::collections::BTreeMap;
use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web;

use crate::http::html::STYLE;
use crate::http::html::escape;
use crate::http::html::policy;
use crate::http::management::error_text::Described;
use crate::http::management::error_text::described;
use crate::use_cases::error::ManagementError;

/// The URLs of the documentation.
pub(crate) fn routes(configuration: &mut web::ServiceConfig) {
    configuration.route("/docs/errors", web::get().to(errors));
}

async fn errors() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, policy()))
        .body(page())
}

/// Each error type once, with the status and the text of one example.
pub(crate) fn by_type() -> BTreeMap<String, Described> {
    let all = ManagementError::examples();
    all.iter()
        .map(described)
        .map(|told| (told.error_type.clone(), told))
        .collect()
}

fn page() -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Errors – Vestibule</title><style>{STYLE}</style>\
         <h1>Errors of the management API</h1>\
         <p>Each answer that is no success carries one of these as <code>error_type</code>, with a \
         text like the one here.</p>"
    );
    for (error_type, told) in by_type() {
        let message = escape(&told.message);
        let status = told.status;
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "<h2 id=\"{error_type}\"><code>{error_type}</code></h2><p>{status}. {message}</p>"
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_place_in_the_table_and_on_the_page() {
        let page = page();
        for error in ManagementError::examples() {
            let told = described(&error);
            let ours = matches!(
                error,
                ManagementError::Internal(_) | ManagementError::Storage(_)
            );
            assert_eq!(told.status >= 500, ours, "{error:?} is misplaced");
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
