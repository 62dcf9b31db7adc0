//! The wizard of one connection: our values for the identity provider, its values for us, a test
//! sign-in, and the switch.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::web::Path;
use actix_web::web::Query;
use askama::Template;
use chrono::DateTime;
use chrono::Utc;
use serde::Deserialize;

use crate::domain::connection_test::TestReport;
use crate::http::pages::page_that_leads_away;
use crate::http::pages::shortened;
use crate::http::portal::error::PortalRefusal;
use crate::http::portal::frame::Frame;
use crate::http::portal::frame::Place;
use crate::http::portal::guides;
use crate::http::portal::guides::GUIDES;
use crate::http::portal::guides::Guide;
use crate::http::portal::instant::Told;
use crate::http::portal::session::PortalSession;
use crate::http::portal::sso::state;
use crate::http::state::Gateway;
use crate::use_cases::Deployment;
use crate::use_cases::portal_sso;
use crate::use_cases::portal_sso::TestedConnection;

const LONG: i64 = 365;

/// What was just done, as the redirect after a form says it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct JustDone {
    tested: String,
    saved: String,
    on: String,
    off: String,
}

impl JustDone {
    fn sentence(&self) -> Option<&'static str> {
        let told = [
            (&self.saved, "Saved. Now test the sign-in."),
            (&self.on, "Single sign-on is on."),
            (&self.off, "Single sign-on through this connection is off."),
        ];
        told.into_iter()
            .find(|(given, _)| !given.is_empty())
            .map(|(_, sentence)| sentence)
    }
}

#[derive(Template)]
#[template(path = "portal/connection.html")]
struct WizardPage {
    frame: Frame,
    id: String,
    name: String,
    guide: Guide,
    is_saml: bool,
    callback_url: String,
    metadata_url: String,
    state: (&'static str, &'static str),
    is_on: bool,
    is_filled_in: bool,
    fields: Fields,
    certificates: Vec<CertificateView>,
    test: Option<TestView>,
    just_tested: bool,
    done: Option<&'static str>,
    fault: Option<String>,
    timeline: Vec<(&'static str, Told)>,
}

/// What the identity provider gave us, as far as it may be shown.
#[derive(Default)]
struct Fields {
    entity_id: String,
    sso_url: String,
    followed_url: String,
    issuer: String,
    client_id: String,
    secret_end: String,
    authorization_url: String,
    token_url: String,
    userinfo_url: String,
    jwks_url: String,
}

struct CertificateView {
    issuer: String,
    ends: Told,
    days_left: i64,
}

impl CertificateView {
    fn badge(&self) -> (&'static str, String) {
        match self.days_left {
            days if days < 0 => ("bad", "ended".to_owned()),
            days @ 0..=30 => ("warn", format!("{days} days left")),
            days => ("good", format!("{days} days left")),
        }
    }

    fn bar(&self) -> i64 {
        self.days_left.clamp(0, LONG)
    }
}

struct TestView {
    at: Told,
    report: TestReport,
    is_stale: bool,
}

impl WizardPage {
    fn new(
        frame: Frame,
        found: TestedConnection,
        (deployment, now): (&Deployment, DateTime<Utc>),
    ) -> Self {
        let state = state(&found);
        let TestedConnection { connection, test } = found;
        let guide = guides::of(&connection).copied();
        let [fallback, ..] = GUIDES;
        let guide = guide.unwrap_or(fallback);
        let certificates = connection
            .saml()
            .map(|saml| &saml.verification_certificates);
        let certificates = certificates
            .into_iter()
            .flatten()
            .map(|it| CertificateView {
                issuer: shortened(&it.issuer),
                ends: Told::at(it.expires_at),
                days_left: (it.expires_at - now).num_days(),
            });
        let mut timeline = vec![("Made", Told::at(connection.created_at))];
        timeline.push(("Last changed", Told::at(connection.updated_at)));
        if let Some((at, report)) = &test {
            let told = if report.passed {
                "Test passed"
            } else {
                "Test failed"
            };
            timeline.push((told, Told::at(*at)));
        }
        let callback_url = deployment.callback_url(connection.id);
        Self {
            frame,
            id: connection.id.to_string(),
            name: shortened(match connection.display_name.as_str() {
                "" => guide.label,
                name => name,
            }),
            guide,
            is_saml: connection.saml().is_some(),
            metadata_url: format!("{callback_url}/metadata"),
            callback_url,
            state,
            is_on: connection.is_active(),
            is_filled_in: connection.is_filled_in(),
            fields: fields(&connection),
            certificates: certificates.collect(),
            test: test.map(|(at, report)| TestView {
                is_stale: at < connection.updated_at,
                at: Told::at(at),
                report,
            }),
            just_tested: false,
            done: None,
            fault: None,
            timeline,
        }
    }

    /// Which step comes next, from 1 to 4.
    fn step(&self) -> u8 {
        let is_tested = self
            .test
            .as_ref()
            .is_some_and(|test| test.report.passed && !test.is_stale);
        match (self.is_filled_in, is_tested, self.is_on) {
            (_, _, true) => 5,
            (false, ..) => 1,
            (true, false, _) => 3,
            (true, true, false) => 4,
        }
    }
}

fn fields(connection: &crate::domain::connection::Connection) -> Fields {
    if let Some(saml) = connection.saml() {
        return Fields {
            entity_id: saml.idp_entity_id.clone(),
            sso_url: saml.idp_sso_url.clone(),
            followed_url: saml.metadata.url.clone(),
            ..Fields::default()
        };
    }
    connection
        .oidc()
        .map_or_else(Fields::default, |oidc| Fields {
            issuer: oidc.issuer.clone(),
            client_id: oidc.client_id.clone(),
            secret_end: oidc.client_secret_last_four.clone(),
            authorization_url: oidc.authorization_url.clone(),
            token_url: oidc.token_url.clone(),
            userinfo_url: oidc.userinfo_url.clone(),
            jwks_url: oidc.jwks_url.clone(),
            ..Fields::default()
        })
}

/// Shows the wizard.
pub(super) async fn show(
    gateway: Data<Gateway>,
    session: PortalSession,
    connection: Path<String>,
    done: Query<JustDone>,
) -> Result<HttpResponse, PortalRefusal> {
    shown(&gateway, &session, &connection, (&done, None)).await
}

/// The wizard's page; with what was wrong about a form that was just sent.
pub(super) async fn shown(
    gateway: &Gateway,
    session: &PortalSession,
    connection: &str,
    (done, fault): (&JustDone, Option<String>),
) -> Result<HttpResponse, PortalRefusal> {
    let named = connection.to_owned();
    let found = gateway.portal_read(session, move |tx, caller| {
        let found = portal_sso::find(tx, caller, &named)?;
        Ok((Frame::new(caller, Place::SignIn), found))
    });
    let (frame, found) = found.await?;
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let wizard = WizardPage::new(frame, found, (&gateway.deployment, gateway.clock.now()));
    let wizard = WizardPage {
        just_tested: !done.tested.is_empty(),
        done: done.sentence(),
        fault,
        ..wizard
    };
    // The test's form leads to the identity provider.
    Ok(page_that_leads_away(status, &wizard, ""))
}
