use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::support::TestGateway;

#[actix_web::test]
async fn a_group_says_who_is_in_it_even_if_it_is_nobody() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana").await;
    let url = format!("{}{}", gateway.base_url, directory.base);
    let empty = directory
        .post("/Groups", json!({ "displayName": "Empty" }))
        .await;
    assert_eq!(empty.status, 201, "{}", empty.text);
    assert_eq!(empty.body["members"], json!([]));
    let staff = directory.group("Staff", &[&ana]).await;
    let path = format!("/Groups/{staff}");
    let read = directory.get(&path).await;
    let member = json!({ "value": ana, "$ref": format!("{url}/Users/{ana}"), "type": "User" });
    assert_eq!(read.body["members"], json!([member]));
    assert_eq!(read.headers["location"], format!("{url}{path}"));
    let without = directory
        .get(&format!("{path}?excludedAttributes=members"))
        .await;
    assert_eq!(without.body.get("members"), None);
    assert_eq!(without.body["displayName"], "Staff");
    let user = directory.get(&format!("/Users/{ana}")).await.body;
    let group = json!({
        "value": staff,
        "$ref": format!("{url}{path}"),
        "display": "Staff",
        "type": "direct",
    });
    assert_eq!(user["groups"], json!([group]));
    // Being put into a group does not change the User.
    assert_eq!(user["meta"]["version"], "W/\"1\"");
}

#[actix_web::test]
async fn names_of_groups_are_unique_whatever_their_case() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    directory.group("Staff", &[]).await;
    let other = format!("/Groups/{}", directory.group("Other", &[]).await);
    let taken = json!({ "displayName": "STAFF" });
    for answer in [
        directory.post("/Groups", taken.clone()).await,
        directory.put(&other, taken.clone()).await,
        directory
            .patch(&other, json!([{ "op": "replace", "value": taken }]))
            .await,
    ] {
        assert_eq!(answer.status, 409, "{}", answer.text);
        assert_eq!(answer.body["scimType"], "uniqueness");
    }
}

