//! Bodies of calls about machines, tokens of other issuers, impersonation and portal links.

use serde_json::Value;
use serde_json::json;

pub(super) fn example(call: &str) -> Option<Value> {
    let body = match call {
        "m2m.clients.create" => json!({
            "client_name": "Reports",
            "scopes": ["read:reports", "write:reports"]
        }),
        "m2m.clients.update" => json!({ "scopes": ["read:reports"] }),
        "m2m.clients.search" => json!({
            "limit": 100,
            "query": { "operator": "AND", "operands": [
                { "filter_name": "scopes", "filter_value": ["read:reports"] }
            ] }
        }),
        "sessions.attest" => json!({
            "profile_id": "partner",
            "token": "a JWT of the partner",
            "organization_id": "acme"
        }),
        "sessions.migrate" => json!({
            "session_token": "a token of the other system",
            "organization_id": "acme"
        }),
        "portalLinks.create" => json!({ "organization_id": "acme" }),
        "impersonation.authenticate" => {
            json!({ "impersonation_token": "the token that the operator made" })
        }
        _ => return None,
    };
    Some(body)
}
