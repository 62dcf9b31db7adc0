//! IdP metadata as administrators paste it or as a URL gives it (SAML metadata §2.3 and §2.4.3).

use std::fmt;

use roxmltree::Document;
use roxmltree::Node;
use url::Url;

use crate::protocol::saml::certificate::Certificate;
use crate::protocol::saml::certificate::CertificateError;
use crate::protocol::saml::error::Rejection;
use crate::protocol::saml::gate;
use crate::protocol::saml::scan::Limits;
use crate::protocol::saml::scan::scan;
use crate::protocol::saml::xml::METADATA;
use crate::protocol::saml::xml::POST_BINDING;
use crate::protocol::saml::xml::PROTOCOL;
use crate::protocol::saml::xml::REDIRECT_BINDING;
use crate::protocol::saml::xml::SIGNATURE;
use crate::protocol::saml::xml::brief;
use crate::protocol::saml::xml::child;
use crate::protocol::saml::xml::children;
use crate::protocol::saml::xml::describe;
use crate::protocol::saml::xml::is;
use crate::protocol::saml::xml::text;

const LARGEST: usize = 1024 * 1024;
const LIMITS: Limits = Limits {
    depth: 40,
    elements: 20_000,
    attributes: 40,
    namespaces_in_scope: 64,
    comments_allowed: true,
};

/// What a connection needs to know of its IdP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityProvider {
    /// The entity id.
    pub entity_id: String,
    /// Single sign-on by HTTP-Redirect.
    pub sso_redirect_url: Option<String>,
    /// Single sign-on by HTTP-POST.
    pub sso_post_url: Option<String>,
    /// Single logout by HTTP-Redirect.
    pub slo_redirect: Option<LogoutService>,
    /// Single logout by HTTP-POST.
    pub slo_post: Option<LogoutService>,
    /// The signing certificates, each once, in the order of the document.
    pub certificates: Vec<Certificate>,
    /// Whether the IdP refuses unsigned requests.
    pub wants_signed_requests: bool,
}

/// Where an IdP takes logout messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutService {
    /// Where requests go.
    pub url: String,
    /// Where responses go, if elsewhere.
    pub response_url: Option<String>,
}

/// Why a text is not the metadata of one IdP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataError {
    /// More bytes than any IdP needs.
    TooLarge(usize),
    /// Not XML, or XML that is refused.
    Xml(Rejection),
    /// The root is something else, such as an HTML page.
    NotMetadata(String),
    /// No entity in it is an IdP that speaks SAML 2.0.
    NoIdentityProvider,
    /// More than one entity in it is an IdP.
    SeveralIdentityProviders(String),
    /// The IdP has no entity id.
    NoEntityId,
    /// The IdP has no single sign-on URL for HTTP-Redirect or HTTP-POST.
    NoSingleSignOn,
    /// A single sign-on URL is no http or https URL.
    SingleSignOnUrl(String),
    /// The IdP has no signing certificate, so nothing it says could be verified.
    NoCertificate,
    /// A signing certificate cannot be read.
    Certificate(CertificateError),
}

impl fmt::Display for MetadataError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(bytes) => {
                write!(formatter, "the metadata must not exceed {LARGEST} bytes, it has {bytes}")
            }
            Self::Xml(rejection) => write!(formatter, "the metadata cannot be read: {rejection}"),
            Self::NotMetadata(root) => write!(
                formatter,
                "metadata must start with md:EntityDescriptor or md:EntitiesDescriptor, not with {root}"
            ),
            Self::NoIdentityProvider => formatter.write_str(
                "the metadata describes no SAML 2.0 IdP: an IDPSSODescriptor is missing (is this the metadata of a service provider?)",
            ),
            Self::SeveralIdentityProviders(ids) => write!(
                formatter,
                "the metadata describes several IdPs ({ids}): keep the EntityDescriptor of one"
            ),
            Self::NoEntityId => formatter.write_str("the EntityDescriptor has no entityID"),
            Self::NoSingleSignOn => formatter.write_str(
                "the IdP has no SingleSignOnService for the HTTP-Redirect or HTTP-POST binding",
            ),
            Self::SingleSignOnUrl(url) => write!(
                formatter,
                "the Location of a SingleSignOnService must be an http or https URL, not \"{url}\""
            ),
            Self::NoCertificate => formatter.write_str(
                "the IdP has no signing certificate: a KeyDescriptor with an X509Certificate is missing",
            ),
            Self::Certificate(error) => {
                write!(formatter, "a signing certificate in the metadata is unreadable: {error}")
            }
        }
    }
}

impl std::error::Error for MetadataError {}