#[actix_web::test]
async fn a_connection_can_let_groups_share_a_name() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let first = directory.group("Staff", &[]).await;
    let allow = |is| json!({ "allow_duplicate_group_names": is });
    let connection = directory.configure(allow(true)).await;
    assert_eq!(connection["allow_duplicate_group_names"], true);
    let second = directory.group("staff", &[]).await;
    let found = directory
        .get("/Groups?filter=displayName%20eq%20%22STAFF%22")
        .await;
    assert_eq!(ids(&found.body["Resources"], "id"), [&first, &second]);

    directory.configure(allow(false)).await;
    let third = json!({ "displayName": "Staff" });
    let refused = directory.post("/Groups", third).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let detail = text(&refused.body["detail"]);
    assert!(detail.contains("allow_duplicate_group_names"), "{detail}");
    // Those that share a name already still get their members.
    let ana = directory.user("ana").await;
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ana }] }]);
    for group in [first, second] {
        let answer = directory
            .patch(&format!("/Groups/{group}"), add.clone())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

#[actix_web::test]
async fn only_what_the_connection_knows_can_be_a_member() {
    let gateway = TestGateway::start().await;
    let organization = json!({ "organization_name": "Acme" });
    let directory = Directory::of(&gateway, organization, "okta").await;
    let stranger = Directory::start(&gateway).await.user("eve").await;
    let inner = directory.group("Inner", &[]).await;
    let group = directory.group("Outer", &[]).await;
    let group = format!("/Groups/{group}");
    for (member, named) in [
        (json!({ "value": "1" }), "\"1\""),
        (json!({ "value": stranger }), stranger.as_str()),
        (json!({ "value": inner }), inner.as_str()),
        (json!({ "value": "1", "type": "Group" }), "no Group"),
        (json!({ "display": "ana" }), "`value`"),
    ] {
        let add = json!([{ "op": "add", "path": "members", "value": [member] }]);
        let body = json!({ "displayName": "Outer", "members": [member] });
        let new = json!({ "displayName": "New", "members": [member] });
        for answer in [
            directory.patch(&group, add).await,
            directory.put(&group, body).await,
            directory.post("/Groups", new).await,
        ] {
            assert_eq!(answer.status, 400, "{}", answer.text);
            assert_eq!(answer.body["scimType"], "invalidValue");
            assert!(
                text(&answer.body["detail"]).contains(named),
                "{}",
                answer.text
            );
        }
    }
    assert_eq!(directory.get("/Groups").await.body["totalResults"], 2);
}

#[actix_web::test]
async fn a_client_that_nobody_named_may_send_members_whose_value_is_no_id() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let stranger = Directory::start(&gateway).await.user("eve").await;
    let left = directory.user("ben").await;
    directory.delete(&format!("/Users/{left}")).await;
    let ana = directory.user("ana").await;
    let group = directory.group("Staff", &[]).await;
    let group = format!("/Groups/{group}");
    let add =
        |ids: [&str; 2]| json!([{ "op": "add", "path": "members", "value": ids.map(member) }]);
    let answer = directory.patch(&group, add(["not-here-yet", &ana])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(ids(&answer.body["members"], "value"), [&ana]);
    let nobody = "not-here-yet".to_owned();
    let put = json!({ "displayName": "Staff", "members": [member(&nobody)] });
    for (id, answer) in [
        (
            &stranger,
            directory.patch(&group, add([&stranger, &ana])).await,
        ),
        (&left, directory.patch(&group, add([&left, &ana])).await),
        (&nobody, directory.put(&group, put).await),
    ] {
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert_eq!(answer.body["scimType"], "invalidValue");
        assert!(text(&answer.body["detail"]).contains(id.as_str()));
    }
    let read = directory.get(&group).await;
    assert_eq!(ids(&read.body["members"], "value"), [&ana]);
}

fn member(id: &str) -> Value {
    json!({ "value": id })
}

#[actix_web::test]
async fn a_put_sets_exactly_the_members_that_it_lists() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let (ana, ben) = (directory.user("ana").await, directory.user("ben").await);
    let path = format!("/Groups/{}", directory.group("Staff", &[&ana]).await);
    for (listed, expected) in [
        (json!([{ "value": ben }]), vec![&ben]),
        (
            json!([{ "value": ana }, { "value": ben }, { "value": ana }]),
            vec![&ana, &ben],
        ),
        (json!([]), vec![]),
    ] {
        let body = json!({ "displayName": "Staff", "members": listed });
        let answer = directory.put(&path, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(ids(&answer.body["members"], "value"), expected);
    }
}

#[actix_web::test]
async fn a_patch_of_a_large_group_answers_without_its_members() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let mut users = Vec::new();
    for number in 0..501 {
        users.push(directory.user(&format!("user{number}")).await);
    }
    let path = format!("/Groups/{}", directory.group("Large", &[]).await);
    let member = |id: &String| json!({ "value": id });
    let add = |users: &[String]| {
        let members: Vec<Value> = users.iter().map(member).collect();
        json!([{ "op": "add", "path": "members", "value": members }])
    };
    let at_the_limit = directory.patch(&path, add(&users[..500])).await;
    assert_eq!(at_the_limit.status, 200);
    assert_eq!(at_the_limit.body["members"].as_array().unwrap().len(), 500);
    let beyond = directory.patch(&path, add(&users[500..])).await;
    assert_eq!((beyond.status, beyond.text.as_str()), (204, ""));
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Larger" }]);
    for (query, members) in [
        ("?excludedAttributes=members", 0),
        ("?attributes=members", 501),
    ] {
        let answer = directory
            .patch(&format!("{path}{query}"), rename.clone())
            .await;
        assert_eq!(answer.status, 200, "{query}");
        let shown = answer.body["members"].as_array().map_or(0, Vec::len);
        assert_eq!(shown, members, "{query}");
    }
    let all = directory.get(&path).await.body;
    assert_eq!(all["members"].as_array().unwrap().len(), 501);
}
