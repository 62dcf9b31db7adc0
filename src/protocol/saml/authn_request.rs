//! `AuthnRequest`: the request with which a person is sent to the IdP (SAML core §3.4.1).

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::Utc;

use crate::protocol::saml::canonical::attribute;
use crate::protocol::saml::canonical::element;
use crate::protocol::saml::canonical::optional;
use crate::protocol::saml::canonical::text;
use crate::protocol::saml::message::Message;
use crate::protocol::saml::xml::ASSERTION;
use crate::protocol::saml::xml::POST_BINDING;
use crate::protocol::saml::xml::PROTOCOL;

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

impl AuthnRequest {
    /// The request as it is sent.
    pub fn message(&self) -> Message {
        Message {
            field: "SAMLRequest",
            id: self.id.clone(),
            destination: self.destination.clone(),
            xml: self.to_xml(),
        }
    }

    fn to_xml(&self) -> String {
        let instant = self.issue_instant;
        let attributes = [
            attribute("xmlns:samlp", PROTOCOL),
            attribute("AssertionConsumerServiceURL", &self.acs_url),
            attribute("Destination", &self.destination),
            optional("ForceAuthn", self.force_authn.then_some("true")),
            attribute("ID", &self.id),
            attribute(
                "IssueInstant",
                &instant.to_rfc3339_opts(SecondsFormat::Secs, true),
            ),
            attribute("ProtocolBinding", POST_BINDING),
            attribute("Version", "2.0"),
        ];
        let namespace = [attribute("xmlns:saml", ASSERTION)];
        let policy = self.name_id_format.as_ref().map(|format| {
            let attributes = [
                attribute("AllowCreate", "true"),
                attribute("Format", format),
            ];
            element("samlp:NameIDPolicy", &attributes, "")
        });
        let context = self.requested_authn_context.as_ref().map(|class| {
            let class = element("saml:AuthnContextClassRef", &namespace, &text(class));
            let comparison = [attribute("Comparison", "exact")];
            element("samlp:RequestedAuthnContext", &comparison, &class)
        });
        let inside = [
            element("saml:Issuer", &namespace, &text(&self.issuer)),
            policy.unwrap_or_default(),
            context.unwrap_or_default(),
        ];
        element("samlp:AuthnRequest", &attributes, &inside.concat())
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_plain_request_says_who_asks_and_where_the_answer_goes() {
        let xml = request().to_xml();
        let document = roxmltree::Document::parse(&xml).unwrap();
        let root = document.root_element();
        let told = |name| root.attribute(name);
        assert_eq!(told("ID"), Some("_0123456789abcdef"));
        assert_eq!(told("IssueInstant"), Some("2030-03-17T17:46:40Z"));
        assert_eq!(
            told("AssertionConsumerServiceURL"),
            Some("https://sp.example/acs")
        );
        assert_eq!(
            told("Destination"),
            Some("https://idp.example/sso?tenant=a")
        );
        assert_eq!(told("ForceAuthn"), None);
        let issuer = root.first_element_child().unwrap();
        assert_eq!(issuer.text(), Some("https://sp.example/?a=1&b=2"));
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
}
