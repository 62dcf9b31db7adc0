//! What a connection declares of its own: extensions of User and Group, told, kept and enforced.

use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::PATCH_OP;
use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;

pub const BADGE: &str = "urn:ietf:params:scim:schemas:extension:acme:2.0:Badge";

/// An extension with an attribute of every characteristic.
pub fn badge() -> Value {
    json!({
        "id": BADGE,
        "name": "Badge",
        "attributes": [
            { "name": "number", "required": true, "caseExact": true, "uniqueness": "server" },
            { "name": "issued", "type": "dateTime", "mutability": "immutable" },
            { "name": "printed", "type": "boolean", "mutability": "readOnly" },
            { "name": "pin", "mutability": "writeOnly" },
            { "name": "note", "returned": "request" },
            { "name": "secret", "returned": "never" },
            { "name": "level", "type": "integer", "returned": "always" },
            { "name": "color", "canonicalValues": ["red", "green"] },
            { "name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
                { "name": "value", "required": true },
                { "name": "primary", "type": "boolean" },
            ] },
        ],
    })
}

pub fn of_users(required: bool) -> Value {
    let extension = json!({ "schema": BADGE, "required": required });
    json!({
        "schemas": [badge()],
        "resource_types": [{ "name": "User", "schemaExtensions": [extension] }],
    })
}

impl Directory<'_> {
    pub fn schemas_path(&self) -> String {
        let (organization, connection) = (&self.organization_id, &self.connection_id);
        format!("/v1/b2b/scim/{organization}/connection/{connection}/schemas")
    }

    pub async fn declare(&self, documents: Value) -> Answer {
        let path = self.schemas_path();
        self.gateway.call("PUT", &path, Some(documents)).await
    }
}

async fn with_badges(gateway: &TestGateway) -> Directory<'_> {
    let directory = Directory::start(gateway).await;
    let declared = directory.declare(of_users(false)).await;
    assert_eq!(declared.status, 200, "{}", declared.text);
    directory
}

fn user(name: &str, badge: Value) -> Value {
    json!({ "userName": name, BADGE: badge })
}

#[actix_web::test]
async fn what_a_connection_declares_is_completed_and_read_back() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let path = directory.schemas_path();
    let nothing = gateway.get(&path).await.body;
    assert_eq!(
        (&nothing["schemas"], &nothing["resource_types"]),
        (&json!([]), &json!([]))
    );
    let known = directory.journal().await.len();
    let declared = directory.declare(of_users(false)).await.body;
    let number = &declared["schemas"][0]["attributes"][0];
    assert_eq!(
        (&number["type"], &number["mutability"]),
        (&json!("string"), &json!("readWrite"))
    );
    assert_eq!(declared["resource_types"][0]["endpoint"], "/Users");
    let read = gateway.get(&path).await.body;
    assert_eq!(read["schemas"], declared["schemas"]);
    let again = json!({
        "schemas": read["schemas"], "resource_types": read["resource_types"],
    });
    assert_eq!(
        directory.declare(again).await.body["schemas"],
        declared["schemas"]
    );
    let events = directory.events_since(known).await;
    assert_eq!(events, ["connection.updated", "scim_schemas.updated"]);
}

#[actix_web::test]
async fn what_cannot_be_declared_is_refused_by_field_and_changes_nothing() {
    let gateway = TestGateway::start().await;
    let directory = with_badges(&gateway).await;
    let before = gateway.get(&directory.schemas_path()).await.body["schemas"].clone();
    let mut wrong = of_users(false);
    wrong["schemas"][0]["attributes"][1]["type"] = json!("date");
    let refused = directory.declare(wrong).await;
    assert_eq!(
        (refused.status, &refused.body["error_type"]),
        (400, &json!("invalid_scim_schemas"))
    );
    let message = text(&refused.body["error_message"]);
    assert!(
        message.starts_with("`schemas[0].attributes[1].type` must be one of"),
        "{message}"
    );
    let after = gateway.get(&directory.schemas_path()).await.body["schemas"].clone();
    assert_eq!(after, before);
}

#[actix_web::test]
async fn a_member_declares_schemas_with_the_right_to_update_the_connection() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let path = directory.schemas_path();
    for (action, role, status) in [("get", "looker", 403), ("update", "shaper", 200)] {
        gateway.declare_role(role, &[("stytch.scim", action)]).await;
        let organization = &directory.organization_id;
        let session = gateway.member_session(organization, &[role]).await;
        let body = Some(of_users(false));
        let answer = gateway.call_as(&session, ("PUT", &path), body).await;
        assert_eq!(answer.status, status, "{action}: {}", answer.text);
        let read = gateway.call_as(&session, ("GET", &path), None).await;
        let status = if action == "get" { 200 } else { 403 };
        assert_eq!(read.status, status, "{action}: {}", read.text);
    }
}

