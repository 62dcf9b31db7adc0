//! Takes a proven identity in: uses the flow and the assertion up, asks the policy, and keeps the
//! identity under a one-time token for the application's server (contract 4.1, steps 3 and 4).

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;
use url::Url;

use crate::domain::connection::Connection;
use crate::domain::event::Actor;
use crate::domain::id::ConnectionId;
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::domain::secret;
use crate::domain::secret::SecretHash;
use crate::protocol::oidc::Rejection;
use crate::storage::Transaction;
use crate::storage::connections;
use crate::storage::one_time_tokens;
use crate::storage::one_time_tokens::TokenKind;
use crate::storage::sign_in_flows;
use crate::use_cases::Deployment;
use crate::use_cases::project_settings;
use crate::use_cases::sign_in::KeptIdentity;
use crate::use_cases::sign_in::ProvenIdentity;
use crate::use_cases::sign_in::entrance;
use crate::use_cases::sign_in::entrance::Entrance;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::flow::Callback;
use crate::use_cases::sign_in::flow::Flow;

const TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(5);

/// An answer that has been proven.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// How it came.
    pub callback: Callback,
    /// Who came.
    pub proven: ProvenIdentity,
    /// Whether it was proven against an open flow, which must then still be open.
    pub answers_flow: bool,
    /// The SAML assertion, which may be used once, and until when that must be remembered.
    pub assertion: Option<(String, DateTime<Utc>)>,
}

/// What came of an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Where the browser goes.
    pub url: String,
    /// The token that it takes there.
    pub token: SecretHash,
    /// The organization in which the token counts.
    pub organization_id: OrganizationId,
}

/// Takes an arrival in and says where the browser goes.
pub fn receive(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    arrival: &Arrival,
) -> Result<Received, SignInError> {
    let connection_id = arrival.callback.connection_id;
    let project = &deployment.project_id;
    let (organization, connection) = flow::active_with_organization(tx, project, connection_id)?;
    let scope = organization.scope();
    let flow = use_up(tx, (&scope, connection.id), arrival)?;
    if flow.as_ref().is_some_and(|flow| flow.tested_by.is_some()) {
        return Err(SignInError::UnknownFlow(connection.id.kind));
    }
    let entered = flow.as_ref().and_then(|flow| flow.entered_through);
    let (organization, proven) = match entered {
        Some(external) => through(tx, project, (external, &arrival.proven))?,
        None => (organization, arrival.proven.clone()),
    };
    let scope = organization.scope();
    tx.acts_as(Actor::SignIn(proven.identity.connection_id.to_string()));
    check_groups(tx, &scope, &proven)?;
    let is_known = match entrance::decide(tx, &organization, &proven)? {
        Entrance::Known(_) => true,
        Entrance::New => false,
        Entrance::Refused(refusal) => return Err(SignInError::Policy(refusal)),
    };
    let token = keep(tx, &scope, (&proven, flow.as_ref()))?;
    let target = match (flow, is_known) {
        (Some(flow), true) => Some(flow.login_redirect_url),
        (Some(flow), false) => Some(flow.signup_redirect_url),
        (None, _) => {
            project_settings::redirect_urls(tx, &scope.project_id, deployment)?.login(None)
        }
    };
    Ok(Received {
        url: redirect(target, &organization, &token)?,
        token: SecretHash::of(&token),
        organization_id: organization.id,
    })
}

/// Refuses somebody whose groups the IdP has left out, where the connection gives roles by group:
/// they would lose those without anybody noticing.
fn check_groups(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    proven: &ProvenIdentity,
) -> Result<(), SignInError> {
    if !proven.groups_left_out {
        return Ok(());
    }
    let connection = connections::find(tx, scope, proven.identity.connection_id)?;
    let roles = connection.as_ref().and_then(Connection::sso_roles);
    if roles.is_some_and(|roles| !roles.groups.is_empty()) {
        return Err(Rejection::GroupsLeftOut.into());
    }
    Ok(())
}

/// Who comes through an external connection: the person that the other organization's IdP has
/// proven, as somebody of this connection and of its organization.
fn through(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    (external, proven): (ConnectionId, &ProvenIdentity),
) -> Result<(Organization, ProvenIdentity), SignInError> {
    let (organization, connection) = flow::active_with_organization(tx, project, external)?;
    let scope = organization.scope();
    let (_, proving) = flow::proving_connection(tx, (&scope, &connection))?;
    tx.enter(scope.organization_id)?;
    if proving.id != proven.identity.connection_id {
        return Err(SignInError::ConnectionNotFound);
    }
    let mut proven = proven.clone();
    proven.identity.connection_id = connection.id;
    // What the other organization maps would be its writing in this one's trusted metadata.
    proven.identity.mapped.clear();
    Ok((organization, proven))
}

/// Replay stops here: of two answers to one flow, and of two equal assertions, one gets through.
pub(super) fn use_up(
    tx: &mut Transaction<'_>,
    place: (&OrgScope, ConnectionId),
    arrival: &Arrival,
) -> Result<Option<Flow>, SignInError> {
    let used = SignInError::AlreadyUsed(place.1.kind);
    let state = match &arrival.callback.state {
        Some(state) if arrival.answers_flow => Some(state),
        _ if arrival.answers_flow => return Err(used),
        _ => None,
    };
    let assertion = arrival.assertion.as_ref();
    let assertion = assertion.map(|(id, until)| (id.as_str(), *until));
    let (flow, is_fresh) = match (state, assertion) {
        (Some(state), Some(assertion)) => sign_in_flows::take_and_see(tx, place, state, assertion)?,
        (Some(state), None) => (sign_in_flows::take(tx, place, state)?, true),
        (None, Some(assertion)) => (None, sign_in_flows::see_assertion(tx, place, assertion)?),
        (None, None) => (None, true),
    };
    if is_fresh && flow.is_some() == state.is_some() {
        Ok(flow)
    } else {
        Err(used)
    }
}

fn keep(
    tx: &mut Transaction<'_>,
    scope: &OrgScope,
    (proven, flow): (&ProvenIdentity, Option<&Flow>),
) -> Result<String, SignInError> {
    let token = secret::fresh_token()?;
    let kept = KeptIdentity {
        proven: proven.clone(),
        pkce_code_challenge: flow.and_then(|flow| flow.pkce_code_challenge.clone()),
    };
    let (hash, expires_at) = (SecretHash::of(&token), tx.now + TOKEN_LIFETIME);
    one_time_tokens::insert(tx, (scope, TokenKind::Sso), &hash, &kept, expires_at)?;
    Ok(token)
}

fn redirect(
    target: Option<String>,
    organization: &Organization,
    token: &str,
) -> Result<String, SignInError> {
    let target = target.ok_or(SignInError::UnregisteredRedirectUrl)?;
    let mut url = Url::parse(&target)
        .map_err(|error| SignInError::Internal(format!("redirect URL {target}: {error}")))?;
    url.query_pairs_mut()
        .append_pair("slug", &organization.slug)
        .append_pair("stytch_token_type", "sso")
        .append_pair("token", token);
    Ok(url.into())
}
