//! Our own logout: the session ends first, then the IdP is told.

use url::Url;

use crate::domain::factor::sso::SsoFactor;
use crate::domain::id::ConnectionId;
use crate::domain::secret;
use crate::domain::session::Session;
use crate::storage::Transaction;
use crate::storage::sessions;
use crate::storage::sign_in_flows;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::member_sessions;
use crate::use_cases::project_settings;
use crate::use_cases::sessions::SessionLocator;
use crate::use_cases::sign_in::departure::Departure;
use crate::use_cases::sign_in::departure::depart;
use crate::use_cases::sign_in::departure::signer;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::saml_identity::name_id;
use crate::use_cases::sign_in::saml_request::fresh_id;
use crate::use_cases::single_logout::LIFETIME;
use crate::use_cases::single_logout::OpenLogout;
use crate::use_cases::single_logout::envelope;
use crate::use_cases::single_logout::key;
use crate::use_cases::single_logout::saml_connection;

/// Which session ends, and where the browser goes in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutAsked {
    /// The session.
    pub session: SessionLocator,
    /// A registered login URL; the default one if none is given.
    pub return_url: Option<String>,
}

/// Ends a session and says where the browser goes to end the IdP's as well; where there is nothing
/// to end, to the return URL, which is none if none is registered.
pub fn begin(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&ProjectCaller, &Deployment),
    asked: &LogoutAsked,
) -> Result<Option<String>, ManagementError> {
    let project = &caller.project_id;
    let urls = project_settings::redirect_urls(tx, project, deployment)?;
    let return_url = urls.login(asked.return_url.as_deref());
    if asked.return_url.is_some() && return_url.is_none() {
        return Err(SessionError::UnregisteredLogoutUrl.into());
    }
    let found = match &asked.session {
        SessionLocator::Token(hash) => sessions::find_by_token(tx, project, hash)?,
        SessionLocator::Jwt(id) => sessions::find(tx, project, *id)?,
    };
    let session = found.ok_or(SessionError::NotFound)?.session;
    member_sessions::end(tx, &session)?;
    let told = open(tx, deployment, (&session, return_url.as_ref()));
    Ok(told?.or(return_url))
}

/// Keeps what the IdP is to be told, if it takes logout messages, and where the browser fetches it.
fn open(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (session, return_url): (&Session, Option<&String>),
) -> Result<Option<String>, ManagementError> {
    let proven = session.sso_factors().rev();
    let mut proven = proven.filter(|factor| factor.saml_subject.is_some());
    let Some((factor, subject)) = proven
        .next()
        .and_then(|factor| Some((factor, factor.saml_subject.clone()?)))
    else {
        return Ok(None);
    };
    let id = proving(factor);
    let (scope, _, settings) = match saml_connection(tx, deployment, id) {
        Ok(found) => found,
        Err(SignInError::Storage(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    if settings.logout.url.is_empty() {
        return Ok(None);
    }
    let internal = |error: SignInError| ManagementError::Internal(format!("{error:?}"));
    let kept = OpenLogout {
        request_id: fresh_id().map_err(internal)?,
        subject,
        session_index: factor.idp_session.clone(),
        return_url: return_url.cloned(),
    };
    let state = secret::fresh_token()?;
    let until = tx.now + LIFETIME;
    sign_in_flows::insert(tx, (&scope, id), &key(&state), &kept, until)?;
    let url = format!("{}/v1/public/sso/logout", deployment.public_url);
    let mut url = Url::parse(&url)
        .map_err(|error| ManagementError::Internal(format!("the public URL: {error}")))?;
    url.query_pairs_mut()
        .append_pair("connection_id", &id.to_string())
        .append_pair("state", &state);
    Ok(Some(url.into()))
}

fn proving(factor: &SsoFactor) -> ConnectionId {
    factor.idp_connection_id.unwrap_or(factor.connection_id)
}

/// The way to the IdP with our request, for a browser that brings the state of an open logout.
pub fn leave(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (id, state): (ConnectionId, &str),
) -> Result<Departure, SignInError> {
    let (scope, connection, settings) = saml_connection(tx, deployment, id)?;
    let unknown = SignInError::UnknownFlow(id.kind);
    let kept: Option<OpenLogout> = sign_in_flows::find(tx, (&scope, id), &key(state))?;
    let kept = kept.ok_or(unknown)?;
    let place = (&connection, &settings);
    let mut envelope = envelope(tx, deployment, place, &settings.logout.url)?;
    envelope.id = kept.request_id;
    let message = envelope.request(&name_id(&kept.subject), kept.session_index.as_deref());
    let signer = signer(deployment, place)?;
    depart(&message, (settings.logout.binding, state), signer.as_ref())
}
