//! SP metadata, as administrators hand it to their IdP (SAML metadata §2.4.4).

use crate::protocol::saml::certificate::Certificate;
use crate::protocol::saml::certificate::CertificateError;
use crate::protocol::saml::xml::METADATA;
use crate::protocol::saml::xml::POST_BINDING;
use crate::protocol::saml::xml::PROTOCOL;
use crate::protocol::saml::xml::REDIRECT_BINDING;
use crate::protocol::saml::xml::SIGNATURE;
use crate::protocol::saml::xml::escape;
use crate::protocol::saml::xml::is_space;

/// What one connection tells its IdP about us.
#[derive(Debug, Clone)]
pub struct ServiceProvider {
    /// Our entity id, which is the audience of assertions.
    pub entity_id: String,
    /// Where responses are posted.
    pub acs_url: String,
    /// Another vendor's ACS URL, during a migration.
    pub alternative_acs_url: Option<String>,
    /// Where logout messages are taken.
    pub logout_url: String,
    /// The wanted format of the `NameID`.
    pub name_id_format: Option<String>,
    /// The certificates that belong to the key that signs our messages; none if there is no key.
    pub signing_certificates: Vec<String>,
    /// Whether requests for a sign-in are signed with it.
    pub authn_requests_signed: bool,
    /// The certificate to whose key assertions are to be encrypted, if they may be.
    pub encryption_certificate: Option<String>,
    /// Whether assertions must be signed even if the Response is.
    pub want_assertion_signed: bool,
}

impl ServiceProvider {
    /// The metadata document.
    pub fn to_metadata(&self) -> Result<String, CertificateError> {
        let keys = self
            .signing_certificates
            .iter()
            .map(|pem| key_descriptor("signing", pem));
        let encryption = self.encryption_certificate.iter();
        let keys = keys.chain(encryption.map(|pem| key_descriptor("encryption", pem)));
        let keys = keys.collect::<Result<String, _>>()?;
        let logout = [REDIRECT_BINDING, POST_BINDING].map(|binding| {
            let url = escape(&self.logout_url);
            format!("<md:SingleLogoutService Binding=\"{binding}\" Location=\"{url}\"/>")
        });
        let alternative = self.alternative_acs_url.as_ref().map(|url| {
            let url = escape(url);
            format!(
                "<md:AssertionConsumerService Binding=\"{POST_BINDING}\" Location=\"{url}\" \
                 index=\"1\"/>"
            )
        });
        let format = self.name_id_format.as_ref();
        let format = format.map(|it| format!("<md:NameIDFormat>{}</md:NameIDFormat>", escape(it)));
        Ok(format!(
            "<md:EntityDescriptor xmlns:md=\"{METADATA}\" entityID=\"{entity_id}\">\
             <md:SPSSODescriptor AuthnRequestsSigned=\"{signs}\" WantAssertionsSigned=\"{wants}\" \
             protocolSupportEnumeration=\"{PROTOCOL}\">{keys}{logout}{format}\
             <md:AssertionConsumerService Binding=\"{POST_BINDING}\" Location=\"{acs_url}\" \
             index=\"0\" isDefault=\"true\"/>{alternative}</md:SPSSODescriptor></md:EntityDescriptor>",
            entity_id = escape(&self.entity_id),
            signs = self.authn_requests_signed,
            wants = self.want_assertion_signed,
            logout = logout.concat(),
            alternative = alternative.unwrap_or_default(),
            format = format.unwrap_or_default(),
            acs_url = escape(&self.acs_url),
        ))
    }
}

fn key_descriptor(kind: &str, pem: &str) -> Result<String, CertificateError> {
    let certificate = Certificate::parse(pem)?;
    let is_data = |line: &&str| !line.starts_with("-----");
    let body: String = certificate.pem.lines().filter(is_data).collect();
    Ok(format!(
        "<md:KeyDescriptor use=\"{kind}\"><ds:KeyInfo xmlns:ds=\"{SIGNATURE}\"><ds:X509Data>\
         <ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
        body.replace(is_space, "")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(signing_certificates: Vec<String>) -> ServiceProvider {
        ServiceProvider {
            entity_id: "https://sp.example/a?b&c".to_owned(),
            acs_url: "https://sp.example/acs".to_owned(),
            alternative_acs_url: Some("https://old.example/acs".to_owned()),
            logout_url: "https://sp.example/acs/logout".to_owned(),
            name_id_format: Some("urn:f".to_owned()),
            authn_requests_signed: !signing_certificates.is_empty(),
            signing_certificates,
            encryption_certificate: None,
            want_assertion_signed: true,
        }
    }

    #[test]
    fn requests_are_announced_as_signed_only_if_they_are() {
        let pem = rcgen::generate_simple_self_signed(vec![])
            .unwrap()
            .cert
            .pem();
        for (certificates, signed) in [(vec![], "false"), (vec![pem], "true")] {
            let keys = certificates.len();
            let metadata = provider(certificates).to_metadata().unwrap();
            let document = roxmltree::Document::parse(&metadata).unwrap();
            let root = document.root_element();
            assert_eq!(root.attribute("entityID"), Some("https://sp.example/a?b&c"));
            let descriptor = root.first_element_child().unwrap();
            assert_eq!(descriptor.attribute("AuthnRequestsSigned"), Some(signed));
            let named = |name| {
                descriptor
                    .children()
                    .filter(move |it| it.tag_name().name() == name)
            };
            assert_eq!(named("KeyDescriptor").count(), keys);
            let locations = |name| -> Vec<_> {
                named(name)
                    .filter_map(|it| it.attribute("Location"))
                    .collect()
            };
            assert_eq!(
                locations("AssertionConsumerService"),
                ["https://sp.example/acs", "https://old.example/acs"]
            );
            assert_eq!(
                locations("SingleLogoutService"),
                ["https://sp.example/acs/logout"; 2]
            );
        }
    }

    #[test]
    fn a_certificate_for_encryption_is_no_promise_to_sign() {
        let pem = rcgen::generate_simple_self_signed(vec![])
            .unwrap()
            .cert
            .pem();
        let encrypting = ServiceProvider {
            encryption_certificate: Some(pem),
            ..provider(vec![])
        };
        let metadata = encrypting.to_metadata().unwrap();
        assert!(metadata.contains("AuthnRequestsSigned=\"false\""));
        assert!(metadata.contains("<md:KeyDescriptor use=\"encryption\">"));
    }

    #[test]
    fn unreadable_signing_certificate_is_an_error() {
        assert!(provider(vec!["no".to_owned()]).to_metadata().is_err());
    }
}
