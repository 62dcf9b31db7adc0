//! Begins a sign-in: chooses the connection, opens a flow, builds the request (contract 4.1, step 1).

use serde::Deserialize;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::ConnectionSettings;
use crate::domain::id::PortalLinkId;
use crate::domain::id::RequestId;
use crate::domain::scope::OrgScope;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::storage::Transaction;
use crate::storage::job::Begin;
use crate::storage::sign_in_flows;
use crate::use_cases::Deployment;
use crate::use_cases::sign_in::chosen;
use crate::use_cases::sign_in::chosen::Named;
use crate::use_cases::sign_in::chosen::given;
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

    fn named(&self) -> Named<'_> {
        Named {
            public_token: &self.public_token,
            connection_id: &self.connection_id,
            organization_id: &self.organization_id,
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
    let (entered, chosen, urls) = chosen::place(tx, deployment, &asked.named())?;
    let unregistered = SignInError::UnregisteredRedirectUrl;
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
