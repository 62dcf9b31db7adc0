//! What an application asks of the hosted pages: where its people come back to, and what it wants to
//! know them by then.

use serde::Deserialize;
use serde::Serialize;

use crate::domain::project::ProjectId;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::project_settings;
use crate::use_cases::sign_in::chosen;
use crate::use_cases::sign_in::chosen::given;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::start;

/// More than an application needs; all of it has to fit into a cookie.
const LONGEST_STATE: usize = 512;
const LONGEST_URL: usize = 1024;

/// The query that an application sends people with; an empty value counts as not given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct HostedQuery {
    /// Where people come back to, unless the project's default.
    pub redirect_url: String,
    /// The project's public token, if the application names it.
    pub public_token: String,
    /// What the application gets back as it is.
    pub state: String,
    /// The PKCE challenge (S256) whose verifier redeems the token.
    pub code_challenge: String,
}

/// The same, once it is known to be allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedRequest {
    /// The project.
    pub project_id: ProjectId,
    /// Where people come back to: one of the project's URLs for `login`.
    pub redirect_url: String,
    /// What the application gets back as it is.
    pub state: Option<String>,
    /// The PKCE challenge whose verifier redeems the token.
    pub pkce_code_challenge: Option<String>,
}

/// Checks what is asked. A public token may be left out, as people type addresses of sign-in pages
/// and keep them; one that is given must be the project's.
pub fn check(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    asked: &HostedQuery,
) -> Result<HostedRequest, SignInError> {
    if given(&asked.public_token).is_some() {
        chosen::project(tx, deployment, &asked.public_token)?;
    }
    let project_id = deployment.project_id.clone();
    let urls = project_settings::redirect_urls(tx, &project_id, deployment)?;
    let url = urls.login(given(&asked.redirect_url));
    if url.is_none() && given(&asked.redirect_url).is_none() {
        return Err(SignInError::NoRedirectUrl);
    }
    let redirect_url = url.ok_or(SignInError::UnregisteredRedirectUrl)?;
    if asked.state.len() > LONGEST_STATE || redirect_url.len() > LONGEST_URL {
        let reason = format!(
            "state may have {LONGEST_STATE} bytes and redirect_url {LONGEST_URL}, and one has more"
        );
        return Err(SignInError::InvalidQuery(reason));
    }
    Ok(HostedRequest {
        project_id,
        redirect_url,
        state: given(&asked.state).map(str::to_owned),
        pkce_code_challenge: start::code_challenge(&asked.code_challenge)?,
    })
}
