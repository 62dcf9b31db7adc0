//! Begins a sign-in: chooses the connection, opens a flow, builds the request (contract 4.1, step 1).

use serde::Deserialize;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::id::ConnectionId;
use crate::domain::id::PortalLinkId;
use crate::domain::id::RequestId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::job::Begin;
use crate::storage::sign_in_flows;
use crate::use_cases::Deployment;
use crate::use_cases::credentials;
use crate::use_cases::error::ManagementError;
use crate::use_cases::organizations;
use crate::use_cases::project_settings;
use crate::use_cases::sign_in::departure::Departure;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::flow::Flow;
use crate::use_cases::sign_in::oidc;
use crate::use_cases::sign_in::pkce;
use crate::use_cases::sign_in::saml_request;

/// The query of the start URL; an empty value counts as not given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "the fields are those of the contract, section 4.1"
)]
pub struct StartRequest {
    pub connection_id: String,
    pub organization_id: String,
    pub public_token: String,
    pub login_redirect_url: String,
    pub signup_redirect_url: String,
    pub pkce_code_challenge: String,
    pub custom_scopes: String,
    pub login_hint: String,
}

impl StartRequest {
    /// Where the transaction starts from that opens the flow.
    pub fn begin(&self, request_id: RequestId) -> Begin {
        match (given(&self.connection_id), given(&self.organization_id)) {
            (Some(_), None) => flow::begin(request_id),
            _ => request_id.into(),
        }
    }
}

/// Where the browser goes, and what binds it to the flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The way to the IdP, with our request.
    pub departure: Departure,
    /// The name of the cookie.
    pub cookie_name: String,
    /// Its value.
    pub cookie: String,
}

/// What every request to an IdP is made of.
pub(crate) struct Opening<'a> {
    pub(crate) connection: &'a Connection,
    /// Our state, opaque to the IdP.
    pub(crate) state: &'a str,
    /// Scopes that the start URL adds.
    pub(crate) more_scopes: &'a str,
    /// The address the person has already given, if any.
    pub(crate) login_hint: Option<&'a str>,
}

/// Opens a flow and says where the browser goes.
pub fn start(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    asked: &StartRequest,
) -> Result<Started, SignInError> {
    let project = project(tx, deployment, &asked.public_token)?;
    let (entered, chosen) = connection(tx, &project, asked)?;
    let unregistered = SignInError::UnregisteredRedirectUrl;
    let urls = project_settings::redirect_urls(tx, &project, deployment)?;
    let login = urls.login(given(&asked.login_redirect_url));
    let signup = urls.signup(given(&asked.signup_redirect_url));
    let wanted = Wanted {
        login_redirect_url: login.ok_or(unregistered.clone())?,
        signup_redirect_url: signup.ok_or(unregistered)?,
        pkce_code_challenge: code_challenge(&asked.pkce_code_challenge)?,
        more_scopes: &asked.custom_scopes,
        login_hint: given(&asked.login_hint),
        tested_by: None,
    };
    open(tx, deployment, (&entered, &chosen), wanted)
}

/// What a flow is to be, once it is known to be allowed.
pub(crate) struct Wanted<'a> {
    /// Where a known member returns.
    pub(crate) login_redirect_url: String,
    /// Where somebody returns who is to become a member.
    pub(crate) signup_redirect_url: String,
    /// The application's own PKCE challenge.
    pub(crate) pkce_code_challenge: Option<String>,
    /// Scopes beside the connection's.
    pub(crate) more_scopes: &'a str,
    /// The address the person has already given, if any.
    pub(crate) login_hint: Option<&'a str>,
    /// The portal link that tests the connection.
    pub(crate) tested_by: Option<PortalLinkId>,
}

