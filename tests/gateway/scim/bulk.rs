use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::ENTERPRISE;
use crate::scim::directory::PATCH_OP;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

async fn send(directory: &Directory<'_>, operations: Value) -> Answer {
    let body = json!({ "schemas": [REQUEST], "Operations": operations });
    directory.post("/Bulk", body).await
}

/// The results of a bulk request that was done.
async fn bulk(directory: &Directory<'_>, operations: Value) -> Vec<Value> {
    let answer = send(directory, operations).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let urn = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
    assert_eq!(answer.body["schemas"], json!([urn]));
    answer.body["Operations"].as_array().unwrap().clone()
}

fn user(bulk_id: &str, user_name: &str) -> Value {
    let data = json!({ "userName": user_name });
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
}

fn statuses(results: &[Value]) -> Vec<&str> {
    let statuses = results.iter().map(|result| result["status"].as_str());
    statuses.map(Option::unwrap).collect()
}

/// The id at the end of a result's location.
fn id(result: &Value) -> String {
    let location = text(&result["location"]);
    location.rsplit('/').next().unwrap().to_owned()
}

#[actix_web::test]
async fn a_group_may_come_before_those_who_are_in_it() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let known = directory.journal().await.len();
    let member = json!({ "value": "bulkId:ana" });
    let staff = json!({ "displayName": "Staff", "members": [member] });
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": "bulkId:ben" }] }]);
    let drop = json!([{ "op": "remove", "path": "members[value eq \"bulkId:ana\"]" }]);
    let results = bulk(
        &directory,
        json!([
            { "method": "POST", "path": "/Groups", "bulkId": "staff", "data": staff },
            user("ana", "ana@acme.test"),
            { "method": "PATCH", "path": "/Groups/bulkId:staff", "data": add },
            user("ben", "ben@acme.test"),
            {
                "method": "PATCH",
                "path": "/Groups/bulkId:staff",
                "data": { "schemas": [PATCH_OP], "Operations": drop },
            },
        ]),
    )
    .await;
    assert_eq!(statuses(&results), ["201", "201", "200", "201", "200"]);
    let base = format!("{}{}", gateway.base_url, directory.base);
    let staff = id(&results[0]);
    let expected = json!({
        "method": "POST",
        "bulkId": "staff",
        "version": "W/\"1\"",
        "location": format!("{base}/Groups/{staff}"),
        "status": "201",
    });
    assert_eq!(results[0], expected);
    let location = format!("{base}/Groups/{staff}");
    let last = json!({
        "method": "PATCH", "version": "W/\"3\"", "location": location, "status": "200",
    });
    assert_eq!(results[4], last);
    let group = directory.get(&format!("/Groups/{staff}")).await.body;
    assert_eq!(ids(&group["members"], "value"), [id(&results[3])]);
    assert_eq!(directory.member("ben@acme.test").await["status"], "active");
    let events = directory.events_since(known).await;
    let users: Vec<&String> = events.iter().filter(|kind| kind.contains("user")).collect();
    let groups: Vec<&String> = events
        .iter()
        .filter(|kind| kind.contains("group"))
        .collect();
    assert_eq!((users.len(), groups.len()), (2, 3), "{events:?}");
}

