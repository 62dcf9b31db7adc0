//! Metadata of identity providers: what is accepted has a certificate and addresses to which a
//! browser may be sent, no entity was expanded, and reading it again gives the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;
use vestibule::protocol::saml::IdentityProvider;

/// A well-formed text without its comments.
fn uncommented(text: &str) -> String {
    let (start, commented) = text.split_once("<!--").unwrap_or((text, ""));
    let rest = commented.split("<!--");
    let after = rest.filter_map(|part| Some(part.split_once("-->")?.1));
    [start].into_iter().chain(after).collect()
}

fuzz_target!(|text: &str| {
    let Ok(read) = IdentityProvider::from_metadata(text) else {
        return;
    };
    assert!(!read.certificates.is_empty());
    assert!(!read.entity_id.is_empty());
    assert!(
        !uncommented(text).contains("<!"),
        "a document type was accepted"
    );
    let urls: Vec<&String> = [&read.sso_redirect_url, &read.sso_post_url]
        .into_iter()
        .flatten()
        .collect();
    assert!(!urls.is_empty());
    for url in urls {
        let scheme = Url::parse(url).map(|url| url.scheme().to_owned());
        assert!(matches!(scheme.as_deref(), Ok("https" | "http")), "{url}");
    }
    let again = IdentityProvider::from_metadata(text);
    assert_eq!(again.ok().map(|it| it.entity_id), Some(read.entity_id));
});