#[actix_web::test]
async fn discovery_shows_them_to_the_connections_own_client_alone() {
    let gateway = TestGateway::start().await;
    let directory = with_badges(&gateway).await;
    let own = directory.get("/ResourceTypes/User").await.body;
    let extension = json!({ "schema": BADGE, "required": false });
    assert!(
        own["schemaExtensions"]
            .as_array()
            .unwrap()
            .contains(&extension),
        "{own}"
    );
    assert_eq!(directory.get("/Schemas").await.body["totalResults"], 7);
    let badge = directory.get(&format!("/Schemas/{BADGE}")).await;
    assert_eq!((badge.status, &badge.body["name"]), (200, &json!("Badge")));
    for token in ["", "wrong"] {
        let get = async |path: &str| {
            let path = format!("{}{path}", directory.base);
            gateway.scim(("GET", &path), token, None).await
        };
        assert_eq!(get("/Schemas").await.body["totalResults"], 6);
        assert_eq!(get(&format!("/Schemas/{BADGE}")).await.status, 404);
        assert!(!get("/ResourceTypes").await.text.contains("acme"));
    }
}

#[actix_web::test]
async fn extension_data_is_kept_under_its_urn_and_found_by_it() {
    let gateway = TestGateway::start().await;
    let directory = with_badges(&gateway).await;
    let body = user(
        "ana@acme.test",
        json!({ "NUMBER": "A1", "color": "violet", "shoeSize": 5 }),
    );
    let ana = directory.post("/Users", body).await;
    assert_eq!(ana.status, 201, "{}", ana.text);
    assert_eq!(
        ana.body[BADGE],
        json!({ "number": "A1", "color": "violet" })
    );
    assert!(
        ana.body["schemas"]
            .as_array()
            .unwrap()
            .contains(&json!(BADGE))
    );
    let ben = directory
        .post("/Users", json!({ "userName": "ben@acme.test" }))
        .await;
    assert_eq!(ben.body["schemas"].as_array().unwrap().len(), 1);
    for (filter, total) in [
        (format!("{BADGE}:number eq \"A1\""), 1),
        (format!("{BADGE}:number eq \"a1\""), 0),
        (format!("{}:Color sw \"VIO\"", BADGE.to_uppercase()), 1),
        (format!("{BADGE}:color pr"), 1),
        (format!("not ({BADGE}:color pr)"), 1),
    ] {
        let path = format!(
            "/Users?filter={}",
            filter.replace('"', "%22").replace(' ', "%20")
        );
        let found = directory.get(&path).await;
        assert_eq!(
            found.body["totalResults"], total,
            "{filter}: {}",
            found.text
        );
    }
    let path = format!("/Users/{}", text(&ana.body["id"]));
    let chosen = directory
        .get(&format!("{path}?attributes={BADGE}:color"))
        .await
        .body;
    assert_eq!(chosen[BADGE], json!({ "color": "violet" }));
    assert_eq!(chosen["userName"], json!(null));
    let rest = directory
        .get(&format!("{path}?excludedAttributes={BADGE}"))
        .await
        .body;
    assert_eq!(rest[BADGE], json!(null));
    assert_eq!(rest["userName"], "ana@acme.test");
}

#[actix_web::test]
async fn extension_data_is_patched_by_qualified_paths() {
    let gateway = TestGateway::start().await;
    let directory = with_badges(&gateway).await;
    let ana = directory
        .post("/Users", json!({ "userName": "ana@acme.test" }))
        .await;
    let path = format!("/Users/{}", text(&ana.body["id"]));
    for (operation, expected) in [
        (
            json!({ "op": "add", "path": BADGE, "value": { "number": "1" } }),
            json!({ "number": "1" }),
        ),
        (
            json!({ "op": "replace", "value": { format!("{BADGE}:level"): 3 } }),
            json!({ "number": "1", "level": 3 }),
        ),
        (
            json!({ "op": "add", "path": format!("{BADGE}:doors"), "value": [{ "value": "a" }] }),
            json!({ "number": "1", "level": 3, "doors": [{ "value": "a" }] }),
        ),
        (
            json!({ "op": "remove", "path": format!("{BADGE}:doors[value eq \"A\"]") }),
            json!({ "number": "1", "level": 3 }),
        ),
    ] {
        let patched = directory.patch(&path, json!([operation])).await;
        assert_eq!(
            patched.body[BADGE], expected,
            "{operation}: {}",
            patched.text
        );
    }
    let unknown = json!([{ "op": "add", "path": format!("{BADGE}:shape"), "value": "round" }]);
    let refused = directory.patch(&path, unknown).await;
    assert_eq!(
        (refused.status, &refused.body["scimType"]),
        (400, &json!("invalidPath"))
    );
}

