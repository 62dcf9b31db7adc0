//! Keys that sign JWTs take turns, and nobody who checks one notices.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::use_cases::operator_error::OperatorError;

use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::raw_sql::RawSql;
use crate::support::sdk;
use crate::support::sdk::Listener;
use crate::support::signing_keys::in_seconds;

/// A session, and a machine with its secret.
struct Application {
    gateway: TestGateway,
    token: String,
    machine: Value,
}

impl Application {
    async fn start() -> Self {
        let gateway = TestGateway::start().await;
        let acme = gateway
            .organization(json!({ "organization_name": "Acme" }))
            .await;
        let token = gateway
            .member_session(&text(&acme["organization_id"]), &[])
            .await;
        let body = json!({ "scopes": ["read:reports"] });
        let created = gateway.post("/v1/m2m/clients", body).await;
        Self {
            machine: created.body["m2m_client"].clone(),
            gateway,
            token,
        }
    }

    /// A new JWT of the session. Its claims change each time, so that none is given out again.
    async fn session_jwt(&self) -> String {
        let claims = json!({ "turn": uuid::Uuid::new_v4().to_string() });
        let body = json!({ "session_token": self.token, "session_custom_claims": claims,
            "session_duration_minutes": 527_040 });
        let answer = self
            .gateway
            .post("/v1/b2b/sessions/authenticate", body)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.body["session_jwt"])
    }

    async fn machine_jwt(&self) -> String {
        let path = format!("/v1/public/{}/oauth2/token", self.gateway.project_id);
        let body = json!({ "grant_type": "client_credentials",
            "client_id": self.machine["client_id"],
            "client_secret": self.machine["client_secret"] });
        let answer = self.gateway.post(&path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        text(&answer.body["access_token"])
    }

    async fn jwts(&self) -> (String, String) {
        (self.session_jwt().await, self.machine_jwt().await)
    }

    async fn authenticate(&self, jwt: &str) -> Answer {
        let body = json!({ "session_jwt": jwt });
        self.gateway
            .post("/v1/b2b/sessions/authenticate", body)
            .await
    }
}

fn kid(jwt: &str) -> String {
    jsonwebtoken::decode_header(jwt).unwrap().kid.unwrap()
}

#[actix_web::test]
async fn a_new_key_is_published_before_it_signs_and_the_old_one_is_believed_long_after() {
    let app = Application::start().await;
    let (gateway, node) = (&app.gateway, app.gateway.another_node());
    let first = gateway.shown_keys().await;
    let old_jwt = app.session_jwt().await;
    assert_eq!([kid(&old_jwt)].as_slice(), first.as_slice());

    let second = gateway.rotate_keys(in_seconds(3600)).await.unwrap();
    let both = [first.clone(), vec![second.id.to_string()]].concat();
    assert_eq!(gateway.shown_keys().await, first, "not looked yet");
    gateway.learn_keys().await;
    node.learn_keys().await;
    assert_eq!(gateway.shown_keys().await, both);
    assert_eq!(node.shown_keys(gateway).await, both);
    assert_eq!(kid(&app.session_jwt().await), first[0], "not its turn yet");

    gateway.wait(TimeDelta::minutes(61));
    let new_jwt = app.session_jwt().await;
    assert_eq!(kid(&new_jwt), second.id.to_string());
    assert_eq!(kid(&app.machine_jwt().await), second.id.to_string());
    for jwt in [&old_jwt, &new_jwt] {
        assert_eq!(app.authenticate(jwt).await.status, 200);
    }
    gateway.wait(TimeDelta::days(31));
    gateway.learn_keys().await;
    assert_eq!(gateway.shown_keys().await, [second.id.to_string()]);
    let refused = app.authenticate(&old_jwt).await;
    assert_eq!(refused.body["error_type"], "unable_to_parse_session_jwt");
    assert_eq!(app.authenticate(&new_jwt).await.status, 200);
}

#[actix_web::test]
async fn a_rotation_waits_for_the_one_before_and_can_be_taken_back() {
    let app = Application::start().await;
    let gateway = &app.gateway;
    let first = gateway.shown_keys().await;
    let second = gateway.rotate_keys(in_seconds(3600)).await.unwrap();
    let refused = gateway.rotate_keys(in_seconds(3600)).await;
    let waits = OperatorError::KeyWaits(second.id, second.term.signs_from);
    assert_eq!(refused, Err(waits));
    gateway.revoke_key(second.id).await.unwrap();
    gateway.wait(TimeDelta::days(100));
    gateway.learn_keys().await;
    assert_eq!(gateway.shown_keys().await, first, "the first stays");
}

