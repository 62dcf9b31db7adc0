//! The companies' SAML identity providers: metadata, and single sign-on by HTTP-Redirect, answered
//! by HTTP-POST (SAML bindings §3.4, §3.5).

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::demo::DemoError;
use crate::demo::company::Profile;
use crate::demo::exchanges::SamlExchange;
use crate::demo::fault;
use crate::demo::fault::Fault;
use crate::demo::idp_page::Choice;
use crate::demo::idp_page::IdpPage;
use crate::demo::page::missing;
use crate::demo::page::page;
use crate::demo::page::trouble;
use crate::demo::page::unusable;
use crate::demo::people::DemoPerson;
use crate::demo::record::Who;
use crate::demo::saml_idp::request::Asked;
use crate::demo::saml_idp::request::checked;
use crate::demo::saml_response::Exchange;
use crate::demo::saml_response::ResponseDraft;
use crate::demo::saml_signature::KeyPair;
use crate::demo::stage::Stage;
use crate::domain::secret::hex;
use crate::domain::secret::random_bytes;
use crate::protocol::saml::canonical::attribute;
use crate::protocol::saml::canonical::element;
use crate::protocol::saml::canonical::text;

mod request;

/// The identity providers of all companies, which sign with one key.
pub struct SamlIdp {
    stage: Arc<Stage>,
    key: KeyPair,
}

/// The query of the single sign-on URL.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Parameters {
    #[serde(rename = "SAMLRequest")]
    request: String,
    #[serde(rename = "RelayState")]
    relay_state: String,
    fault: String,
    #[serde(flatten)]
    choice: Choice,
}

/// A form that posts itself where scripts run, and has a button where they do not.
#[derive(Template)]
#[template(path = "demo/answer.html")]
struct AnswerPage<'p> {
    company: &'static Profile,
    exchange: &'p SamlExchange,
}

impl SamlIdp {
    /// Identity providers with a key of their own.
    pub fn new(stage: Arc<Stage>, key: KeyPair) -> Self {
        Self { stage, key }
    }

    /// The certificate of the key.
    pub(crate) fn certificate(&self) -> &str {
        &self.key.certificate_pem
    }

    fn url(&self, company: &Profile, path: &str) -> String {
        format!("{}{}/saml/{path}", self.stage.origin, company.idp_path())
    }

    fn metadata(&self, company: &Profile) -> String {
        let lines = self.key.certificate_pem.lines();
        let certificate: String = lines.filter(|line| !line.starts_with('-')).collect();
        let certificate = element("ds:X509Certificate", &[], &text(&certificate));
        let certificate = element("ds:X509Data", &[], &certificate);
        let key_info = element("ds:KeyInfo", &[], &certificate);
        let key = element(
            "md:KeyDescriptor",
            &[attribute("use", "signing")],
            &key_info,
        );
        let location = [
            attribute(
                "Binding",
                "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
            ),
            attribute("Location", &self.url(company, "sso")),
        ];
        let service = element("md:SingleSignOnService", &location, "");
        let protocol = attribute(
            "protocolSupportEnumeration",
            "urn:oasis:names:tc:SAML:2.0:protocol",
        );
        let role = element(
            "md:IDPSSODescriptor",
            &[protocol],
            &format!("{key}{service}"),
        );
        let entity = [
            attribute("xmlns:md", "urn:oasis:names:tc:SAML:2.0:metadata"),
            attribute("xmlns:ds", "http://www.w3.org/2000/09/xmldsig#"),
            attribute("entityID", &self.url(company, "metadata")),
        ];
        element("md:EntityDescriptor", &entity, &role)
    }

