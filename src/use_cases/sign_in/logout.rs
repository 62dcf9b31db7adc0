//! A provider ends the sessions of a person or of one of its own sessions (OpenID Connect
//! Back-Channel Logout 1.0).

use crate::domain::event::Actor;
use crate::domain::factor::sso::SsoFactor;
use crate::domain::id::ConnectionId;
use crate::domain::scope::OrgScope;
use crate::protocol::oidc::logout_token::LogoutExpectation;
use crate::protocol::oidc::logout_token::LogoutToken;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::sessions;
use crate::storage::sign_in_flows;
use crate::use_cases::Deployment;
use crate::use_cases::member_sessions;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::oidc;
use crate::use_cases::sign_in::under_way;

/// What a logout token for a connection must satisfy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutDuty {
    /// What it must say.
    pub expected: LogoutExpectation,
    /// Where the keys are.
    pub jwks_url: String,
}

/// What came of a logout token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutOutcome {
    /// So many sessions ended.
    Ended(usize),
    /// The token was used before.
    Replayed,
}

/// Whom a token names, as the factors of sessions do.
struct Named<'t> {
    connection: ConnectionId,
    session: Option<&'t str>,
    subject: Option<&'t str>,
}

/// What a logout token for this connection must satisfy.
pub fn expect(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    id: ConnectionId,
) -> Result<LogoutDuty, SignInError> {
    let (_, connection) = flow::active_connection(tx, &deployment.project_id, id)?;
    let settings = connection.oidc().ok_or(SignInError::ConnectionNotFound)?;
    Ok(LogoutDuty {
        expected: LogoutExpectation {
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
        },
        jwks_url: settings.jwks_url.clone(),
    })
}

/// Ends the sessions that a verified token names, in this organization and in those that trust this
/// connection; also those that are on their way to be opened.
pub fn end(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    id: ConnectionId,
    token: &LogoutToken,
) -> Result<LogoutOutcome, SignInError> {
    let (scope, connection) = flow::active_connection(tx, &deployment.project_id, id)?;
    let settings = connection.oidc().ok_or(SignInError::ConnectionNotFound)?;
    tx.acts_as(Actor::SignIn(id.to_string()));
    let seen = format!("logout/{}", token.id);
    if !sign_in_flows::see_assertion(tx, (&scope, id), (&seen, token.usable_until))? {
        return Ok(LogoutOutcome::Replayed);
    }
    // Entra's `sub` is another one in each application; people are known by `oid` here.
    let knows_subject = oidc::tenant(&connection, settings)?.is_none();
    let mut named = Named {
        connection: id,
        session: token.session.as_deref(),
        subject: token.subject.as_deref().filter(|_| knows_subject),
    };
    let mut ended = end_in(tx, &scope, &named)?;
    for external in connections::list_pointing_at(tx, id)? {
        let theirs = OrgScope {
            project_id: scope.project_id.clone(),
            organization_id: external.organization_id,
        };
        tx.enter(external.organization_id)?;
        named.connection = external.id;
        ended += end_in(tx, &theirs, &named)?;
    }
    tx.enter(scope.organization_id)?;
    Ok(LogoutOutcome::Ended(ended))
}

fn end_in(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    named: &Named<'_>,
) -> Result<usize, StorageError> {
    under_way::end(tx, (scope, named.connection), |it| {
        named.is(it.subject, it.idp_session)
    })?;
    let mut ended = 0;
    for session in sessions::list_proven_by(tx, scope, named.connection)? {
        if session.sso_factors().any(|factor| named.proved(factor)) {
            member_sessions::end(tx, &session)?;
            ended += 1;
        }
    }
    Ok(ended)
}

impl Named<'_> {
    fn proved(&self, factor: &SsoFactor) -> bool {
        factor.connection_id == self.connection
            && self.is(&factor.external_id, factor.idp_session.as_deref())
    }

    /// A session that knows its provider's is compared by that; one that does not, by the person.
    fn is(&self, subject: &str, session: Option<&str>) -> bool {
        let is_person = self.subject.map(|named| named == subject);
        match (self.session, session) {
            (Some(named), Some(session)) => named == session && is_person != Some(false),
            _ => is_person == Some(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::ConnectionKind;

    #[test]
    fn a_session_is_named_by_the_provider_s_session_or_else_by_its_person() {
        // What the token names, what our session knows, whether it is meant.
        let table = [
            ((Some("s"), None), Some("s"), true),
            ((Some("s"), None), Some("t"), false),
            ((Some("s"), None), None, false),
            ((Some("s"), Some("ana")), Some("s"), true),
            ((Some("s"), Some("ana")), Some("t"), false),
            ((Some("s"), Some("ana")), None, true),
            ((Some("s"), Some("ben")), Some("s"), false),
            ((None, Some("ana")), Some("t"), true),
            ((None, Some("ben")), None, false),
            ((None, None), Some("s"), false),
        ];
        for ((session, subject), known, expected) in table {
            let named = Named {
                connection: ConnectionId::fresh(ConnectionKind::Oidc),
                session,
                subject,
            };
            assert_eq!(
                named.is("ana", known),
                expected,
                "{session:?} {subject:?} {known:?}"
            );
        }
    }
}
