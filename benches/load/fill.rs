//! A database as large as searches have to bear, written by SQL instead of a hundred thousand calls.

use diesel::Connection;
use diesel::PgConnection;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use serde_json::json;
use vestibule::domain::secret::SecretHash;

use crate::Outcome;
use crate::world::Server;
use crate::world::text;

const FILL: &str = include_str!("../sql/fill.sql");

/// How many sessions there are, each of another member.
pub(crate) const SESSIONS: usize = 9_900;

/// The key of a filled row: the kind is one digit of it.
pub(crate) fn key(kind: char, number: usize) -> String {
    format!("0190a000-0000-7000-{kind}000-{number:012}")
}

/// The token of a filled session.
pub(crate) fn session_token(number: usize) -> String {
    format!("session-of-the-benchmarks-{number:018}")
}

/// Fills the database of a server that knows the organization of `prepare`.
pub(crate) fn fill(server: &Server, url: &str) -> Outcome<()> {
    let template = json!({ "display_name": "Template" });
    let made = server.ask("POST /v1/b2b/sso/oidc/engines", &template)?;
    text(&made, "/connection/connection_id")?;
    run(url, &format!("{FILL}{}", sessions()))
}

/// Runs statements in one transaction, and lets the database come to rest.
pub(crate) fn run(url: &str, sql: &str) -> Outcome<()> {
    write(url, sql)?;
    settle(url)
}

/// Runs statements in one transaction.
pub(crate) fn write(url: &str, sql: &str) -> Outcome<()> {
    let failed = |error: &dyn std::fmt::Display| format!("{url} could not be filled: {error}");
    if let Some(path) = url.strip_prefix("sqlite://") {
        let mut database = SqliteConnection::establish(path).map_err(|error| failed(&error))?;
        let sql = format!(
            "PRAGMA busy_timeout = 60000; PRAGMA cache_size = -500000; BEGIN IMMEDIATE; {sql} COMMIT;"
        );
        database.batch_execute(&sql)
    } else {
        let mut database = PgConnection::establish(url).map_err(|error| failed(&error))?;
        database.batch_execute(&format!("BEGIN; {sql} COMMIT;"))
    }
    .map_err(|error| failed(&error))
}

/// What autovacuum and the next checkpoint would do on PostgreSQL in the middle of a measurement.
pub(crate) fn settle(url: &str) -> Outcome<()> {
    if url.starts_with("sqlite://") {
        return Ok(());
    }
    let failed = |error: &dyn std::fmt::Display| format!("{url} does not come to rest: {error}");
    let mut database = PgConnection::establish(url).map_err(|error| failed(&error))?;
    let settled = ["VACUUM ANALYZE", "CHECKPOINT"];
    let mut settled = settled.iter().map(|sql| database.batch_execute(sql));
    settled
        .try_for_each(|done| done)
        .map_err(|error| failed(&error))
}

/// Sessions of members that have come through their organization's connection.
fn sessions() -> String {
    let rows: Vec<String> = (0..SESSIONS)
        .map(|number| {
            let member = 2 + number * 10;
            let company = 1 + member % 1000;
            let factor = json!([{
                "registration_id": format!("sso-member-registration-test-{}", key('b', member)),
                "connection_id": format!("oidc-connection-test-{}", key('9', company)),
                "external_id": "subject", "authenticated_at": "2026-01-01T00:00:00Z",
            }]);
            let hash = SecretHash::of(&session_token(number));
            format!(
                "('{}', '{}', '{}', '{}', '{factor}', '{{}}', '2026-01-01 00:00:00', \
                 '2026-01-01 00:00:00', '2099-01-01 00:00:00')",
                key('8', company),
                key('c', number),
                key('a', member),
                hash.as_str()
            )
        })
        .collect();
    format!(
        "INSERT INTO sessions (organization_id, id, member_id, token_hash, factors, custom_claims, \
         started_at, last_accessed_at, expires_at) VALUES {};",
        rows.join(", ")
    )
}
