//! The request for a sign-in, as far as the demo's identity provider looks at it (SAML bindings §3.4).

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use url::Url;

const LONGEST_REQUEST: u64 = 64 * 1024;

/// A request for sign-in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Its id.
    pub(crate) id: String,
    /// Who asks.
    pub(crate) issuer: String,
    /// Where the answer goes.
    pub(crate) acs_url: String,
    /// All of it.
    pub(crate) xml: String,
}

/// Reads a request. Answers leave for the gateway alone, so that nobody else can collect them.
pub(crate) fn checked(request: &str, origin: &str) -> Result<Asked, String> {
    let asked = read(request).ok_or("The SAMLRequest cannot be read.")?;
    let own = Url::parse(origin).map(|url| url.origin());
    let target = Url::parse(&asked.acs_url).map(|url| url.origin());
    if own.is_err() || own != target {
        return Err(format!(
            "The AssertionConsumerServiceURL must be a URL at {origin}."
        ));
    }
    Ok(asked)
}

/// Reads what HTTP-Redirect carries: DEFLATE, then base64.
fn read(request: &str) -> Option<Asked> {
    let compressed = STANDARD.decode(request).ok()?;
    let mut xml = String::new();
    DeflateDecoder::new(compressed.as_slice())
        .take(LONGEST_REQUEST)
        .read_to_string(&mut xml)
        .ok()?;
    let document = roxmltree::Document::parse(&xml).ok()?;
    let root = document.root_element();
    let issuer = root
        .children()
        .find(|child| child.tag_name().name() == "Issuer")?;
    Some(Asked {
        id: root.attribute("ID")?.to_owned(),
        issuer: issuer.text()?.trim().to_owned(),
        acs_url: root.attribute("AssertionConsumerServiceURL")?.to_owned(),
        xml: xml.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "http://127.0.0.1:8080";

    fn encoded(xml: &str) -> String {
        let mut deflated = Vec::new();
        flate2::read::DeflateEncoder::new(xml.as_bytes(), flate2::Compression::fast())
            .read_to_end(&mut deflated)
            .unwrap();
        STANDARD.encode(deflated)
    }

    fn request(acs_url: &str) -> String {
        format!(
            "<p:AuthnRequest xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_1\" \
             AssertionConsumerServiceURL=\"{acs_url}\"><a:Issuer \
             xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\"> sp </a:Issuer></p:AuthnRequest>"
        )
    }

    #[test]
    fn a_request_is_read_and_answers_go_to_the_gateway_alone() {
        let acs_url = format!("{ORIGIN}/v1/b2b/sso/callback/x");
        let xml = request(&acs_url);
        let asked = checked(&encoded(&xml), ORIGIN).unwrap();
        let (id, issuer) = ("_1".to_owned(), "sp".to_owned());
        assert_eq!(
            asked,
            Asked {
                id,
                issuer,
                acs_url,
                xml
            }
        );
        for bad in [
            "http://evil.test/",
            "http://127.0.0.1:8081/",
            "javascript:alert(1)",
        ] {
            let refused = checked(&encoded(&request(bad)), ORIGIN).unwrap_err();
            assert!(refused.contains("must be a URL"), "{bad}");
        }
        for bad in ["", "%", &STANDARD.encode("x"), &encoded("<x/>")] {
            assert!(checked(bad, ORIGIN).is_err(), "{bad}");
        }
    }
}
