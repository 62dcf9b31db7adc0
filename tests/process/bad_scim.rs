//! What it costs the server to refuse SCIM requests that were made to hurt: CPU time and memory of
//! its process. CPU time is not wall time, so it does not matter what else the machine does.

use std::process::Command;

use reqwest::Client;
use reqwest::Method;
use serde_json::Value;
use serde_json::json;

use super::Installation;
use super::Process;
use super::cost::cpu_ms;
use super::cost::memory_mb;

const CREDENTIALS: (&str, &str) = (
    "project-test-11111111-1111-4111-8111-111111111111",
    "secret-test-given",
);
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// CPU time is counted in hundredths of a second.
const REPEATS: u32 = 10;
/// The bound is 50 ms; our own code takes some three times as long without optimization.
const MOST_CPU_MS: f64 = if cfg!(debug_assertions) { 150.0 } else { 50.0 };
const MOST_MEMORY_MB: f64 = 90.0;

/// A connection with a User and a Group.
pub(crate) struct Target {
    pub(crate) url: String,
    pub(crate) token: String,
    user: String,
    group: String,
}

impl Target {
    pub(crate) async fn make(installation: &Installation) -> Self {
        let organization = json!({ "organization_name": "Acme" });
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap().to_owned();
        let call = async |path: &str, body: Value| {
            let (status, answer) = installation.call(path, CREDENTIALS, Some(body)).await;
            assert_eq!(status, 200, "{path}: {answer}");
            answer
        };
        let made = call("/v1/b2b/organizations", organization).await;
        let organization = text(made.pointer("/organization/organization_id"));
        let path = format!("/v1/b2b/scim/{organization}/connection");
        let made = call(&path, json!({ "identity_provider": "generic" })).await;
        let connection = text(made.pointer("/connection/connection_id"));
        let mut target = Self {
            url: format!(
                "http://127.0.0.1:{}/v1/b2b/scim/{connection}",
                installation.port
            ),
            token: text(made.pointer("/connection/bearer_token")),
            user: String::new(),
            group: String::new(),
        };
        for (path, body) in [
            ("/Users", json!({ "userName": "ana@acme.test" })),
            ("/Groups", json!({ "displayName": "Staff" })),
        ] {
            let request = Attack("", "POST", path.to_owned(), body.to_string());
            let made = target.send(&Client::new(), &request).await.unwrap();
            let made: Value = serde_json::from_str(&made.1).unwrap();
            let id = format!("{path}/{}", text(made.get("id")));
            match path {
                "/Users" => target.user = id,
                _ => target.group = id,
            }
        }
        target
    }