impl IdentityProvider {
    /// Reads the metadata of exactly one IdP, alone or among entities that are none.
    pub fn from_metadata(xml: &str) -> Result<Self, MetadataError> {
        if xml.len() > LARGEST {
            return Err(MetadataError::TooLarge(xml.len()));
        }
        let xml = xml.trim_start_matches('\u{feff}').trim();
        scan(xml, &LIMITS).map_err(MetadataError::Xml)?;
        let document = gate::parse_scanned(xml).map_err(MetadataError::Xml)?;
        let (entity, descriptor) = only_idp(&document)?;
        let entity_id = entity
            .attribute("entityID")
            .map(str::trim)
            .unwrap_or_default();
        if entity_id.is_empty() {
            return Err(MetadataError::NoEntityId);
        }
        let sso_redirect_url = sso_url(descriptor, REDIRECT_BINDING)?;
        let sso_post_url = sso_url(descriptor, POST_BINDING)?;
        if sso_redirect_url.is_none() && sso_post_url.is_none() {
            return Err(MetadataError::NoSingleSignOn);
        }
        let wants_signed = descriptor
            .attribute("WantAuthnRequestsSigned")
            .map(str::trim);
        Ok(Self {
            entity_id: entity_id.to_owned(),
            sso_redirect_url,
            sso_post_url,
            slo_redirect: logout_service(descriptor, REDIRECT_BINDING),
            slo_post: logout_service(descriptor, POST_BINDING),
            certificates: certificates(descriptor)?,
            wants_signed_requests: matches!(wants_signed, Some("true" | "1")),
        })
    }
}

fn only_idp<'a, 'input>(
    document: &'a Document<'input>,
) -> Result<(Node<'a, 'input>, Node<'a, 'input>), MetadataError> {
    let root = document.root_element();
    let is_metadata = ["EntityDescriptor", "EntitiesDescriptor"];
    if !is_metadata
        .into_iter()
        .any(|name| is(root, (METADATA, name)))
    {
        return Err(MetadataError::NotMetadata(brief(&describe(root))));
    }
    let entities = root
        .descendants()
        .filter(|it| is(*it, (METADATA, "EntityDescriptor")));
    let idps: Vec<_> = entities
        .flat_map(|entity| {
            children(entity, (METADATA, "IDPSSODescriptor"))
                .filter(|descriptor| speaks_saml_2(*descriptor))
                .map(move |descriptor| (entity, descriptor))
        })
        .collect();
    match idps.as_slice() {
        [] => Err(MetadataError::NoIdentityProvider),
        [only] => Ok(*only),
        several => {
            let names = several
                .iter()
                .filter_map(|(entity, _)| entity.attribute("entityID"));
            let names = names.collect::<Vec<_>>().join(", ");
            Err(MetadataError::SeveralIdentityProviders(brief(&names)))
        }
    }
}

fn speaks_saml_2(descriptor: Node<'_, '_>) -> bool {
    let protocols = descriptor.attribute("protocolSupportEnumeration");
    protocols.is_none_or(|list| list.split_whitespace().any(|protocol| protocol == PROTOCOL))
}

fn sso_url(descriptor: Node<'_, '_>, binding: &str) -> Result<Option<String>, MetadataError> {
    let mut services = children(descriptor, (METADATA, "SingleSignOnService"));
    let service = services.find(|it| it.attribute("Binding") == Some(binding));
    let Some(location) = service.map(|it| it.attribute("Location").unwrap_or_default().trim())
    else {
        return Ok(None);
    };
    if is_web_url(location) {
        Ok(Some(location.to_owned()))
    } else {
        Err(MetadataError::SingleSignOnUrl(brief(location)))
    }
}

fn is_web_url(location: &str) -> bool {
    let url = Url::parse(location).ok();
    url.is_some_and(|url| matches!(url.scheme(), "http" | "https"))
}

// Signing in works without it, so what cannot be used is as good as missing.
fn logout_service(descriptor: Node<'_, '_>, binding: &str) -> Option<LogoutService> {
    let mut services = children(descriptor, (METADATA, "SingleLogoutService"));
    let service = services.find(|it| it.attribute("Binding") == Some(binding))?;
    let url = |name| {
        let location = service.attribute(name).map(str::trim);
        location.filter(|it| is_web_url(it)).map(str::to_owned)
    };
    Some(LogoutService {
        url: url("Location")?,
        response_url: url("ResponseLocation"),
    })
}

