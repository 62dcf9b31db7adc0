//! What is set up of an organization and what is left, in a fixed number of statements, however
//! many people it has.

use chrono::DateTime;
use chrono::TimeDelta;
use chrono::Utc;

use crate::domain::connection::Connection;
use crate::domain::connection::ConnectionStatus;
use crate::domain::domain_proof::ProofStatus;
use crate::domain::event::Event;
use crate::domain::event::EventKind;
use crate::domain::scim_request::ScimRequest;
use crate::storage::Transaction;
use crate::storage::connections as connection_rows;
use crate::storage::domain_proofs;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::scim_request_search;
use crate::storage::scim_request_search::RequestFilter;
use crate::use_cases::error::ManagementError;
use crate::use_cases::organization_search::Conditions;
use crate::use_cases::organization_search::Operator;
use crate::use_cases::portal_sessions::PortalCaller;
use crate::use_cases::recent_days;
use crate::use_cases::recent_days::DayCount;

const LOOKED_BACK: TimeDelta = TimeDelta::days(28);

/// How far one of the four things is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is there.
    Nothing,
    /// It was begun.
    Begun,
    /// It is done.
    Done,
}

/// What went wrong last, and when.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Somebody's sign-in, or a test, was refused: when, the check, what it wanted, what came, and
    /// the connection.
    SignIn(DateTime<Utc>, Refused),
    /// The directory's last request was refused.
    Directory(Box<ScimRequest>),
}

/// A refused sign-in, as the journal has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// The connection.
    pub connection: String,
    /// The check that failed.
    pub check: String,
    /// What it wanted.
    pub expected: String,
    /// What came.
    pub received: String,
}

/// The portal's home page.
#[derive(Clone, Debug, PartialEq)]
pub struct PortalHome {
    /// The domains that are proven, or that the application says are the organization's.
    pub domains: Vec<String>,
    /// The domains whose record is not there, or no more.
    pub unproven: Vec<String>,
    /// Whether a domain is proven.
    pub domain: Progress,
    /// Whether people can sign in with an identity provider.
    pub sign_in: Progress,
    /// Whether a directory pushes.
    pub directory: Progress,
    /// Whether groups, or everybody who comes through a connection, get roles.
    pub roles: Progress,
    /// When the directory asked for something last.
    pub last_sync: Option<DateTime<Utc>>,
    /// What happened on each of the last 28 days.
    pub days: Vec<DayCount>,
    /// What went wrong last and was not followed by something that went well.
    pub fault: Option<Fault>,
}

impl PortalHome {
    /// How many sign-ins were refused, and whether they are only counted so far.
    pub fn refused(&self) -> (i64, bool) {
        let refused = || self.days.iter().map(|day| day.refused_sign_ins);
        let is_more = refused().any(|number| number >= recent_days::MOST);
        (refused().sum(), is_more)
    }

    /// How many of the four things are done.
    pub fn done(&self) -> usize {
        let all = [self.domain, self.sign_in, self.directory, self.roles];
        all.iter().filter(|it| **it == Progress::Done).count()
    }
}

/// Looks at everything.
pub fn look(
    tx: &mut Transaction<'_>,
    caller: &PortalCaller,
) -> Result<PortalHome, ManagementError> {
    caller.demand(&[("stytch.sso", "get"), ("stytch.scim", "get")])?;
    let organization = caller.organization();
    let connections = connection_rows::list(tx, &[organization.id])?;
    let events = sign_in_events(tx, caller, &connections)?;
    let request = last_request(tx, caller, &connections)?;
    let since = tx.now - LOOKED_BACK;
    let directory = connections.iter().find(|it| it.scim().is_some());
    let days = (&organization.scope(), directory.map(|it| it.id));
    let domains: Vec<String> = organization.settings.held_domains().cloned().collect();
    let has_proven = !organization.settings.verified_email_domains.is_empty();
    let unproven = unproven(tx, caller)?;
    Ok(PortalHome {
        domain: progress(!unproven.is_empty() || !domains.is_empty(), has_proven),
        domains,
        unproven,
        sign_in: of_kind(&connections, |it| {
            it.sso_roles().is_some() && it.external().is_none()
        }),
        directory: match of_kind(&connections, |it| it.scim().is_some()) {
            Progress::Done if request.is_none() => Progress::Begun,
            other => other,
        },
        roles: {
            let gives = connections.iter().any(gives_roles);
            progress(gives, gives)
        },
        last_sync: request.as_ref().map(|request| request.occurred_at),
        days: recent_days::look(tx, days)?,
        fault: fault(&events, request, since),
    })
}