    /// Status and body; `None` if the server hung up before it had read the request.
    async fn send(&self, client: &Client, attack: &Attack) -> Option<(u16, String)> {
        let Attack(_, method, path, body) = attack;
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = client.request(method, format!("{}{path}", self.url));
        let request = request.bearer_auth(&self.token).body(body.clone());
        let request = request.header("content-type", "application/scim+json");
        let answer = request.send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.unwrap()))
    }

    fn attacks(&self) -> Vec<Attack> {
        let mut all = queries();
        all.extend(self.bodies());
        all
    }

    #[expect(clippy::too_many_lines, reason = "a table, a row for each request")]
    fn bodies(&self) -> Vec<Attack> {
        let letters = |count: usize| "x".repeat(count);
        let many = |value: fn(u32) -> String, count: u32| -> Value {
            let values = (0..count).map(|number| json!({ "value": value(number) }));
            values.collect()
        };
        let emails = many(|number| format!("{number}@acme.test"), 20_000);
        let strangers = many(
            |number| format!("scim-user-test-00000000-0000-4000-8000-{number:012}"),
            12_000,
        );
        let bulk =
            |count: usize| json!({ "schemas": [BULK], "Operations": vec![json!({}); count] });
        let patch =
            |operations: Vec<Value>| json!({ "schemas": [PATCH_OP], "Operations": operations });
        let replace =
            |path: String, value: Value| json!({ "op": "replace", "path": path, "value": value });
        let post = json!({
            "method": "POST", "path": "/Users", "bulkId": "1", "data": { "userName": "ben" },
        });
        let title = json!({ "op": "add", "path": "title", "value": "x" });
        let parentheses = format!("emails[{}", "(".repeat(9000));
        let long_filter = format!("emails[value eq \"{}\"].type", letters(800_000));
        let terms = vec!["id eq \"1\""; 60_000].join(" or ");
        let (user, group) = (self.user.as_str(), self.group.as_str());
        let json = [
            (
                "a search of terms",
                "POST",
                "/.search",
                json!({ "schemas": [SEARCH], "filter": terms }),
            ),
            (
                "a long userName",
                "POST",
                "/Users",
                json!({ "userName": letters(800_000) }),
            ),
            (
                "5 MB",
                "POST",
                "/Users",
                json!({ "userName": letters(5_000_000) }),
            ),
            (
                "20,000 addresses",
                "POST",
                "/Users",
                json!({ "userName": "a", "emails": emails }),
            ),
            (
                "12,000 strangers",
                "POST",
                "/Groups",
                json!({ "displayName": "a", "members": strangers }),
            ),
            (
                "12,000 strangers put",
                "PUT",
                group,
                json!({ "displayName": "Staff", "members": strangers }),
            ),
            (
                "12,000 strangers added",
                "PATCH",
                group,
                patch(vec![replace("members".to_owned(), strangers)]),
            ),
            ("a million operations", "POST", "/Bulk", bulk(1_000_000)),
            ("300,000 operations", "POST", "/Bulk", bulk(300_000)),
            (
                "5,000 good operations",
                "POST",
                "/Bulk",
                json!({ "schemas": [BULK], "Operations": vec![post; 5_000] }),
            ),
            ("20,000 changes", "PATCH", user, patch(vec![title; 20_000])),
            (
                "a long path",
                "PATCH",
                user,
                patch(vec![replace(letters(800_000), json!("x"))]),
            ),
            (
                "a long filter",
                "PATCH",
                user,
                patch(vec![replace(long_filter, json!("x"))]),
            ),
            (
                "a deep filter",
                "PATCH",
                user,
                patch(vec![replace(parentheses, json!("x"))]),
            ),
        ];
        let text = [
            ("deep JSON", "[".repeat(100_000)),
            ("deep objects", "{\"a\":".repeat(100_000)),
            (
                "a number without end",
                format!("{{\"a\":1{}", "0".repeat(900_000)),
            ),
            ("zeros", "\0".repeat(900_000)),
        ];
        let text = text.map(|(name, body)| Attack(name, "POST", "/Users".to_owned(), body));
        let json = json.map(|(name, method, path, body)| {
            Attack(name, method, path.to_owned(), body.to_string())
        });
        json.into_iter().chain(text).collect()
    }
}

/// Name, method, path below the connection's, body.
struct Attack(&'static str, &'static str, String, String);

fn queries() -> Vec<Attack> {
    let filters = [
        ("terms", vec!["id eq \"1\""; 3_000].join(" or ")),
        ("parentheses", "(".repeat(20_000)),
        ("nots", "not (".repeat(5_000)),
        ("brackets", "emails[".repeat(5_000)),
        (
            "a long literal",
            format!("userName eq \"{}\"", "x".repeat(30_000)),
        ),
        ("a long name", "x".repeat(30_000)),
        ("quotation marks", "\"".repeat(20_000)),
        ("spaces", " ".repeat(30_000)),
    ];
    let filters = filters.into_iter().map(|(name, filter)| {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        Attack(
            name,
            "GET",
            format!("/Users?filter={filter}"),
            String::new(),
        )
    });
    filters.collect()
}

pub(crate) fn command(installation: &Installation) -> Command {
    let mut command = installation.command(&["serve"]);
    command
        .env("VESTIBULE_PROJECT_ID", CREDENTIALS.0)
        .env("VESTIBULE_SECRET", CREDENTIALS.1)
        .env("VESTIBULE_PUBLIC_TOKEN", "public-token-test-given")
        .env("VESTIBULE_RATE_LIMITS", "off");
    command
}

#[actix_web::test]
async fn a_scim_request_that_was_made_to_hurt_costs_little_to_refuse() {
    let installation = Installation::new();
    let process = Process::start(command(&installation));
    process.until("Health and metrics");
    let target = Target::make(&installation).await;
    let pid = process.child.id();
    let resting = memory_mb(pid, "VmRSS");
    let mut failures = Vec::new();
    for attack in target.attacks() {
        let name = attack.0;
        let before = cpu_ms(pid);
        for _ in 0..REPEATS {
            // A server that has heard enough hangs up, so each has a connection of its own.
            if let Some((status, text)) = target.send(&Client::new(), &attack).await {
                let begin: String = text.chars().take(300).collect();
                assert!((400..500).contains(&status), "{name}: {status} {begin}");
            }
        }
        let cost = (cpu_ms(pid) - before) / f64::from(REPEATS);
        if cost > MOST_CPU_MS {
            failures.push(format!("{name}: {cost} ms"));
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
    let most = memory_mb(pid, "VmHWM") - resting;
    assert!(most < MOST_MEMORY_MB, "{most} MB");
}