fn certificates(descriptor: Node<'_, '_>) -> Result<Vec<Certificate>, MetadataError> {
    let keys = children(descriptor, (METADATA, "KeyDescriptor"));
    let signing = keys.filter(|key| key.attribute("use").is_none_or(|it| it == "signing"));
    let data = signing.filter_map(|key| child(key, (SIGNATURE, "KeyInfo")));
    let data = data.flat_map(|info| children(info, (SIGNATURE, "X509Data")));
    let mut found: Vec<Certificate> = Vec::new();
    // Those after the first in the same X509Data belong to its chain: authorities, which sign no assertions.
    for node in data.filter_map(|data| child(data, (SIGNATURE, "X509Certificate"))) {
        let parsed = Certificate::parse(&text(node)).map_err(MetadataError::Certificate)?;
        if !found.contains(&parsed) {
            found.push(parsed);
        }
    }
    if found.is_empty() {
        Err(MetadataError::NoCertificate)
    } else {
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem_body() -> String {
        let pem = rcgen::generate_simple_self_signed(vec![])
            .unwrap()
            .cert
            .pem();
        let lines: Vec<&str> = pem.lines().filter(|line| !line.starts_with('-')).collect();
        lines.join("\n  ")
    }

    fn key(attributes: &str, body: &str) -> String {
        format!(
            "<md:KeyDescriptor{attributes}><KeyInfo xmlns=\"{SIGNATURE}\"><X509Data><X509Certificate>\n{body}</X509Certificate></X509Data></KeyInfo></md:KeyDescriptor>"
        )
    }

    fn idp(id: &str, inside: &str) -> String {
        format!(
            "<md:EntityDescriptor xmlns:md=\"{METADATA}\" entityID=\"{id}\"><md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1:protocol {PROTOCOL}\">{inside}</md:IDPSSODescriptor></md:EntityDescriptor>"
        )
    }

    fn sso(binding: &str, location: &str) -> String {
        format!("<md:SingleSignOnService Binding=\"{binding}\" Location=\"{location}\"/>")
    }

    fn group(inside: &str) -> String {
        format!("<md:EntitiesDescriptor xmlns:md=\"{METADATA}\">{inside}</md:EntitiesDescriptor>")
    }

    #[test]
    fn several_keys_missing_use_comments_and_wrapping_are_understood() {
        let (first, second) = (pem_body(), pem_body());
        let inside = [
            "<!-- keys -->".to_owned(),
            key("", &first),
            key(" use=\"signing\"", &second),
            key(" use=\"signing\"", &first),
            key(" use=\"encryption\"", "unread"),
            format!(
                "<md:SingleLogoutService Binding=\"{POST_BINDING}\" Location=\"https://idp.example/slo\" ResponseLocation=\"https://idp.example/slo/done\"/>\
                 <md:SingleLogoutService Binding=\"{REDIRECT_BINDING}\" Location=\"javascript:x\"/>"
            ),
            sso(POST_BINDING, "https://idp.example/post"),
            sso(REDIRECT_BINDING, "https://idp.example/sso?a=1&amp;b=2"),
        ];
        let sp = format!(
            "<md:EntityDescriptor xmlns:md=\"{METADATA}\" entityID=\"sp\"><md:SPSSODescriptor/></md:EntityDescriptor>"
        );
        let xml = group(&format!(
            "{sp}{}",
            idp("https://idp.example", &inside.concat())
        ));
        let xml = format!("\u{feff}<?xml version=\"1.0\"?><!-- made by hand -->\n{xml}\n");
        let read = IdentityProvider::from_metadata(&xml).unwrap();
        assert_eq!(read.entity_id, "https://idp.example");
        assert_eq!(
            read.sso_redirect_url.unwrap(),
            "https://idp.example/sso?a=1&b=2"
        );
        assert_eq!(read.sso_post_url.unwrap(), "https://idp.example/post");
        let logout = read.slo_post.unwrap();
        assert_eq!(logout.url, "https://idp.example/slo");
        assert_eq!(
            logout.response_url.as_deref(),
            Some("https://idp.example/slo/done")
        );
        assert_eq!(read.slo_redirect, None);
        assert_eq!(read.certificates.len(), 2);
        assert!(!read.wants_signed_requests);
    }

    #[test]
    fn each_mistake_has_its_own_answer() {
        let key = key("", &pem_body());
        let sso = sso(REDIRECT_BINDING, "https://idp.example/sso");
        let whole = idp("a", &format!("{key}{sso}"));
        let error = |xml: &str| IdentityProvider::from_metadata(xml).unwrap_err();
        assert!(IdentityProvider::from_metadata(&whole).is_ok());
        assert_eq!(
            error("<html></html>"),
            MetadataError::NotMetadata("html".to_owned())
        );
        assert!(matches!(error("not xml"), MetadataError::Xml(_)));
        assert!(matches!(
            error(&format!("<!DOCTYPE x>{whole}")),
            MetadataError::Xml(_)
        ));
        assert_eq!(error(&group("")), MetadataError::NoIdentityProvider);
        assert_eq!(
            error(&group(&format!("{whole}{}", idp("b", "")))),
            MetadataError::SeveralIdentityProviders("a, b".to_owned())
        );
        assert_eq!(
            error(&idp("", &format!("{key}{sso}"))),
            MetadataError::NoEntityId
        );
        assert_eq!(error(&idp("a", &key)), MetadataError::NoSingleSignOn);
        assert_eq!(error(&idp("a", &sso)), MetadataError::NoCertificate);
        let script = self::sso(REDIRECT_BINDING, "javascript:x");
        assert!(matches!(
            error(&idp("a", &script)),
            MetadataError::SingleSignOnUrl(_)
        ));
        let unreadable = self::key("", "AAAA");
        assert!(matches!(
            error(&idp("a", &format!("{unreadable}{sso}"))),
            MetadataError::Certificate(_)
        ));
        assert_eq!(
            error(&" ".repeat(LARGEST + 1)),
            MetadataError::TooLarge(LARGEST + 1)
        );
    }
}
