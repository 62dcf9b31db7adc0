//! Writes the SAML responses of the demo IdP; every part can be made wrong.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use chrono::SecondsFormat;
use chrono::TimeDelta;
use chrono::Utc;

use crate::demo::saml_encryption::Encryption;
use crate::demo::saml_signature::KeyPair;
use crate::demo::saml_signature::SigningError;
use crate::protocol::saml::canonical::attribute;
use crate::protocol::saml::canonical::element;
use crate::protocol::saml::canonical::optional;
use crate::protocol::saml::canonical::text;

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const EMAIL_FORMAT: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

/// A response about to be written; every field may be changed to make it wrong.
#[derive(Debug, Clone)]
pub struct ResponseDraft {
    /// The ID of the Response.
    pub response_id: String,
    /// The ID of the Assertion.
    pub assertion_id: String,
    /// The version of both.
    pub version: String,
    /// When both are issued.
    pub issue_instant: DateTime<Utc>,
    /// The issuer of the Assertion.
    pub issuer: String,
    /// The issuer of the Response.
    pub response_issuer: Option<String>,
    /// The `Destination` of the Response.
    pub destination: Option<String>,
    /// The `InResponseTo` of the Response.
    pub in_response_to: Option<String>,
    /// The top-level status code; `None` leaves out the `Status`.
    pub status: Option<String>,
    /// The subject's identifier.
    pub name_id: String,
    /// The format of the identifier.
    pub name_id_format: String,
    /// The method of the subject confirmation.
    pub confirmation_method: String,
    /// The `Recipient` of the confirmation.
    pub recipient: Option<String>,
    /// The `InResponseTo` of the confirmation.
    pub confirmation_in_response_to: Option<String>,
    /// The `NotOnOrAfter` of the confirmation.
    pub confirmation_not_on_or_after: Option<DateTime<Utc>>,
    /// Whether there are `Conditions`.
    pub has_conditions: bool,
    /// The `NotBefore` of the conditions.
    pub not_before: Option<DateTime<Utc>>,
    /// The `NotOnOrAfter` of the conditions.
    pub not_on_or_after: Option<DateTime<Utc>>,
    /// One audience restriction per audience.
    pub audiences: Vec<String>,
    /// When the person signed in; `None` leaves out the `AuthnStatement`.
    pub authn_instant: Option<DateTime<Utc>>,
    /// The `SessionIndex`.
    pub session_index: String,
    /// The `SessionNotOnOrAfter`.
    pub session_not_on_or_after: Option<DateTime<Utc>>,
    /// The attributes and their values.
    pub attributes: Vec<(String, Vec<String>)>,
    /// Whether the Assertion is signed.
    pub sign_assertion: bool,
    /// Whether the Response is signed.
    pub sign_response: bool,
    /// How the Assertion is encrypted, if it is.
    pub encryption: Option<Encryption>,
}

/// Who speaks to whom, and in answer to what.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// The IdP's entity id.
    pub issuer: &'a str,
    /// The ACS URL of the connection.
    pub acs_url: &'a str,
    /// The audience of the connection.
    pub audience: &'a str,
    /// The id of the request; `None` for an IdP-initiated response.
    pub in_response_to: Option<&'a str>,
    /// A unique part for the IDs, made of letters and digits.
    pub unique: &'a str,
}

impl ResponseDraft {
    /// A correct response for `name_id`, valid for five minutes, its Assertion signed.
    pub fn new(exchange: Exchange<'_>, name_id: &str, now: DateTime<Utc>) -> Self {
        let end = now + TimeDelta::minutes(5);
        let in_response_to = exchange.in_response_to.map(str::to_owned);
        Self {
            response_id: format!("_r{}", exchange.unique),
            assertion_id: format!("_a{}", exchange.unique),
            version: "2.0".to_owned(),
            issue_instant: now,
            issuer: exchange.issuer.to_owned(),
            response_issuer: Some(exchange.issuer.to_owned()),
            destination: Some(exchange.acs_url.to_owned()),
            in_response_to: in_response_to.clone(),
            status: Some(SUCCESS.to_owned()),
            name_id: name_id.to_owned(),
            name_id_format: EMAIL_FORMAT.to_owned(),
            confirmation_method: BEARER.to_owned(),
            recipient: Some(exchange.acs_url.to_owned()),
            confirmation_in_response_to: in_response_to,
            confirmation_not_on_or_after: Some(end),
            has_conditions: true,
            not_before: Some(now),
            not_on_or_after: Some(end),
            audiences: vec![exchange.audience.to_owned()],
            authn_instant: Some(now),
            session_index: format!("_s{}", exchange.unique),
            session_not_on_or_after: None,
            attributes: Vec::new(),
            sign_assertion: true,
            sign_response: false,
            encryption: None,
        }
    }