    fn answer(
        &self,
        (company, asked): (&'static Profile, &Asked),
        (person, relay_state): (&DemoPerson, &str),
        fault: Option<Fault>,
    ) -> Result<SamlExchange, DemoError> {
        let failed = |error: &dyn std::fmt::Display| DemoError::because("the SAML response", error);
        let unique = random_bytes().map_err(|error| failed(&error))?;
        let exchange = Exchange {
            issuer: &self.url(company, "metadata"),
            acs_url: &asked.acs_url,
            audience: &asked.issuer,
            in_response_to: Some(&asked.id),
            unique: &hex(&unique),
        };
        let mut draft = ResponseDraft::new(exchange, &person.email, (self.stage.clock)());
        draft.attributes = attributes(company, person);
        let xml = fault::write(draft, fault, &self.key).map_err(|error| failed(&error))?;
        Ok(SamlExchange {
            company,
            email: person.email.clone(),
            request: asked.xml.clone(),
            request_id: asked.id.clone(),
            acs_url: asked.acs_url.clone(),
            audience: asked.issuer.clone(),
            form_value: STANDARD.encode(xml),
            relay_state: relay_state.to_owned(),
            at: (self.stage.clock)(),
            fault,
        })
    }

    /// An answer that was given before, for this person if there is one.
    fn copy(&self, asked: &Asked, person: &DemoPerson) -> Option<SamlExchange> {
        let kept = &self.stage.exchanges;
        let here = |it: &SamlExchange| it.fault.is_none() && it.acs_url == asked.acs_url;
        let kept = kept
            .saml(|it| here(it) && it.email == person.email)
            .or_else(|| kept.saml(here))?;
        let mut copy = SamlExchange::clone(&kept);
        copy.fault = Some(Fault::Replayed);
        Some(copy)
    }
}

/// What an identity provider with these habits says about somebody.
fn attributes(company: &Profile, person: &DemoPerson) -> Vec<(String, Vec<String>)> {
    let [email, first_name, last_name, groups] = company.dialect.attributes();
    let named = |group: &String| company.dialect.group_in_sign_ins(group);
    let own_groups: Vec<String> = person.groups.iter().map(named).collect();
    let one = |name: &str, value: &String| (name.to_owned(), vec![value.clone()]);
    let mut attributes = vec![
        one(email, &person.email),
        one(first_name, &person.given_name),
        one(last_name, &person.family_name),
        one("department", &person.department),
    ];
    if !own_groups.is_empty() {
        attributes.push((groups.to_owned(), own_groups));
    }
    attributes
}

/// Mounts the identity providers; their state is a `web::Data<SamlIdp>`.
pub fn routes(configuration: &mut web::ServiceConfig) {
    configuration
        .route("/idp/{company}/saml/metadata", web::get().to(metadata))
        .route("/idp/{company}/saml/sso", web::get().to(sign_in));
}

const NO_COMPANY: &str = "There is no such company.";

async fn metadata(idp: Data<SamlIdp>, slug: Path<String>) -> HttpResponse {
    let Some(company) = Profile::find(&slug) else {
        return missing(NO_COMPANY);
    };
    HttpResponse::Ok()
        .content_type("application/samlmetadata+xml")
        .body(idp.metadata(company))
}

/// Shows whom one can sign in as; with the `login_hint` of a person, signs in at once.
async fn sign_in(
    idp: Data<SamlIdp>,
    slug: Path<String>,
    parameters: Query<Parameters>,
) -> HttpResponse {
    let Some(company) = Profile::find(&slug) else {
        return missing(NO_COMPANY);
    };
    let asked = match checked(&parameters.request, &idp.stage.origin) {
        Ok(asked) => asked,
        Err(reason) => return unusable(&reason),
    };
    let Some(person) = parameters.choice.person(company) else {
        return page(StatusCode::OK, &choices(company, &parameters));
    };
    let fault = Fault::find(&parameters.fault);
    let exchange = match fault {
        Some(Fault::Replayed) => idp.copy(&asked, &person).ok_or_else(|| {
            DemoError("Nobody has signed in here before. Sign in once, then replay it.".to_owned())
        }),
        _ => idp.answer((company, &asked), (&person, &parameters.relay_state), fault),
    };
    match exchange {
        Ok(exchange) => idp.post(company, exchange),
        Err(error) => trouble(&error.to_string()),
    }
}

impl SamlIdp {
    fn post(&self, company: &'static Profile, exchange: SamlExchange) -> HttpResponse {
        let how = match exchange.fault {
            None => "a signed assertion",
            Some(fault) => fault.title(),
        };
        let (name, email) = (company.name, &exchange.email);
        let note = format!("{name} answers the SAML request for {email}: {how}");
        self.stage.record.note(Who::IdentityProvider, note);
        let answer = AnswerPage {
            company,
            exchange: &exchange,
        };
        let answer = page(StatusCode::OK, &answer);
        self.stage.exchanges.keep_saml(exchange);
        answer
    }
}

fn choices(company: &'static Profile, parameters: &Parameters) -> IdpPage {
    IdpPage {
        company,
        protocol: "SAML 2.0",
        action: format!("{}/saml/sso", company.idp_path()),
        hidden: vec![
            ("SAMLRequest", parameters.request.clone()),
            ("RelayState", parameters.relay_state.clone()),
        ],
        faults: &Fault::ALL,
    }
}

#[cfg(test)]
mod tests;
