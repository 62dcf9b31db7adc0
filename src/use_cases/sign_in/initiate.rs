//! A sign-in that somebody else begins: a provider's dashboard, or a link (OpenID Connect Core 1.0
//! §4). It becomes one of ours, with a state and a browser of its own.

use serde::Deserialize;

use crate::domain::id::ConnectionId;
use crate::protocol::oidc::Rejection;
use crate::storage::Transaction;
use crate::use_cases::Deployment;
use crate::use_cases::project_settings;
use crate::use_cases::sign_in::chosen::given;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::start;
use crate::use_cases::sign_in::start::Started;
use crate::use_cases::sign_in::start::Wanted;

/// What the initiator says; an empty value counts as not given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Initiation {
    /// The issuer, which must be the connection's.
    pub iss: String,
    /// Who is to sign in, for the provider alone.
    pub login_hint: String,
    /// Where the application is to be entered; only what the project has registered.
    pub target_link_uri: String,
}

/// Opens a flow and says where the browser goes.
pub fn initiate(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    id: ConnectionId,
    asked: &Initiation,
) -> Result<Started, SignInError> {
    let (scope, connection) = flow::active_connection(tx, &deployment.project_id, id)?;
    let settings = connection.oidc().ok_or(SignInError::ConnectionNotFound)?;
    if asked.iss != settings.issuer {
        return Err(SignInError::Oidc(Rejection::InitiatedIssuer {
            expected: settings.issuer.clone(),
            received: asked.iss.chars().take(200).collect(),
        }));
    }
    let urls = project_settings::redirect_urls(tx, &scope.project_id, deployment)?;
    let target = given(&asked.target_link_uri);
    let unregistered = SignInError::UnregisteredRedirectUrl;
    let login = urls.login(target).ok_or(unregistered.clone())?;
    // Whoever is new goes where new people go, if the target is not for them.
    let signup = urls.signup(target).or_else(|| urls.signup(None));
    let wanted = Wanted {
        login_redirect_url: login,
        signup_redirect_url: signup.ok_or(unregistered)?,
        pkce_code_challenge: None,
        more_scopes: "",
        login_hint: given(&asked.login_hint),
        tested_by: None,
    };
    start::open(tx, deployment, (&scope, &connection), wanted)
}
