//! Resources of types that a connection declares, from creation to deletion.

use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::scim::search::search;
use crate::support::TestGateway;
use crate::support::statements;

const DEVICE: &str = "urn:example:2.0:Device";
const LEASE: &str = "urn:example:2.0:Lease";

pub fn devices() -> Value {
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

/// Devices in the order of their making: serial, model, weight, externalId.
const LENT: [(&str, &str, f64, &str); 5] = [
    ("S3", "b", 2.5, "E"),
    ("s1", "a", 10.0, "a"),
    ("S2", "b", 1.0, "C"),
    ("S5", "c", 7.0, "b"),
    ("s4", "a", 0.5, "D"),
];

async fn with_devices(gateway: &TestGateway) -> Directory<'_> {
    let directory = lender(gateway).await;
    for (serial, model, weight, external_id) in LENT {
        let body = json!({
            "serial": serial, "model": model, "weight": weight, "externalId": external_id,
        });
        assert_eq!(directory.post("/Devices", body).await.status, 201);
    }
    directory
}

#[actix_web::test]
async fn resources_are_found_and_sorted_like_users() {
    let gateway = TestGateway::start().await;
    let directory = with_devices(&gateway).await;
    for (asked, expected) in [
        (json!({}), "S3 s1 S2 S5 s4"),
        (json!({ "filter": "externalId eq \"C\"" }), "S2"),
        (json!({ "filter": "externalId eq \"c\"" }), ""),
        (
            json!({ "filter": "externalId gt \"D\" and model eq \"A\"" }),
            "s1",
        ),
        (
            json!({ "filter": "weight gt 2 and not (model eq \"c\")" }),
            "S3 s1",
        ),
        (
            json!({ "filter": "meta.resourceType eq \"Device\"", "count": 2 }),
            "S3 s1",
        ),
        (json!({ "sortBy": "serial" }), "s1 S2 S3 s4 S5"),
        (
            json!({ "sortBy": "weight", "sortOrder": "descending" }),
            "s1 S5 S3 S2 s4",
        ),
        (
            json!({ "sortBy": "externalId", "startIndex": 2, "count": 3 }),
            "s4 S3 s1",
        ),
        (
            json!({ "sortBy": "model", "filter": "externalId pr", "startIndex": 4 }),
            "S2 S5",
        ),
    ] {
        let found = search(&directory, "/Devices", asked.clone()).await;
        assert_eq!(found.status, 200, "{asked}: {}", found.text);
        let serials = ids(&found.body["Resources"], "serial").join(" ");
        assert_eq!(serials, expected, "{asked}");
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in asked.as_object().unwrap() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            query.append_pair(name, &value);
        }
        let got = directory.get(&format!("/Devices?{}", query.finish())).await;
        assert_eq!(got.body, found.body, "{asked}");
    }
    let lookup = json!({ "filter": "externalId eq \"C\"", "attributes": ["serial"] });
    statements::heard(gateway.storage.database());
    search(&directory, "/Devices", lookup).await;
    let heard = statements::heard(gateway.storage.database());
    let asked = heard
        .iter()
        .filter(|statement| statement.contains("scim_resources"));
    assert_eq!(asked.count(), 1, "{heard:#?}");
    for (path, status) in [("/Devices", 400), ("/Nothing", 404)] {
        let wrong = search(&directory, path, json!({ "filter": "userName pr" })).await;
        assert_eq!(wrong.status, status, "{}", wrong.text);
    }
    let read = directory.get("/Devices/.search").await;
    assert_eq!(
        (read.status, &read.headers["allow"]),
        (405, &"POST".parse().unwrap())
    );
    assert_eq!(directory.get("/Nothing/.search").await.status, 404);
}

#[actix_web::test]
async fn resources_have_cursors_and_are_part_of_the_whole() {
    let gateway = TestGateway::start().await;
    let directory = with_devices(&gateway).await;
    directory.user("ana@acme.test").await;
    directory.group("Staff", &[]).await;
    for (path, asked, expected) in [
        ("/Devices", json!({}), vec!["S3 s1", "S2 S5", "s4"]),
        (
            "/Devices",
            json!({ "sortBy": "serial" }),
            vec!["s1 S2", "S3 s4", "S5"],
        ),
        (
            "",
            json!({ "filter": "serial pr" }),
            vec!["S3 s1", "S2 S5", "s4"],
        ),
    ] {
        let (mut cursor, mut pages) = (String::new(), Vec::new());
        loop {
            let mut body = asked.clone();
            body["cursor"] = json!(cursor);
            body["count"] = json!(2);
            let page = search(&directory, path, body).await;
            assert_eq!((page.status, &page.body["totalResults"]), (200, &json!(5)));
            pages.push(ids(&page.body["Resources"], "serial").join(" "));
            match page.body["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(pages, expected, "{path} {asked}");
    }
    let whole = directory.get("").await.body;
    let kinds: Vec<&str> = whole["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| resource["meta"]["resourceType"].as_str().unwrap())
        .collect();
    let devices = ["Device"; 5];
    assert_eq!(kinds, [&["User", "Group"][..], &devices].concat());
    let other = Directory::start(&gateway).await;
    assert_eq!(other.get("").await.body["totalResults"], 0);
    assert_eq!(search(&other, "/Devices", json!({})).await.status, 404);
}