#[actix_web::test]
async fn a_revoked_key_is_believed_no_more_on_any_node_and_the_one_that_signs_stays() {
    let app = Application::start().await;
    let (gateway, node) = (&app.gateway, app.gateway.another_node());
    let first = gateway.shown_keys().await[0].parse().unwrap();
    let stolen = app.session_jwt().await;
    assert_eq!(
        gateway.revoke_key(first).await,
        Err(OperatorError::KeySigns)
    );
    gateway.rotate_keys(in_seconds(0)).await.unwrap();
    assert_eq!(
        gateway.revoke_key(first).await,
        Err(OperatorError::KeySigns)
    );
    gateway.wait(TimeDelta::seconds(15));
    gateway.revoke_key(first).await.unwrap();
    gateway.learn_keys().await;
    node.learn_keys().await;
    let refused = app.authenticate(&stolen).await;
    assert_eq!(refused.body["error_type"], "unable_to_parse_session_jwt");
    let url = format!("{}/v1/b2b/sessions/authenticate", node.base_url);
    let asked = gateway
        .http
        .post(url)
        .json(&json!({ "session_jwt": stolen }));
    let asked = asked.basic_auth(&gateway.project_id, Some(&gateway.secret));
    assert_eq!(gateway.send(asked).await.status, 400);
    let unknown = gateway.revoke_key(first).await;
    assert_eq!(unknown, Err(OperatorError::UnknownKey(first.to_string())));
}

/// How often each node looks which keys there are.
const NODES_LOOK: i64 = 5;
/// For how long after it has asked for the keys an SDK does not ask for one that it does not know.
const SDKS_ASK_AGAIN: i64 = 30;
/// The lead that no SDK notices.
const LEAD: i64 = NODES_LOOK + SDKS_ASK_AGAIN;

/// The local checks of two SDKs, in processes that go on all the while.
struct Checks(BTreeMap<&'static str, Option<Listener>>);

impl Checks {
    fn start(gateway: &TestGateway) -> Self {
        let node = Listener::start(gateway, (sdk::NODE, "node/local_jwt.mjs"));
        let python = Listener::start(gateway, (sdk::PYTHON, "python/local_jwt.py"));
        Self(BTreeMap::from([
            ("node", Some(node)),
            ("python", Some(python)),
        ]))
    }

    async fn answers(&mut self, question: &str) -> Vec<String> {
        let mut answers = Vec::new();
        for listener in self.0.values_mut() {
            let asked = listener.take().unwrap().ask(question.to_owned());
            let (again, answer) = asked.await;
            *listener = Some(again);
            answers.push(answer);
        }
        answers
    }

    async fn pass(&mut self, (session, machine): &(String, String)) {
        for question in [format!("session {session}"), format!("machine {machine}")] {
            assert_eq!(self.answers(&question).await, ["ok", "ok"], "{question}");
        }
    }

    /// Lets time pass for the gateway and for what the SDKs remember.
    async fn wait(&mut self, gateway: &TestGateway, seconds: i64) {
        gateway.wait(TimeDelta::seconds(seconds));
        let later = self.answers(&format!("later {seconds}")).await;
        assert_eq!(later, ["ok", "ok"]);
    }
}

/// An application whose gateway is behind. The SDKs have the time of this machine for what a JWT
/// says; what was signed in its future they would refuse.
async fn application_behind() -> Application {
    let app = Application::start().await;
    app.gateway.wait(TimeDelta::seconds(-120));
    RawSql::open(app.gateway.storage.database())
        .execute("UPDATE signing_keys SET signs_from = '2026-01-01 00:00:00'");
    app.gateway.learn_keys().await;
    app
}

#[actix_web::test]
async fn the_local_checks_of_the_sdks_pass_before_during_and_after_a_rotation() {
    let app = application_behind().await;
    let gateway = &app.gateway;
    let old = app.jwts().await;
    gateway.rotate_keys(in_seconds(LEAD)).await.unwrap();
    gateway.wait(TimeDelta::seconds(NODES_LOOK));
    // Who asks a moment before the node looks has the old keys for longest.
    let mut checks = Checks::start(gateway);
    checks.pass(&old).await;
    gateway.learn_keys().await;
    checks.wait(gateway, SDKS_ASK_AGAIN / 2).await;
    checks.pass(&app.jwts().await).await;
    checks.wait(gateway, SDKS_ASK_AGAIN / 2).await;
    let after = app.jwts().await;
    assert_ne!(kid(&after.0), kid(&old.0));
    assert_ne!(kid(&after.1), kid(&old.1));
    checks.pass(&after).await;
    checks.pass(&old).await;
}

#[actix_web::test]
async fn a_rotation_in_a_hurry_is_not_known_to_the_sdks_until_they_ask_again() {
    let app = application_behind().await;
    let gateway = &app.gateway;
    let mut checks = Checks::start(gateway);
    checks.pass(&app.jwts().await).await;
    gateway.rotate_keys(in_seconds(0)).await.unwrap();
    gateway.learn_keys().await;
    checks.wait(gateway, 15).await;
    let (session, machine) = app.jwts().await;
    for refused in checks.answers(&format!("session {session}")).await {
        assert!(refused.starts_with("no "), "{refused}");
    }
    checks.wait(gateway, SDKS_ASK_AGAIN - 15).await;
    checks.pass(&(session, machine)).await;
}
