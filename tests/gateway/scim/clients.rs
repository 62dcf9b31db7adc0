//! The requests of real clients, in the order in which they send them.

use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::ENTERPRISE;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::support::TestGateway;

#[actix_web::test]
async fn okta_provisions_changes_deactivates_and_pushes_groups() {
    let gateway = TestGateway::start().await;
    let organization = json!({ "organization_name": "Acme" });
    let directory = Directory::of(&gateway, organization, "okta").await;
    let probe = directory.get("/Users?count=1&startIndex=1").await;
    assert_eq!(probe.body["Resources"], json!([]));
    let lookup = "/Users?filter=userName%20eq%20%22ana@acme.test%22&startIndex=1&count=100";
    assert_eq!(directory.get(lookup).await.body["totalResults"], 0);
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ana@acme.test",
        "name": { "givenName": "Ana", "familyName": "Brkić" },
        "emails": [{ "primary": true, "value": "ana@acme.test", "type": "work", "display": "x" }],
        "displayName": "Ana Brkić",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    });
    let created = directory.post("/Users", body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = text(&created.body["id"]);
    let path = format!("/Users/{id}");
    assert_eq!(directory.get(lookup).await.body["Resources"][0]["id"], id);

    let mut whole = directory.get(&path).await.body;
    whole["name"]["familyName"] = json!("Kos");
    assert_eq!(
        directory.put(&path, whole).await.body["name"]["familyName"],
        "Kos"
    );
    for active in [false, true] {
        let operation = json!([{ "op": "replace", "value": { "active": active } }]);
        let answer = directory.patch(&path, operation).await;
        assert_eq!(
            (answer.status, &answer.body["active"]),
            (200, &json!(active))
        );
    }

    let group = json!({ "displayName": "Staff", "members": [] });
    let group = directory.post("/Groups", group).await;
    assert_eq!((group.status, &group.body["members"]), (201, &json!([])));
    let group_id = text(&group.body["id"]);
    let path = format!("/Groups/{group_id}");
    let ben = directory.user("ben@acme.test").await;
    let rename = json!({ "op": "replace", "value": { "id": group_id, "displayName": "Crew" } });
    let steps = [
        (json!([rename]), vec![]),
        (
            json!([{ "op": "add", "path": "members", "value": [{ "value": id, "display": "a" }] }]),
            vec![&id],
        ),
        (
            json!([
                { "op": "remove", "path": format!("members[value eq \"{id}\"]") },
                { "op": "add", "path": "members", "value": [{ "value": ben, "display": "b" }] },
            ]),
            vec![&ben],
        ),
        (
            json!([{ "op": "replace", "path": "members", "value": [{ "value": id }] }]),
            vec![&id],
        ),
        (
            json!([{ "op": "replace", "path": "members", "value": [] }]),
            vec![],
        ),
    ];
    for (operations, members) in steps {
        let answer = directory.patch(&path, operations).await;
        assert_eq!(
            (answer.status, &answer.body["displayName"]),
            (200, &json!("Crew"))
        );
        assert_eq!(ids(&answer.body["members"], "value"), members);
    }
    assert_eq!(directory.delete(&path).await.status, 204);
}

