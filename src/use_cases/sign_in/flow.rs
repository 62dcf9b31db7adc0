//! What is remembered between a request to an IdP and its answer, and the browser it is bound to.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use serde::Deserialize;
use serde::Serialize;

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::PortalLinkId;
use crate::domain::id::RequestId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::domain::secret::SecretHash;
use crate::domain::secret::equal;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::fence::Crossing;
use crate::storage::job::Begin;
use crate::storage::sign_in_places;
use crate::use_cases::sign_in::error::SignInError;

/// How long an answer is waited for.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// A sign-in that is under way, kept under the hash of its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Where a known member returns.
    pub login_redirect_url: String,
    /// Where somebody returns who is to become a member.
    pub signup_redirect_url: String,
    /// The application's own PKCE challenge.
    pub pkce_code_challenge: Option<String>,
    /// The hash of the cookie that the browser was given.
    pub browser_hash: String,
    /// The external connection at which it began; none if it is the callback's own.
    #[serde(default)]
    pub entered_through: Option<ConnectionId>,
    /// The portal link that tests the connection; nobody is let in at the end of such a flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_by: Option<PortalLinkId>,
    /// What the IdP was asked.
    pub request: OpenRequest,
}

/// What an answer must fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenRequest {
    /// An `AuthnRequest`.
    Saml {
        /// Its ID.
        request_id: String,
        /// When it was made; requests of earlier versions do not know.
        #[serde(default)]
        asked_at: Option<DateTime<Utc>>,
    },
    /// An authorization request.
    Oidc {
        /// The nonce that the ID token repeats.
        nonce: String,
        /// Our PKCE verifier, sealed.
        sealed_code_verifier: String,
    },
}

/// An answer as the browser brings it, before anything of it is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// The connection that the URL names.
    pub connection_id: ConnectionId,
    /// The hash of `RelayState` or `state`, if there is one.
    pub state: Option<SecretHash>,
    /// The cookie of that state, if the browser has it.
    pub cookie: Option<String>,
}

/// The cookie that binds a flow to the browser that began it.
pub fn cookie_name(state: &SecretHash) -> String {
    let short: String = state.as_str().chars().take(8).collect();
    format!("vestibule_flow_{short}")
}

/// Where the sealed PKCE verifier of a flow belongs.
pub(crate) fn sealing_place(connection: &Connection, state: &SecretHash) -> String {
    connection.sealing_place(&format!("flow/{}", state.as_str()))
}

/// Where a transaction starts from whose organization is found by a connection's id.
pub fn begin(request_id: RequestId) -> Begin {
    Begin::across(request_id, Crossing::ConnectionId)
}

/// The connection that a callback names, with its scope, if it is in use.
pub(crate) fn active_connection(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: ConnectionId,
) -> Result<(OrgScope, Connection), SignInError> {
    let (organization, connection) = active_with_organization(tx, project, id)?;
    Ok((organization.scope(), connection))
}

/// The same with its organization.
pub(crate) fn active_with_organization(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    id: ConnectionId,
) -> Result<(Organization, Connection), SignInError> {
    let found = connections::named(tx, project, id)?;
    let found = found.filter(|(_, connection)| connection.is_active());
    found.ok_or(SignInError::ConnectionNotFound)
}

/// The connection that an answer comes through, and the open flow that it belongs to. One that is
/// not in use yet takes answers to tests alone.
pub(crate) fn answered(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    callback: &Callback,
) -> Result<(OrgScope, Connection, Option<Flow>), SignInError> {
    let missing = SignInError::ConnectionNotFound;
    let asked = (callback.connection_id, callback.state.as_ref());
    let found = sign_in_places::find_for_callback::<Flow>(tx, project, asked)?;
    let ((organization, connection), flow) = found.ok_or(missing.clone())?;
    let is_test = flow.as_ref().is_some_and(|flow| flow.tested_by.is_some());
    if connection.is_active() || (is_test && connection.is_filled_in()) {
        Ok((organization.scope(), connection, flow))
    } else {
        Err(missing)
    }
}

/// The connection whose IdP proves people who come through this one: itself, or the one of another
/// organization that it stands for, as long as that is in use.
pub(crate) fn proving_connection(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, &Connection),
) -> Result<(OrgScope, Connection), SignInError> {
    let Some(external) = connection.external() else {
        return Ok((scope.clone(), connection.clone()));
    };
    active_connection(tx, &scope.project_id, external.connection_id)
}

impl Flow {
    /// Refuses an answer that comes through another browser than the one that was sent away.
    pub(crate) fn check_browser(
        &self,
        kind: ConnectionKind,
        cookie: Option<&str>,
    ) -> Result<(), SignInError> {
        check_browser(&self.browser_hash, kind, cookie)
    }
}

/// The same for a flow of which only the hash of its cookie is told.
pub(crate) fn check_browser(
    browser_hash: &str,
    kind: ConnectionKind,
    cookie: Option<&str>,
) -> Result<(), SignInError> {
    let cookie = cookie.ok_or(SignInError::MissingCookie(kind))?;
    if equal(SecretHash::of(cookie).as_str(), browser_hash) {
        Ok(())
    } else {
        Err(SignInError::CookieMismatch(kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_browser_that_was_sent_away_may_bring_the_answer() {
        let flow = Flow {
            login_redirect_url: String::new(),
            signup_redirect_url: String::new(),
            pkce_code_challenge: None,
            browser_hash: SecretHash::of("cookie").as_str().to_owned(),
            entered_through: None,
            tested_by: None,
            request: OpenRequest::Saml {
                request_id: "_1".to_owned(),
                asked_at: None,
            },
        };
        let kind = ConnectionKind::Saml;
        assert_eq!(flow.check_browser(kind, Some("cookie")), Ok(()));
        assert_eq!(
            flow.check_browser(kind, None),
            Err(SignInError::MissingCookie(kind))
        );
        assert_eq!(
            flow.check_browser(kind, Some("another")),
            Err(SignInError::CookieMismatch(kind))
        );
    }
}
