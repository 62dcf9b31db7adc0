//! Takes a person in whom an OAuth provider has proven: uses the flow up, asks the policy, and keeps
//! the person under a one-time token for the application's server.

use url::Url;

use crate::domain::oauth_identity::OauthIdentity;
use crate::domain::oauth_identity::ProviderTokens;
use crate::domain::organization::Organization;
use crate::storage::Transaction;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::organizations;
use crate::use_cases::Deployment;
use crate::use_cases::oauth::entrance;
use crate::use_cases::oauth::entrance::OauthEntrance;
use crate::use_cases::oauth::error::actor;
use crate::use_cases::oauth::expect::KIND;
use crate::use_cases::oauth::expect::find;
use crate::use_cases::oauth::flow::OauthCallback;
use crate::use_cases::oauth::kept::keep;
use crate::use_cases::sign_in::error::SignInError;

/// An answer that has been proven.
#[derive(Clone, PartialEq, Eq)]
pub struct OauthArrival {
    /// How it came.
    pub callback: OauthCallback,
    /// Who came.
    pub identity: OauthIdentity,
    /// What the provider gave us for them.
    pub tokens: ProviderTokens,
}

/// Takes an arrival in and says where the browser goes.
pub fn receive(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    arrival: &OauthArrival,
) -> Result<String, SignInError> {
    let flow = find(tx, deployment, &arrival.callback)?;
    if !one_time_tokens::consume(tx, TokenKind::OauthFlow, &arrival.callback.state)? {
        return Err(SignInError::AlreadyUsed(KIND));
    }
    let came = (&arrival.identity, &arrival.tokens);
    let challenge = flow.pkce_code_challenge;
    let Some(organization) = flow.organization_id else {
        let token = keep(tx, deployment, came, (None, challenge))?;
        let more = [("stytch_token_type", "discovery_oauth"), ("token", &token)];
        return redirect(&flow.login_redirect_url, &more);
    };
    let organization = organizations::find(tx, &deployment.project_id, organization)?;
    let organization = organization.ok_or(SignInError::OrganizationNotFound)?;
    tx.acts_as(actor(flow.provider));
    let target = match entrance::decide(tx, &organization, &arrival.identity)? {
        OauthEntrance::Known(..) | OauthEntrance::Named(_) => flow.login_redirect_url,
        OauthEntrance::New => flow.signup_redirect_url,
        OauthEntrance::Refused(refusal) => return Err(SignInError::Policy(refusal)),
    };
    let token = keep(tx, deployment, came, (Some(organization.id), challenge))?;
    leave(&target, &organization, &token)
}

fn leave(target: &str, organization: &Organization, token: &str) -> Result<String, SignInError> {
    let more = [
        ("slug", organization.slug.as_str()),
        ("stytch_token_type", "oauth"),
        ("token", token),
    ];
    redirect(target, &more)
}

fn redirect(target: &str, more: &[(&str, &str)]) -> Result<String, SignInError> {
    let mut url = Url::parse(target)
        .map_err(|error| SignInError::Internal(format!("redirect URL {target}: {error}")))?;
    url.query_pairs_mut().extend_pairs(more);
    Ok(url.into())
}
