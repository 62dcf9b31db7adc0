//! The admin portal of a large organization: its pages, as an IT admin's browser asks for them.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::Outcome;
use crate::fill;
use crate::http::Client;
use crate::rows::Requests;
use crate::rows::Row;
use crate::world;
use crate::world::Server;
use crate::world::World;
use crate::world::text;

const ORGANIZATIONS: &str = include_str!("../sql/portal.sql");
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Of the last 28 days.
const SIGN_INS: u64 = 60_000;
const REFUSED_SIGN_INS: u64 = 2_000;
const REQUESTS: u64 = 20_000;
/// Rows of one statement.
const CHUNK: usize = 5_000;

const PAGES: [(&str, &str); 5] = [
    ("portal_home", "/portal"),
    ("portal_members", "/portal/members"),
    ("portal_directory", "/portal/directory"),
    ("portal_roles", "/portal/roles"),
    ("portal_log", "/portal/log"),
];

/// Fills the database of `prepare` with a large organization and opens its portal.
#[derive(Args)]
pub(crate) struct Opening {
    #[command(flatten)]
    server: Server,
    /// Of a role that no row-level security holds
    #[arg(long)]
    database_url: String,
    #[arg(long)]
    world: PathBuf,
}

impl Opening {
    pub(crate) fn open(&self) -> Outcome<()> {
        let mut world = World::load(&self.world)?;
        let named = json!({ "display_name": "Sign-in" });
        let made = self.server.ask("POST /v1/b2b/sso/oidc/engines", &named)?;
        let connection = text(&made, "/connection/connection_id")?;
        let organization = text(&made, "/connection/organization_id")?;
        let now_ms = format!("{:.0}", world::now()? * 1000.0);
        let now_ms = now_ms.parse().map_err(|_| "there is no time".to_owned())?;
        let happened = [
            journal(now_ms, (bare(&organization), &connection)),
            requests(now_ms, (bare(&organization), bare(&world.path))),
        ];
        fill::run(
            &self.database_url,
            &format!("{ORGANIZATIONS}{}", happened.concat()),
        )?;
        let linked = json!({ "organization_id": "engines" });
        let made = self.server.ask("POST /v1/b2b/portal_links", &linked)?;
        let url = text(&made, "/url")?;
        let (_, token) = url
            .split_once("token=")
            .ok_or("the link carries no token")?;
        world.portal = Some(session(&world, token)?);
        world.save(&self.world)
    }
}

/// An id, or what ends in one, as it is in columns.
fn bare(id: &str) -> &str {
    id.rsplit_once("-test-").map_or(id, |(_, bare)| bare)
}

/// Opens a link: the cookie of its session.
fn session(world: &World, token: &str) -> Outcome<String> {
    let body = format!("token={token}");
    let request = format!(
        "POST /portal/open HTTP/1.1\r\nHost: bench\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = Client::connect(&world.at)?.send(request.as_bytes())?;
    let cookie = answer.header("set-cookie");
    let cookie = cookie.and_then(|set| set.split(';').next());
    cookie
        .map(str::to_owned)
        .ok_or_else(|| world::refused("the portal link", &answer))
}

/// What happened of one kind, from 28 days ago until now, one row at a time.
fn spread(now_ms: u64, count: u64) -> impl Iterator<Item = (usize, String, String)> {
    let begin = now_ms - 28 * DAY_MS;
    (0..count).zip(0..).map(move |(share, number)| {
        let at = begin + 28 * DAY_MS * share / count;
        let long = format!("{at:012x}");
        let (high, low) = long.split_at(8);
        (number, format!("{high}-{low}"), instant(at))
    })
}

fn instant(at_ms: u64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(i64::try_from(at_ms).unwrap_or_default());
    at.unwrap_or_default()
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}

fn journal(now_ms: u64, (organization, connection): (&str, &str)) -> String {
    let refused = json!({ "code": "saml_audience_mismatch", "check": "audience",
        "expected": "https://vestibule.example", "received": "https://elsewhere.example" });
    let same = format!("'{organization}', 'sign_in', 'request-id-test'");
    let started = spread(now_ms, SIGN_INS).map(|(number, time, at)| {
        let session = format!("session-test-{}", fill::key('c', number));
        format!("({same}, '{time}-7000-8000-{number:012}', '{at}', 'session.started', '{session}', NULL)")
    });
    let refusals = spread(now_ms, REFUSED_SIGN_INS).map(|(number, time, at)| {
        format!(
            "({same}, '{time}-7000-9000-{number:012}', '{at}', 'sign_in.refused', '{connection}', \
             '{refused}')"
        )
    });
    let rows: Vec<String> = started.chain(refusals).collect();
    insert(
        "journal (organization_id, actor, request_id, id, occurred_at, kind, object_id, after_change)",
        &rows,
    )
}

fn requests(now_ms: u64, (organization, directory): (&str, &str)) -> String {
    let same = format!(
        "'{organization}', '{directory}', 'request-id-test', 'PATCH', '/Users/x', '', 'bench', 3, '[]', \
         1 = 0, 1 = 0"
    );
    let of_one = |(number, time, at): (usize, String, String)| {
        let status = if number % 20 == 7 { 400 } else { 200 };
        format!("({same}, '{time}-7000-8000-{number:012}', '{at}', {status})")
    };
    let rows: Vec<String> = spread(now_ms, REQUESTS).map(of_one).collect();
    insert(
        "scim_requests (organization_id, connection_id, request_id, method, path, query, user_agent, \
         millis, departures, request_cut, response_cut, id, occurred_at, status)",
        &rows,
    )
}

fn insert(columns: &str, rows: &[String]) -> String {
    let statements = rows.chunks(CHUNK).map(|rows| rows.join(", "));
    let statements = statements.map(|rows| format!("INSERT INTO {columns} VALUES {rows};"));
    statements.collect::<Vec<_>>().concat()
}

/// Its pages.
pub(crate) fn rows() -> impl Iterator<Item = Row> {
    (0..PAGES.len()).map(Row::Portal)
}

/// The name of a page in the report.
pub(crate) fn name(number: usize) -> &'static str {
    PAGES.get(number).map_or("", |(name, _)| name)
}

/// The same page over and over.
pub(crate) fn reading(world: &World, number: usize) -> Outcome<Requests<'_>> {
    let cookie = world.portal.as_ref().ok_or("no portal was opened")?;
    let path = PAGES.get(number).map_or("", |(_, path)| path);
    let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\n\r\n");
    Ok(Box::new(move |_| request.clone().into_bytes()))
}
