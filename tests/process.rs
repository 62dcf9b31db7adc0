//! The built binary as an operator runs it: start, readiness, stop, restart, refusals.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may fail, reads files and calls over HTTP"
)]

use std::io::BufRead;
use std::io::BufReader;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Output;
use std::process::Stdio;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::channel;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use ports::free_port;

#[path = "process/bad_responses.rs"]
mod bad_responses;
#[path = "process/bad_scim.rs"]
mod bad_scim;
#[path = "process/cost.rs"]
mod cost;
#[path = "process/demo.rs"]
mod demo;
#[path = "process/logs.rs"]
mod logs;
#[path = "gateway/support/ports.rs"]
mod ports;

#[expect(
    dead_code,
    unreachable_pub,
    clippy::indexing_slicing,
    reason = "shared with the tests of the whole gateway"
)]
#[path = "gateway/support/saml/mod.rs"]
mod saml;

const PATIENCE: Duration = Duration::from_secs(20);

/// A folder of its own for each test, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn fresh() -> Self {
        let path = std::env::temp_dir().join(format!("vestibule-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn vestibule(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command
        .args(arguments)
        .env_clear()
        .env("PATH", path)
        .envs(environment.iter().copied());
    command
}

/// A started binary whose lines are read as they come.
struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, lines }
    }

    /// Every line up to the one that begins so.
    fn until(&self, beginning: &str) -> Vec<String> {
        let mut lines = Vec::new();
        while lines
            .last()
            .is_none_or(|line: &String| !line.starts_with(beginning))
        {
            let next = self.lines.recv_timeout(PATIENCE);
            lines.push(next.unwrap_or_else(|_| panic!("no line {beginning:?} in {lines:#?}")));
        }
        lines
    }

    fn stop(&mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(10) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("still running 10 s after SIGTERM");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Installation {
    folder: Folder,
    port: u16,
    ops_port: u16,
}

impl Installation {
    fn new() -> Self {
        Self {
            folder: Folder::fresh(),
            port: free_port(),
            ops_port: free_port(),
        }
    }

    fn data_dir(&self) -> PathBuf {
        self.folder.0.join("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = vestibule(arguments, &[("VESTIBULE_LOG", "warn")]);
        command
            .env("VESTIBULE_LISTEN", format!("127.0.0.1:{}", self.port))
            .env(
                "VESTIBULE_OPS_LISTEN",
                format!("127.0.0.1:{}", self.ops_port),
            )
            .env("VESTIBULE_DATA_DIR", self.data_dir());
        command
    }

    fn serve(&self) -> (Process, Vec<String>) {
        let process = Process::start(self.command(&["serve"]));
        let lines = process.until("Health and metrics");
        (process, lines)
    }

    async fn call(
        &self,
        path: &str,
        (id, secret): (&str, &str),
        body: Option<Value>,
    ) -> (u16, Value) {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let http = reqwest::Client::new();
        let request = match body {
            Some(body) => http
                .post(url)
                .header("content-type", "application/json")
                .body(body.to_string()),
            None => http.get(url),
        };
        let answer = request.basic_auth(id, Some(secret)).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn ops(&self, path: &str) -> (u16, String) {
        let url = format!("http://127.0.0.1:{}{path}", self.ops_port);
        let answer = reqwest::get(url).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// The value behind a word of the output, e.g. `secret`.
fn value<'l>(lines: &'l [String], word: &str) -> &'l str {
    let line = lines.iter().find_map(|line| line.trim().strip_prefix(word));
    line.unwrap_or_else(|| panic!("no {word:?} in {lines:#?}"))
        .trim()
}

fn text(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr];
    parts
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .concat()
}

#[actix_web::test]
async fn a_first_start_makes_credentials_and_a_restart_keeps_them_and_the_data() {
    let installation = Installation::new();
    let (mut process, _) = installation.serve();
    let lines = process.until("  public token");
    let project = value(&lines, "project id").to_owned();
    let secret = value(&lines, "secret").to_owned();
    let credentials = (project.as_str(), secret.as_str());

    let (status, whoami) = installation
        .call("/v1/debug/whoami", credentials, None)
        .await;
    assert_eq!((status, &whoami["project_id"]), (200, &json!(project)));
    let wrong = (project.as_str(), "secret-test-wrong");
    assert_eq!(
        installation.call("/v1/debug/whoami", wrong, None).await.0,
        401
    );
    assert_eq!(installation.ops("/livez").await.0, 200);
    assert_eq!(installation.ops("/readyz").await.0, 200);
    let (_, metrics) = installation.ops("/metrics").await;
    assert!(
        metrics.contains("vestibule_http_requests_total{class=\"4xx\"} 1"),
        "{metrics}"
    );
    let health = installation.command(&["health"]).output().unwrap();
    assert!(health.status.success(), "{}", text(&health));

    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(installation.data_dir()), 0o700);
    assert_eq!(mode(installation.data_dir().join("master.key")), 0o600);

    assert_eq!(process.stop().code(), Some(0));
    let health = installation.command(&["health"]).output().unwrap();
    assert!(!health.status.success(), "{}", text(&health));

    let (mut process, lines) = installation.serve();
    assert!(
        !lines.iter().any(|line| line.contains("secret")),
        "{lines:?}"
    );
    assert_eq!(
        installation
            .call("/v1/debug/whoami", credentials, None)
            .await
            .0,
        200
    );
    assert_eq!(process.stop().code(), Some(0));
}

#[actix_web::test]
async fn given_credentials_are_adopted_and_not_printed() {
    let installation = Installation::new();
    let credentials = (
        "project-test-11111111-1111-4111-8111-111111111111",
        "secret-test-given",
    );
    let mut command = installation.command(&["serve"]);
    command
        .env("VESTIBULE_PROJECT_ID", credentials.0)
        .env("VESTIBULE_SECRET", credentials.1)
        .env("VESTIBULE_PUBLIC_TOKEN", "public-token-test-given");
    let mut process = Process::start(command);
    process.until("Health and metrics");
    assert_eq!(
        installation
            .call("/v1/debug/whoami", credentials, None)
            .await
            .0,
        200
    );
    assert_eq!(process.stop().code(), Some(0));
    assert!(process.lines.try_iter().next().is_none());
}

#[test]
fn a_lost_master_key_stops_the_start_and_says_so() {
    let installation = Installation::new();
    let (mut process, _) = installation.serve();
    process.stop();
    let key = installation.data_dir().join("master.key");
    std::fs::remove_file(&key).unwrap();
    let output = installation.command(&["serve"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output).contains("the master key does not open it"),
        "{}",
        text(&output)
    );
    assert!(!key.exists(), "a key that opens nothing was left behind");
}

#[test]
fn a_wrong_configuration_stops_the_start_and_names_every_mistake() {
    let environment = [("VESTIBULE_LISTEN", "8080"), ("VESTIBULE_LISTN", "x")];
    for command in [&["serve"][..], &["config", "check"]] {
        let output = vestibule(command, &environment).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output);
        assert!(
            told.contains("VESTIBULE_LISTEN must be an address"),
            "{told}"
        );
        assert!(told.contains("VESTIBULE_LISTN is no variable"), "{told}");
    }
    let output = vestibule(&["serve", "--config", "/nowhere.toml"], &[])
        .output()
        .unwrap();
    assert!(
        text(&output).contains("/nowhere.toml cannot be read"),
        "{}",
        text(&output)
    );
}

