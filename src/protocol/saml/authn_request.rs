//! `AuthnRequest` and its HTTP-Redirect and HTTP-POST bindings (SAML core §3.4.1, bindings §3.4 and §3.5).

use std::fmt;
use std::io::Write;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::Utc;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::protocol::saml::xml::ASSERTION;
use crate::protocol::saml::xml::POST_BINDING;
use crate::protocol::saml::xml::PROTOCOL;
use crate::protocol::saml::xml::escape;
use crate::protocol::saml::xml::is_space;

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const LONGEST_RELAY_STATE: usize = 80;

/// The request with which a person is sent to the IdP.
#[derive(Debug, Clone)]
pub struct AuthnRequest {
    /// A random XML name, such as `_` and 32 hexadecimal digits, kept until the answer comes.
    pub id: String,
    /// When the request is made.
    pub issue_instant: DateTime<Utc>,
    /// Our entity id.
    pub issuer: String,
    /// The IdP's single sign-on URL.
    pub destination: String,
    /// Where the answer is to be posted.
    pub acs_url: String,
    /// The wanted format of the `NameID`.
    pub name_id_format: Option<String>,
    /// Whether the person must prove themselves again.
    pub force_authn: bool,
    /// The wanted authentication context class; some IdPs refuse sign-ins if one is named.
    pub requested_authn_context: Option<String>,
}

/// The fields of a form that the browser posts to the IdP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostForm {
    /// Where the form goes.
    pub action: String,
    /// The field `SAMLRequest`.
    pub saml_request: String,
    /// The field `RelayState`.
    pub relay_state: String,
}

/// Why no request can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    /// The IdP's single sign-on URL is not an http or https URL.
    Destination(String),
    /// SAML allows 80 bytes of `RelayState`.
    RelayStateTooLong(usize),
    /// The signing key is not an RSA private key of 2048 bits or more in PEM.
    SigningKey(&'static str),
    /// The request could not be compressed or signed.
    Failed,
}

impl fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Destination(url) => {
                write!(
                    formatter,
                    "the IdP's SSO URL must be an http or https URL, not \"{url}\""
                )
            }
            Self::RelayStateTooLong(length) => write!(
                formatter,
                "the RelayState must not exceed {LONGEST_RELAY_STATE} bytes, it has {length}"
            ),
            Self::SigningKey(reason) => write!(formatter, "the signing key {reason}"),
            Self::Failed => formatter.write_str("the request could not be encoded"),
        }
    }
}

impl std::error::Error for RequestError {}

/// A key that signs requests.
pub struct RequestSigner(KeyPair);

impl fmt::Debug for RequestSigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RequestSigner")
    }
}

impl RequestSigner {
    /// Reads an RSA private key, PKCS#1 or PKCS#8, in PEM.
    pub fn from_pem(pem: &str) -> Result<Self, RequestError> {
        let labels = ["RSA PRIVATE KEY", "PRIVATE KEY"];
        let body = |label: &str| {
            let (_, after) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
            let (body, _) = after.split_once(&format!("-----END {label}-----"))?;
            Some(body.replace(is_space, ""))
        };
        let unlabelled = RequestError::SigningKey("must be PEM: RSA PRIVATE KEY or PRIVATE KEY");
        let body = labels.into_iter().find_map(body).ok_or(unlabelled)?;
        let der = STANDARD
            .decode(body)
            .map_err(|_| RequestError::SigningKey("is not valid base64"))?;
        KeyPair::from_pkcs8(&der)
            .or_else(|_| KeyPair::from_der(&der))
            .map(Self)
            .map_err(|_| RequestError::SigningKey("must be an RSA key of 2048 to 8192 bits"))
    }

    fn sign(&self, message: &str) -> Result<String, RequestError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .map_err(|_| RequestError::Failed)?;
        Ok(STANDARD.encode(signature))
    }
}

impl AuthnRequest {
    /// The request as XML.
    pub fn to_xml(&self) -> String {
        let force_authn = if self.force_authn {
            " ForceAuthn=\"true\""
        } else {
            ""
        };
        let name_id_policy = self.name_id_format.as_ref().map(|format| {
            format!(
                "<samlp:NameIDPolicy AllowCreate=\"true\" Format=\"{}\"/>",
                escape(format)
            )
        });
        let context = self.requested_authn_context.as_ref().map(|class| {
            format!(
                "<samlp:RequestedAuthnContext Comparison=\"exact\"><saml:AuthnContextClassRef>{}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>",
                escape(class)
            )
        });
        format!(
            "<samlp:AuthnRequest xmlns:samlp=\"{PROTOCOL}\" xmlns:saml=\"{ASSERTION}\" \
             ID=\"{id}\" Version=\"2.0\" IssueInstant=\"{instant}\" Destination=\"{destination}\" \
             AssertionConsumerServiceURL=\"{acs_url}\" ProtocolBinding=\"{POST_BINDING}\"{force_authn}>\
             <saml:Issuer>{issuer}</saml:Issuer>{name_id_policy}{context}</samlp:AuthnRequest>",
            id = escape(&self.id),
            instant = self
                .issue_instant
                .to_rfc3339_opts(SecondsFormat::Secs, true),
            destination = escape(&self.destination),
            acs_url = escape(&self.acs_url),
            issuer = escape(&self.issuer),
            name_id_policy = name_id_policy.unwrap_or_default(),
            context = context.unwrap_or_default(),
        )
    }

