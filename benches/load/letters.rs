//! SAML responses that were made to hurt, for a connection of their own: most are what they should
//! be but for the key, so that as much work as possible is done before they are refused.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use url::Url;
use url::form_urlencoded::Serializer;
use vestibule::demo::saml_response::Exchange;
use vestibule::demo::saml_response::ResponseDraft;
use vestibule::demo::saml_signature::KeyPair;
use vestibule::demo::saml_signature::SigningError;

use crate::Outcome;
use crate::http::Client;
use crate::http::request;
use crate::world::World;
use crate::world::refused;
use crate::world::text;

const IDP: &str = "https://idp.test";
const STATUS: &str = "</samlp:Status>";

/// A SAML connection that takes what an IdP begins, as its IdP knows it.
struct Target {
    acs_url: String,
    key: KeyPair,
    stranger: KeyPair,
}

/// The name of each letter and the request that brings it.
pub(crate) fn letters(world: &World) -> Outcome<Vec<(&'static str, Vec<u8>)>> {
    let target = Target::make(world)?;
    let url = Url::parse(&target.acs_url).map_err(|error| error.to_string())?;
    let line = format!("POST {}", url.path());
    let written = target.written().map_err(|error| error.to_string())?;
    let posted = written.into_iter().map(|(name, xml)| {
        let value = STANDARD.encode(xml);
        let form = Serializer::new(String::new())
            .append_pair("SAMLResponse", &value)
            .finish();
        (name, request(&line, "none", &form))
    });
    Ok(posted.collect())
}

impl Target {
    fn make(world: &World) -> Outcome<Self> {
        let key = |name| KeyPair::generate(name).map_err(|error| error.to_string());
        let (key, stranger) = (key("idp")?, key("stranger")?);
        let organization = json!({ "organization_name": "Letters" });
        let made = ask(world, "POST /v1/b2b/organizations", &organization)?;
        let organization = text(&made, "/organization/organization_id")?;
        let path = format!("/v1/b2b/sso/saml/{organization}");
        let made = ask(world, &format!("POST {path}"), &json!({}))?;
        let connection = text(&made, "/connection/connection_id")?;
        let settings = json!({
            "idp_entity_id": IDP,
            "idp_sso_url": format!("{IDP}/sso"),
            "x509_certificate": key.certificate_pem,
            "attribute_mapping": { "email": "NameID", "full_name": "name" },
            "idp_initiated_auth_disabled": false,
        });
        let line = format!("PUT {path}/connections/{connection}");
        let updated = ask(world, &line, &settings)?;
        let acs_url = text(&updated, "/connection/acs_url")?;
        Ok(Self {
            acs_url,
            key,
            stranger,
        })
    }

    fn draft(&self) -> ResponseDraft {
        let exchange = Exchange {
            issuer: IDP,
            acs_url: &self.acs_url,
            audience: &self.acs_url,
            in_response_to: None,
            unique: "1",
        };
        ResponseDraft::new(exchange, "ana@acme.test", SystemTime::now().into())
    }

    fn written(&self) -> Result<Vec<(&'static str, String)>, SigningError> {
        let honest = self.draft().to_xml(&self.key)?;
        let strange = self.draft().to_xml(&self.stranger)?;
        let mut long = self.draft();
        let values = vec!["a value of some length".to_owned(); 1_000];
        long.attributes = vec![("many".to_owned(), values)];
        long.sign_response = true;
        let stuffed = |stuffing: String| {
            let detail = format!("<samlp:StatusDetail>{stuffing}</samlp:StatusDetail>{STATUS}");
            strange.replacen(STATUS, &detail, 1)
        };
        let entity = |level| {
            let references = format!("&a{};", level - 1).repeat(10);
            format!("<!ENTITY a{level} \"{references}\">")
        };
        let entities = (1..9).map(entity).collect::<Vec<_>>().concat();
        let xslt = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>";
        Ok(vec![
            ("a stranger's response", strange.clone()),
            ("a changed response", honest.replace("ana@", "eva@")),
            (
                "a stranger's 1,000 values, signed twice",
                long.to_xml(&self.stranger)?,
            ),
            (
                "a stranger's 19,000 elements",
                stuffed("<b/>".repeat(19_000)),
            ),
            ("a stranger's 180 KB of text", stuffed("x".repeat(180_000))),
            ("40,000 elements", stuffed("<b/>".repeat(40_000))),
            ("10,000 levels", stuffed("<b>".repeat(10_000))),
            (
                "30,000 attributes",
                stuffed(format!("<b{}/>", " a=\"\"".repeat(30_000))),
            ),
            (
                "an entity bomb",
                format!("<!DOCTYPE r [{entities}]>{strange}"),
            ),
            (
                "a style sheet to run",
                strange.replacen("<ds:Transform ", &format!("{xslt}<ds:Transform "), 1),
            ),
            ("300 KB", stuffed("x".repeat(230_000))),
        ])
    }
}

fn ask(world: &World, line: &str, body: &Value) -> Outcome<Value> {
    let request = request(line, &world.project_authorization, &body.to_string());
    let answer = Client::connect(&world.at)?.send(&request)?;
    if answer.status != 200 {
        return Err(refused(line, &answer));
    }
    serde_json::from_slice(&answer.body).map_err(|error| format!("{line}: {error}"))
}
