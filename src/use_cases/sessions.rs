//! Open and authenticate member sessions (contract 3.6).

mod asked;

use chrono::DateTime;
use chrono::Utc;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::factor::Factor;
use crate::domain::id::SessionId;
use crate::domain::member::Member;
use crate::domain::organization::Organization;
use crate::domain::roles;
use crate::domain::secret::SecretHash;
use crate::domain::session;
use crate::domain::session::Session;
use crate::storage::Transaction;
use crate::storage::journal;
use crate::storage::sessions;
use crate::storage::sessions::FoundSession;
use crate::use_cases::Deployment;
use crate::use_cases::credentials::ProjectCaller;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::organization::OrganizationError;
use crate::use_cases::error::session::SessionError;
use crate::use_cases::members;
use crate::use_cases::organizations;
use crate::use_cases::project_settings;
use crate::use_cases::project_settings::SessionRules;
use crate::use_cases::rbac;
pub use crate::use_cases::sessions::asked::Authentication;
pub use crate::use_cases::sessions::asked::AuthorizationCheck;
pub use crate::use_cases::sessions::asked::SessionLocator;
pub use crate::use_cases::sessions::asked::SessionView;

/// What a login asks of the session that it opens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionWishes {
    /// How long it lasts; as the project says if not said.
    pub duration_minutes: Option<i64>,
    /// What the application adds to it.
    pub custom_claims: Map<String, Value>,
    /// Whether none is opened yet: what was proven is kept for whoever redeems it.
    pub is_withheld: bool,
}

/// Opens a session for a member that has just proven itself; the token is told this once.
pub fn open(
    tx: &mut Transaction<'_>,
    (member, deployment): (&Member, &Deployment),
    (factors, ends_no_later_than): (Vec<Factor>, Option<DateTime<Utc>>),
    wishes: &SessionWishes,
) -> Result<(Session, String), ManagementError> {
    let minutes = match wishes.duration_minutes {
        Some(minutes) => minutes,
        None => project_settings::default_duration(tx, member.organization_id)?,
    };
    let session = Session {
        id: SessionId::fresh(),
        organization_id: member.organization_id,
        member_id: member.id,
        factors,
        custom_claims: Map::new(),
        started_at: tx.now,
        last_accessed_at: tx.now,
        expires_at: session::expiry(minutes, ends_no_later_than, tx.now)?,
        ends_no_later_than,
    };
    let session = session.with_claims(&wishes.custom_claims)?;
    let token = token(deployment, &session);
    sessions::insert(tx, &session, &SecretHash::of(&token))?;
    let change = Change {
        organization_id: Some(session.organization_id),
        kind: EventKind::SessionStarted,
        object_id: session.id.to_string(),
        before: None,
        after: Some(json!({
            "member_id": session.member_id,
            "factors": session.factors,
            "expires_at": session.expires_at,
        })),
    };
    journal::append(tx, &change)?;
    Ok((session, token))
}

/// Adds what was proven just now to a session that is open already.
pub fn join(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    before: Session,
    (factors, ends_no_later_than): (Vec<Factor>, Option<DateTime<Utc>>),
    wishes: &SessionWishes,
) -> Result<(Session, String), ManagementError> {
    let after = before
        .joined_by(factors, ends_no_later_than)
        .touched(wishes.duration_minutes, tx.now)?
        .with_claims(&wishes.custom_claims)?;
    commit(tx, &before, &after)?;
    let token = token(deployment, &after);
    Ok((after, token))
}

/// The opaque token of a session; only its hash is stored.
pub fn token(deployment: &Deployment, session: &Session) -> String {
    deployment
        .master_key
        .token_for("member-session", &session.id.key())
}

/// A session with its member and the roles that count in it.
pub fn view(
    tx: &mut Transaction<'_>,
    session: Session,
    organization: Organization,
    member: Member,
) -> Result<SessionView, ManagementError> {
    let rules = project_settings::session_rules(tx, &organization)?;
    judged(tx, session, (organization, member), &rules)
}

fn judged(
    tx: &mut Transaction<'_>,
    session: Session,
    (organization, member): (Organization, Member),
    declared: &SessionRules,
) -> Result<SessionView, ManagementError> {
    let claims = declared.claims(&member, &organization);
    let member = members::view(tx, organization, member)?;
    let mut roles = roles::in_session(&member.standing.roles, &session.proven_by());
    roles.retain(|role| declared.policies.declares(role));
    Ok(SessionView {
        session,
        roles,
        claims,
        member,
        granting_roles: None,
    })
}

