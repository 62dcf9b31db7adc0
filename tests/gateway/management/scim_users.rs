//! The Users of a connection in the management API, above all those that are no members.

use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;

async fn find(directory: &Directory<'_>, operands: Value, more: Value) -> Answer {
    let (organization, connection) = (&directory.organization_id, &directory.connection_id);
    let path = format!("/v1/b2b/scim/{organization}/connection/{connection}/users/search");
    let mut body = json!({ "query": { "operator": "AND", "operands": operands } });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    directory.gateway.post(&path, body).await
}

fn operand(name: &str, value: Value) -> Value {
    json!([{ "filter_name": name, "filter_value": value }])
}

fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let users = answer.body["users"].as_array().unwrap().iter();
    users.map(|user| text(&user["user_name"])).collect()
}

/// Ana is a member; Ben has no address; Eve came inactive; Kim left again.
async fn with_everybody(gateway: &TestGateway) -> Directory<'_> {
    let directory = Directory::start(gateway).await;
    for user in [
        json!({ "userName": "Ana@acme.test", "externalId": "1" }),
        json!({ "userName": "Ben", "externalId": "2" }),
        json!({ "userName": "eve@acme.test", "active": false }),
    ] {
        assert_eq!(directory.post("/Users", user).await.status, 201);
    }
    let kim = directory.user("kim@acme.test").await;
    let leaves = json!([{ "op": "replace", "path": "active", "value": false }]);
    directory.patch(&format!("/Users/{kim}"), leaves).await;
    directory
}

#[actix_web::test]
async fn whoever_is_no_member_is_found_and_why() {
    let gateway = TestGateway::start().await;
    let directory = with_everybody(&gateway).await;
    let found = find(&directory, operand("has_member", json!(false)), json!({})).await;
    assert_eq!(names(&found), ["Ben", "eve@acme.test"]);
    let told: Vec<_> = found.body["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| {
            assert_eq!(user["member_id"], Value::Null);
            let reason = text(&user["no_member_reason"]);
            (reason, user["active"].clone(), text(&user["external_id"]))
        })
        .collect();
    let expected = [
        ("no_email_address".to_owned(), json!(true), "2".to_owned()),
        ("inactive".to_owned(), json!(false), String::new()),
    ];
    assert_eq!(told, expected);
    let arrived = json!({ "userName": "Ben", "emails": [{ "value": "ben@acme.test" }] });
    let ben = text(&found.body["users"][0]["scim_user_id"]);
    assert_eq!(
        directory
            .put(&format!("/Users/{ben}"), arrived)
            .await
            .status,
        200
    );
    let found = find(&directory, operand("user_names", json!(["BEN"])), json!({})).await;
    let member = directory.member("ben@acme.test").await;
    assert_eq!(found.body["users"][0]["member_id"], member["member_id"]);
    assert_eq!(found.body["users"][0]["no_member_reason"], Value::Null);
    assert_eq!(found.body["users"][0]["email_address"], "ben@acme.test");
}

#[actix_web::test]
async fn users_are_searched_page_by_page() {
    let gateway = TestGateway::start().await;
    let directory = with_everybody(&gateway).await;
    for (operands, expected) in [
        (
            json!([]),
            vec!["Ana@acme.test", "Ben", "eve@acme.test", "kim@acme.test"],
        ),
        (
            operand("has_member", json!(true)),
            vec!["Ana@acme.test", "kim@acme.test"],
        ),
        (operand("active", json!(true)), vec!["Ana@acme.test", "Ben"]),
        (
            operand("active", json!(false)),
            vec!["eve@acme.test", "kim@acme.test"],
        ),
        (operand("external_ids", json!(["2", "3"])), vec!["Ben"]),
    ] {
        let found = find(&directory, operands, json!({})).await;
        assert_eq!(names(&found), expected);
        assert_eq!(found.body["results_metadata"]["total"], expected.len());
        let cursor = &found.body["results_metadata"]["next_cursor"];
        assert_eq!(*cursor, Value::Null);
    }
    let (mut cursor, mut pages) = (Value::Null, Vec::new());
    loop {
        let page = find(
            &directory,
            json!([]),
            json!({ "limit": 3, "cursor": cursor }),
        )
        .await;
        pages.push(names(&page).len());
        cursor = page.body["results_metadata"]["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(pages, [3, 1]);
    let other = Directory::start(&gateway).await;
    assert_eq!(names(&find(&other, json!([]), json!({})).await), [""; 0]);
    for (operands, error_type) in [
        (
            operand("shoe_size", json!(1)),
            "scim_user_search_filter_name_not_recognized",
        ),
        (
            operand("active", json!("yes")),
            "scim_user_search_expected_boolean",
        ),
        (
            operand("user_names", json!([])),
            "scim_user_search_missing_user_names",
        ),
    ] {
        let refused = find(&directory, operands, json!({})).await;
        assert_eq!(refused.body["error_type"], error_type, "{}", refused.text);
    }
}
