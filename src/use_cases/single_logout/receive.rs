//! A logout message of an IdP that has been proven: its people's sessions end, or our own logout is
//! answered.

use serde_json::json;

use crate::domain::connection::Connection;
use crate::domain::connection_settings::SamlSettings;
use crate::domain::event::Actor;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::identity::SamlSubject;
use crate::domain::scope::OrgScope;
use crate::protocol::saml::Check;
use crate::protocol::saml::LONGEST_RELAY_STATE;
use crate::protocol::saml::LogoutMessage;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::sessions;
use crate::storage::sign_in_flows;
use crate::use_cases::Deployment;
use crate::use_cases::member_sessions;
use crate::use_cases::sign_in::departure::Departure;
use crate::use_cases::sign_in::departure::depart;
use crate::use_cases::sign_in::departure::signer;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::saml_identity::subject;
use crate::use_cases::sign_in::under_way;
use crate::use_cases::single_logout::OpenLogout;
use crate::use_cases::single_logout::envelope;
use crate::use_cases::single_logout::key;
use crate::use_cases::single_logout::saml_connection;

/// Where the browser goes after a logout message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoggedOut {
    /// Back to the IdP, with our answer.
    Answer(Departure),
    /// To the application.
    Return(String),
    /// Nowhere: the IdP takes no answers, or the application has registered no URL.
    Here,
}

/// Does what a proven message says.
pub fn receive(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (id, relay_state): (ConnectionId, &str),
    message: &LogoutMessage,
) -> Result<LoggedOut, SignInError> {
    let (scope, connection, settings) = saml_connection(tx, deployment, id)?;
    tx.acts_as(Actor::SignIn(id.to_string()));
    match message {
        LogoutMessage::Request {
            id: request_id,
            name_id,
            session_indexes,
            not_on_or_after,
        } => {
            let mark = format!("logout/{request_id}");
            if !sign_in_flows::see_assertion(tx, (&scope, id), (&mark, *not_on_or_after))? {
                let used = Check::LogoutUsed.refuses("a fresh ID", request_id);
                return Err(SignInError::Logout(used));
            }
            end_sessions(tx, (&scope, id), (&subject(name_id), session_indexes))?;
            tx.enter(scope.organization_id)?;
            let place = (&connection, &settings);
            let way = (request_id.as_str(), relay_state);
            // The sessions are over whether or not the IdP can be told.
            Ok(answer(tx, deployment, place, way).unwrap_or(LoggedOut::Here))
        }
        LogoutMessage::Response {
            in_response_to,
            is_success,
        } => {
            let answered = (in_response_to.as_str(), *is_success);
            finish(tx, (&scope, id), relay_state, answered)
        }
    }
}

/// Ends every session that rests on such a sign-in, and what is on its way to be one: here, and where another organization lets
/// people in through this connection.
fn end_sessions(
    tx: &mut Transaction<'_>,
    (scope, id): (&OrgScope, ConnectionId),
    named: (&SamlSubject, &[String]),
) -> Result<(), StorageError> {
    let pointing = connections::list_pointing_at(tx, id)?;
    let theirs = pointing.iter().map(|external| external.organization_id);
    let mut organizations: Vec<OrganizationId> = vec![scope.organization_id];
    for organization in theirs {
        if !organizations.contains(&organization) {
            organizations.push(organization);
        }
    }
    for organization_id in organizations {
        let entered = OrgScope {
            organization_id,
            ..scope.clone()
        };
        tx.enter(organization_id)?;
        let (subject, indexes) = named;
        let ours = Some(id).filter(|_| organization_id == scope.organization_id);
        let theirs = pointing
            .iter()
            .filter(|it| it.organization_id == organization_id);
        for connection in ours.into_iter().chain(theirs.map(|it| it.id)) {
            under_way::end(tx, (&entered, connection), |it| {
                let known = it.saml_subject;
                known.is_some_and(|own| own.is_meant(it.idp_session, (subject, indexes)))
            })?;
        }
        for session in sessions::list_proven_by(tx, &entered, id)? {
            let is_meant = session.sso_factors().any(|factor| {
                let proven_by = factor.idp_connection_id.unwrap_or(factor.connection_id);
                proven_by == id && factor.is_of(subject, indexes)
            });
            if is_meant {
                member_sessions::end(tx, &session)?;
            }
        }
    }
    Ok(())
}

fn answer(
    tx: &Transaction<'_>,
    deployment: &Deployment,
    place: (&Connection, &SamlSettings),
    (request_id, relay_state): (&str, &str),
) -> Result<LoggedOut, SignInError> {
    let rules = &place.1.logout;
    if rules.url.is_empty() {
        return Ok(LoggedOut::Here);
    }
    let envelope = envelope(tx, deployment, place, rules.answers_to())?;
    let message = envelope.response(request_id);
    let relay_state = Some(relay_state).filter(|it| it.len() <= LONGEST_RELAY_STATE);
    let way = (rules.binding, relay_state.unwrap_or_default());
    let signer = signer(deployment, place)?;
    depart(&message, way, signer.as_ref()).map(LoggedOut::Answer)
}

/// Our session is over already; the IdP's word goes into the journal and the browser goes home.
fn finish(
    tx: &mut Transaction<'_>,
    (scope, id): (&OrgScope, ConnectionId),
    relay_state: &str,
    (in_response_to, is_success): (&str, bool),
) -> Result<LoggedOut, SignInError> {
    let state = key(relay_state);
    let kept: Option<OpenLogout> = sign_in_flows::find(tx, (scope, id), &state)?;
    let unknown = || Check::UnknownLogout.refuses("the ID of an open request", in_response_to);
    let kept = kept.filter(|kept| kept.request_id == in_response_to);
    let kept = kept.ok_or_else(|| SignInError::Logout(unknown()))?;
    if !sign_in_flows::consume(tx, (scope, id), &state)? {
        return Err(SignInError::Logout(unknown()));
    }
    let change = Change {
        organization_id: Some(scope.organization_id),
        kind: EventKind::SingleLogoutAnswered,
        object_id: id.to_string(),
        before: None,
        after: Some(json!({ "connection_id": id, "is_success": is_success })),
    };
    journal::append(tx, &change)?;
    Ok(kept.return_url.map_or(LoggedOut::Here, LoggedOut::Return))
}