#[actix_web::test]
async fn characteristics_are_enforced_as_they_are_declared() {
    let gateway = TestGateway::start().await;
    let directory = with_badges(&gateway).await;
    let (first, later) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let badge = json!({ "number": "1", "issued": first, "printed": true, "pin": "0000",
        "note": "n", "secret": "s", "level": 1 });
    let made = directory.post("/Users", user("ana@acme.test", badge)).await;
    assert_eq!(
        made.body[BADGE],
        json!({ "number": "1", "issued": first, "level": 1 })
    );
    let path = format!("/Users/{}", text(&made.body["id"]));
    let attributes = format!("{BADGE}:note,{BADGE}:secret,{BADGE}:pin,{BADGE}:printed");
    let asked = directory
        .get(&format!("{path}?attributes={attributes}"))
        .await
        .body;
    assert_eq!(asked[BADGE], json!({ "note": "n", "level": 1 }));
    let set = |name: &str, value: Value| json!([{ "op": "replace", "path": format!("{BADGE}:{name}"), "value": value }]);
    for (operations, scim_type) in [
        (set("issued", json!(later)), "mutability"),
        (set("printed", json!(true)), "mutability"),
        (set("issued", json!("yesterday")), "invalidValue"),
        (set("level", json!("high")), "invalidValue"),
        (set("doors", json!([{ "primary": true }])), "invalidValue"),
        (
            json!([{ "op": "remove", "path": format!("{BADGE}:number") }]),
            "mutability",
        ),
    ] {
        let refused = directory.patch(&path, operations.clone()).await;
        let told = (refused.status, &refused.body["scimType"]);
        assert_eq!(
            told,
            (400, &json!(scim_type)),
            "{operations}: {}",
            refused.text
        );
    }
    let replaced = user("ana@acme.test", json!({ "number": "1", "issued": later }));
    assert_eq!(
        directory.put(&path, replaced).await.body["scimType"],
        "mutability"
    );
    let blank = user("ben@acme.test", json!({ "number": " " }));
    assert_eq!(
        directory.post("/Users", blank).await.body["scimType"],
        "invalidValue"
    );
    for name in ["secret", "pin"] {
        let path = format!("/Users?filter={BADGE}:{name}%20eq%20%22s%22");
        assert_eq!(directory.get(&path).await.body["scimType"], "invalidFilter");
    }
}

#[actix_web::test]
async fn what_no_response_shows_is_not_in_the_journal_either() {
    let gateway = TestGateway::start().await;
    let directory = with_badges(&gateway).await;
    let badge = json!({ "number": "1", "secret": "hush-hush" });
    let made = directory.post("/Users", user("ana@acme.test", badge)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let told = serde_json::to_string(&directory.journal().await).unwrap();
    assert!(told.contains("scim_user.created") && told.contains(BADGE));
    assert!(!told.contains("hush-hush"));
}

#[actix_web::test]
async fn unique_values_belong_to_one_user_until_it_gives_them_up() {
    let gateway = TestGateway::start().await;
    let directory = with_badges(&gateway).await;
    let badge = |number: &str| json!({ "number": number });
    let ana = directory
        .post("/Users", user("ana@acme.test", badge("A1")))
        .await;
    let ben = directory
        .post("/Users", user("ben@acme.test", badge("B1")))
        .await;
    let path = |answer: &Answer| format!("/Users/{}", text(&answer.body["id"]));
    let taken = directory
        .post("/Users", user("cem@acme.test", badge("A1")))
        .await;
    assert_eq!(
        (taken.status, &taken.body["scimType"]),
        (409, &json!("uniqueness"))
    );
    assert!(
        taken.text.contains(ana.body["id"].as_str().unwrap()),
        "{}",
        taken.text
    );
    let taken = directory
        .put(&path(&ben), user("ben@acme.test", badge("A1")))
        .await;
    assert_eq!(taken.status, 409, "{}", taken.text);
    let set = json!([{ "op": "replace", "path": format!("{BADGE}:number"), "value": "A1" }]);
    assert_eq!(directory.patch(&path(&ben), set.clone()).await.status, 409);
    // The attribute tells upper and lower case apart, and one's own value is free to oneself.
    assert_eq!(
        directory
            .post("/Users", user("dan@acme.test", badge("a1")))
            .await
            .status,
        201
    );
    assert_eq!(directory.patch(&path(&ana), set.clone()).await.status, 200);
    assert_eq!(
        directory
            .put(&path(&ana), user("ana@acme.test", badge("A2")))
            .await
            .status,
        200
    );
    assert_eq!(directory.patch(&path(&ben), set).await.status, 200);
    assert_eq!(directory.delete(&path(&ben)).await.status, 204);
    assert_eq!(
        directory
            .post("/Users", user("cem@acme.test", badge("A1")))
            .await
            .status,
        201
    );
    let other = with_badges(&gateway).await;
    let elsewhere = other
        .post("/Users", user("eve@acme.test", badge("A1")))
        .await;
    assert_eq!(elsewhere.status, 201, "{}", elsewhere.text);
}

#[actix_web::test]
async fn a_required_extension_is_demanded_of_each_new_state_but_not_of_small_changes() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let old = directory.user("old@acme.test").await;
    assert_eq!(directory.declare(of_users(true)).await.status, 200);
    let described = directory.get("/ResourceTypes/User").await.body;
    let extension = json!({ "schema": BADGE, "required": true });
    assert!(
        described["schemaExtensions"]
            .as_array()
            .unwrap()
            .contains(&extension)
    );
    let without = json!({ "userName": "ana@acme.test" });
    let refused = directory.post("/Users", without.clone()).await;
    assert_eq!(
        (refused.status, &refused.body["scimType"]),
        (400, &json!("invalidValue"))
    );
    assert!(
        refused.body["detail"].as_str().unwrap().contains(BADGE),
        "{}",
        refused.text
    );
    let path = format!("/Users/{old}");
    assert_eq!(
        directory
            .put(&path, json!({ "userName": "old@acme.test" }))
            .await
            .status,
        400
    );
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    assert_eq!(directory.patch(&path, off).await.status, 200);
    let with = user("ana@acme.test", json!({ "number": "1" }));
    let ana = directory.post("/Users", with).await;
    let path = format!("/Users/{}", text(&ana.body["id"]));
    let gone = json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "remove", "path": BADGE }] });
    assert_eq!(directory.call("PATCH", &path, Some(gone)).await.status, 400);
}

