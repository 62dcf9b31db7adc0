//! The demo's SAML identity provider: metadata, and single sign-on by HTTP-Redirect, answered by
//! HTTP-POST (SAML bindings §3.4, §3.5).

use std::io::Read;

use actix_web::HttpResponse;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Query;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use chrono::Utc;
use flate2::read::DeflateDecoder;
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::demo::DemoError;
use crate::demo::page::escape;
use crate::demo::page::page;
use crate::demo::people::DemoPerson;
use crate::demo::saml_response::Exchange;
use crate::demo::saml_response::ResponseDraft;
use crate::demo::saml_signature::KeyPair;
use crate::domain::secret::hex;
use crate::domain::secret::random_bytes;

/// Where the identity provider lives below the public URL.
pub const BASE_PATH: &str = "/demo/saml";

const TITLE: &str = "Demo identity provider";
const LONGEST_REQUEST: u64 = 64 * 1024;

/// The identity provider's state.
pub struct SamlIdp {
    origin: String,
    people: Vec<DemoPerson>,
    key: KeyPair,
    clock: fn() -> DateTime<Utc>,
}

/// The query of the single sign-on URL.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Parameters {
    #[serde(rename = "SAMLRequest")]
    request: String,
    #[serde(rename = "RelayState")]
    relay_state: String,
    login_hint: Option<String>,
}

/// A request for sign-in, as far as it is looked at.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    id: String,
    issuer: String,
    acs_url: String,
}

impl SamlIdp {
    /// An identity provider at this origin, with a key of its own.
    pub fn new(
        origin: &str,
        people: Vec<DemoPerson>,
        clock: fn() -> DateTime<Utc>,
    ) -> Result<Self, DemoError> {
        let key = KeyPair::generate(TITLE);
        Ok(Self {
            origin: origin.to_owned(),
            people,
            key: key.map_err(|error| DemoError::because("the SAML identity provider", error))?,
            clock,
        })
    }

    fn entity_id(&self) -> String {
        format!("{}{BASE_PATH}/metadata", self.origin)
    }

    fn sso_url(&self) -> String {
        format!("{}{BASE_PATH}/sso", self.origin)
    }

    fn metadata(&self) -> String {
        let lines = self.key.certificate_pem.lines();
        let certificate: String = lines.filter(|line| !line.starts_with('-')).collect();
        format!(
            "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
             xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" entityID=\"{}\">\
             <md:IDPSSODescriptor \
             protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
             <md:KeyDescriptor use=\"signing\"><ds:KeyInfo><ds:X509Data>\
             <ds:X509Certificate>{certificate}</ds:X509Certificate>\
             </ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService \
             Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"{}\"/>\
             </md:IDPSSODescriptor></md:EntityDescriptor>",
            escape(&self.entity_id()),
            escape(&self.sso_url()),
        )
    }

    // Answers leave for the gateway alone, so that nobody else can collect them.
    fn checked(&self, request: &str) -> Result<Asked, String> {
        let asked = read(request).ok_or("The SAMLRequest cannot be read.")?;
        let own = Url::parse(&self.origin).map(|url| url.origin());
        let target = Url::parse(&asked.acs_url).map(|url| url.origin());
        if own.is_err() || own != target {
            let origin = &self.origin;
            return Err(format!(
                "The AssertionConsumerServiceURL must be a URL at {origin}."
            ));
        }
        Ok(asked)
    }

    fn choices(&self, parameters: &Parameters) -> String {
        let choice = |person: &DemoPerson| {
            let query = Serializer::new(String::new())
                .append_pair("SAMLRequest", &parameters.request)
                .append_pair("RelayState", &parameters.relay_state)
                .append_pair("login_hint", &person.email)
                .finish();
            let link = escape(&format!("{}?{query}", self.sso_url()));
            let name = escape(&person.full_name());
            let email = escape(&person.email);
            format!("<li><a href=\"{link}\">{name}</a> ({email})</li>")
        };
        let choices: String = self.people.iter().map(choice).collect();
        format!("<p>Sign in as</p><ul>{choices}</ul>")
    }

    fn answer(&self, asked: &Asked, person: &DemoPerson) -> Result<String, DemoError> {
        let failed = |error: &dyn std::fmt::Display| DemoError::because("the SAML response", error);
        let unique = random_bytes().map_err(|error| failed(&error))?;
        let exchange = Exchange {
            issuer: &self.entity_id(),
            acs_url: &asked.acs_url,
            audience: &asked.issuer,
            in_response_to: Some(&asked.id),
            unique: &hex(&unique),
        };
        let mut draft = ResponseDraft::new(exchange, &person.email, (self.clock)());
        let one = |name: &str, value: &String| (name.to_owned(), vec![value.clone()]);
        draft.attributes = vec![
            one("email", &person.email),
            one("firstName", &person.given_name),
            one("lastName", &person.family_name),
            one("department", &person.department),
            ("groups".to_owned(), person.groups.clone()),
        ];
        draft
            .to_form_value(&self.key)
            .map_err(|error| failed(&error))
    }
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
    })
}