    /// The URL for the HTTP-Redirect binding, signed if there is a signer.
    pub fn redirect_url(
        &self,
        relay_state: &str,
        signer: Option<&RequestSigner>,
    ) -> Result<String, RequestError> {
        let mut destination = self.checked_destination(relay_state)?;
        destination.set_fragment(None);
        let mut query = Serializer::new(String::new());
        query.append_pair("SAMLRequest", &STANDARD.encode(self.deflated()?));
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

    /// The form for the HTTP-POST binding.
    pub fn post_form(&self, relay_state: &str) -> Result<PostForm, RequestError> {
        Ok(PostForm {
            action: self.checked_destination(relay_state)?.to_string(),
            saml_request: STANDARD.encode(self.to_xml()),
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
            .write_all(self.to_xml().as_bytes())
            .and_then(|()| encoder.finish())
            .map_err(|_| RequestError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io::Read;

    use aws_lc_rs::signature::KeyPair as _;
    use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
    use aws_lc_rs::signature::UnparsedPublicKey;

    use super::*;

    fn request() -> AuthnRequest {
        AuthnRequest {
            id: "_0123456789abcdef".to_owned(),
            issue_instant: DateTime::from_timestamp(1_900_000_000, 0).unwrap(),
            issuer: "https://sp.example/?a=1&b=2".to_owned(),
            destination: "https://idp.example/sso?tenant=a".to_owned(),
            acs_url: "https://sp.example/acs".to_owned(),
            name_id_format: None,
            force_authn: false,
            requested_authn_context: None,
        }
    }

    fn inflated(url: &Url) -> String {
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        let deflated = STANDARD.decode(&query["SAMLRequest"]).unwrap();
        let mut xml = String::new();
        flate2::read::DeflateDecoder::new(deflated.as_slice())
            .read_to_string(&mut xml)
            .unwrap();
        xml
    }

    #[test]
    fn redirect_carries_the_request_beside_the_idps_own_query() {
        let url = Url::parse(&request().redirect_url("flow 1&2", None).unwrap()).unwrap();
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(query["tenant"], "a");
        assert_eq!(query["RelayState"], "flow 1&2");
        assert!(!query.contains_key("Signature"));
        let xml = inflated(&url);
        let document = roxmltree::Document::parse(&xml).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("ID"), Some("_0123456789abcdef"));
        assert_eq!(root.attribute("IssueInstant"), Some("2030-03-17T17:46:40Z"));
        assert_eq!(
            root.attribute("Destination"),
            Some("https://idp.example/sso?tenant=a")
        );
        assert_eq!(root.attribute("ForceAuthn"), None);
        assert_eq!(
            root.first_element_child().unwrap().text(),
            Some("https://sp.example/?a=1&b=2")
        );
        assert_eq!(root.children().count(), 1);
    }

    #[test]
    fn optional_parts_appear_only_if_set() {
        let full = AuthnRequest {
            name_id_format: Some("urn:f".to_owned()),
            force_authn: true,
            requested_authn_context: Some("urn:c".to_owned()),
            ..request()
        };
        let xml = full.to_xml();
        for part in [
            "ForceAuthn=\"true\"",
            "Format=\"urn:f\"",
            ">urn:c</saml:AuthnContextClassRef>",
        ] {
            assert!(xml.contains(part), "{part}");
        }
    }

    #[test]
    fn signature_covers_the_query_as_sent() {
        let key = KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let pkcs8 = aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key);
        let body = STANDARD.encode(pkcs8.unwrap().as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let signer = RequestSigner::from_pem(&pem).unwrap();
        let url = request().redirect_url("flow", Some(&signer)).unwrap();
        let (_, query) = url.split_once("?tenant=a&").unwrap();
        let (message, signature) = query.split_once("&Signature=").unwrap();
        assert!(message.starts_with("SAMLRequest=") && message.contains("&SigAlg=http%3A%2F%2F"));
        let signature: String = url::form_urlencoded::parse(signature.as_bytes())
            .map(|(key, _)| key)
            .collect();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())
            .verify(message.as_bytes(), &STANDARD.decode(signature).unwrap())
            .unwrap();
    }

    #[test]
    fn unusable_input_is_named() {
        let destination = "javascript:alert(1)".to_owned();
        let bad = AuthnRequest {
            destination: destination.clone(),
            ..request()
        };
        assert_eq!(
            bad.redirect_url("x", None),
            Err(RequestError::Destination(destination))
        );
        let long = "x".repeat(81);
        assert_eq!(
            request().post_form(&long),
            Err(RequestError::RelayStateTooLong(81))
        );
        for pem in [
            "",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        ] {
            assert!(matches!(
                RequestSigner::from_pem(pem),
                Err(RequestError::SigningKey(_))
            ));
        }
    }
}
