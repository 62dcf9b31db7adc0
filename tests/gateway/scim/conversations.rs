//! Plays `fixtures/scim/conversations`: what identity providers ask, request by request, and what
//! they must be told. `fixtures/scim/README.md` explains the files.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::expectation;
use crate::scim::expectation::Known;
use crate::scim::oauth::Signer;
use crate::scim::oauth::seconds_from_now;
use crate::support::Answer;
use crate::support::TestGateway;
use crate::support::statements;
use crate::support::stub_site::StubSite;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scim/conversations");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Conversation {
    #[serde(rename = "about")]
    _about: String,
    #[serde(rename = "source")]
    _source: String,
    identity_provider: String,
    #[serde(default)]
    points: Vec<u16>,
    #[serde(default)]
    complaints: Vec<u16>,
    /// Sent with each request, unless a step says otherwise.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    steps: Vec<Step>,
}

/// One request and its answer, or a look at the members.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    does: String,
    /// Method and path below the connection's base address.
    request: Option<String>,
    /// Method and path of the management API.
    manage: Option<String>,
    /// A form that is posted to the connection's token endpoint.
    token: Option<BTreeMap<String, String>>,
    /// Claims of an assertion that the issuer signs before the request.
    sign: Option<Value>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    /// A body that is sent as it is.
    text: Option<String>,
    times: Option<usize>,
    status: Option<u16>,
    #[serde(default)]
    answer_headers: BTreeMap<String, String>,
    answer: Option<Value>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    keep: BTreeMap<String, String>,
    #[serde(default)]
    changes_nothing: bool,
    /// Tables that no statement may mention.
    #[serde(default)]
    leaves_alone: Vec<String>,
    most_statements: Option<usize>,
    #[serde(default)]
    members: BTreeMap<String, Value>,
}

fn files() -> Vec<(String, Conversation)> {
    let folders = entries(Path::new(FOLDER));
    let files = folders.iter().flat_map(|folder| entries(folder));
    let read = |file: PathBuf| {
        let name = file.strip_prefix(FOLDER).unwrap().display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        let read = serde_json::from_str(&text);
        let conversation = read.unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, conversation)
    };
    files.map(read).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