/// Mounts the identity provider at [`BASE_PATH`]; its state is a `web::Data<SamlIdp>`.
pub fn routes(configuration: &mut web::ServiceConfig) {
    configuration.service(
        web::scope(BASE_PATH)
            .route("/metadata", web::get().to(metadata))
            .route("/sso", web::get().to(sign_in)),
    );
}

async fn metadata(idp: Data<SamlIdp>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/samlmetadata+xml")
        .body(idp.metadata())
}

/// Shows whom one can sign in as; with the `login_hint` of a known person, signs in at once.
async fn sign_in(idp: Data<SamlIdp>, parameters: Query<Parameters>) -> HttpResponse {
    let asked = match idp.checked(&parameters.request) {
        Ok(asked) => asked,
        Err(reason) => return page(HttpResponse::BadRequest(), TITLE, &escape(&reason)),
    };
    let hint = parameters.login_hint.as_deref();
    let mut people = idp.people.iter();
    let Some(person) = people.find(|person| Some(person.email.as_str()) == hint) else {
        return page(HttpResponse::Ok(), TITLE, &idp.choices(&parameters));
    };
    match idp.answer(&asked, person) {
        Ok(response) => page(
            HttpResponse::Ok(),
            TITLE,
            &form(&asked, &response, &parameters),
        ),
        Err(error) => {
            let reason = escape(&error.to_string());
            page(HttpResponse::InternalServerError(), TITLE, &reason)
        }
    }
}

/// A form that posts itself where scripts run, and has a button where they do not.
fn form(asked: &Asked, response: &str, parameters: &Parameters) -> String {
    format!(
        "<form method=\"post\" action=\"{}\">\
         <input type=\"hidden\" name=\"SAMLResponse\" value=\"{}\">\
         <input type=\"hidden\" name=\"RelayState\" value=\"{}\">\
         <button>Continue</button></form><script>document.forms[0].submit()</script>",
        escape(&asked.acs_url),
        escape(response),
        escape(&parameters.relay_state),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::people::acme;
    use crate::protocol::saml::IdentityProvider;

    const ORIGIN: &str = "http://127.0.0.1:8080";

    fn idp() -> SamlIdp {
        SamlIdp::new(ORIGIN, acme(), || DateTime::UNIX_EPOCH).unwrap()
    }

    fn encoded(xml: &str) -> String {
        let mut deflated = Vec::new();
        flate2::read::DeflateEncoder::new(xml.as_bytes(), flate2::Compression::fast())
            .read_to_end(&mut deflated)
            .unwrap();
        STANDARD.encode(deflated)
    }

    fn request(acs_url: &str) -> String {
        encoded(&format!(
            "<p:AuthnRequest xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_1\" \
             AssertionConsumerServiceURL=\"{acs_url}\"><a:Issuer \
             xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\"> sp </a:Issuer></p:AuthnRequest>"
        ))
    }

    #[test]
    fn its_metadata_is_what_a_connection_needs() {
        let idp = idp();
        let read = IdentityProvider::from_metadata(&idp.metadata()).unwrap();
        assert_eq!(read.entity_id, idp.entity_id());
        assert_eq!(read.sso_redirect_url, Some(idp.sso_url()));
        assert_eq!(read.certificates.len(), 1);
    }

    #[test]
    fn a_request_is_read_and_answers_go_to_the_gateway_alone() {
        let acs_url = format!("{ORIGIN}/v1/b2b/sso/callback/x");
        let asked = idp().checked(&request(&acs_url)).unwrap();
        let (id, issuer) = ("_1".to_owned(), "sp".to_owned());
        assert_eq!(
            asked,
            Asked {
                id,
                issuer,
                acs_url
            }
        );
        for bad in [
            "http://evil.test/",
            "http://127.0.0.1:8081/",
            "javascript:alert(1)",
        ] {
            assert!(
                idp()
                    .checked(&request(bad))
                    .unwrap_err()
                    .contains("must be a URL"),
                "{bad}"
            );
        }
        for bad in ["", "%", &STANDARD.encode("x"), &encoded("<x/>")] {
            assert!(idp().checked(bad).is_err(), "{bad}");
        }
    }
}