#[actix_web::test]
async fn a_schema_in_use_grows_and_does_not_shrink() {
    let gateway = TestGateway::start().await;
    let directory = with_badges(&gateway).await;
    let nothing = json!({ "schemas": [], "resource_types": [] });
    let made = directory
        .post("/Users", user("ana@acme.test", json!({ "number": "1" })))
        .await;
    let refused = directory.declare(nothing.clone()).await;
    assert_eq!(
        (refused.status, &refused.body["error_type"]),
        (400, &json!("scim_schemas_in_use"))
    );
    let mut grown = of_users(false);
    let more = json!({ "name": "shape", "description": "Its form." });
    grown["schemas"][0]["attributes"]
        .as_array_mut()
        .unwrap()
        .push(more);
    assert_eq!(directory.declare(grown).await.status, 200);
    let path = format!("/Users/{}", text(&made.body["id"]));
    let shape = json!([{ "op": "add", "path": format!("{BADGE}:shape"), "value": "round" }]);
    let patched = directory.patch(&path, shape).await;
    assert_eq!(
        patched.body[BADGE],
        json!({ "number": "1", "shape": "round" })
    );
    let cleared = json!([{ "op": "remove", "path": BADGE }]);
    let refused = directory.patch(&path, cleared).await;
    assert_eq!(
        refused.status, 400,
        "number is required while there is a badge: {}",
        refused.text
    );
    assert_eq!(
        directory
            .put(&path, json!({ "userName": "ana@acme.test" }))
            .await
            .status,
        200
    );
    assert_eq!(directory.declare(nothing).await.status, 200);
    assert_eq!(directory.get("/Schemas").await.body["totalResults"], 6);
}

#[actix_web::test]
async fn groups_are_extended_as_users_are() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let documents = json!({
        "schemas": [badge()],
        "resource_types": [{ "name": "Group", "schemaExtensions": [{ "schema": BADGE }] }],
    });
    assert_eq!(directory.declare(documents).await.status, 200);
    let group = |name: &str| json!({ "displayName": name, BADGE: { "number": "1" } });
    let made = directory.post("/Groups", group("staff")).await;
    assert_eq!(made.body[BADGE], json!({ "number": "1" }), "{}", made.text);
    assert_eq!(directory.post("/Groups", group("board")).await.status, 409);
    let path = format!("/Groups/{}", text(&made.body["id"]));
    assert_eq!(directory.delete(&path).await.status, 204);
    assert_eq!(directory.post("/Groups", group("board")).await.status, 201);
    let ana = directory
        .post("/Users", user("ana@acme.test", json!({ "number": "1" })))
        .await;
    assert_eq!(ana.body[BADGE], json!(null));
}
