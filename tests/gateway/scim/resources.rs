//! Resources of types that a connection declares, from creation to deletion.

use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::support::TestGateway;

const DEVICE: &str = "urn:example:2.0:Device";
const LEASE: &str = "urn:example:2.0:Lease";

fn devices() -> Value {
    json!({
        "schemas": [
            { "id": DEVICE, "attributes": [
                { "name": "serial", "required": true, "uniqueness": "server" },
                { "name": "model" },
                { "name": "active", "type": "boolean" },
                { "name": "weight", "type": "decimal" },
                { "name": "owner", "type": "complex", "subAttributes": [
                    { "name": "value" },
                    { "name": "$ref", "type": "reference", "referenceTypes": ["User"] },
                ] },
            ] },
            { "id": LEASE, "attributes": [{ "name": "until", "type": "dateTime" }] },
        ],
        "resource_types": [{
            "name": "Device", "description": "A thing that is lent.", "endpoint": "/Devices",
            "schema": DEVICE, "schemaExtensions": [{ "schema": LEASE, "required": false }],
        }],
    })
}

async fn lender(gateway: &TestGateway) -> Directory<'_> {
    let directory = Directory::start(gateway).await;
    let declared = directory.declare(devices()).await;
    assert_eq!(declared.status, 200, "{}", declared.text);
    directory
}

