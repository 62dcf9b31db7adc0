//! What we send to an IdP through the browser, by HTTP-Redirect or HTTP-POST (SAML bindings §3.4, §3.5).

use std::fmt;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::protocol::saml::request_signer::RSA_SHA256;
use crate::protocol::saml::request_signer::RequestSigner;

/// SAML allows so many bytes of `RelayState` (SAML bindings §3.4.3).
pub const LONGEST_RELAY_STATE: usize = 80;

/// A message on its way to an IdP, still unsigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The field or parameter it goes in: `SAMLRequest` or `SAMLResponse`.
    pub(super) field: &'static str,
    /// Its ID.
    pub(super) id: String,
    /// The IdP's URL for it.
    pub(super) destination: String,
    /// Canonical XML.
    pub(super) xml: String,
}

/// The fields of a form that the browser posts to the IdP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostForm {
    /// Where the form goes.
    pub action: String,
    /// The name of the field with the message: `SAMLRequest` or `SAMLResponse`.
    pub field: &'static str,
    /// Its value.
    pub message: String,
    /// The field `RelayState`; empty if there is none.
    pub relay_state: String,
}

/// Why no message can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    /// The IdP's URL is not an http or https URL.
    Destination(String),
    /// SAML allows 80 bytes of `RelayState`.
    RelayStateTooLong(usize),
    /// The signing key is not an RSA private key of 2048 bits or more in PEM.
    SigningKey(&'static str),
    /// The message could not be compressed or signed.
    Failed,
}

impl fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Destination(url) => {
                write!(
                    formatter,
                    "the IdP's URL must be an http or https URL, not \"{url}\""
                )
            }
            Self::RelayStateTooLong(length) => write!(
                formatter,
                "the RelayState must not exceed {LONGEST_RELAY_STATE} bytes, it has {length}"
            ),
            Self::SigningKey(reason) => write!(formatter, "the signing key {reason}"),
            Self::Failed => formatter.write_str("the message could not be encoded"),
        }
    }
}

impl std::error::Error for RequestError {}

impl Message {
    /// The URL for the HTTP-Redirect binding, its query signed if there is a signer.
    pub fn redirect_url(
        &self,
        relay_state: &str,
        signer: Option<&RequestSigner>,
    ) -> Result<String, RequestError> {
        let mut destination = self.checked_destination(relay_state)?;
        destination.set_fragment(None);
        let mut query = Serializer::new(String::new());
        query.append_pair(self.field, &STANDARD.encode(self.deflated()?));
        if !relay_state.is_empty() {
            query.append_pair("RelayState", relay_state);
        }
        if signer.is_some() {
            query.append_pair("SigAlg", RSA_SHA256);
        }
        let mut query = query.finish();
        if let Some(signer) = signer {
            let signature = signer.sign(&query)?;
            query = Serializer::new(query)
                .append_pair("Signature", &signature)
                .finish();
        }
        let own = destination
            .query()
            .filter(|own| !own.is_empty())
            .map(|own| format!("{own}&"));
        destination.set_query(Some(&format!("{}{query}", own.unwrap_or_default())));
        Ok(destination.to_string())
    }

    /// The form for the HTTP-POST binding, its XML signed if there is a signer.
    pub fn post_form(
        &self,
        relay_state: &str,
        signer: Option<&RequestSigner>,
    ) -> Result<PostForm, RequestError> {
        let xml = match signer {
            Some(signer) => signer.envelop(&self.xml, &self.id, "")?,
            None => self.xml.clone(),
        };
        Ok(PostForm {
            action: self.checked_destination(relay_state)?.to_string(),
            field: self.field,
            message: STANDARD.encode(xml),
            relay_state: relay_state.to_owned(),
        })
    }

    fn checked_destination(&self, relay_state: &str) -> Result<Url, RequestError> {
        if relay_state.len() > LONGEST_RELAY_STATE {
            return Err(RequestError::RelayStateTooLong(relay_state.len()));
        }
        let url = Url::parse(&self.destination).ok();
        url.filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| RequestError::Destination(self.destination.clone()))
    }

    fn deflated(&self) -> Result<Vec<u8>, RequestError> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder
            .write_all(self.xml.as_bytes())
            .and_then(|()| encoder.finish())
            .map_err(|_| RequestError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::encoding::Pkcs8V1Der;
    use aws_lc_rs::rsa::KeyPair;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::KeyPair as _;
    use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
    use aws_lc_rs::signature::UnparsedPublicKey;

    use super::*;

    fn signer() -> (KeyPair, RequestSigner) {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&key);
        let body = STANDARD.encode(pkcs8.unwrap().as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        (key, RequestSigner::from_pem(&pem).unwrap())
    }

    fn message(destination: &str) -> Message {
        Message {
            field: "SAMLRequest",
            id: "_1".to_owned(),
            destination: destination.to_owned(),
            xml: "<a><saml:Issuer></saml:Issuer></a>".to_owned(),
        }
    }

    #[test]
    fn a_redirect_keeps_the_idps_own_query_and_loses_its_fragment() {
        let message = message("https://idp.example/sso?tenant=a#top");
        let url = Url::parse(&message.redirect_url("flow 1&2", None).unwrap()).unwrap();
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name).collect();
        assert_eq!(names, ["tenant", "SAMLRequest", "RelayState"]);
        assert_eq!(url.fragment(), None);
        assert!(url.query_pairs().any(|(_, value)| value == "flow 1&2"));
    }

    #[test]
    fn the_signature_covers_the_query_as_sent() {
        let (key, ours) = signer();
        let message = message("https://idp.example/sso?tenant=a");
        let url = message.redirect_url("flow", Some(&ours)).unwrap();
        let (_, query) = url.split_once("?tenant=a&").unwrap();
        let (signed, signature) = query.split_once("&Signature=").unwrap();
        assert!(signed.starts_with("SAMLRequest=") && signed.contains("&SigAlg=http%3A%2F%2F"));
        let signature: String = url::form_urlencoded::parse(signature.as_bytes())
            .map(|(key, _)| key)
            .collect();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())
            .verify(signed.as_bytes(), &STANDARD.decode(signature).unwrap())
            .unwrap();
    }

    #[test]
    fn a_posted_message_is_signed_in_itself() {
        let (_, ours) = signer();
        let message = message("https://idp.example/sso?tenant=a");
        let plain = message.post_form("flow", None).unwrap();
        assert_eq!(plain.action, "https://idp.example/sso?tenant=a");
        assert_eq!(
            STANDARD.decode(&plain.message).unwrap(),
            message.xml.as_bytes()
        );
        let signed = message.post_form("flow", Some(&ours)).unwrap();
        let signed = String::from_utf8(STANDARD.decode(signed.message).unwrap()).unwrap();
        assert!(signed.contains("</saml:Issuer><ds:Signature") && signed.contains("URI=\"#_1\""));
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for destination in ["", "javascript:alert(1)", "/sso"] {
            let refused = Err(RequestError::Destination(destination.to_owned()));
            assert_eq!(message(destination).redirect_url("x", None), refused);
        }
        let long = "x".repeat(81);
        assert_eq!(
            message("https://idp.example").post_form(&long, None),
            Err(RequestError::RelayStateTooLong(81))
        );
    }
}