#[actix_web::test]
async fn what_is_refused_leaves_nothing_and_the_rest_stays() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana").await;
    let stranger = Directory::start(&gateway).await.user("eve").await;
    let path = format!("/Users/{ana}");
    let foreign = format!("/Users/{stranger}");
    let half = json!({ "displayName": "Half", "members": [{ "value": stranger }] });
    let patch = json!([
        { "op": "replace", "path": "title", "value": "x" },
        { "op": "replace", "path": "userName", "value": "" },
    ]);
    let results = bulk(
        &directory,
        json!([
            user("a", "ben"),
            user("b", "BEN"),
            { "method": "POST", "path": "/Groups", "bulkId": "g", "data": half },
            { "method": "PATCH", "path": path, "data": patch },
            { "method": "PUT", "path": foreign, "data": { "userName": "mine" } },
            { "method": "DELETE", "path": foreign },
            { "method": "GET", "path": path },
            { "method": "POST", "path": "/Users", "data": { "userName": "nameless" } },
            { "method": "POST", "path": "/Bulk", "bulkId": "n", "data": {} },
            { "method": "DELETE", "path": "/Devices/1" },
            { "method": "DELETE", "path": "/Users/bulkId:b" },
            { "method": "DELETE", "path": "/Users/bulkId:z" },
            user("c", "cleo"),
        ]),
    )
    .await;
    let expected = [
        "201", "409", "400", "400", "404", "404", "400", "400", "400", "400", "400", "400", "201",
    ];
    assert_eq!(statuses(&results), expected, "{results:?}");
    for result in results.iter().filter(|result| result["status"] != "201") {
        let error = &result["response"];
        assert_eq!(error["status"], result["status"]);
        let urn = "urn:ietf:params:scim:api:messages:2.0:Error";
        assert_eq!(error["schemas"], json!([urn]));
        assert!(text(&error["detail"]).len() > 10);
    }
    assert_eq!(results[1]["response"]["scimType"], "uniqueness");
    assert_eq!(results[1]["bulkId"], "b");
    assert_eq!(results[1].get("location"), None);
    let address = format!("{}{}{path}", gateway.base_url, directory.base);
    assert_eq!(results[3]["location"], address);
    assert_eq!(directory.get("/Groups").await.body["totalResults"], 0);
    assert_eq!(directory.get(&path).await.body.get("title"), None);
    let users = directory.get("/Users").await.body;
    assert_eq!(ids(&users["Resources"], "userName"), ["ana", "ben", "cleo"]);
}

#[actix_web::test]
async fn so_many_errors_and_no_more() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let operations = json!([
        user("a", "ana"),
        { "method": "DELETE", "path": "/Users/1" },
        user("b", "ben"),
        { "method": "DELETE", "path": "/Users/2" },
        user("c", "cleo"),
    ]);
    for (limit, done) in [
        (json!(1), 2),
        (json!(2), 4),
        (json!(3), 5),
        (json!(null), 5),
    ] {
        let body = json!({
            "schemas": [REQUEST], "failOnErrors": limit, "Operations": operations,
        });
        let directory = Directory::start(&gateway).await;
        let answer = directory.post("/Bulk", body).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.body["Operations"].as_array().unwrap().len(),
            done,
            "{limit}"
        );
        let users = directory.get("/Users").await.body;
        assert_eq!(users["totalResults"], done.div_ceil(2), "{limit}");
    }
    assert_eq!(directory.get("/Users").await.body["totalResults"], 0);
}

fn managed(bulk_id: &str, manager: &str) -> Value {
    let manager = json!({ "value": format!("bulkId:{manager}") });
    let data = json!({
        "userName": format!("{bulk_id}@acme.test"),
        ENTERPRISE: { "department": "R&D", "manager": manager },
    });
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
}

#[actix_web::test]
async fn resources_may_refer_to_each_other() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let operations = json!([
        managed("ana", "ben"),
        managed("ben", "ana"),
        managed("me", "me")
    ]);
    let results = bulk(&directory, operations).await;
    assert_eq!(statuses(&results), ["201", "201", "201"]);
    for (user, manager) in [(0, 1), (1, 0), (2, 2)] {
        let path = format!("/Users/{}", id(&results[user]));
        let found = directory.get(&path).await;
        let extension = &found.body[ENTERPRISE];
        assert_eq!(extension["manager"]["value"], id(&results[manager]));
        assert_eq!(extension["department"], "R&D");
        assert_eq!(found.headers["etag"], text(&results[user]["version"]));
    }
}