    /// The response as XML, signed as the draft says.
    pub fn to_xml(&self, key: &KeyPair) -> Result<String, SigningError> {
        let mut assertion = self.assertion();
        if self.sign_assertion {
            assertion = key.sign_element(&assertion, &self.assertion_id)?;
        }
        if let Some(encryption) = &self.encryption {
            assertion = encryption.encrypt(&assertion)?;
        }
        let response = self.response(&assertion);
        if self.sign_response {
            return key.sign_element(&response, &self.response_id);
        }
        Ok(response)
    }

    /// The value of the form field `SAMLResponse`.
    pub fn to_form_value(&self, key: &KeyPair) -> Result<String, SigningError> {
        Ok(STANDARD.encode(self.to_xml(key)?))
    }

    fn response(&self, assertion: &str) -> String {
        let attributes = [
            attribute("xmlns:samlp", PROTOCOL),
            optional("Destination", self.destination.as_deref()),
            attribute("ID", &self.response_id),
            optional("InResponseTo", self.in_response_to.as_deref()),
            attribute("IssueInstant", &written(self.issue_instant)),
            attribute("Version", &self.version),
        ];
        let issuer = self.response_issuer.as_ref().map(|issuer| {
            element(
                "saml:Issuer",
                &[attribute("xmlns:saml", ASSERTION)],
                &text(issuer),
            )
        });
        let status = self.status.as_ref().map(|status| {
            let code = element("samlp:StatusCode", &[attribute("Value", status)], "");
            element("samlp:Status", &[], &code)
        });
        let inside = [
            issuer.unwrap_or_default(),
            status.unwrap_or_default(),
            assertion.to_owned(),
        ];
        element("samlp:Response", &attributes, &inside.concat())
    }

    fn assertion(&self) -> String {
        let attributes = [
            attribute("xmlns:saml", ASSERTION),
            attribute("ID", &self.assertion_id),
            attribute("IssueInstant", &written(self.issue_instant)),
            attribute("Version", &self.version),
        ];
        let inside = [
            element("saml:Issuer", &[], &text(&self.issuer)),
            self.subject(),
            self.conditions(),
            self.authn_statement(),
            self.attribute_statement(),
        ];
        element("saml:Assertion", &attributes, &inside.concat())
    }

    fn subject(&self) -> String {
        let format = attribute("Format", &self.name_id_format);
        let name_id = element("saml:NameID", &[format], &text(&self.name_id));
        let data = [
            optional("InResponseTo", self.confirmation_in_response_to.as_deref()),
            instant("NotOnOrAfter", self.confirmation_not_on_or_after),
            optional("Recipient", self.recipient.as_deref()),
        ];
        let data = element("saml:SubjectConfirmationData", &data, "");
        let method = attribute("Method", &self.confirmation_method);
        let confirmation = element("saml:SubjectConfirmation", &[method], &data);
        element("saml:Subject", &[], &format!("{name_id}{confirmation}"))
    }

    fn conditions(&self) -> String {
        if !self.has_conditions {
            return String::new();
        }
        let attributes = [
            instant("NotBefore", self.not_before),
            instant("NotOnOrAfter", self.not_on_or_after),
        ];
        let restriction = |audience: &String| {
            let audience = element("saml:Audience", &[], &text(audience));
            element("saml:AudienceRestriction", &[], &audience)
        };
        let restrictions: String = self.audiences.iter().map(restriction).collect();
        element("saml:Conditions", &attributes, &restrictions)
    }

    fn authn_statement(&self) -> String {
        if self.authn_instant.is_none() {
            return String::new();
        }
        let attributes = [
            instant("AuthnInstant", self.authn_instant),
            attribute("SessionIndex", &self.session_index),
            instant("SessionNotOnOrAfter", self.session_not_on_or_after),
        ];
        let class = element("saml:AuthnContextClassRef", &[], PASSWORD);
        let context = element("saml:AuthnContext", &[], &class);
        element("saml:AuthnStatement", &attributes, &context)
    }

    fn attribute_statement(&self) -> String {
        if self.attributes.is_empty() {
            return String::new();
        }
        let value = |value: &String| element("saml:AttributeValue", &[], &text(value));
        let one = |(name, values): &(String, Vec<String>)| {
            let values: String = values.iter().map(value).collect();
            element("saml:Attribute", &[attribute("Name", name)], &values)
        };
        let attributes: String = self.attributes.iter().map(one).collect();
        element("saml:AttributeStatement", &[], &attributes)
    }
}

fn instant(name: &str, value: Option<DateTime<Utc>>) -> String {
    optional(name, value.map(written).as_deref())
}

fn written(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
