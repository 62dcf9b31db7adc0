//! The way from a hosted page to an identity provider, and back to the hosted pages: they come back
//! with a token that only the browser that left can use, by a PKCE verifier in its cookie.

use serde::Deserialize;

use crate::domain::id::ConnectionId;
use crate::domain::oauth_provider::OauthProvider;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::discovery::arrive::Arrival;
use crate::use_cases::error::ManagementError;
use crate::use_cases::hosted_sign_in;
use crate::use_cases::hosted_sign_in::RETURN;
use crate::use_cases::hosted_sign_in::Step;
use crate::use_cases::hosted_sign_in::request::HostedRequest;
use crate::use_cases::oauth;
use crate::use_cases::oauth::authenticate::OauthAuthentication;
use crate::use_cases::oauth::start::OauthStart;
use crate::use_cases::sign_in::admit::SsoAuthentication;
use crate::use_cases::sign_in::admit::admit;
use crate::use_cases::sign_in::entry::SignInWishes;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::start;
use crate::use_cases::sign_in::start::Started;
use crate::use_cases::sign_in::start::Wanted;

/// With whom somebody wants to prove who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prover {
    /// A connection of an organization, with the address that the person has given.
    Connection(ConnectionId, Option<String>),
    /// An OAuth provider, for the organization with this slug.
    Provider(OauthProvider, String),
    /// An OAuth provider, before an organization is chosen.
    Anywhere(OauthProvider),
}

/// What the browser comes back with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Return {
    /// What the token is.
    pub stytch_token_type: String,
    /// The token.
    pub token: String,
}

/// Opens a flow whose end comes back to the hosted pages.
pub fn depart(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (prover, challenge): (&Prover, &str),
) -> Result<Started, SignInError> {
    let back = format!("{}{RETURN}", deployment.public_url);
    let (id, hint) = match prover {
        Prover::Connection(id, hint) => (*id, hint.as_deref()),
        Prover::Provider(provider, slug) => {
            let named = [
                ("organization_id", slug.as_str()),
                ("pkce_code_challenge", challenge),
            ];
            return with_provider(tx, deployment, (*provider, false), (&back, &named));
        }
        Prover::Anywhere(provider) => {
            let named = [("pkce_code_challenge", challenge)];
            return with_provider(tx, deployment, (*provider, true), (&back, &named));
        }
    };
    let (scope, connection) = flow::active_connection(tx, &deployment.project_id, id)?;
    if connection.sso_roles().is_none() {
        return Err(SignInError::ConnectionNotFound);
    }
    let wanted = Wanted {
        login_redirect_url: back.clone(),
        signup_redirect_url: back,
        pkce_code_challenge: Some(challenge.to_owned()),
        more_scopes: "",
        login_hint: hint,
        tested_by: None,
    };
    start::open(tx, deployment, (&scope, &connection), wanted)
}

fn with_provider(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (provider, is_discovery): (OauthProvider, bool),
    (back, named): (&str, &[(&str, &str)]),
) -> Result<Started, SignInError> {
    let back = [
        ("login_redirect_url", back),
        ("signup_redirect_url", back),
        ("discovery_redirect_url", back),
    ];
    let all = named.iter().chain(&back);
    let asked = OauthStart {
        provider,
        is_discovery,
        parameters: all
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    };
    oauth::start::open(tx, deployment, &asked)
}

/// Uses up the token that a browser came back with, and says what comes next.
pub fn arrive(
    tx: &mut Transaction<'_>,
    (deployment, request): (&Deployment, &HostedRequest),
    (returned, verifier): (&Return, &str),
    wishes: &SignInWishes,
) -> Result<Step, ManagementError> {
    let caller = &ProjectCaller {
        project_id: request.project_id.clone(),
    };
    let place = (caller, deployment);
    let (token, verifier) = (returned.token.clone(), Some(verifier.to_owned()));
    match returned.stytch_token_type.as_str() {
        "oauth" => {
            let asked = OauthAuthentication {
                oauth_token: token,
                pkce_code_verifier: verifier,
                wishes: wishes.clone(),
            };
            let admitted = oauth::authenticate::authenticate(tx, place, &asked)?;
            hosted_sign_in::next(tx, request, admitted.admission)
        }
        "discovery_oauth" => {
            let token = (token.as_str(), verifier.as_deref());
            let (_, Arrival { intermediate, .. }) = oauth::discover::discover(tx, place, token)?;
            Ok(Step::Choose(intermediate.token))
        }
        _ => {
            let asked = SsoAuthentication {
                sso_token: token,
                pkce_code_verifier: verifier,
                wishes: wishes.clone(),
            };
            let admission = admit(tx, place, &asked)?;
            hosted_sign_in::next(tx, request, admission)
        }
    }
}