#[actix_web::test]
async fn a_resource_lives_like_a_user() {
    let gateway = TestGateway::start().await;
    let directory = lender(&gateway).await;
    let known = directory.journal().await.len();
    let body = json!({ "schemas": [DEVICE], "SERIAL": "S1", "externalId": "x", "id": "mine",
        "owner": { "value": "7" }, LEASE: { "until": "2026-12-31T00:00:00Z" }, "shoeSize": 5 });
    let made = directory.post("/Devices", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = text(&made.body["id"]);
    assert!(id.starts_with("scim-resource-test-"), "{id}");
    let location = format!("{}{}/Devices/{id}", gateway.base_url, directory.base);
    assert_eq!(made.headers["location"], location.as_str());
    assert_eq!(made.body["schemas"], json!([DEVICE, LEASE]));
    assert_eq!(made.body["meta"]["resourceType"], "Device");
    assert_eq!(made.body["meta"]["location"], location);
    assert_eq!(
        (&made.body["active"], &made.body["shoeSize"]),
        (&json!(null), &json!(null))
    );
    let path = format!("/Devices/{id}");
    assert_eq!(directory.get(&path).await.body, made.body);
    let replaced = directory
        .put(&path, json!({ "serial": "S1", "model": "M" }))
        .await;
    assert_eq!(
        (replaced.status, &replaced.body["owner"]),
        (200, &json!(null))
    );
    assert_eq!(replaced.body["schemas"], json!([DEVICE]));
    let same = directory
        .put(&path, json!({ "serial": "S1", "model": "M" }))
        .await;
    assert_eq!(same.body, replaced.body);
    let operations = json!([
        { "op": "add", "path": "owner.value", "value": "8" },
        { "op": "replace", "value": { "weight": 1.5, format!("{LEASE}:until"): null } },
    ]);
    let patched = directory.patch(&path, operations).await;
    assert_eq!(
        (&patched.body["owner"], &patched.body["weight"]),
        (&json!({ "value": "8" }), &json!(1.5))
    );
    assert_eq!(directory.delete(&path).await.status, 204);
    assert_eq!(directory.get(&path).await.status, 404);
    assert_eq!(directory.delete(&path).await.status, 404);
    assert_eq!(
        directory.events_since(known).await,
        [
            "scim_resource.created",
            "scim_resource.updated",
            "scim_resource.updated",
            "scim_resource.deleted",
        ]
    );
}

#[actix_web::test]
async fn resources_are_listed_filtered_and_paged() {
    let gateway = TestGateway::start().await;
    let directory = lender(&gateway).await;
    let empty = directory.get("/Devices").await.body;
    assert_eq!(
        (&empty["totalResults"], &empty["Resources"]),
        (&json!(0), &json!([]))
    );
    for number in 1..=5 {
        let body = json!({ "serial": format!("S{number}"), "externalId": format!("x{number}"),
            "active": number % 2 == 0, "weight": number });
        assert_eq!(directory.post("/Devices", body).await.status, 201);
    }
    let all = directory.get("/Devices").await.body;
    let known = ids(&all["Resources"], "id").join(" ");
    let first = ids(&all["Resources"], "id")[0].to_owned();
    let page = directory
        .get("/Devices?startIndex=2&count=2&attributes=serial")
        .await
        .body;
    assert_eq!(
        (&page["totalResults"], &page["itemsPerPage"]),
        (&json!(5), &json!(2))
    );
    assert_eq!(ids(&page["Resources"], "serial"), ["S2", "S3"]);
    assert_eq!(page["Resources"][0]["weight"], json!(null));
    for (filter, total) in [
        ("serial eq \"s3\"".to_owned(), 1),
        ("externalId eq \"x4\"".to_owned(), 1),
        (format!("id eq \"{first}\""), 1),
        ("id eq \"nobody\"".to_owned(), 0),
        ("weight gt 2 and active eq true".to_owned(), 1),
        (format!("{DEVICE}:serial pr and not (weight le 4)"), 1),
        ("meta.resourceType eq \"Device\"".to_owned(), 5),
    ] {
        let query = filter.replace('"', "%22").replace(' ', "%20");
        let found = directory.get(&format!("/Devices?filter={query}")).await;
        assert_eq!(
            found.body["totalResults"], total,
            "{filter}: {}",
            found.text
        );
    }
    let refused = directory.get("/Devices?filter=shoeSize%20eq%205").await;
    assert_eq!(
        (refused.status, &refused.body["scimType"]),
        (400, &json!("invalidFilter"))
    );
    let again = directory.get("/Devices").await.body;
    assert_eq!(ids(&again["Resources"], "id").join(" "), known);
}

#[actix_web::test]
async fn versions_guard_changes_of_resources() {
    let gateway = TestGateway::start().await;
    let directory = lender(&gateway).await;
    let made = directory.post("/Devices", json!({ "serial": "S1" })).await;
    let path = format!("{}/Devices/{}", directory.base, text(&made.body["id"]));
    let etag = made.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(made.body["meta"]["version"], etag);
    let send = async |method: &str, header: (&str, &str), body: Option<Value>| {
        let url = format!("{}{path}", gateway.base_url);
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = gateway
            .http
            .request(method, url)
            .bearer_auth(&directory.token);
        request = request.header(header.0, header.1);
        if let Some(body) = body {
            request = request.json(&body);
        }
        gateway.send(request).await
    };
    let body = Some(json!({ "serial": "S2" }));
    assert_eq!(
        send("GET", ("if-none-match", &etag), None).await.status,
        304
    );
    assert_eq!(
        send("PUT", ("if-match", "W/\"9\""), body.clone())
            .await
            .status,
        412
    );
    assert_eq!(send("PUT", ("if-match", &etag), body).await.status, 200);
    assert_eq!(send("DELETE", ("if-match", &etag), None).await.status, 412);
    assert_eq!(
        send("GET", ("if-none-match", &etag), None).await.status,
        200
    );
}

#[actix_web::test]
async fn what_a_resource_must_be_is_enforced() {
    let gateway = TestGateway::start().await;
    let directory = lender(&gateway).await;
    for (body, status, scim_type) in [
        (json!({}), 400, "invalidValue"),
        (json!({ "serial": " " }), 400, "invalidValue"),
        (
            json!({ "serial": "S1", "active": "often" }),
            400,
            "invalidValue",
        ),
        (
            json!({ "serial": "S1", LEASE: { "until": "soon" } }),
            400,
            "invalidValue",
        ),
        (
            json!({ "serial": "S1", "model": "\u{0}" }),
            400,
            "invalidValue",
        ),
        (
            json!({ "serial": "S1", "model": "x".repeat(70_000) }),
            400,
            "invalidValue",
        ),
        (
            json!({ "serial": "S1", "externalId": "x".repeat(513) }),
            400,
            "invalidValue",
        ),
    ] {
        let refused = directory.post("/Devices", body).await;
        let told = (refused.status, &refused.body["scimType"]);
        assert_eq!(told, (status, &json!(scim_type)), "{}", refused.text);
    }
    assert_eq!(
        directory
            .post("/Devices", json!({ "serial": "S1" }))
            .await
            .status,
        201
    );
    let taken = directory.post("/Devices", json!({ "serial": "s1" })).await;
    assert_eq!(
        (taken.status, &taken.body["scimType"]),
        (409, &json!("uniqueness"))
    );
    assert_eq!(directory.get("/Devices").await.body["totalResults"], 1);
}

#[actix_web::test]
async fn only_declared_addresses_are_served_and_only_to_the_client() {
    let gateway = TestGateway::start().await;
    let (lender, plain) = (lender(&gateway).await, Directory::start(&gateway).await);
    assert_eq!(plain.get("/Devices").await.status, 404);
    assert_eq!(
        plain
            .post("/Devices", json!({ "serial": "S1" }))
            .await
            .status,
        404
    );
    assert_eq!(plain.get("/ResourceTypes/Device").await.status, 404);
    assert_eq!(lender.get("/devices").await.status, 404);
    let refused = lender.put("/Devices", json!({})).await;
    assert_eq!(
        (refused.status, refused.headers["allow"].to_str().unwrap()),
        (405, "GET, POST")
    );
    assert_eq!(lender.post("/Devices/1", json!({})).await.status, 405);
    assert_eq!(lender.put("/Gadgets", json!({})).await.status, 404);
    assert_eq!(lender.get("/Devices/1").await.status, 404);
    for address in ["/Devices", "/Gadgets", "/Devices/1", "/Gadgets/1"] {
        let path = format!("{}{address}", lender.base);
        for token in [plain.token.as_str(), "wrong"] {
            for method in ["GET", "POST", "PUT"] {
                let answer = gateway.scim((method, &path), token, None).await;
                assert_eq!(answer.status, 401, "{method} {address}");
            }
        }
    }
    let listed = lender.get("/ResourceTypes").await.body;
    assert_eq!(
        ids(&listed["Resources"], "name"),
        ["User", "Group", "Device"]
    );
    let described = lender.get("/ResourceTypes/Device").await.body;
    assert_eq!(
        (&described["endpoint"], &described["schema"]),
        (&json!("/Devices"), &json!(DEVICE))
    );
}

#[actix_web::test]
async fn a_type_with_resources_stays_and_goes_with_its_connection() {
    let gateway = TestGateway::start().await;
    let directory = lender(&gateway).await;
    let made = directory.post("/Devices", json!({ "serial": "S1" })).await;
    let nothing = json!({});
    let refused = directory.declare(nothing.clone()).await;
    assert_eq!(
        (refused.status, &refused.body["error_type"]),
        (400, &json!("scim_schemas_in_use"))
    );
    let path = format!("/Devices/{}", text(&made.body["id"]));
    assert_eq!(directory.delete(&path).await.status, 204);
    assert_eq!(directory.declare(nothing).await.status, 200);
    assert_eq!(directory.get("/Devices").await.status, 404);
    assert_eq!(directory.declare(devices()).await.status, 200);
    assert_eq!(
        directory
            .post("/Devices", json!({ "serial": "S1" }))
            .await
            .status,
        201
    );
    let (organization, connection) = (&directory.organization_id, &directory.connection_id);
    let path = format!("/v1/b2b/scim/{organization}/connection/{connection}");
    assert_eq!(gateway.call("DELETE", &path, None).await.status, 200);
    let mut events = directory.journal().await.into_iter();
    let removed = events
        .find(|event| event.kind == "directory.removed")
        .unwrap();
    assert_eq!(removed.before.unwrap()["resources"], 1);
}

#[actix_web::test]
async fn bulk_requests_reach_them_and_refer_to_others() {
    let gateway = TestGateway::start().await;
    let directory = lender(&gateway).await;
    let device = |bulk_id: &str, data: Value| json!({ "method": "POST", "path": "/Devices", "bulkId": bulk_id, "data": data });
    let request = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            device("d1", json!({ "serial": "S1", "owner": { "value": "bulkId:u1" } })),
            device("d2", json!({ "serial": "s1" })),
            { "method": "POST", "path": "/Users", "bulkId": "u1",
                "data": { "userName": "ana@acme.test" } },
        ],
    });
    let done = directory.post("/Bulk", request).await;
    let operations = done.body["Operations"].as_array().unwrap();
    let of = |bulk_id: &str| {
        let mut operations = operations.iter();
        operations.find(|it| it["bulkId"] == bulk_id).unwrap()
    };
    let statuses = ["d1", "d2", "u1"].map(|bulk_id| text(&of(bulk_id)["status"]));
    assert_eq!(statuses, ["201", "409", "201"], "{}", done.text);
    let listed = directory.get("/Devices").await.body;
    assert_eq!(listed["totalResults"], 1);
    let owner = text(&listed["Resources"][0]["owner"]["value"]);
    assert!(
        text(&of("u1")["location"]).ends_with(&owner),
        "{}",
        done.text
    );
}
