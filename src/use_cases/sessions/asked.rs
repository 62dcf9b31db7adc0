//! What is asked of a session, and what is answered.

use serde_json::Map;
use serde_json::Value;

use crate::domain::id::SessionId;
use crate::domain::secret::SecretHash;
use crate::domain::session::Session;
use crate::use_cases::members::MemberView;

/// A session with its member, as answers show it.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionView {
    /// The session.
    pub session: Session,
    /// The roles that count in it: those that a policy declares.
    pub roles: Vec<String>,
    /// What the project adds to its JWTs.
    pub claims: Map<String, Value>,
    /// Its member and organization.
    pub member: MemberView,
    /// Why an action that was asked about is allowed: the roles that grant it.
    pub granting_roles: Option<Vec<String>>,
}

impl SessionView {
    /// The session as its JWT tells it: with the claims that the project adds, of which the
    /// session's own win.
    pub fn with_project_claims(&self) -> Session {
        let mut custom_claims = self.claims.clone();
        custom_claims.extend(self.session.custom_claims.clone());
        Session {
            custom_claims,
            ..self.session.clone()
        }
    }
}

/// How a caller names a session: its token, or the session that a verified JWT speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SessionLocator {
    /// The opaque token, hashed.
    Token(SecretHash),
    /// The session named by a JWT whose signature was good.
    Jwt(SessionId),
}

/// An action that a caller asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCheck {
    /// The organization in which the action would happen.
    pub organization_id: String,
    /// The resource.
    pub resource_id: String,
    /// The action.
    pub action: String,
}

/// What `sessions/authenticate` asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Authentication {
    /// The session.
    pub locator: SessionLocator,
    /// Extends it, if given.
    pub duration_minutes: Option<i64>,
    /// Merged into its claims, if given.
    pub custom_claims: Map<String, Value>,
    /// An action to be checked, if given.
    pub authorization_check: Option<AuthorizationCheck>,
}

impl Authentication {
    /// Whether it asks for the session as it is and for nothing else.
    pub(crate) fn is_plain(&self) -> bool {
        self.duration_minutes.is_none()
            && self.custom_claims.is_empty()
            && self.authorization_check.is_none()
    }
}