/// A session that is not over, as it is: neither extended nor touched.
pub fn find(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    locator: &SessionLocator,
) -> Result<SessionView, ManagementError> {
    let found = locate(tx, caller, locator)?;
    let session = found.session.clone();
    judge(tx, found, session)
}

/// The row of a session that is not over, of a member who is not gone.
pub(crate) fn locate(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    locator: &SessionLocator,
) -> Result<FoundSession, ManagementError> {
    let found = match locator {
        SessionLocator::Token(hash) => sessions::find_by_token(tx, &caller.project_id, hash)?,
        SessionLocator::Jwt(id) => sessions::find(tx, &caller.project_id, *id)?,
    };
    let found = found.filter(|found| found.member.is_live());
    Ok(found.ok_or(SessionError::NotFound)?)
}

fn judge(
    tx: &mut Transaction<'_>,
    found: FoundSession,
    session: Session,
) -> Result<SessionView, ManagementError> {
    let rules = SessionRules::of(found.declared.unwrap_or_default(), &found.organization);
    judged(tx, session, (found.organization, found.member), &rules)
}

/// Like `authenticate` where nothing has to be written; otherwise nothing.
pub fn check(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    asked: &Authentication,
) -> Result<Option<SessionView>, ManagementError> {
    let (before, view) = checked(tx, caller, asked)?;
    Ok(Some(view).filter(|view| view.session == before))
}

/// Checks a session, extends it when asked to, and checks an action when asked about one.
pub fn authenticate(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    asked: &Authentication,
) -> Result<SessionView, ManagementError> {
    tx.concerns(None);
    let (before, view) = checked(tx, caller, asked)?;
    if view.session != before {
        commit(tx, &before, &view.session)?;
    }
    Ok(view)
}

/// The session as it was found, and as it is by being authenticated.
fn checked(
    tx: &mut Transaction<'_>,
    caller: &ProjectCaller,
    asked: &Authentication,
) -> Result<(Session, SessionView), ManagementError> {
    let found = locate(tx, caller, &asked.locator)?;
    let before = found.session.clone();
    let session = before
        .touched(asked.duration_minutes, tx.now)?
        .with_claims(&asked.custom_claims)?;
    let mut view = judge(tx, found, session)?;
    if let Some(check) = &asked.authorization_check {
        view.granting_roles = Some(check_action(tx, &view, check)?);
    }
    Ok((before, view))
}

/// The one way a session changes: row and journal. Mere use moves `last_accessed_at` and is no
/// event, or every request of every person would be one.
fn commit(
    tx: &mut Transaction<'_>,
    before: &Session,
    after: &Session,
) -> Result<(), ManagementError> {
    sessions::save(tx, after)?;
    let shown = |session: &Session| {
        json!({
            "expires_at": session.expires_at,
            "custom_claims": session.custom_claims,
            "factors": session.factors,
        })
    };
    let is_used_only = before.expires_at == after.expires_at
        && before.custom_claims == after.custom_claims
        && before.factors == after.factors;
    if is_used_only {
        return Ok(());
    }
    let change = Change {
        organization_id: Some(after.organization_id),
        kind: EventKind::SessionUpdated,
        object_id: after.id.to_string(),
        before: Some(shown(before)),
        after: Some(shown(after)),
    };
    Ok(journal::append(tx, &change)?)
}

fn check_action(
    tx: &mut Transaction<'_>,
    view: &SessionView,
    check: &AuthorizationCheck,
) -> Result<Vec<String>, ManagementError> {
    let own = &view.member.organization.organization;
    // A slug of one may be the external id of another, so the name is looked up like any other.
    match organizations::resolve(tx, &own.project_id, &check.organization_id) {
        Ok(named) if named.id == own.id => {}
        Ok(_) | Err(ManagementError::Organization(OrganizationError::NotFound)) => {
            return Err(ManagementError::Session(SessionError::Tenancy));
        }
        Err(error) => return Err(error),
    }
    let asked = (check.resource_id.as_str(), check.action.as_str());
    let granting = rbac::policies(tx, own)?.granting_roles(&view.roles, asked);
    if granting.is_empty() {
        Err(ManagementError::Session(SessionError::Authorization))
    } else {
        Ok(granting)
    }
}
