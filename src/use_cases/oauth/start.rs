//! Begins a sign-in with an OAuth provider: opens a flow, builds the request (RFC 6749 §4.1.1).

use crate::domain::oauth_client::OauthClient;
use crate::domain::oauth_provider::OauthProvider;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::protocol::oidc::Rejection;
use crate::protocol::oidc::authorization::AuthorizationRequest;
use crate::storage::Transaction;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::one_time_tokens::TokenPlace;
use crate::use_cases::Deployment;
use crate::use_cases::oauth::error::OauthRefusal;
use crate::use_cases::oauth::flow;
use crate::use_cases::oauth::flow::OauthFlow;
use crate::use_cases::project_settings;
use crate::use_cases::sign_in::chosen::given;
use crate::use_cases::sign_in::chosen::organization;
use crate::use_cases::sign_in::chosen::project;
use crate::use_cases::sign_in::departure::Departure;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow::LIFETIME;
use crate::use_cases::sign_in::flow::cookie_name;
use crate::use_cases::sign_in::start::Started;
use crate::use_cases::sign_in::start::code_challenge;

const FOR_PROVIDER: &str = "provider_";
/// What the checks of the answer rest on, so that no link may set it.
const RESERVED: [&str; 13] = [
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "claims",
];

/// What the link asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthStart {
    /// The provider.
    pub provider: OauthProvider,
    /// Whether the person looks for an organization instead of naming one.
    pub is_discovery: bool,
    /// The parameters; an empty value counts as not given.
    pub parameters: Vec<(String, String)>,
}

impl OauthStart {
    fn get(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(given, _)| given == name);
        found.map_or("", |(_, value)| value)
    }

    /// What is handed on to the provider.
    fn for_provider(&self) -> Result<Vec<(&str, &str)>, OauthRefusal> {
        let handed_on = self.parameters.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(FOR_PROVIDER)?;
            (!name.is_empty() && !value.is_empty()).then_some((name, value.as_str()))
        });
        let handed_on: Vec<_> = handed_on.collect();
        match handed_on.iter().find(|(name, _)| RESERVED.contains(name)) {
            Some((name, _)) => Err(OauthRefusal::ReservedParameter((*name).to_owned())),
            None => Ok(handed_on),
        }
    }
}

/// Opens a flow and says where the browser goes.
pub fn start(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    asked: &OauthStart,
) -> Result<Started, SignInError> {
    project(tx, deployment, asked.get("public_token"))?;
    open(tx, deployment, asked)
}

/// The same for whoever is known to ask for the project that is served.
pub(crate) fn open(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    asked: &OauthStart,
) -> Result<Started, SignInError> {
    let project_id = deployment.project_id.clone();
    let client = client(deployment, asked.provider)?;
    let for_provider = asked.for_provider()?;
    let (state, cookie) = (secret::fresh_token()?, secret::fresh_token()?);
    let (nonce, verifier) = (secret::fresh_token()?, secret::fresh_token()?);
    let state_hash = SecretHash::of(&state);
    let chosen = if asked.is_discovery {
        None
    } else {
        let named = given(asked.get("organization_id")).or(given(asked.get("slug")));
        let named = named.ok_or(OauthRefusal::OrganizationRequired)?;
        Some(organization(tx, &project_id, named)?.id)
    };
    let (login_redirect_url, signup_redirect_url) = redirect_urls(tx, deployment, asked)?;
    let place = flow::sealing_place(&state_hash);
    let opened = OauthFlow {
        provider: asked.provider,
        organization_id: chosen,
        login_redirect_url,
        signup_redirect_url,
        pkce_code_challenge: code_challenge(asked.get("pkce_code_challenge"))?,
        browser_hash: SecretHash::of(&cookie).as_str().to_owned(),
        scopes: format!("{} {}", asked.provider.scopes(), asked.get("custom_scopes"))
            .trim_end()
            .to_owned(),
        nonce,
        sealed_code_verifier: deployment.master_key.seal(verifier.as_bytes(), &place)?,
    };
    let request = (client, &opened, state.as_str(), verifier.as_str());
    let departure = departure(deployment, request, &for_provider)?;
    let place = TokenPlace {
        project_id,
        organization_id: chosen,
    };
    let place = (&place, TokenKind::OauthFlow);
    one_time_tokens::insert_at(tx, place, &state_hash, &opened, tx.now + LIFETIME)?;
    Ok(Started {
        departure,
        cookie_name: cookie_name(&state_hash),
        cookie,
    })
}

/// What we are to a provider.
pub(crate) fn client(
    deployment: &Deployment,
    provider: OauthProvider,
) -> Result<&OauthClient, OauthRefusal> {
    let client = deployment.oauth_clients.get(&provider);
    client.ok_or(OauthRefusal::NotOffered)
}

fn redirect_urls(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    asked: &OauthStart,
) -> Result<(String, String), SignInError> {
    let urls = project_settings::redirect_urls(tx, &deployment.project_id, deployment)?;
    let own = |asked| deployment.own_page(asked);
    let (login, signup) = if asked.is_discovery {
        let asked = given(asked.get("discovery_redirect_url"));
        let url = own(asked).or_else(|| urls.discovery(asked));
        (url.clone(), url)
    } else {
        let login = given(asked.get("login_redirect_url"));
        let signup = given(asked.get("signup_redirect_url"));
        let login = own(login).or_else(|| urls.login(login));
        (login, own(signup).or_else(|| urls.signup(signup)))
    };
    let both = login.zip(signup);
    Ok(both.ok_or(OauthRefusal::UnregisteredRedirectUrl)?)
}

fn departure(
    deployment: &Deployment,
    (client, flow, state, code_verifier): (&OauthClient, &OauthFlow, &str, &str),
    for_provider: &[(&str, &str)],
) -> Result<Departure, SignInError> {
    let request = AuthorizationRequest {
        issuer: &client.endpoints.authorization_url,
        authorization_url: &client.endpoints.authorization_url,
        client_id: &client.client_id,
        redirect_uri: &deployment.oauth_callback_url(flow.provider),
        scopes: &flow.scopes,
        state,
        nonce: &flow.nonce,
        code_verifier,
        login_hint: None,
    };
    let url = if flow.provider.has_id_tokens() {
        request.url()
    } else {
        request.url_without_openid()
    };
    let unstartable = |rejection: Rejection| SignInError::Unstartable(rejection.to_string());
    let mut url = url.map_err(unstartable)?;
    url.query_pairs_mut().extend_pairs(for_provider);
    Ok(Departure::Redirect(url.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_hands_parameters_on_but_none_that_the_answer_is_checked_by() {
        let asked = |name: &str| OauthStart {
            provider: OauthProvider::Google,
            is_discovery: true,
            parameters: vec![(name.to_owned(), "x".to_owned())],
        };
        let prompt = asked("provider_prompt");
        assert_eq!(prompt.for_provider(), Ok(vec![("prompt", "x")]));
        for name in ["prompt", "provider_", "state"] {
            assert_eq!(asked(name).for_provider(), Ok(vec![]), "{name}");
        }
        for name in RESERVED {
            let refused = Err(OauthRefusal::ReservedParameter(name.to_owned()));
            assert_eq!(asked(&format!("provider_{name}")).for_provider(), refused);
        }
    }
}
