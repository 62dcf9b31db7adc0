//! The searches that are measured: each filter of both, over all organizations that were filled.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::Outcome;
use crate::fill::key;
use crate::http::Answer;
use crate::http::Client;
use crate::http::request;
use crate::rows::Requests;
use crate::world;
use crate::world::World;

/// What is searched, a filter, and its value.
type Search = (&'static str, &'static str, fn() -> Value);

const ORGANIZATIONS: &str = "organizations";
const MEMBERS: &str = "members";

const SEARCHES: &[Search] = &[
    (ORGANIZATIONS, "", || Value::Null),
    (ORGANIZATIONS, "organization_ids", || {
        ids("organization-test-", '8', 50)
    }),
    (ORGANIZATIONS, "organization_slugs", || {
        json!(["company-0042", "company-0815"])
    }),
    (ORGANIZATIONS, "organization_name_fuzzy", || json!("any 04")),
    (ORGANIZATIONS, "organization_slug_fuzzy", || json!("ny-04")),
    (ORGANIZATIONS, "member_emails", || {
        json!(["alan.337897@company-0008.example"])
    }),
    (ORGANIZATIONS, "member_email_fuzzy", || json!("ce.1013")),
    (ORGANIZATIONS, "allowed_domains", || {
        json!(["company-0042.example"])
    }),
    (ORGANIZATIONS, "allowed_domain_fuzzy", || json!("ny-0042.")),
    (ORGANIZATIONS, "claimed_email_domains", || {
        json!(["company-0045.claimed.example"])
    }),
    (ORGANIZATIONS, "has_active_sso_connection", || json!(true)),
    (ORGANIZATIONS, "sso_connection_id", || {
        json!(format!("oidc-connection-test-{}", key('9', 43)))
    }),
    (MEMBERS, "", || Value::Null),
    (MEMBERS, "member_ids", || ids("member-test-", 'a', 100)),
    (MEMBERS, "member_ids_external", || {
        json!(["hr-7", "hr-4711", "hr-99999"])
    }),
    (MEMBERS, "member_emails", || {
        json!(["alan.337897@company-0008.example"])
    }),
    (MEMBERS, "member_email_fuzzy", || json!("ce.1013")),
    (MEMBERS, "member_is_breakglass", || json!(true)),
    (MEMBERS, "statuses", || json!(["deleted"])),
    (MEMBERS, "member_phone_numbers", || json!(["+49301004713"])),
    (MEMBERS, "member_phone_number_fuzzy", || json!("100471")),
    (MEMBERS, "member_roles", || json!(["editor"])),
    (MEMBERS, "member_roles_sso", || json!(["employee"])),
    (MEMBERS, "password_exists", || json!(true)),
    (MEMBERS, "totp_exists", || json!(false)),
    (MEMBERS, "oauth_providers", || json!(["google"])),
    (MEMBERS, "organization_slug", || json!("company-0042")),
    (MEMBERS, "organization_slug_fuzzy", || json!("ny-004")),
];

fn ids(prefix: &str, kind: char, count: usize) -> Value {
    (1..=count)
        .map(|number| format!("{prefix}{}", key(kind, number * 9)))
        .collect()
}

/// How many there are.
pub(crate) fn count() -> usize {
    SEARCHES.len()
}

/// The name of a search in the report.
pub(crate) fn name(number: usize) -> String {
    let (what, filter, _) = search(number);
    let filter = if filter.is_empty() { "all" } else { filter };
    format!("{what}/{filter}")
}

fn search(number: usize) -> Search {
    SEARCHES
        .get(number)
        .copied()
        .unwrap_or((MEMBERS, "", || Value::Null))
}

/// Its pages, one after the other, from the first to the last and over again; a page has a hundred
/// results.
pub(crate) fn walking(world: &World, number: usize) -> Requests<'_> {
    let (line, body) = first_page(number);
    Box::new(move |before| {
        let cursor = before.and_then(next_cursor);
        let mut body = body.clone();
        body.insert("cursor".to_owned(), json!(cursor));
        request(
            line,
            &world.project_authorization,
            &Value::Object(body).to_string(),
        )
    })
}

/// Where the page after this one begins, read without parsing hundreds of members.
fn next_cursor(answer: &Answer) -> Option<String> {
    let text = String::from_utf8_lossy(&answer.body);
    let (_, after) = text.rsplit_once("\"next_cursor\":\"")?;
    let (cursor, _) = after.split_once('"')?;
    Some(cursor.to_owned())
}

fn first_page(number: usize) -> (&'static str, Map<String, Value>) {
    let (what, filter, value) = search(number);
    let filter = filter
        .trim_end_matches("_external")
        .trim_end_matches("_sso");
    let operand = json!({ "filter_name": filter, "filter_value": value() });
    let operands = if filter.is_empty() {
        json!([])
    } else {
        json!([operand])
    };
    let mut body = Map::new();
    let query = json!({ "operator": "AND", "operands": operands });
    body.insert("query".to_owned(), query);
    if what == ORGANIZATIONS {
        return ("POST /v1/b2b/organizations/search", body);
    }
    let all: Value = (1..=1000)
        .map(|number| format!("organization-test-{}", key('8', number)))
        .collect();
    body.insert("organization_ids".to_owned(), all);
    ("POST /v1/b2b/organizations/members/search", body)
}

/// Each search, and how the database found what it asks for: the plans that the server logged.
pub(crate) fn explain(world: &World, log: &Path) -> Outcome<String> {
    let mut client = Client::connect(&world.at)?;
    let mut told = String::new();
    for number in 0..count() {
        let before = logged(log)?.len();
        let answer = client.send(&walking(world, number)(None))?;
        if answer.status != 200 {
            return Err(world::refused(&name(number), &answer));
        }
        let _ = writeln!(told, "{}", name(number));
        for line in logged(log)?
            .split_at_checked(before)
            .unwrap_or_default()
            .1
            .lines()
        {
            if let Some((_, plan)) = line.split_once("plan: ") {
                // A list of a thousand ids says nothing more.
                let plan: String = plan.chars().take(160).collect();
                let _ = writeln!(told, "    {plan}");
            }
        }
    }
    Ok(told)
}

fn logged(log: &Path) -> Outcome<String> {
    fs::read_to_string(log).map_err(|error| format!("{}: {error}", log.display()))
}