fn unproven(tx: &mut Transaction<'_>, caller: &PortalCaller) -> Result<Vec<String>, StorageError> {
    let proofs = domain_proofs::list(tx, caller.organization().id)?;
    let left = proofs
        .into_iter()
        .filter(|it| it.status != ProofStatus::Verified);
    Ok(left.map(|it| it.domain).collect())
}

fn progress(is_begun: bool, is_done: bool) -> Progress {
    match (is_begun, is_done) {
        (_, true) => Progress::Done,
        (true, false) => Progress::Begun,
        (false, false) => Progress::Nothing,
    }
}

fn of_kind(connections: &[Connection], is_meant: impl Fn(&Connection) -> bool) -> Progress {
    let meant = || connections.iter().filter(|it| is_meant(it));
    let is_active = meant().any(|it| it.status == ConnectionStatus::Active);
    progress(meant().next().is_some(), is_active)
}

fn gives_roles(connection: &Connection) -> bool {
    let sso = connection.sso_roles();
    let scim = connection.scim().map(|scim| &scim.implicit_roles);
    sso.is_some_and(|gives| !gives.groups.is_empty() || !gives.connection.is_empty())
        || scim.is_some_and(|gives| !gives.groups.is_empty() || !gives.connection.is_empty())
}

fn sign_in_events(
    tx: &mut Transaction<'_>,
    caller: &PortalCaller,
    connections: &[Connection],
) -> Result<Vec<Event>, StorageError> {
    let sso = connections.iter().filter(|it| it.sso_roles().is_some());
    let objects: Vec<String> = sso.map(|it| it.id.to_string()).collect();
    let scope = caller.organization().scope();
    journal::newest_tries(tx, &scope, objects)
}

fn last_request(
    tx: &mut Transaction<'_>,
    caller: &PortalCaller,
    connections: &[Connection],
) -> Result<Option<ScimRequest>, StorageError> {
    let Some(directory) = connections.iter().find(|it| it.scim().is_some()) else {
        return Ok(None);
    };
    let every = Conditions {
        operator: Operator::And,
        filters: vec![RequestFilter::Any],
    };
    let place = (&caller.organization().scope(), directory.id);
    let mut latest = scim_request_search::page(tx, place, &every, (None, 1))?;
    Ok(latest.pop())
}

/// The newest thing that went wrong, unless the same connection was tested well since.
fn fault(events: &[Event], request: Option<ScimRequest>, since: DateTime<Utc>) -> Option<Fault> {
    let after = |event: &Event, name: &str| {
        let value = event.after.as_ref().and_then(|after| after.get(name));
        value
            .and_then(|value| value.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let passed = |event: &Event| {
        let value = event.after.as_ref().and_then(|after| after.get("passed"));
        value
            .and_then(serde_json::Value::as_bool)
            .unwrap_or_default()
    };
    let (refused, tested) = (
        EventKind::SignInRefused.name(),
        EventKind::ConnectionTested.name(),
    );
    let newest = events
        .iter()
        .find(|it| it.kind == refused || it.kind == tested);
    let newest = newest.filter(|event| event.occurred_at >= since);
    let newest = newest.filter(|event| event.kind == refused || !passed(event));
    let sign_in = newest.map(|event| {
        let check = match after(event, "check") {
            check if check.is_empty() => after(event, "code"),
            check => check,
        };
        let told = Refused {
            connection: event.object_id.clone(),
            check,
            expected: after(event, "expected"),
            received: after(event, "received"),
        };
        (event.occurred_at, told)
    });
    let directory = request.filter(|it| it.status >= 400 && it.occurred_at >= since);
    match (sign_in, directory) {
        (Some((at, _)), Some(request)) if request.occurred_at > at => {
            Some(Fault::Directory(Box::new(request)))
        }
        (Some((at, told)), _) => Some(Fault::SignIn(at, told)),
        (None, Some(request)) => Some(Fault::Directory(Box::new(request))),
        (None, None) => None,
    }
}