/// Opens a flow through a connection that is in use.
pub(crate) fn open(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (entered, chosen): (&OrgScope, &Connection),
    wanted: Wanted<'_>,
) -> Result<Started, SignInError> {
    let (scope, connection) = flow::proving_connection(tx, (entered, chosen))?;
    let (state, cookie) = (secret::fresh_token()?, secret::fresh_token()?);
    let opening = Opening {
        connection: &connection,
        state: &state,
        more_scopes: wanted.more_scopes,
        login_hint: wanted.login_hint,
    };
    let (departure, request) = match &connection.settings {
        ConnectionSettings::Saml(settings) => {
            saml_request::request(tx, deployment, (settings, &opening))?
        }
        ConnectionSettings::Oidc(settings) => {
            let (url, request) = oidc::request(deployment, (settings, &opening))?;
            (Departure::Redirect(url), request)
        }
        ConnectionSettings::External(_) | ConnectionSettings::Scim(_) => {
            return Err(SignInError::ConnectionNotFound);
        }
    };
    let flow = Flow {
        login_redirect_url: wanted.login_redirect_url,
        signup_redirect_url: wanted.signup_redirect_url,
        pkce_code_challenge: wanted.pkce_code_challenge,
        browser_hash: SecretHash::of(&cookie).as_str().to_owned(),
        tested_by: wanted.tested_by,
        entered_through: Some(chosen.id).filter(|id| *id != connection.id),
        request,
    };
    let state = SecretHash::of(&state);
    let expires_at = tx.now + flow::LIFETIME;
    sign_in_flows::insert(tx, (&scope, connection.id), &state, &flow, expires_at)?;
    Ok(Started {
        departure,
        cookie_name: flow::cookie_name(&state),
        cookie,
    })
}

/// A parameter that is not empty.
pub(crate) fn given(value: &str) -> Option<&str> {
    Some(value).filter(|value| !value.is_empty())
}

/// The project of a public token, which must be the one that is served.
pub(crate) fn project(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    public_token: &str,
) -> Result<ProjectId, SignInError> {
    let token = given(public_token).ok_or(SignInError::PublicTokenRequired)?;
    let project = credentials::project_of_public_token(tx, &SecretHash::of(token))?;
    project
        .filter(|project| *project == deployment.project_id)
        .ok_or(SignInError::PublicTokenNotFound)
}

fn connection(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    asked: &StartRequest,
) -> Result<(OrgScope, Connection), SignInError> {
    match (given(&asked.connection_id), given(&asked.organization_id)) {
        (None, None) => Err(SignInError::MissingLocator),
        (Some(_), Some(_)) => Err(SignInError::TooManyLocators),
        (Some(named), None) => {
            // A connection of another project is as unknown as one that does not exist.
            let missing = SignInError::ConnectionNotFound;
            let id: ConnectionId = named.parse().map_err(|_| missing.clone())?;
            let (scope, connection) = flow::active_connection(tx, project, id)?;
            if connection.sso_roles().is_some() {
                Ok((scope, connection))
            } else {
                Err(missing)
            }
        }
        (None, Some(named)) => {
            let organization = organization(tx, project, named)?;
            let connection = only_connection(tx, &organization)?;
            Ok((organization.scope(), connection))
        }
    }
}

/// The organization that a link names.
pub(crate) fn organization(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    named: &str,
) -> Result<Organization, SignInError> {
    organizations::resolve(tx, project, named).map_err(|error| match error {
        ManagementError::Storage(error) => SignInError::Storage(error),
        _ => SignInError::OrganizationNotFound,
    })
}

/// The organization's default connection, or the only one that is active.
fn only_connection(
    tx: &mut Transaction<'_>,
    organization: &Organization,
) -> Result<Connection, SignInError> {
    let mut usable = connections::list(tx, &[organization.id])?;
    usable.retain(|connection| connection.is_active() && connection.sso_roles().is_some());
    let default = organization.settings.sso_default_connection_id;
    if let Some(found) = usable.iter().find(|found| Some(found.id) == default) {
        return Ok(found.clone());
    }
    match (usable.pop(), usable.is_empty()) {
        (None, _) => Err(SignInError::NoActiveConnection),
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(SignInError::IndeterminateConnection),
    }
}

/// An S256 challenge is 43 characters of base64url (RFC 7636 §4.2).
pub(crate) fn code_challenge(challenge: &str) -> Result<Option<String>, SignInError> {
    match given(challenge) {
        None => Ok(None),
        Some(text) if pkce::is_challenge(text) => Ok(Some(text.to_owned())),
        Some(_) => Err(SignInError::InvalidCodeChallenge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_challenge_has_the_form_that_s256_gives() {
        let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(code_challenge(good), Ok(Some(good.to_owned())));
        assert_eq!(code_challenge(""), Ok(None));
        for bad in ["short", &good.replace('-', "+"), &format!("{good}=")] {
            assert_eq!(code_challenge(bad), Err(SignInError::InvalidCodeChallenge));
        }
    }
}
