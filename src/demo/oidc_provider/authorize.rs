//! The demo provider's authorization endpoint: choose a person, get a code.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::LOCATION;
use actix_web::web;
use serde::Deserialize;
use url::Url;

use crate::demo::exchanges::OidcExchange;
use crate::demo::idp_page::Choice;
use crate::demo::idp_page::IdpPage;
use crate::demo::oidc_provider::base_path;
use crate::demo::oidc_provider::error::DemoProviderError;
use crate::demo::oidc_provider::grants::Grant;
use crate::demo::oidc_provider::provider::DemoProvider;
use crate::demo::page::page;
use crate::demo::page::trouble;
use crate::demo::page::unusable;
use crate::demo::people::DemoPerson;
use crate::demo::record::Who;

/// The parameters of a request, as far as the provider looks at them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Parameters {
    response_type: String,
    client_id: String,
    redirect_uri: String,
    scope: String,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: String,
    code_challenge_method: String,
    #[serde(flatten)]
    choice: Choice,
}

/// Shows whom one can sign in as; with the `login_hint` of a known person, signs in at once.
pub(crate) async fn authorize(
    provider: web::Data<DemoProvider>,
    parameters: web::Query<Parameters>,
) -> HttpResponse {
    let redirect_uri = match provider.redirect_uri(&parameters) {
        Ok(redirect_uri) => redirect_uri,
        Err(reason) => return unusable(&reason),
    };
    if let Some((error, description)) = parameters.fault() {
        let answer = [("error", error), ("error_description", description)];
        return provider.redirect(redirect_uri, &parameters, &answer);
    }
    let Some(person) = parameters.choice.person(provider.settings.company) else {
        return page(StatusCode::OK, &provider.choices(&parameters));
    };
    match provider.code_for(&person, &parameters) {
        Ok(code) => provider.redirect(redirect_uri, &parameters, &[("code", &code)]),
        Err(error) => trouble(&error.to_string()),
    }
}

impl Parameters {
    fn fault(&self) -> Option<(&'static str, &'static str)> {
        if self.response_type != "code" {
            return Some(("unsupported_response_type", "response_type must be code"));
        }
        if !self.scope.split(' ').any(|scope| scope == "openid") {
            return Some(("invalid_scope", "scope must contain openid"));
        }
        if self.code_challenge.is_empty() || self.code_challenge_method != "S256" {
            return Some((
                "invalid_request",
                "a code_challenge of method S256 is required",
            ));
        }
        None
    }

    /// The request, to come back with the choice of a person.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![
            ("response_type", self.response_type.clone()),
            ("client_id", self.client_id.clone()),
            ("redirect_uri", self.redirect_uri.clone()),
            ("scope", self.scope.clone()),
            ("code_challenge", self.code_challenge.clone()),
            ("code_challenge_method", self.code_challenge_method.clone()),
        ];
        for (name, value) in [("state", &self.state), ("nonce", &self.nonce)] {
            pairs.extend(value.clone().map(|value| (name, value)));
        }
        pairs
    }
}

impl DemoProvider {
    // Codes leave for the gateway alone, so the provider is no open redirector.
    fn redirect_uri(&self, parameters: &Parameters) -> Result<Url, String> {
        let client_id = &parameters.client_id;
        if *client_id != self.settings.client_id {
            return Err(format!("The client {client_id} is not known here."));
        }
        let origin = &self.settings.stage.origin;
        let own = Url::parse(origin).map(|url| url.origin());
        Url::parse(&parameters.redirect_uri)
            .ok()
            .filter(|url| own.as_ref().is_ok_and(|own| *own == url.origin()))
            .ok_or_else(|| format!("The redirect_uri must be a URL at {origin}."))
    }

    fn code_for(
        &self,
        person: &DemoPerson,
        parameters: &Parameters,
    ) -> Result<String, DemoProviderError> {
        let pairs = parameters.pairs().into_iter();
        let lines: Vec<_> = pairs
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        let stage = &self.settings.stage;
        stage.exchanges.keep_oidc(OidcExchange {
            email: person.email.clone(),
            request: lines.join("\n"),
            claims: None,
        });
        let name = self.settings.company.name;
        let note = format!(
            "{name} answers the OIDC request for {}: a code",
            person.email
        );
        stage.record.note(Who::IdentityProvider, note);
        let grant = Grant {
            person: person.clone(),
            redirect_uri: parameters.redirect_uri.clone(),
            code_challenge: parameters.code_challenge.clone(),
            nonce: parameters.nonce.clone(),
        };
        self.grants.code(grant, self.now())
    }

    fn redirect(
        &self,
        mut target: Url,
        parameters: &Parameters,
        answer: &[(&str, &str)],
    ) -> HttpResponse {
        target
            .query_pairs_mut()
            .extend_pairs(answer)
            .append_pair("iss", &self.issuer);
        if let Some(state) = &parameters.state {
            target.query_pairs_mut().append_pair("state", state);
        }
        HttpResponse::SeeOther()
            .insert_header((LOCATION, target.as_str()))
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish()
    }

    fn choices(&self, parameters: &Parameters) -> IdpPage {
        let company = self.settings.company;
        IdpPage {
            company,
            protocol: "OpenID Connect",
            action: format!("{}/authorize", base_path(company)),
            hidden: parameters.pairs(),
            faults: &[],
        }
    }
}
