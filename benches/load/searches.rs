//! The searches that are measured: each filter of both, over all organizations that were filled.

use serde_json::Value;
use serde_json::json;

use crate::fill::key;

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

fn ids(prefix: &str, kind: char, count: u32) -> Value {
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

/// Its request line and body; a page has a hundred results.
pub(crate) fn request(number: usize) -> (&'static str, String) {
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
    let mut body = json!({ "query": { "operator": "AND", "operands": operands } });
    if what == ORGANIZATIONS {
        return ("POST /v1/b2b/organizations/search", body.to_string());
    }
    let all: Value = (1..=1000)
        .map(|number| format!("organization-test-{}", key('8', number)))
        .collect();
    if let Some(body) = body.as_object_mut() {
        body.insert("organization_ids".to_owned(), all);
    }
    (
        "POST /v1/b2b/organizations/members/search",
        body.to_string(),
    )
}