#[actix_web::test]
async fn entra_provisions_with_its_own_spelling_of_patch() {
    let gateway = TestGateway::start().await;
    let organization = json!({ "organization_name": "Acme" });
    let directory = Directory::of(&gateway, organization, "microsoft-entra").await;
    let test = directory
        .get("/Users?aadOptscim062020&filter=userName+eq+%22a%40b%2Bc%22")
        .await;
    assert_eq!((test.status, &test.body["totalResults"]), (200, &json!(0)));
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "0a21f0f2",
        "userName": "ana@acme.test",
        "active": true,
        "emails": [{ "primary": true, "type": "work", "value": "ana@acme.test" }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": "Ana Brkić", "familyName": "Brkić", "givenName": "Ana" },
        "roles": [],
    });
    let created = directory.post("/Users", body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.body["schemas"].as_array().unwrap().len(), 1);
    let id = text(&created.body["id"]);
    let by_email = "/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22ANA@acme.test%22";
    assert_eq!(
        ids(&directory.get(by_email).await.body["Resources"], "id"),
        [&id]
    );
    let path = format!("/Users/{id}?aadOptscim062020");
    let operations = json!([
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ana@new.test" },
        { "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+385 1" },
        { "op": "Add", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "7" },
        { "op": "Add", "path": "manager", "value": "26118915" },
        { "op": "Replace", "value": { "name.givenName": "Anna", "title": null } },
    ]);
    let changed = directory.patch(&path, operations).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.body["emails"][0]["value"], "ana@new.test");
    assert_eq!(
        changed.body["phoneNumbers"],
        json!([{ "type": "mobile", "value": "+385 1" }])
    );
    assert_eq!(
        changed.body[ENTERPRISE]["manager"],
        json!({ "value": "26118915" })
    );
    assert_eq!(changed.body["name"]["givenName"], "Anna");
    assert_eq!(directory.member("ana@new.test").await["status"], "active");

    let group = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:Group",
            "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
        ],
        "externalId": "8aa1a0c0",
        "displayName": "Staff",
    });
    let group = text(&directory.post("/Groups", group).await.body["id"]);
    let groups = format!("/Groups/{group}");
    let member = json!([{ "$ref": null, "value": id }]);
    let is_in =
        format!("/Groups?filter=id+eq+%22{group}%22+and+members+eq+%22{id}%22&attributes=id");
    for (op, found) in [("Add", 1), ("Add", 1), ("Remove", 0), ("Remove", 0)] {
        let operation = json!([{ "op": op, "path": "members", "value": member }]);
        let answer = directory.patch(&groups, operation).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let listed = directory.get(&is_in).await.body;
        assert_eq!(listed["totalResults"], found, "{op}");
    }
    let lookup = "/Groups?excludedAttributes=members&filter=displayName+eq+%22staff%22";
    let listed = directory.get(lookup).await.body;
    assert_eq!(listed["Resources"][0].get("members"), None);

    let off = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    assert_eq!(directory.patch(&path, off).await.body["active"], false);
    assert_eq!(directory.member("ana@new.test").await, Value::Null);
    assert_eq!(directory.delete(&path).await.status, 204);
    assert_eq!(directory.delete(&path).await.status, 404);
}

#[actix_web::test]
async fn authentik_adds_members_one_operation_each() {
    let gateway = TestGateway::start().await;
    let organization = json!({ "organization_name": "Acme" });
    let directory = Directory::of(&gateway, organization, "authentik").await;
    let config = directory.get("/ServiceProviderConfig").await.body;
    assert_eq!(config["patch"]["supported"], true);
    let (ana, ben) = (directory.user("ana").await, directory.user("ben").await);
    let group = directory.group("Staff", &[]).await;
    let path = format!("/Groups/{group}");
    let one =
        |op: &str, id: &str| json!({ "op": op, "path": "members", "value": [{ "value": id }] });
    let added = directory
        .patch(&path, json!([one("add", &ana), one("add", &ben)]))
        .await;
    assert_eq!(ids(&added.body["members"], "value"), [&ana, &ben]);
    let whole = json!([{ "op": "replace", "value": {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": group,
        "externalId": "7",
        "displayName": "Crew",
    } }]);
    let renamed = directory.patch(&path, whole).await.body;
    assert_eq!(renamed["externalId"], "7");
    assert_eq!(ids(&renamed["members"], "value"), [&ana, &ben]);
    let removed = directory
        .patch(&path, json!([one("remove", &ana)]))
        .await
        .body;
    assert_eq!(ids(&removed["members"], "value"), [&ben]);
    let by_display = json!([{ "op": "remove", "path": "members[display eq \"BEN\"]" }]);
    assert_eq!(
        directory.patch(&path, by_display).await.body["members"],
        json!([])
    );
}
