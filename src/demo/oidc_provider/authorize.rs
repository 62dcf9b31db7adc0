//! The demo provider's authorization endpoint: choose a person, get a code.

use actix_web::HttpResponse;
use actix_web::HttpResponseBuilder;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::LOCATION;
use actix_web::web;
use serde::Deserialize;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::demo::oidc_provider::error::DemoProviderError;
use crate::demo::oidc_provider::grants::Grant;
use crate::demo::oidc_provider::provider::DemoProvider;
use crate::demo::page::escape;
use crate::demo::page::page as demo_page;
use crate::demo::people::DemoPerson;

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
    login_hint: Option<String>,
}

/// Shows whom one can sign in as; with the `login_hint` of a known person, signs in at once.
pub(crate) async fn authorize(
    provider: web::Data<DemoProvider>,
    parameters: web::Query<Parameters>,
) -> HttpResponse {
    let redirect_uri = match provider.redirect_uri(&parameters) {
        Ok(redirect_uri) => redirect_uri,
        Err(reason) => return page(HttpResponse::BadRequest(), &escape(&reason)),
    };
    if let Some((error, description)) = parameters.fault() {
        let answer = [("error", error), ("error_description", description)];
        return provider.redirect(redirect_uri, &parameters, &answer);
    }
    let people = provider.settings.people.iter();
    let hint = parameters.login_hint.as_deref();
    let chosen = people
        .into_iter()
        .find(|person| Some(person.email.as_str()) == hint);
    let Some(person) = chosen else {
        return page(HttpResponse::Ok(), &provider.choices(&parameters));
    };
    match provider.code_for(person, &parameters) {
        Ok(code) => provider.redirect(redirect_uri, &parameters, &[("code", &code)]),
        Err(error) => page(
            HttpResponse::InternalServerError(),
            &escape(&error.to_string()),
        ),
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

    fn query_for(&self, person: &DemoPerson) -> String {
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", &self.response_type)
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &self.scope)
            .append_pair("code_challenge", &self.code_challenge)
            .append_pair("code_challenge_method", &self.code_challenge_method)
            .append_pair("login_hint", &person.email);
        for (name, value) in [("state", &self.state), ("nonce", &self.nonce)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

impl DemoProvider {
    // Codes leave for the gateway alone, so the provider is no open redirector.
    fn redirect_uri(&self, parameters: &Parameters) -> Result<Url, String> {
        let client_id = &parameters.client_id;
        if *client_id != self.settings.client_id {
            return Err(format!("The client {client_id} is not known here."));
        }
        let own = Url::parse(&self.settings.public_url).map(|url| url.origin());
        Url::parse(&parameters.redirect_uri)
            .ok()
            .filter(|url| own.as_ref().is_ok_and(|own| *own == url.origin()))
            .ok_or_else(|| {
                let public_url = &self.settings.public_url;
                format!("The redirect_uri must be a URL at {public_url}.")
            })
    }

    fn code_for(
        &self,
        person: &DemoPerson,
        parameters: &Parameters,
    ) -> Result<String, DemoProviderError> {
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

    fn choices(&self, parameters: &Parameters) -> String {
        let choice = |person: &DemoPerson| {
            let link = escape(&format!(
                "{}/authorize?{}",
                self.issuer,
                parameters.query_for(person)
            ));
            let name = escape(&person.full_name());
            let email = escape(&person.email);
            format!("<li><a href=\"{link}\">{name}</a> ({email})</li>")
        };
        let choices: String = self.settings.people.iter().map(choice).collect();
        format!("<p>Sign in as</p><ul>{choices}</ul>")
    }
}

fn page(response: HttpResponseBuilder, content: &str) -> HttpResponse {
    demo_page(response, "Demo identity provider", content)
}
