//! What every page of ours shares: escaping, one style, and a policy that allows nothing else.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(crate) use crate::domain::html_text::escape;

/// Follows the reader's light or dark, and a phone's width.
pub(crate) const STYLE: &str = ":root{color-scheme:light dark}\
body{font:1.05rem/1.5 system-ui,sans-serif;max-width:44rem;margin:8vh auto;padding:0 1.25rem}\
h1{font-size:1.35rem}h2{font-size:1rem;margin:1.6rem 0 0}h2+p{margin:.3rem 0}\
dl{margin-top:2rem;font-size:.9rem}dt{opacity:.7}dd{margin:0 0 .6rem}\
dd,code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}";

static POLICY: LazyLock<String> = LazyLock::new(|| policy_for(STYLE));

/// Nothing but the page's own style: no script, no image, no frame around it, no form in it.
pub(crate) fn policy() -> &'static str {
    &POLICY
}

/// The same for a page with another style.
pub(crate) fn policy_for(style: &str) -> String {
    format!(
        "default-src 'none'; style-src '{}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        hash(style)
    )
}

/// The same for a page with a form for another site, and the script that posts it. Browsers hold
/// the redirects after a form to `form-action` as well, and where an IdP sends its people on to is
/// its own affair, so no single site is named.
pub(crate) fn posting_policy_for(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; \
         form-action https: http:; frame-ancestors 'none'",
        hash(style),
        hash(script)
    )
}

fn hash(text: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    format!("sha256-{}", STANDARD.encode(hash.as_ref()))
}

/// A whole page in our style: its title, which is escaped, and the HTML of what comes below.
pub(crate) fn document(title: &str, main: &str) -> String {
    let title = escape(title);
    styled_document(
        (&title, STYLE),
        &format!("<main><h1>{title}</h1>{main}</main>"),
    )
}

/// A whole page in another style; its title and its body are HTML.
pub(crate) fn styled_document((title, style): (&str, &str), body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title}</title><style>{style}</style></head><body>{body}</body></html>"
    )
}
