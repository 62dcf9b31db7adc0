use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::ids;
use crate::scim::search::search;
use crate::support::TestGateway;

const ROLE: &str = "urn:okta:scim:schemas:core:1.0:Role";
const ENTITLEMENT: &str = "urn:okta:scim:schemas:core:1.0:Entitlement";

/// Gives the organization a role of its own.
async fn declare(directory: &Directory<'_>, role_id: &str) {
    let role = json!({
        "role_id": role_id,
        "description": "Reads connections",
        "permissions": [{ "resource_id": "stytch.sso", "actions": ["get"] }],
    });
    let path = format!("/v1/b2b/rbac/organizations/{}", directory.organization_id);
    let body = json!({ "org_policy": { "roles": [role] } });
    let answer = directory.gateway.put(&path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn roles_are_those_that_can_be_given_here() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let other = Directory::start(&gateway).await;
    declare(&directory, "sso-reader").await;
    declare(&other, "elsewhere").await;
    let roles = directory.get("/Roles").await;
    assert_eq!(roles.status, 200, "{}", roles.text);
    let found = ids(&roles.body["Resources"], "id");
    assert_eq!(roles.body["totalResults"], found.len());
    assert!(
        found.contains(&"stytch_admin") && found.contains(&"editor"),
        "{found:?}"
    );
    assert!(!found.contains(&"stytch_member") && !found.contains(&"elsewhere"));
    let own = directory.get("/Roles/sso-reader").await;
    let location = format!("{}{}/Roles/sso-reader", gateway.base_url, directory.base);
    let expected = json!({
        "schemas": [ROLE],
        "id": "sso-reader",
        "displayName": "sso-reader",
        "type": "organization",
        "description": "Reads connections",
        "meta": { "resourceType": "Role", "location": location },
    });
    assert_eq!((own.status, &own.body), (200, &expected));
    assert_eq!(directory.get("/Roles/elsewhere").await.status, 404);
}

#[actix_web::test]
async fn entitlements_are_what_roles_can_allow() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let one = directory.get("/Entitlements/stytch.sso:get").await;
    assert_eq!(one.status, 200, "{}", one.text);
    assert_eq!(one.body["schemas"], json!([ENTITLEMENT]));
    assert_eq!(one.body["displayName"], "stytch.sso:get");
    assert_eq!(one.body["type"], "stytch.sso");
    let all = directory.get("/Entitlements?count=200").await.body;
    for id in ids(&all["Resources"], "id") {
        let found = directory.get(&format!("/Entitlements/{id}")).await;
        assert_eq!((found.status, found.body["id"].as_str()), (200, Some(id)));
    }
}

#[actix_web::test]
async fn rights_are_filtered_paged_and_projected() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    declare(&directory, "sso-reader").await;
    let total = |answer: &Value| answer["totalResults"].as_i64().unwrap();
    let probe = directory.get("/Roles?count=1&startIndex=1").await.body;
    assert_eq!(probe["itemsPerPage"], 1);
    let all = directory.get("/Roles").await.body;
    assert_eq!(total(&probe), total(&all));
    let second = directory.get("/Roles?count=1&startIndex=2").await.body;
    assert_eq!(second["Resources"][0], all["Resources"][1]);
    let own = directory
        .get("/Roles?filter=type eq \"organization\"")
        .await
        .body;
    assert_eq!(ids(&own["Resources"], "id"), ["sso-reader"]);
    let get =
        "/Entitlements?filter=type eq \"stytch.sso\" and id ew \":get\"&attributes=displayName";
    let get = directory.get(get).await.body;
    let shown = json!({ "schemas": [ENTITLEMENT], "id": "stytch.sso:get", "displayName": "stytch.sso:get" });
    assert_eq!(get["Resources"], json!([shown]));
    let wrong = directory.get("/Roles?filter=userName eq \"x\"").await;
    assert_eq!(
        (wrong.status, &wrong.body["scimType"]),
        (400, &json!("invalidFilter"))
    );
}

#[actix_web::test]
async fn rights_are_named_to_clients_that_look_for_them() {
    let gateway = TestGateway::start().await;
    let generic = Directory::start(&gateway).await;
    let organization = json!({ "organization_name": "Globex" });
    let okta = Directory::of(&gateway, organization, "okta").await;
    let named = async |directory: &Directory<'_>| {
        let types = directory.get("/ResourceTypes").await.body;
        let schemas = directory.get("/Schemas").await.body;
        let names = ids(&types["Resources"], "name").join(" ");
        let known = ids(&schemas["Resources"], "id");
        let described = [ROLE, ENTITLEMENT].map(|urn| known.contains(&urn));
        (names, described)
    };
    let both = "User Group Role Entitlement".to_owned();
    assert_eq!(named(&okta).await, (both, [true, true]));
    assert_eq!(
        named(&generic).await,
        ("User Group".to_owned(), [false, false])
    );
    let role = okta.get("/ResourceTypes/Role").await.body;
    assert_eq!(
        (&role["endpoint"], &role["schema"]),
        (&json!("/Roles"), &json!(ROLE))
    );
    let read_only = okta.get(&format!("/Schemas/{ROLE}")).await.body;
    for attribute in read_only["attributes"].as_array().unwrap() {
        assert_eq!(attribute["mutability"], "readOnly", "{attribute}");
    }
}

#[actix_web::test]
async fn rights_are_searched_like_everything_else() {
    let gateway = TestGateway::start().await;
    let organization = json!({ "organization_name": "Globex" });
    let okta = Directory::of(&gateway, organization, "okta").await;
    okta.user("ana@globex.test").await;
    declare(&okta, "own-reader").await;
    let names = |answer: &Value| ids(&answer["Resources"], "displayName").join(", ");
    let all = okta.get("/Roles?count=200").await.body;
    let mut sorted = ids(&all["Resources"], "id");
    sorted.sort_unstable();
    assert_eq!(
        ids(&all["Resources"], "id"),
        sorted,
        "one order on all pages"
    );
    let own = json!({ "filter": "type eq \"organization\"" });
    let found = search(&okta, "/Roles", own).await;
    assert_eq!(names(&found.body), "own-reader", "{}", found.text);
    let last = json!({ "sortBy": "displayName", "sortOrder": "descending", "count": 1 });
    let found = search(&okta, "/Roles", last).await.body;
    assert_eq!(names(&found), sorted.last().unwrap().to_owned());
    let gets = json!({ "filter": "displayName ew \":get\"", "attributes": ["displayName"] });
    let found = search(&okta, "/Entitlements", gets).await.body;
    assert!(names(&found).contains("stytch.sso:get"), "{found}");
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let path = format!("/Roles?count=1&cursor={cursor}");
        let page = okta.get(&path).await.body;
        seen.extend(ids(&page["Resources"], "id").into_iter().map(str::to_owned));
        match page["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen, sorted);
    let whole = okta.get("?filter=meta.resourceType eq \"Role\"").await.body;
    assert_eq!(ids(&whole["Resources"], "id"), sorted);
    let generic = Directory::start(&gateway).await;
    assert_eq!(generic.get("").await.body["totalResults"], 0);
}
