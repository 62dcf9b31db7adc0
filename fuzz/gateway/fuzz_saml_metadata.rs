//! Metadata of identity providers: a text as it comes, or good metadata mutated by its structure.
//! What is accepted has a certificate and addresses to which a browser may be sent, no entity was
//! expanded, and reading it again gives the same.

#![no_main]
#![allow(dead_code, unreachable_pub)]

use libfuzzer_sys::fuzz_target;
use url::Url;
use vestibule::protocol::saml::IdentityProvider;

#[path = "../../tests/gateway/support/saml/mod.rs"]
mod saml;

const GOOD: &str = include_str!("../corpus/saml_metadata/whole");
/// What a browser must not be sent to.
const EVIL: &str = "<md:SingleLogoutService \
    Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
    Location=\"javascript:alert(1)\" ResponseLocation=\"data:text/html,x\"/>";

/// A well-formed text without its comments.
fn uncommented(text: &str) -> String {
    let (start, commented) = text.split_once("<!--").unwrap_or((text, ""));
    let rest = commented.split("<!--");
    let after = rest.filter_map(|part| Some(part.split_once("-->")?.1));
    [start].into_iter().chain(after).collect()
}

fn check(text: &str) {
    let Ok(read) = IdentityProvider::from_metadata(text) else {
        return;
    };
    assert!(!read.certificates.is_empty());
    assert!(!read.entity_id.is_empty());
    assert!(
        !uncommented(text).contains("<!"),
        "a document type was accepted"
    );
    let sign_in: Vec<&String> = [&read.sso_redirect_url, &read.sso_post_url]
        .into_iter()
        .flatten()
        .collect();
    assert!(!sign_in.is_empty());
    let services = [&read.slo_redirect, &read.slo_post].into_iter().flatten();
    let logout = services.flat_map(|service| [Some(&service.url), service.response_url.as_ref()]);
    for url in sign_in.into_iter().chain(logout.flatten()) {
        let scheme = Url::parse(url).map(|url| url.scheme().to_owned());
        assert!(matches!(scheme.as_deref(), Ok("https" | "http")), "{url}");
    }
    let again = IdentityProvider::from_metadata(text);
    assert_eq!(again, Ok(read));
}

fuzz_target!(|data: &[u8]| {
    match std::str::from_utf8(data) {
        Ok(text) if text.trim_start().starts_with('<') => check(text),
        _ => check(&saml::mutate::mutated(GOOD, EVIL, data)),
    }
});