#[actix_web::test]
async fn a_circle_with_a_fault_is_undone_as_a_whole() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    directory.user("ben@acme.test").await;
    let operations = json!([
        managed("ana", "ben"),
        managed("ben", "ana"),
        user("other", "other"),
        managed("late", "ana"),
    ]);
    let results = bulk(&directory, operations).await;
    assert_eq!(statuses(&results), ["409", "409", "201", "400"]);
    assert_eq!(results[0]["response"].get("scimType"), None);
    assert_eq!(results[1]["response"]["scimType"], "uniqueness");
    assert_eq!(results[3]["response"]["scimType"], "invalidValue");
    let users = directory.get("/Users").await.body;
    let names = ids(&users["Resources"], "userName");
    assert_eq!(names, ["ben@acme.test", "other"]);
    assert!(directory.member("ana@acme.test").await.is_null());
}

#[actix_web::test]
async fn groups_that_would_hold_each_other_are_refused_together() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let holding = |bulk_id: &str, member: &str| {
        let member = json!({ "value": format!("bulkId:{member}"), "type": "Group" });
        let data = json!({ "displayName": bulk_id, "members": [member] });
        json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data })
    };
    let inner = json!({
        "method": "POST", "path": "/Groups", "bulkId": "c", "data": { "displayName": "c" },
    });
    let operations = json!([
        holding("a", "b"),
        holding("b", "a"),
        holding("d", "c"),
        inner
    ]);
    let results = bulk(&directory, operations).await;
    assert_eq!(statuses(&results), ["400", "409", "201", "201"]);
    let groups = directory.get("/Groups?sortBy=displayName").await.body;
    let mut names = ids(&groups["Resources"], "displayName");
    names.sort_unstable();
    assert_eq!(names, ["c", "d"]);
}

#[actix_web::test]
async fn a_version_must_be_the_present_one() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let path = format!("/Users/{}", directory.user("ana").await);
    let put = |version: &str, title: &str| {
        let data = json!({ "userName": "ana", "title": title });
        json!({ "method": "PUT", "path": path, "version": version, "data": data })
    };
    let rename = json!([{ "op": "replace", "path": "title", "value": "x" }]);
    let operations = json!([
        put("W/\"1\"", "one"),
        put("W/\"1\"", "two"),
        put("W/\"2\"", "three"),
        { "method": "DELETE", "path": path, "version": "W/\"7\"" },
        { "method": "PATCH", "path": "/Users/1", "version": "W/\"1\"", "data": rename },
    ]);
    let results = bulk(&directory, operations).await;
    assert_eq!(statuses(&results), ["200", "412", "200", "412", "404"]);
    assert_eq!(results[2]["version"], "W/\"3\"");
    assert_eq!(directory.get(&path).await.body["title"], "three");
}

#[actix_web::test]
async fn what_is_too_much_is_refused_at_once() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let users = |count: usize| {
        let users = (0..count).map(|number| user(&number.to_string(), &format!("user{number}")));
        users.collect::<Vec<Value>>()
    };
    let over = send(&directory, json!(users(201))).await;
    assert_eq!((over.status, &over.body["status"]), (413, &json!("413")));
    let empty = vec![json!(0); 1_000_000];
    assert_eq!(send(&directory, json!(empty)).await.status, 413);
    let large = json!([{ "x": "x".repeat(4_194_304) }]);
    let large = send(&directory, large).await;
    assert_eq!(large.status, 413);
    assert!(text(&large.body["detail"]).contains("4194304"));
    assert_eq!(directory.get("/Users").await.body["totalResults"], 0);
    let twice = send(&directory, json!([user("a", "ana"), user("a", "ben")])).await;
    assert_eq!(
        (twice.status, &twice.body["scimType"]),
        (400, &json!("invalidValue"))
    );
    let bare = directory
        .post("/Bulk", json!({ "Operations": users(1) }))
        .await;
    assert_eq!(
        (bare.status, &bare.body["scimType"]),
        (400, &json!("invalidSyntax"))
    );
    let most = bulk(&directory, json!(users(200))).await;
    assert!(statuses(&most).iter().all(|status| *status == "201"));
    let config = directory.get("/ServiceProviderConfig").await.body;
    let offered = json!({ "supported": true, "maxOperations": 200, "maxPayloadSize": 4_194_304 });
    assert_eq!(config["bulk"], offered);
}

