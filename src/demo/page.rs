//! The pages of the demo: one frame with its banner, and the escaping of what is put into it.

use actix_web::HttpResponse;
use actix_web::HttpResponseBuilder;
use actix_web::http::header::CACHE_CONTROL;

const STYLE: &str = ":root{color-scheme:light dark}body{font:1.05rem/1.6 system-ui,sans-serif;\
max-width:44rem;margin:0 auto;padding:0 1.25rem 3rem}header{border-bottom:1px solid;opacity:.75;\
margin-bottom:2rem}h1{font-size:1.5rem}li{margin:.4rem 0}code,dd{overflow-wrap:anywhere}\
button{font:inherit;padding:.5rem 1rem}";

/// A page with this title; the content is HTML.
pub(crate) fn page(mut response: HttpResponseBuilder, title: &str, content: &str) -> HttpResponse {
    let title = escape(title);
    response
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
             <style>{STYLE}</style></head><body><header><p><strong>Demo.</strong> Everybody here is made up, and all of \
             it is gone when the demo stops.</p></header><main><h1>{title}</h1>{content}</main>\
             </body></html>"
        ))
}

/// Text as it may stand in HTML, in attributes too.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The text that was escaped.
pub(crate) fn unescape(html: &str) -> String {
    html.replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&gt;", ">")
        .replace("&lt;", "<")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_holds_no_markup_and_comes_back() {
        let text = "<a href=\"x\">&lt; it's</a>";
        let html = escape(text);
        assert!(!html.contains(['<', '>', '"', '\'']), "{html}");
        assert_eq!(unescape(&html), text);
    }
}