#[actix_web::test]
async fn each_conversation_goes_as_its_file_says() {
    let gateway = TestGateway::start().await;
    let mut failures = Vec::new();
    for (name, conversation) in files() {
        if let Err(complaint) = conversation.play(&gateway).await {
            failures.push(format!("{name}: {complaint}"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_identity_provider_and_every_known_complaint_has_a_conversation() {
    let files = files();
    let folders: BTreeSet<&str> = files
        .iter()
        .filter_map(|(name, _)| name.split('/').next())
        .collect();
    let wanted = [
        "authentik",
        "cyberark",
        "google-workspace",
        "jumpcloud",
        "keycloak",
        "microsoft-entra",
        "okta",
        "onelogin",
        "pingfederate",
        "rauthy",
        "rippling",
        "scripts",
    ];
    assert_eq!(folders, wanted.into());
    let named = |numbers: fn(&Conversation) -> &Vec<u16>| -> BTreeSet<u16> {
        let all = files
            .iter()
            .flat_map(|(_, conversation)| numbers(conversation));
        all.copied().collect()
    };
    let complaints = named(|conversation| &conversation.complaints);
    assert_eq!(complaints, (1..=15).collect());
    let points = named(|conversation| &conversation.points);
    for point in [141, 142, 154, 155] {
        assert!(points.contains(&point), "{point}");
    }
}

impl Conversation {
    async fn play(&self, gateway: &TestGateway) -> Result<(), String> {
        let organization = json!({
            "organization_name": "Acme",
            "email_allowed_domains": ["acme.test"],
        });
        let directory = Directory::of(gateway, organization, &self.identity_provider).await;
        let mut known = Known::default();
        known.learn("base", format!("{}{}", gateway.base_url, directory.base));
        known.learn("token", directory.token.clone());
        known.learn("connection_id", directory.connection_id.clone());
        known.learn("organization_id", directory.organization_id.clone());
        let issuer = Signer::new("issuer-1");
        let site = StubSite::start();
        let keys = json!({ "keys": [issuer.public()] }).to_string();
        known.learn("jwks_url", site.set("/keys", 200, keys));
        for (number, step) in self.steps.iter().enumerate() {
            for n in 1..=step.times.unwrap_or(1) {
                known.learn("n", format!("{n:02}"));
                if let Some(claims) = &step.sign {
                    let assertion = issuer.sign(&timed(known.fill_all(claims)));
                    known.learn("assertion", assertion);
                }
                let played = self.step(&directory, step, &mut known).await;
                let place = || format!("step {} ({})", number + 1, step.does);
                played.map_err(|complaint| format!("{}: {complaint}", place()))?;
            }
        }
        Ok(())
    }

    async fn step(
        &self,
        directory: &Directory<'_>,
        step: &Step,
        known: &mut Known,
    ) -> Result<(), String> {
        let database = directory.gateway.storage.database();
        let events = if step.changes_nothing {
            Some(directory.journal().await.len())
        } else {
            None
        };
        let watches = !step.leaves_alone.is_empty() || step.most_statements.is_some();
        if watches {
            statements::heard(database);
        }
        let answer = match (&step.request, &step.manage, &step.token) {
            (Some(line), None, None) => Some(self.ask(directory, step, known, line).await),
            (None, Some(line), None) => Some(manage(directory, step, known, line).await),
            (None, None, Some(form)) => Some(ask_token(directory, step, known, form).await),
            (None, None, None) => None,
            _ => return Err("one of `request`, `manage` and `token`".to_owned()),
        };
        if watches {
            step.check_statements(&statements::heard(database))?;
        }
        if let Some(answer) = answer {
            step.check(&answer, known)?;
            for (name, pointer) in &step.keep {
                let value = answer.body.pointer(pointer).and_then(Value::as_str);
                let missing = || format!("there is no {pointer} to keep in {}", answer.text);
                known.learn(name, value.ok_or_else(missing)?.to_owned());
            }
        }
        if let Some(events) = events {
            let now = directory.journal().await.len();
            if now != events {
                return Err(format!("{} events were written", now - events));
            }
        }
        for (address, expected) in &step.members {
            let address = known.fill(address);
            let member = directory.member(&address).await;
            let told = expectation::member(known, expected, &member);
            told.map_err(|complaint| format!("the member {address}: {complaint}"))?;
        }
        Ok(())
    }

    /// Sends a request as the identity provider does.
    async fn ask(
        &self,
        directory: &Directory<'_>,
        step: &Step,
        known: &Known,
        line: &str,
    ) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let gateway = directory.gateway;
        let url = format!("{}{}{}", gateway.base_url, directory.base, known.fill(path));
        let mut request = gateway.http.request(method, url);
        let text = match (&step.body, &step.text) {
            (Some(body), _) => Some(known.fill_all(body).to_string()),
            (None, text) => text.as_ref().map(|text| known.fill(text)),
        };
        let mut headers = BTreeMap::from([(
            "authorization".to_owned(),
            format!("Bearer {}", directory.token),
        )]);
        if text.is_some() {
            let kind = "application/scim+json".to_owned();
            headers.insert("content-type".to_owned(), kind);
        }
        for (name, value) in self.headers.iter().chain(&step.headers) {
            headers.insert(name.to_lowercase(), known.fill(value));
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(name, value);
        }
        gateway.send(request.body(text.unwrap_or_default())).await
    }
}

/// An assertion is good for five minutes, unless its claims say otherwise.
fn timed(mut claims: Value) -> Value {
    for (name, seconds) in [("iat", 0), ("nbf", 0), ("exp", 300)] {
        let fields = claims.as_object_mut().unwrap();
        let time = json!(seconds_from_now(seconds));
        fields.entry(name).or_insert(time);
    }
    claims
}

async fn ask_token(
    directory: &Directory<'_>,
    step: &Step,
    known: &Known,
    form: &BTreeMap<String, String>,
) -> Answer {
    let filled = form
        .iter()
        .map(|(name, value)| (name.as_str(), known.fill(value)));
    let filled: Vec<(&str, String)> = filled.collect();
    let form: Vec<(&str, &str)> = filled
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut request = directory.token_request(&form);
    for (name, value) in &step.headers {
        request = match (name.as_str(), known.fill(value).split_once(':')) {
            ("basic", Some((id, secret))) => request.basic_auth(id, Some(secret)),
            (name, _) => request.header(name, known.fill(value)),
        };
    }
    directory.gateway.send(request).await
}

async fn manage(directory: &Directory<'_>, step: &Step, known: &Known, line: &str) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let body = step.body.as_ref().map(|body| known.fill_all(body));
    let gateway = directory.gateway;
    gateway.call(method, &known.fill(path), body).await
}

impl Step {
    fn check_statements(&self, statements: &[String]) -> Result<(), String> {
        for table in &self.leaves_alone {
            let mention = statements.iter().find(|text| text.contains(table.as_str()));
            if let Some(statement) = mention {
                return Err(format!("{table} is read or written by {statement}"));
            }
        }
        let most = self.most_statements.unwrap_or(usize::MAX);
        if statements.len() > most {
            let all = statements.join("\n  ");
            return Err(format!("{} statements:\n  {all}", statements.len()));
        }
        Ok(())
    }

    fn check(&self, answer: &Answer, known: &Known) -> Result<(), String> {
        let told = |complaint: String| format!("{complaint} in {} {}", answer.status, answer.text);
        let status = self.status.unwrap_or(200);
        if answer.status != status {
            return Err(told(format!("not the status {status}")));
        }
        if self.request.is_some() {
            expectation::of_every_answer(answer).map_err(told)?;
        }
        for (name, value) in &self.answer_headers {
            let found = answer.headers.get(name).and_then(|it| it.to_str().ok());
            let expected = Value::from(value.as_str());
            let found = found.map_or(Value::Null, Value::from);
            known.compare(&expected, &found, name).map_err(told)?;
        }
        if let Some(expected) = &self.answer {
            known.compare(expected, &answer.body, "").map_err(told)?;
        }
        match self
            .lacks
            .iter()
            .find(|it| answer.body.pointer(it).is_some())
        {
            Some(pointer) => Err(told(format!("{pointer} should not be"))),
            None => Ok(()),
        }
    }
}
