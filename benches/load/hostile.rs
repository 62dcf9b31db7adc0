//! Requests that were made to hurt, one after the other: what refusing each costs the server.

use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::Outcome;
use crate::figures;
use crate::figures::Place;
use crate::http::Client;
use crate::http::request;
use crate::letters::letters;
use crate::process;
use crate::world::World;

/// How often each is sent: CPU is counted in ticks of ten milliseconds.
const REPEATS: u32 = 50;

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// What refusing one request costs.
pub(crate) struct Cost {
    pub(crate) name: &'static str,
    /// 0 if the server hung up before the request was sent whole.
    pub(crate) status: u16,
    pub(crate) cpu_ms: f64,
    pub(crate) rss_peak_mb: f64,
}

/// Name, method and path below the connection's address, body.
type Attack = (&'static str, String, String);

fn attacks() -> Vec<Attack> {
    let mut all = queries();
    all.extend(bodies());
    all
}

fn queries() -> Vec<Attack> {
    let terms = vec!["id+eq+%221%22"; 3000].join("+or+");
    let addresses = [
        ("terms in the address", format!("filter={terms}")),
        ("parentheses", format!("filter={}", "(".repeat(60_000))),
        ("a page past the end", "startIndex=2147483648".to_owned()),
    ];
    let queries = addresses.into_iter();
    queries
        .map(|(name, query)| (name, format!("GET /Users?{query}"), String::new()))
        .collect()
}

fn bodies() -> Vec<Attack> {
    let letters = |count: usize| "x".repeat(count);
    let many = |value: fn(u32) -> String, count: u32| -> Value {
        (0..count)
            .map(|number| json!({ "value": value(number) }))
            .collect()
    };
    let stranger = |number| format!("scim-user-test-00000000-0000-4000-8000-{number:012}");
    let emails = many(|number| format!("{number}@acme.test"), 20_000);
    let strangers = many(stranger, 12_000);
    let terms = vec!["id eq \"1\""; 60_000].join(" or ");
    let named = |name: String| json!({ "userName": name });
    let bulk = |count: usize| json!({ "schemas": [BULK], "Operations": vec![json!({}); count] });
    let bodies = [
        (
            "terms",
            "/.search",
            json!({ "schemas": [SEARCH], "filter": terms }),
        ),
        ("a long userName", "/Users", named(letters(800_000))),
        ("a body of 5 MB", "/Users", named(letters(5_000_000))),
        (
            "20,000 addresses",
            "/Users",
            json!({ "userName": "a", "emails": emails }),
        ),
        (
            "12,000 strangers",
            "/Groups",
            json!({ "displayName": "a", "members": strangers }),
        ),
        ("a million operations", "/Bulk", bulk(1_000_000)),
        ("300,000 operations", "/Bulk", bulk(300_000)),
    ];
    let deep = ("deep JSON", "POST /Users".to_owned(), "[".repeat(100_000));
    let bodies = bodies
        .into_iter()
        .map(|(name, path, body)| (name, format!("POST {path}"), body.to_string()));
    bodies.chain([deep]).collect()
}

/// Prints what refusing each costs the server whose process has this id.
pub(crate) fn print(place: &Place, world: &Path, pid: u32) -> Outcome<()> {
    let costs = measure(&World::load(world)?, pid)?;
    let mut lines = costs.iter().map(|cost| figures::hostile(place, cost));
    lines.try_for_each(|line| figures::print(&line))
}

/// The name of each request, and its bytes.
fn requests(world: &World) -> Outcome<Vec<(&'static str, Vec<u8>)>> {
    let of_scim = attacks().into_iter().map(|(name, line, body)| {
        let (method, path) = line.split_once(' ').unwrap_or(("GET", ""));
        let line = format!("{method} {}{path}", world.path);
        (name, request(&line, &world.authorization, &body))
    });
    Ok(of_scim.chain(letters(world)?).collect())
}

fn measure(world: &World, pid: u32) -> Outcome<Vec<Cost>> {
    requests(world)?
        .into_iter()
        .map(|(name, bytes)| {
            process::forget_peak(pid)?;
            let before = process::cpu_seconds(pid)?;
            let mut status = 0;
            for _ in 0..REPEATS {
                // A server that has heard enough hangs up, so each has a connection of its own.
                let answer = Client::connect(&world.at).and_then(|mut client| client.send(&bytes));
                status = answer.map_or(0, |answer| answer.status);
            }
            let used = process::cpu_seconds(pid)? - before;
            if status >= 500 && status != 501 {
                return Err(format!("{name}: {status}"));
            }
            Ok(Cost {
                name,
                status,
                cpu_ms: used * 1000.0 / f64::from(REPEATS),
                rss_peak_mb: process::memory_mb(pid, "VmHWM")?,
            })
        })
        .collect()
}
