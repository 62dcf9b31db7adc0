//! Groups inside Groups: kept and shown, giving nobody a role.

use serde_json::Value;
use serde_json::json;

use super::directory::Directory;
use super::directory::ids;
use super::directory::text;
use crate::support::TestGateway;

fn nested(id: &str) -> Value {
    json!({ "value": id, "type": "Group" })
}

fn add(members: Value) -> Value {
    json!([{ "op": "add", "path": "members", "value": members }])
}

async fn members(directory: &Directory<'_>, group: &str) -> Value {
    directory.get(&format!("/Groups/{group}")).await.body["members"].clone()
}

#[actix_web::test]
async fn a_group_can_be_inside_a_group_by_every_door() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana").await;
    let inner = directory.group("Inner", &[&ana]).await;
    let url = format!("{}{}", gateway.base_url, directory.base);
    let reference = format!("{url}/Groups/{inner}");
    let shown = json!([
        { "value": ana, "$ref": format!("{url}/Users/{ana}"), "type": "User" },
        { "value": inner, "$ref": reference, "type": "Group" },
    ]);
    let both = json!([nested(&inner), { "value": ana }]);
    let body = json!({ "displayName": "Outer", "members": both });
    let created = directory.post("/Groups", body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(created.body["members"], shown);
    let path = format!("/Groups/{}", text(&created.body["id"]));

    let remove = |value: Value| json!([{ "op": "remove", "path": "members", "value": value }]);
    let by_filter = format!("members[value eq \"{inner}\"]");
    let by_type = "members[type eq \"Group\"]";
    let doors = [
        (
            remove(json!([nested(&inner)])),
            add(json!([nested(&inner)])),
        ),
        (
            json!([{ "op": "remove", "path": by_filter }]),
            // The address says what it is where there is no type.
            add(json!([{ "value": inner, "$ref": reference }])),
        ),
        (
            json!([{ "op": "remove", "path": by_type }]),
            json!([{ "op": "replace", "value": { "members": both } }]),
        ),
    ];
    for (out, back) in doors {
        let left = directory.patch(&path, out).await;
        assert_eq!(ids(&left.body["members"], "value"), [&ana], "{}", left.text);
        let joined = directory.patch(&path, back.clone()).await;
        assert_eq!(joined.body["members"], shown, "{}", joined.text);
        let again = directory.patch(&path, back).await;
        assert_eq!(again.body["meta"], joined.body["meta"], "nothing changed");
    }
    let found = directory
        .get(&format!("/Groups?filter=members%20eq%20%22{inner}%22"))
        .await;
    assert_eq!(ids(&found.body["Resources"], "displayName"), ["Outer"]);
    assert_eq!(found.body["Resources"][0]["members"], shown);
}

#[actix_web::test]
async fn a_group_is_never_inside_itself() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let names = ["a", "b", "c"];
    let mut groups = Vec::new();
    for name in names {
        groups.push(directory.group(name, &[]).await);
    }
    for pair in groups.windows(2) {
        let path = format!("/Groups/{}", pair[0]);
        let answer = directory.patch(&path, add(json!([nested(&pair[1])]))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let known = directory.journal().await.len();
    for (outer, inner) in [(0, 0), (1, 0), (2, 0), (2, 1)] {
        let (outer, inner) = (&groups[outer], &groups[inner]);
        let path = format!("/Groups/{outer}");
        let body = json!({ "displayName": "new", "members": [nested(inner)] });
        for refused in [
            directory.patch(&path, add(json!([nested(inner)]))).await,
            directory.put(&path, body).await,
        ] {
            assert_eq!(refused.status, 400, "{}", refused.text);
            assert_eq!(refused.body["scimType"], "invalidValue");
            let detail = text(&refused.body["detail"]);
            assert!(detail.contains(inner.as_str()), "{detail}");
        }
    }
    assert_eq!(directory.journal().await.len(), known, "all or nothing");
    // Two ways to one Group are no circle.
    let path = format!("/Groups/{}", groups[0]);
    let answer = directory
        .patch(&path, add(json!([nested(&groups[2])])))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn a_deleted_group_is_out_of_every_group() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana").await;
    let inner = directory.group("Inner", &[]).await;
    let outer = directory.group("Outer", &[&ana]).await;
    let path = format!("/Groups/{outer}");
    let with = directory.patch(&path, add(json!([nested(&inner)]))).await;
    assert_eq!(with.status, 200, "{}", with.text);
    let gone = directory.delete(&format!("/Groups/{inner}")).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    let left = directory.get(&path).await.body;
    assert_eq!(ids(&left["members"], "value"), [&ana]);
    assert_ne!(left["meta"]["version"], with.body["meta"]["version"]);
    // The same holds for a User, and for the Group around.
    assert_eq!(directory.delete(&format!("/Users/{ana}")).await.status, 204);
    let empty = directory.get(&path).await.body;
    assert_eq!(empty["members"], json!([]));
    assert_ne!(empty["meta"]["version"], left["meta"]["version"]);
    let other = directory.group("Other", &[]).await;
    directory.patch(&path, add(json!([nested(&other)]))).await;
    assert_eq!(directory.delete(&path).await.status, 204);
    assert_eq!(members(&directory, &other).await, json!([]));
}

#[actix_web::test]
async fn a_role_of_the_outer_group_is_not_the_inner_ones() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let inner = directory.group("Inner", &[&ana]).await;
    let outer = directory.group("Outer", &[]).await;
    directory.give_role("editor", &outer).await;
    let path = format!("/Groups/{outer}");
    let answer = directory.patch(&path, add(json!([nested(&inner)]))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(directory.roles("ana@acme.test").await, ["stytch_member"]);
    let user = directory.get(&format!("/Users/{ana}")).await.body;
    assert_eq!(ids(&user["groups"], "display"), ["Inner"]);
    let direct = directory.patch(&path, add(json!([{ "value": ana }]))).await;
    assert_eq!(direct.status, 200, "{}", direct.text);
    assert_eq!(
        directory.roles("ana@acme.test").await,
        ["editor", "stytch_member"]
    );
}

#[actix_web::test]
async fn a_group_of_another_connection_is_unknown_and_is_named() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let stranger = Directory::start(&gateway).await.group("Theirs", &[]).await;
    let ana = directory.user("ana").await;
    let group = directory.group("Ours", &[]).await;
    for (member, why) in [
        (nested(&stranger), stranger.as_str()),
        (nested(&ana), ana.as_str()),
        (
            json!({ "value": group, "type": "User" }),
            "\"type\": \"Group\"",
        ),
    ] {
        let path = format!("/Groups/{group}");
        let refused = directory.patch(&path, add(json!([member]))).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert_eq!(refused.body["scimType"], "invalidValue");
        let detail = text(&refused.body["detail"]);
        assert!(detail.contains(why), "{detail}");
    }
}
