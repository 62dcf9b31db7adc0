//! A directory reaches the resources of its own connection alone.

use serde_json::Value;
use serde_json::json;

use crate::every_route;
use crate::support::Answer;

use super::Tenant;
use super::World;
use super::fill;
use super::told;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What is sent to a route of SCIM resources; `/Users`, `/Groups` and a connection's own apart.
fn bodies(method: &str, path: &str) -> Vec<Value> {
    let change = |operation: Value| json!({ "schemas": [PATCH_OP], "Operations": [operation] });
    let device = json!({ "serial": "taken over" });
    match (method, path.contains("/Users")) {
        ("GET" | "DELETE", _) => vec![json!({})],
        ("POST" | "PUT", _) if path.contains("/Devices") => vec![device],
        ("PATCH", _) if path.contains("/Devices") => {
            vec![change(json!({ "op": "replace", "value": device }))]
        }
        ("POST", _) if path.ends_with("/Bulk") => {
            vec![bulk("/Users/<user_id>"), bulk("/Groups/<group_id>")]
        }
        ("POST" | "PUT", true) => vec![json!({ "userName": "taken@own.test" })],
        ("PATCH", true) => {
            vec![change(
                json!({ "op": "replace", "path": "title", "value": "taken over" }),
            )]
        }
        ("POST" | "PUT", false) => {
            vec![json!({ "displayName": "taken over", "members": [{ "value": "<user_id>" }] })]
        }
        ("PATCH", false) => vec![
            change(json!({ "op": "add", "path": "members", "value": [{ "value": "<user_id>" }] })),
            change(json!({ "op": "remove", "path": "members[value eq \"<user_id>\"]" })),
        ],
        _ => panic!("isolation::directory has no entry for {method} {path}"),
    }
}

/// Operations on a resource, and one that would have it for a member.
fn bulk(path: &str) -> Value {
    let id = path.rsplit('/').next();
    let data = json!({ "userName": "taken", "displayName": "taken over" });
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "taken over" }]);
    let member = json!({ "displayName": "with", "members": [{ "value": id }] });
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            { "method": "PUT", "path": path, "data": data },
            { "method": "PATCH", "path": path, "data": rename },
            { "method": "DELETE", "path": path, "version": "*" },
            { "method": "DELETE", "path": path },
            { "method": "POST", "path": "/Groups", "bulkId": "a", "data": member },
        ],
    })
}

/// The queries that name what another connection has.
const QUERIES: [&str; 9] = [
    "/Users?filter=id eq \"<user_id>\"",
    "/Users?filter=userName eq \"<user_name>\"",
    "/Users?filter=externalId eq \"<user_external_id>\"",
    "/Users?filter=groups.value eq \"<group_id>\"",
    "/Groups?filter=id eq \"<group_id>\"",
    "/Groups?filter=displayName eq \"<group_name>\"",
    "/Groups?filter=members.value eq \"<user_id>\"",
    "/Devices?filter=id eq \"<device_id>\"",
    "/Devices?filter=serial eq \"<device_serial>\"",
];

async fn send(
    world: &World,
    call: (&str, &str),
    token: &str,
    body: &Value,
    tenant: &Tenant,
) -> Answer {
    let body = Value::is_object(body)
        .then(|| serde_json::from_str(&fill(&body.to_string(), tenant)).unwrap());
    let body = body.filter(|body: &Value| *body != json!({}));
    world
        .gateway
        .scim((call.0, &fill(call.1, tenant)), token, body)
        .await
}

fn path_of(template: &str) -> String {
    let id = if template.contains("/Users") {
        "<user_id>"
    } else if template.contains("{endpoint}") {
        "<device_id>"
    } else {
        "<group_id>"
    };
    template
        .replace("{scim_connection_id}", "<scim_connection_id>")
        .replace("{endpoint}", "Devices")
        .replace("{id}", id)
}

#[actix_web::test]
async fn resources_of_another_connection_are_as_good_as_missing() {
    let mut world = World::furnish().await;
    let missing = world.own.missing();
    let token = world.own.get("scim_token").to_owned();
    let before = world.others();
    for route in every_route::directory() {
        let path = path_of(&route.path);
        for body in bodies(&route.method, &path) {
            for name in ["user_id", "group_id", "device_id"] {
                if !format!("{path}{body}").contains(&format!("<{name}>")) {
                    continue;
                }
                let call = (route.method.as_str(), path.as_str());
                let untouched = world.rows.of_tenant(&world.own);
                let absent = world.own.with(name, missing.get(name));
                let expected = send(&world, call, &token, &body, &absent).await;
                let expected = told(&expected, &[&absent]);
                let is_told_inside = route.method == "PATCH" || path.ends_with("/Bulk");
                assert!(
                    is_told_inside || expected.0 >= 400,
                    "{call:?}: {expected:?}"
                );
                for other in [&world.neighbour, &world.stranger] {
                    let foreign = world.own.with(name, other.get(name));
                    let answer = send(&world, call, &token, &body, &foreign).await;
                    assert_eq!(told(&answer, &[&foreign]), expected, "{call:?} {name}");
                }
                assert_eq!(
                    world.rows.of_tenant(&world.own),
                    untouched,
                    "{call:?} {name}"
                );
            }
        }
    }
    for query in QUERIES {
        let path = format!("/v1/b2b/scim/<scim_connection_id>{query}");
        let found = send(&world, ("GET", &path), &token, &Value::Null, &world.own).await;
        assert_eq!(found.body["totalResults"], 1, "{query}: {}", found.text);
        for other in [&world.neighbour, &world.stranger] {
            let connection = world.own.get("scim_connection_id");
            let foreign = other.with("scim_connection_id", connection);
            let found = send(&world, ("GET", &path), &token, &Value::Null, &foreign).await;
            assert_eq!(found.body["totalResults"], 0, "{query}: {}", found.text);
        }
    }
    assert_eq!(world.others(), before);
}

#[actix_web::test]
async fn a_token_of_another_connection_is_as_good_as_none() {
    let mut world = World::furnish().await;
    let untouched = (world.rows.of_tenant(&world.own), world.others());
    for route in every_route::directory() {
        let path = path_of(&route.path);
        for body in bodies(&route.method, &path) {
            let call = (route.method.as_str(), path.as_str());
            let wrong = send(&world, call, "wrong", &body, &world.own).await;
            let expected = told(&wrong, &[&world.own]);
            assert_eq!(expected.0, 401, "{call:?}");
            for other in [&world.neighbour, &world.stranger] {
                for token in [other.get("scim_token"), other.get("session_token")] {
                    let answer = send(&world, call, token, &body, &world.own).await;
                    assert_eq!(told(&answer, &[&world.own]), expected, "{call:?}");
                }
            }
        }
    }
    // The installation serves one project, whatever else the database knows.
    let token = world.stranger.get("scim_token");
    let call = ("GET", "/v1/b2b/scim/<scim_connection_id>/Users");
    let answer = send(&world, call, token, &Value::Null, &world.stranger).await;
    assert_eq!(answer.status, 401, "{}", answer.text);
    assert_eq!(
        (world.rows.of_tenant(&world.own), world.others()),
        untouched
    );
}