#[test]
fn a_port_that_is_taken_is_named() {
    let installation = Installation::new();
    let _taken = TcpListener::bind(("127.0.0.1", installation.port)).unwrap();
    let output = installation.command(&["serve"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output);
    assert!(
        told.contains(&format!("127.0.0.1:{}", installation.port)),
        "{told}"
    );
}

#[test]
fn config_check_shows_what_is_set_but_no_secret() {
    let folder = Folder::fresh();
    let file = folder.0.join("vestibule.toml");
    let content = "public_url = \"https://auth.test\"\nsmtp_url = \"smtp://u:hunter2@mail.test\"\n\
        mail_from = \"login@acme.test\"\n";
    std::fs::write(&file, content).unwrap();
    let environment = [
        ("VESTIBULE_CONFIG", file.to_str().unwrap()),
        ("VESTIBULE_SECRET", "secret-test-hunter2"),
    ];
    let output = vestibule(&["config", "check"], &environment)
        .output()
        .unwrap();
    let told = text(&output);
    assert!(output.status.success(), "{told}");
    for line in ["https://auth.test", "login@acme.test", "can be used"] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn migrate_brings_the_schema_up_to_date_and_tells_what_is_missing() {
    let installation = Installation::new();
    let run = |verb: &str| {
        let output = installation.command(&["migrate", verb]).output().unwrap();
        assert!(output.status.success(), "{}", text(&output));
        text(&output)
    };
    assert!(run("status").contains("no database yet"));
    assert!(run("up").contains("up to date"));
    assert!(run("status").contains("up to date"));
}

const PROJECT_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/project.toml");

/// Runs a command to its end: whether it succeeded, and what it told.
fn run(installation: &Installation, arguments: &[&str]) -> (bool, String) {
    let output = installation.command(arguments).output().unwrap();
    (output.status.success(), text(&output))
}

fn run_json(installation: &Installation, arguments: &[&str]) -> Value {
    let (succeeded, told) = run(installation, arguments);
    assert!(succeeded, "{arguments:?}: {told}");
    serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}"))
}

#[actix_web::test]
async fn a_project_file_is_checked_planned_and_applied_beside_a_running_server() {
    let installation = Installation::new();
    let plan = ["config", "plan", "--file", PROJECT_FILE];
    let apply = ["config", "apply", "--file", PROJECT_FILE];
    let (succeeded, told) = run(&installation, &plan);
    assert!(
        !succeeded && told.contains("the first `vestibule serve` makes it"),
        "{told}"
    );

    let (mut process, _) = installation.serve();
    let lines = process.until("  public token");
    let credentials = (value(&lines, "project id"), value(&lines, "secret"));
    let (_, told) = run(&installation, &plan);
    assert!(told.contains("+ role publisher\n"), "{told}");
    assert!(
        told.contains("changes to make: 20; nothing is written yet"),
        "{told}"
    );
    let (_, policy) = installation
        .call("/v1/b2b/rbac/policy", credentials, None)
        .await;
    assert!(
        !policy.to_string().contains("publisher"),
        "a plan wrote something"
    );

    let (_, told) = run(&installation, &apply);
    assert!(told.contains("changes made: 20"), "{told}");
    let (_, policy) = installation
        .call("/v1/b2b/rbac/policy", credentials, None)
        .await;
    assert!(policy.to_string().contains("publisher"), "{policy}");
    let (_, told) = run(&installation, &apply);
    assert_eq!(told, "no changes\n");

    let less = installation.folder.0.join("less.toml");
    let kept = std::fs::read_to_string(PROJECT_FILE).unwrap();
    let less_text = kept.replace("duration_minutes = 480", "duration_minutes = 60");
    let (less_text, _) = less_text
        .split_once("# Claims of every session JWT.")
        .unwrap();
    std::fs::write(&less, less_text).unwrap();
    let planned = run_json(
        &installation,
        &["config", "plan", "--json", "--file", less.to_str().unwrap()],
    );
    assert_eq!(planned["applied"], json!(false));
    let effects: Vec<_> = planned["changes"].as_array().unwrap().iter().collect();
    let effects: Vec<_> = effects
        .iter()
        .map(|it| (&it["effect"], &it["setting"]))
        .collect();
    assert_eq!(
        effects,
        [
            (&json!("changed"), &json!("session duration_minutes")),
            (&json!("removed"), &json!("passwords")),
            (
                &json!("removed"),
                &json!("session claim https://app.example.com/member")
            ),
            (
                &json!("removed"),
                &json!("session claim https://app.example.com/plan")
            ),
            (&json!("removed"), &json!("session_migration userinfo_url")),
            (&json!("removed"), &json!("sign_in_pages")),
            (&json!("removed"), &json!("trusted_token partner")),
        ]
    );
    assert_eq!(process.stop().code(), Some(0));
}

#[actix_web::test]
async fn an_operator_rotates_keys_and_lets_somebody_act_as_a_member_beside_a_running_server() {
    let installation = Installation::new();
    let (mut process, _) = installation.serve();
    let lines = process.until("  public token");
    let credentials = (value(&lines, "project id"), value(&lines, "secret"));
    let jwks = format!("/v1/b2b/sessions/jwks/{}", credentials.0);
    let shown = async || {
        let (_, answer) = installation.call(&jwks, credentials, None).await;
        answer["keys"].as_array().unwrap().len()
    };
    assert_eq!(shown().await, 1);
    let rotate = ["signing-key", "rotate", "--in", "0", "--json"];
    let next = run_json(&installation, &rotate);
    let asked = Instant::now();
    while shown().await < 2 {
        assert!(asked.elapsed() < Duration::from_secs(10), "not looked for");
        std::thread::sleep(Duration::from_millis(200));
    }
    let list = run_json(&installation, &["signing-key", "list", "--json"]);
    let states = list["keys"].as_array().unwrap().iter();
    let states: Vec<&Value> = states.map(|key| &key["state"]).collect();
    assert_eq!(states, ["signs", "follows"]);
    let (succeeded, told) = run(&installation, &rotate);
    assert!(!succeeded && told.contains("follows already"), "{told}");
    let signing = list["keys"][0]["id"].as_str().unwrap();
    let (succeeded, told) = run(&installation, &["signing-key", "revoke", signing]);
    assert!(!succeeded && told.contains("rotate first"), "{told}");
    let next = next["id"].as_str().unwrap();
    let (succeeded, told) = run(&installation, &["signing-key", "revoke", next]);
    assert!(succeeded, "{told}");

    let acme = json!({ "organization_name": "Acme", "organization_slug": "acme" });
    let (_, acme) = installation
        .call("/v1/b2b/organizations", credentials, Some(acme))
        .await;
    let id = acme["organization"]["organization_id"].as_str().unwrap();
    let path = format!("/v1/b2b/organizations/{id}/members");
    let ana = json!({ "email_address": "ana@acme.test" });
    installation.call(&path, credentials, Some(ana)).await;
    domains_are_looked_after(&installation, credentials, id).await;
    let impersonate = [
        "impersonate",
        "--organization",
        "acme",
        "--member",
        "ana@acme.test",
        "--as",
        "oscar@support.test",
        "--json",
    ];
    let token = run_json(&installation, &impersonate);
    let body = json!({ "impersonation_token": token["impersonation_token"] });
    let path = "/v1/b2b/impersonation/authenticate";
    let (status, session) = installation.call(path, credentials, Some(body)).await;
    assert_eq!(status, 200, "{session}");
    assert_eq!(process.stop().code(), Some(0));
}

/// Nothing answers at the resolver's address, so that a look sees nothing.
async fn domains_are_looked_after(
    installation: &Installation,
    credentials: (&str, &str),
    organization: &str,
) {
    let of_acme = |verb: &[&str]| {
        let arguments = [&["domain"], verb, &["--organization", "acme", "--json"]].concat();
        let mut command = installation.command(&arguments);
        command.env("VESTIBULE_DNS_RESOLVERS", "127.0.0.1:1");
        let output = command.output().unwrap();
        (output.status.success(), text(&output))
    };
    let read = |told: &str| serde_json::from_str::<Value>(told).unwrap();
    let path = format!("/v1/b2b/organizations/{organization}/domains");
    let claim = json!({ "domain": "acme.test" });
    let (status, _) = installation.call(&path, credentials, Some(claim)).await;
    assert_eq!(status, 200);
    let listed = read(&of_acme(&["list"]).1);
    let status = listed.pointer("/domains/0/status");
    assert_eq!(status, Some(&json!("waiting")), "{listed}");
    let (_, checked) = of_acme(&["check", "acme.test"]);
    let checked = read(&checked);
    let answered = checked.pointer("/domain/last_look/resolvers_answered");
    assert_eq!(answered, Some(&json!(0)), "{checked}");
    let (released, told) = of_acme(&["release", "acme.test"]);
    assert!(released, "{told}");
    let listed = read(&of_acme(&["list"]).1);
    assert_eq!(listed.get("domains"), Some(&json!([])), "{listed}");
    let (released, told) = of_acme(&["release", "acme.test"]);
    assert!(!released && told.contains("has not claimed"), "{told}");
}

#[test]
fn a_project_file_with_mistakes_is_refused_by_file_and_key() {
    let folder = Folder::fresh();
    let file = folder.0.join("project.toml");
    let mistakes =
        "[redirect_urls]\nlogin = [\"/in\"]\nlogout = []\n[session]\nduration_minutes = 1\n";
    std::fs::write(&file, mistakes).unwrap();
    let path = file.to_str().unwrap();
    for verb in ["check", "plan", "apply"] {
        let output = vestibule(&["config", verb, "--file", path], &[])
            .output()
            .unwrap();
        let told = text(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        for key in [
            "redirect_urls.login",
            "redirect_urls.logout",
            "session.duration_minutes",
        ] {
            assert!(told.contains(&format!("{path}: {key}")), "{key}: {told}");
        }
    }
    let output = vestibule(&["config", "check", "--file", PROJECT_FILE], &[])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("can be applied to a project"));
}

#[actix_web::test]
async fn a_secret_is_replaced_while_the_server_runs_and_a_restart_keeps_it_so() {
    let installation = Installation::new();
    let (mut process, _) = installation.serve();
    let lines = process.until("  public token");
    let (project, first) = (value(&lines, "project id"), value(&lines, "secret"));
    let whoami = |secret: String| {
        let installation = &installation;
        async move {
            let credentials = (project, secret.as_str());
            installation
                .call("/v1/debug/whoami", credentials, None)
                .await
                .0
        }
    };
    let listed = run_json(&installation, &["secret", "list", "--json"]);
    let old = listed["keys"][0]["id"].as_str().unwrap().to_owned();
    assert!(!listed.to_string().contains(first), "{listed}");
    let (succeeded, told) = run(&installation, &["secret", "revoke", &old]);
    assert!(
        !succeeded && told.contains("it is the last secret"),
        "{told}"
    );

    let created = run_json(
        &installation,
        &["secret", "create", "--name", "app", "--json"],
    );
    let second = created["secret"].as_str().unwrap().to_owned();
    assert_eq!(
        (whoami(first.to_owned()).await, whoami(second.clone()).await),
        (200, 200)
    );
    let (_, told) = run(&installation, &["secret", "list"]);
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(told.contains("app") && !told.contains(&second), "{told}");
    let (succeeded, told) = run(&installation, &["secret", "revoke", &old]);
    assert!(succeeded, "{told}");
    // A running server may remember a secret for half a second.
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(
        (whoami(first.to_owned()).await, whoami(second.clone()).await),
        (401, 200)
    );

    let (_, told) = run(&installation, &["public-token", "create", "--name", "web"]);
    assert!(told.starts_with("public-token-test-"), "{told}");
    assert_eq!(process.stop().code(), Some(0));
    let (mut process, lines) = installation.serve();
    assert!(
        !lines.iter().any(|line| line.contains("secret")),
        "{lines:?}"
    );
    assert_eq!(
        (whoami(first.to_owned()).await, whoami(second).await),
        (401, 200)
    );
    assert_eq!(process.stop().code(), Some(0));
}

#[actix_web::test]
async fn what_a_directory_sent_is_told_and_run_again_beside_a_running_server() {
    let installation = Installation::new();
    let (mut process, _) = installation.serve();
    let lines = process.until("  public token");
    let credentials = (value(&lines, "project id"), value(&lines, "secret"));
    let made = |path: String, body: Value| {
        let installation = &installation;
        async move { installation.call(&path, credentials, Some(body)).await.1 }
    };
    let body = json!({ "organization_name": "Acme", "email_allowed_domains": ["acme.test"] });
    let organization = made("/v1/b2b/organizations".to_owned(), body).await;
    let id = organization["organization"]["organization_id"]
        .as_str()
        .unwrap();
    let path = format!("/v1/b2b/scim/{id}/connection");
    let created = made(path, json!({ "identity_provider": "okta" })).await;
    let connection = created["connection"]["connection_id"].as_str().unwrap();
    let url = format!(
        "http://127.0.0.1:{}/v1/b2b/scim/{connection}/Users",
        installation.port
    );
    for expected in [201, 409] {
        let answer = reqwest::Client::new()
            .post(&url)
            .bearer_auth(created["connection"]["bearer_token"].as_str().unwrap())
            .header("content-type", "application/scim+json")
            .body(r#"{ "userName": "ana@acme.test", "password": "canary-1" }"#)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), expected);
    }
    // What waits for the log is written when the server stops.
    assert_eq!(process.stop().code(), Some(0));
    let errors = [
        "scim",
        "requests",
        "--connection",
        connection,
        "--errors",
        "--json",
    ];
    let found = run_json(&installation, &errors);
    assert_eq!(found["requests"].as_array().unwrap().len(), 1, "{found}");
    let request = found["requests"][0]["scim_request_id"].as_str().unwrap();
    let (_, told) = run(&installation, &["scim", "request", request]);
    assert!(
        told.contains("is in use by the User") && !told.contains("canary"),
        "{told}"
    );
    let replayed = run_json(&installation, &["scim", "replay", request, "--json"]);
    assert_eq!(
        (&replayed["then"]["status"], &replayed["now"]["status"]),
        (&json!(409), &json!(409))
    );
    let (_, told) = run(&installation, &["scim", "replay", request]);
    assert!(
        told.contains("now   409") && told.ends_with("Nothing was written.\n"),
        "{told}"
    );
    let (succeeded, told) = run(&installation, &["scim", "request", "scim-request-test-1"]);
    assert!(
        !succeeded && told.contains("is not the id of a logged request"),
        "{told}"
    );
}

#[actix_web::test]
async fn a_mail_that_is_asked_for_leaves_through_the_configured_server() {
    let installation = Installation::new();
    let (smtp_port, mailbox) = (free_port(), installation.folder.0.join("mailbox"));
    let peers = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/python");
    let mut smtp_server = Command::new(format!("{peers}/.venv/bin/python"));
    smtp_server
        .arg(format!("{peers}/smtp_server.py"))
        .env("PORT", smtp_port.to_string())
        .env("MAILBOX", &mailbox);
    let smtp_server = Process::start(smtp_server);
    smtp_server.until("ready");
    let mut command = installation.command(&["serve"]);
    command
        .env(
            "VESTIBULE_SMTP_URL",
            format!("smtp://127.0.0.1:{smtp_port}"),
        )
        .env("VESTIBULE_MAIL_FROM", "Acme <login@acme.test>");
    let mut process = Process::start(command);
    let lines = process.until("  public token");
    let credentials = (value(&lines, "project id"), value(&lines, "secret"));
    let to = json!({ "email_address": "ana@acme.test" });
    let path = "/v1/b2b/otps/email/discovery/send";
    let (status, answer) = installation.call(path, credentials, Some(to)).await;
    assert_eq!(status, 200, "{answer}");
    let asked = Instant::now();
    let taken = || std::fs::read_to_string(&mailbox).unwrap_or_default();
    while !taken().ends_with('\n') {
        assert!(asked.elapsed() < PATIENCE, "no mail arrives");
        std::thread::sleep(Duration::from_millis(20));
    }
    let mail: Value = serde_json::from_str(&taken()).unwrap();
    assert_eq!(mail["to"], json!(["ana@acme.test"]));
    assert_eq!(mail["headers"]["Subject"], "Your code to sign in");
    assert_eq!(process.stop().code(), Some(0));
}
