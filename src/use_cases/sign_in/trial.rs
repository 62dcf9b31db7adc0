//! A test sign-in: the whole way to the identity provider and back, through a connection that may
//! still be off. What is proven is told to the IT admin; nobody is let in, and nobody is made.

use serde_json::json;

use crate::domain::connection_test::TestCheck;
use crate::domain::connection_test::TestReport;
use crate::domain::event::Actor;
use crate::domain::event::Change;
use crate::domain::event::EventKind;
use crate::domain::id::ConnectionId;
use crate::domain::id::ConnectionKind;
use crate::domain::id::PortalLinkId;
use crate::domain::project::ProjectId;
use crate::domain::scope::OrgScope;
use crate::storage::Transaction;
use crate::storage::connection_tests;
use crate::storage::connections as connection_rows;
use crate::storage::error::StorageError;
use crate::storage::journal;
use crate::storage::organizations;
use crate::storage::sign_in_flows;
use crate::use_cases::Deployment;
use crate::use_cases::connections;
use crate::use_cases::connections::SSO;
use crate::use_cases::error::ManagementError;
use crate::use_cases::error::request::RequestError;
use crate::use_cases::portal_sessions::PortalCaller;
use crate::use_cases::sign_in::entrance;
use crate::use_cases::sign_in::entrance::Entrance;
use crate::use_cases::sign_in::error::SignInError;
use crate::use_cases::sign_in::flow;
use crate::use_cases::sign_in::flow::Callback;
use crate::use_cases::sign_in::flow::Flow;
use crate::use_cases::sign_in::receive;
use crate::use_cases::sign_in::receive::Arrival;
use crate::use_cases::sign_in::start;
use crate::use_cases::sign_in::start::Started;
use crate::use_cases::sign_in::start::Wanted;

/// Opens a flow that ends in a report, and says where the browser goes.
pub fn begin(
    tx: &mut Transaction<'_>,
    (caller, deployment): (&PortalCaller, &Deployment),
    (kind, connection): (ConnectionKind, &str),
) -> Result<Started, ManagementError> {
    let organization = caller.enter(tx, &caller.organization_id(), &[(SSO, "update")])?;
    let connection = connections::find(tx, &organization, connection, kind)?;
    if !connection.is_filled_in() {
        return Err(unready(
            "fill in what the identity provider gives you first",
        ));
    }
    let wanted = Wanted {
        login_redirect_url: String::new(),
        signup_redirect_url: String::new(),
        pkce_code_challenge: None,
        more_scopes: "",
        login_hint: None,
        tested_by: Some(caller.link().id),
    };
    let place = (&organization.scope(), &connection);
    start::open(tx, deployment, place, wanted).map_err(|error| match error {
        SignInError::Storage(error) => ManagementError::Storage(error),
        SignInError::Internal(reason) => ManagementError::Internal(reason),
        SignInError::Unstartable(reason) => unready(&reason),
        other => unready(other.code()),
    })
}

fn unready(reason: &str) -> ManagementError {
    RequestError::InvalidBody(String::new(), format!("No test can be started: {reason}.")).into()
}

/// Takes an answer to a test in, as `receive` does, up to the point where somebody would enter.
pub fn passed(
    tx: &mut Transaction<'_>,
    deployment: &Deployment,
    (arrival, checks): (&Arrival, &[TestCheck]),
) -> Result<(), SignInError> {
    let project = &deployment.project_id;
    let answered = flow::answered(tx, project, &arrival.callback)?;
    let (scope, connection, _) = answered;
    let flow = receive::use_up(tx, (&scope, connection.id), arrival)?;
    let tester = flow.and_then(|flow| flow.tested_by);
    let tester = tester.ok_or(SignInError::UnknownFlow(connection.id.kind))?;
    let organization = organizations::find(tx, project, scope.organization_id)?;
    let organization = organization.ok_or(SignInError::ConnectionNotFound)?;
    let entrance = match entrance::decide(tx, &organization, &arrival.proven)? {
        Entrance::Known(_) => "This person is a member here and would sign in.".to_owned(),
        Entrance::New => "This person would join as a new member.".to_owned(),
        Entrance::Refused(refusal) => refusal.sentence().to_owned(),
    };
    let report = TestReport {
        passed: true,
        code: None,
        checks: checks.to_vec(),
        entrance: Some(entrance),
    };
    Ok(keep(tx, (&scope, connection.id), (tester, &report))?)
}

/// Keeps why an answer was refused, if it belongs to a test; whether it does. An answer that comes
/// through another browser than the one that left ends no test, whatever else is wrong with it.
pub fn failed(
    tx: &mut Transaction<'_>,
    project: &ProjectId,
    callback: &Callback,
    error: &SignInError,
) -> Result<bool, StorageError> {
    let connection = callback.connection_id;
    let Some(state) = &callback.state else {
        return Ok(false);
    };
    let Some(scope) = connection_rows::scope_of(tx, project, connection)? else {
        return Ok(false);
    };
    let flow = sign_in_flows::find::<Flow>(tx, (&scope, connection), state)?;
    let cookie = callback.cookie.as_deref();
    let flow = flow.filter(|flow| flow.check_browser(connection.kind, cookie).is_ok());
    let Some(tester) = flow.and_then(|flow| flow.tested_by) else {
        return Ok(false);
    };
    sign_in_flows::consume(tx, (&scope, connection), state)?;
    let (name, expected, received) = told(error);
    let report = TestReport {
        passed: false,
        code: Some(error.check().to_owned()),
        checks: vec![TestCheck {
            name,
            expected,
            received,
            passed: false,
        }],
        entrance: None,
    };
    keep(tx, (&scope, connection), (tester, &report))?;
    Ok(true)
}

/// The failed check in words, what it wanted and what came.
fn told(error: &SignInError) -> (String, String, String) {
    let (expected, received) = match error {
        SignInError::Oidc(rejection) => rejection.sides(),
        other => other.details(),
    };
    let name = match error {
        SignInError::Saml(rejection) => rejection.check.rule().to_owned(),
        SignInError::Oidc(rejection) => rejection.to_string(),
        SignInError::ProviderUnreachable(_) => {
            "the identity provider must answer as it should".to_owned()
        }
        SignInError::MissingSamlEmail(..) | SignInError::InvalidSamlEmail(..) => {
            "the answer must hold an e-mail address where the mapping looks for it".to_owned()
        }
        other => other.check().replace('_', " "),
    };
    (
        name,
        expected.unwrap_or_default(),
        received.unwrap_or_default(),
    )
}

fn keep(
    tx: &mut Transaction<'_>,
    (scope, connection): (&OrgScope, ConnectionId),
    (tester, report): (PortalLinkId, &TestReport),
) -> Result<(), StorageError> {
    tx.acts_as(Actor::PortalLink(tester.to_string()));
    connection_tests::save(tx, (scope, connection), report)?;
    let change = Change {
        organization_id: Some(scope.organization_id),
        kind: EventKind::ConnectionTested,
        object_id: connection.to_string(),
        before: None,
        after: Some(json!({
            "passed": report.passed,
            "code": report.code,
            "expected": report.checks.iter().find(|it| !it.passed).map(|it| &it.expected),
            "received": report.checks.iter().find(|it| !it.passed).map(|it| &it.received),
        })),
    };
    journal::append(tx, &change)
}