#[actix_web::test]
async fn a_bulk_request_needs_the_token_of_its_connection() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let other = Directory::start(&gateway).await;
    let path = format!("{}/Bulk", directory.base);
    let body = json!({ "schemas": [REQUEST], "Operations": [user("a", "ana")] });
    let answer = gateway
        .scim(("POST", &path), &other.token, Some(body))
        .await;
    assert_eq!(answer.status, 401);
    assert_eq!(directory.get("/Users").await.body["totalResults"], 0);
}

#[actix_web::test]
async fn bulk_requests_at_the_same_time_do_not_tear_each_other() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let operations = json!([user("a", "ana"), user("b", "ben"), user("c", "cleo")]);
    let push = || bulk(&directory, operations.clone());
    let (a, b, c, d) = tokio::join!(push(), push(), push(), push());
    let mut made = 0;
    for results in [a, b, c, d] {
        let statuses = statuses(&results);
        made += statuses.iter().filter(|status| **status == "201").count();
        let told = statuses
            .iter()
            .all(|status| ["201", "409"].contains(status));
        assert!(told, "{statuses:?}");
    }
    assert_eq!(made, 3);
    assert_eq!(directory.get("/Users").await.body["totalResults"], 3);
}

#[actix_web::test]
async fn resources_that_a_connection_declares_are_done_too() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let urn = "urn:example:2.0:Device";
    let attributes = json!([{ "name": "serial", "required": true }, { "name": "owner" }]);
    let kind = json!({ "name": "Device", "endpoint": "/Devices", "schema": urn });
    let declared = directory
        .declare(json!({
            "schemas": [{ "id": urn, "attributes": attributes }],
            "resource_types": [kind],
        }))
        .await;
    assert_eq!(declared.status, 200, "{}", declared.text);
    let data = json!({ "serial": "S1", "owner": "bulkId:ana" });
    let rename = json!([{ "op": "replace", "path": "serial", "value": "S2" }]);
    let whole = json!({ "serial": "S3" });
    let device = "/Devices/bulkId:d";
    let operations = json!([
        { "method": "POST", "path": "/Devices", "bulkId": "d", "data": data },
        user("ana", "ana"),
        { "method": "PATCH", "path": device, "data": rename },
        { "method": "PUT", "path": device, "version": "W/\"1\"", "data": whole },
        { "method": "DELETE", "path": "/Devices/1" },
    ]);
    let results = bulk(&directory, operations).await;
    assert_eq!(statuses(&results), ["201", "201", "200", "412", "404"]);
    let found = directory
        .get(&format!("/Devices/{}", id(&results[0])))
        .await
        .body;
    assert_eq!(
        (&found["serial"], &found["owner"]),
        (&json!("S2"), &json!(id(&results[1])))
    );
    let drop = json!({ "method": "DELETE", "path": format!("/Devices/{}", id(&results[0])) });
    assert_eq!(statuses(&bulk(&directory, json!([drop])).await), ["204"]);
    assert_eq!(directory.get("/Devices").await.body["totalResults"], 0);
}

/// Each of these reads the whole Group, so they are counted over all operations.
#[actix_web::test]
async fn a_group_is_not_gone_through_again_and_again() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let group = directory.group("Staff", &[]).await;
    let scans: Vec<Value> = (0..6)
        .map(|_| json!({ "op": "remove", "path": "members[display eq \"x\"]" }))
        .collect();
    let data = json!({ "schemas": [PATCH_OP], "Operations": scans });
    let operation = json!({ "method": "PATCH", "path": format!("/Groups/{group}"), "data": data });
    let results = bulk(&directory, json!([operation, operation, operation])).await;
    assert_eq!(statuses(&results), ["200", "400", "400"], "{results:?}");
}
