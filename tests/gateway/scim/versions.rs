use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::PATCH_OP;
use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;

fn version(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let version = text(&answer.body["meta"]["version"]);
    assert_eq!(answer.headers["etag"], version.as_str());
    version
}

/// Bodies of a PUT and a PATCH that change the resource.
fn changes(name: &str, value: &str) -> [(&'static str, Option<Value>); 3] {
    let patch = json!({
        "schemas": [PATCH_OP],
        "Operations": [{ "op": "replace", "path": name, "value": format!("{value}2") }],
    });
    [
        ("PUT", Some(json!({ name: value }))),
        ("PATCH", Some(patch)),
        ("DELETE", None),
    ]
}

#[actix_web::test]
async fn a_change_of_a_version_that_is_gone_is_refused_and_changes_nothing() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let user = format!("/Users/{}", directory.user("ana@acme.test").await);
    let group = format!("/Groups/{}", directory.group("Staff", &[]).await);
    for (path, name) in [(&user, "userName"), (&group, "displayName")] {
        for (method, body) in changes(name, "crew") {
            let before = directory.get(path).await;
            let events = directory.journal().await.len();
            for stale in ["W/\"77\"", "\"77\", W/\"78\"", "x"] {
                let header = ("If-Match", stale);
                let refused = directory
                    .call_with((method, path), header, body.clone())
                    .await;
                assert_eq!(refused.status, 412, "{method} {path}: {}", refused.text);
                assert_eq!(refused.body["status"], "412");
                assert_eq!(refused.headers["content-type"], "application/scim+json");
                let detail = text(&refused.body["detail"]);
                assert!(detail.contains(&version(&before)), "{detail}");
            }
            assert_eq!(directory.get(path).await.body, before.body);
            assert_eq!(directory.journal().await.len(), events);
            let current = format!("W/\"9\", {}", version(&before));
            let header = ("If-Match", current.as_str());
            let changed = directory.call_with((method, path), header, body).await;
            assert!(changed.status < 300, "{method} {path}: {}", changed.text);
        }
        let gone = directory
            .call_with(("DELETE", path), ("If-Match", "*"), None)
            .await;
        assert_eq!(gone.status, 404);
    }
}

#[actix_web::test]
async fn a_star_stands_for_whatever_version_there_is() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let path = format!("/Users/{}", directory.user("ana@acme.test").await);
    for (method, body) in changes("userName", "ben@acme.test") {
        let changed = directory
            .call_with((method, &path), ("If-Match", "*"), body)
            .await;
        assert!(changed.status < 300, "{method}: {}", changed.text);
    }
}

#[actix_web::test]
async fn what_the_client_has_already_is_not_sent_again() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let group = directory.group("Staff", &[&ana]).await;
    for path in [format!("/Users/{ana}"), format!("/Groups/{group}")] {
        let tag = version(&directory.get(&path).await);
        for known in [tag.as_str(), "*", &format!("W/\"0\",{tag}")] {
            let header = ("If-None-Match", known);
            let answer = directory.call_with(("GET", &path), header, None).await;
            assert_eq!((answer.status, answer.text.as_str()), (304, ""));
            assert_eq!(answer.headers["etag"], tag.as_str());
        }
        let header = ("If-None-Match", "W/\"0\"");
        let answer = directory.call_with(("GET", &path), header, None).await;
        assert_eq!(version(&answer), tag);
    }
}

#[actix_web::test]
async fn a_version_lasts_until_something_of_the_resource_changes() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let ben = directory.user("ben@acme.test").await;
    let group = directory.group("Staff", &[&ana, &ben]).await;
    let (user_path, group_path) = (format!("/Users/{ana}"), format!("/Groups/{group}"));
    let tag = async |path: &str| version(&directory.get(path).await);
    let (user, staff) = (tag(&user_path).await, tag(&group_path).await);

    let same = json!([{ "op": "replace", "path": "userName", "value": "ana@acme.test" }]);
    directory.patch(&user_path, same).await;
    let again = json!([{ "op": "add", "path": "members", "value": [{ "value": ana }] }]);
    directory.patch(&group_path, again).await;
    assert_eq!(tag(&user_path).await, user);
    assert_eq!(tag(&group_path).await, staff);

    let leave = json!([{ "op": "remove", "path": format!("members[value eq \"{ana}\"]") }]);
    directory.patch(&group_path, leave).await;
    let without_ana = tag(&group_path).await;
    assert_ne!(without_ana, staff);
    assert_eq!(
        tag(&user_path).await,
        user,
        "groups are no part of the version"
    );

    directory.delete(&format!("/Users/{ben}")).await;
    let without_ben = directory.get(&group_path).await;
    assert_eq!(without_ben.body["members"], json!([]));
    assert_ne!(version(&without_ben), without_ana);
    let config = directory.get("/ServiceProviderConfig").await.body;
    assert_eq!(config["etag"], json!({ "supported": true }));
}
