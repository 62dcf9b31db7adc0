//! The way from a hosted page to an identity provider, and back to the hosted pages: they come back
//! with a token that only the browser that left can use, by a PKCE verifier in its cookie.

use serde::Deserialize;

use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::oauth_provider::OauthProvider;
use crate::storage::Transaction;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::discovery::arrive::Arrival;
use crate::use_cases::error::ManagementError;
use crate::use_cases::hosted_sign_in;
use crate::use_cases::hosted_sign_in::RETURN;
use crate::use_cases::hosted_sign_in::Step;
use crate::use_cases::hosted_sign_in::doors;
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
    /// A connection of the organization that was chosen, with the address that was given there.
    Connection(OrganizationId, ConnectionId, Option<String>),
    /// An OAuth provider, for the organization that was chosen.
    Provider(OauthProvider, OrganizationId),
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

/// Opens a flow whose end comes back to the hosted pages, with a connection only if the page of the
/// organization shows it: the identity provider of any other would be told the address.
pub fn depart(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (prover, challenge): (&Prover, &str),
) -> Result<Started, SignInError> {
    let back = format!("{}{RETURN}", deployment.public_url);
    let (id, hint) = match prover {
        Prover::Connection(organization, id, hint) => {
            check_shown(tx, deployment, (*organization, *id))?;
            (*id, hint.as_deref())
        }
        Prover::Provider(provider, organization) => {
            let organization = organization.to_string();
            let named = [
                ("organization_id", organization.as_str()),
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

fn check_shown(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (organization, id): (OrganizationId, ConnectionId),
) -> Result<(), SignInError> {
    let organization = organizations::find(tx, &deployment.project_id, organization)?;
    let organization = organization.ok_or(SignInError::ConnectionNotFound)?;
    let shown = doors::connections(tx, &organization)?;
    if shown.iter().any(|(known, _)| *known == id) {
        Ok(())
    } else {
        Err(SignInError::ConnectionNotFound)
    }
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
