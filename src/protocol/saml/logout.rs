//! Single logout as we send it: `LogoutRequest` and `LogoutResponse` (SAML core §3.7, profiles §4.4).

use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::TimeDelta;
use chrono::Utc;

use crate::protocol::saml::canonical::attribute;
use crate::protocol::saml::canonical::element;
use crate::protocol::saml::canonical::optional;
use crate::protocol::saml::canonical::text;
use crate::protocol::saml::message::Message;
use crate::protocol::saml::response::NameId;
use crate::protocol::saml::xml::ASSERTION;
use crate::protocol::saml::xml::PROTOCOL;
use crate::protocol::saml::xml::SUCCESS;

const REQUEST_LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// What a message of ours says of itself.
#[derive(Debug, Clone)]
pub struct LogoutEnvelope {
    /// A random XML name.
    pub id: String,
    /// When it is made.
    pub issue_instant: DateTime<Utc>,
    /// Our entity id.
    pub issuer: String,
    /// The IdP's URL for it.
    pub destination: String,
}

impl LogoutEnvelope {
    /// A request to end the IdP's session of a person.
    pub fn request(&self, name_id: &NameId, session_index: Option<&str>) -> Message {
        let end = written(self.issue_instant + REQUEST_LIFETIME);
        let attributes = [
            attribute("xmlns:samlp", PROTOCOL),
            attribute("Destination", &self.destination),
            attribute("ID", &self.id),
            attribute("IssueInstant", &written(self.issue_instant)),
            attribute("NotOnOrAfter", &end),
            attribute("Version", "2.0"),
        ];
        let index = session_index.map(|index| element("samlp:SessionIndex", &[], &text(index)));
        let inside = [self.issuer(), named(name_id), index.unwrap_or_default()];
        let xml = element("samlp:LogoutRequest", &attributes, &inside.concat());
        self.message("SAMLRequest", xml)
    }

    /// The answer to the IdP's request: its session here is over.
    pub fn response(&self, in_response_to: &str) -> Message {
        let attributes = [
            attribute("xmlns:samlp", PROTOCOL),
            attribute("Destination", &self.destination),
            attribute("ID", &self.id),
            attribute("InResponseTo", in_response_to),
            attribute("IssueInstant", &written(self.issue_instant)),
            attribute("Version", "2.0"),
        ];
        let code = element("samlp:StatusCode", &[attribute("Value", SUCCESS)], "");
        let inside = [self.issuer(), element("samlp:Status", &[], &code)];
        let xml = element("samlp:LogoutResponse", &attributes, &inside.concat());
        self.message("SAMLResponse", xml)
    }

    fn issuer(&self) -> String {
        let namespace = [attribute("xmlns:saml", ASSERTION)];
        element("saml:Issuer", &namespace, &text(&self.issuer))
    }

    fn message(&self, field: &'static str, xml: String) -> Message {
        Message {
            field,
            id: self.id.clone(),
            destination: self.destination.clone(),
            xml,
        }
    }
}

fn named(name_id: &NameId) -> String {
    let attributes = [
        attribute("xmlns:saml", ASSERTION),
        optional("Format", name_id.format.as_deref()),
        optional("NameQualifier", name_id.name_qualifier.as_deref()),
        optional("SPNameQualifier", name_id.sp_name_qualifier.as_deref()),
    ];
    element("saml:NameID", &attributes, &text(&name_id.value))
}

fn written(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(destination: &str, now: DateTime<Utc>) -> LogoutEnvelope {
        LogoutEnvelope {
            id: "_1".to_owned(),
            issue_instant: now,
            issuer: "urn:idp".to_owned(),
            destination: destination.to_owned(),
        }
    }

    #[test]
    fn a_request_names_the_person_as_the_assertion_did() {
        let name_id = NameId {
            value: "a&b".to_owned(),
            format: Some("urn:f".to_owned()),
            name_qualifier: Some("urn:idp".to_owned()),
            sp_name_qualifier: None,
        };
        let now = DateTime::from_timestamp(1_900_000_000, 0).unwrap();
        let message = envelope("https://idp.example/slo", now).request(&name_id, Some("_s"));
        let document = roxmltree::Document::parse(&message.xml).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("NotOnOrAfter"), Some("2030-03-17T17:51:40Z"));
        let named = root.children().nth(1).unwrap();
        assert_eq!(named.text(), Some("a&b"));
        assert_eq!(named.attribute("NameQualifier"), Some("urn:idp"));
        assert_eq!(named.attribute("SPNameQualifier"), None);
        assert_eq!(root.children().nth(2).unwrap().text(), Some("_s"));
    }
}
