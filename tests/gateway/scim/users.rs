use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::ENTERPRISE;
use crate::scim::directory::text;
use crate::support::TestGateway;
use crate::support::statements;

#[actix_web::test]
async fn a_user_comes_back_as_it_was_sent_with_address_and_version() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let sent = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "userName": "Ana@Acme.test",
        "externalId": "00u1",
        "password": "never shown",
        "name": { "givenName": "Ana", "familyName": "Brkić" },
        "emails": [{ "value": "Ana@Acme.test", "type": "work", "primary": true }],
        "groups": [],
        "shoeSize": 39,
        ENTERPRISE: { "department": "R&D" },
    });
    let created = directory.post("/Users", sent).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let user = &created.body;
    let url = format!(
        "{}{}/Users/{}",
        gateway.base_url,
        directory.base,
        text(&user["id"])
    );
    for (field, expected) in [
        ("userName", json!("Ana@Acme.test")),
        ("externalId", json!("00u1")),
        ("active", json!(true)),
        ("password", Value::Null),
        ("shoeSize", Value::Null),
        (ENTERPRISE, json!({ "department": "R&D" })),
    ] {
        assert_eq!(user[field], expected, "{field}");
    }
    assert_eq!(user["meta"]["resourceType"], "User");
    assert_eq!(user["meta"]["location"], url);
    assert_eq!(user["meta"]["created"], user["meta"]["lastModified"]);
    for (header, expected) in [
        ("location", url.as_str()),
        ("content-location", url.as_str()),
        ("etag", user["meta"]["version"].as_str().unwrap()),
        ("content-type", "application/scim+json"),
    ] {
        assert_eq!(created.headers[header], expected, "{header}");
    }
    let read = directory
        .get(&format!("/Users/{}", text(&user["id"])))
        .await;
    assert_eq!((read.status, &read.body), (200, user));
    assert_eq!(read.headers["etag"], "W/\"1\"");
}

#[actix_web::test]
async fn user_names_are_unique_in_a_connection_whatever_their_case() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana").await;
    let ben = directory.user("ben").await;
    let again = json!({ "userName": "ANA" });
    let rename = json!([{ "op": "replace", "path": "userName", "value": "Ana" }]);
    for answer in [
        directory.post("/Users", again.clone()).await,
        directory.put(&format!("/Users/{ben}"), again.clone()).await,
        directory
            .patch(&format!("/Users/{ben}"), rename.clone())
            .await,
    ] {
        assert_eq!(answer.status, 409, "{}", answer.text);
        assert_eq!(answer.body["scimType"], "uniqueness");
        assert!(
            text(&answer.body["detail"]).contains("\"ana\""),
            "{}",
            answer.text
        );
    }
    // Its own name in another case is no conflict, and neither is another organization's.
    let own = directory.patch(&format!("/Users/{ana}"), rename).await;
    assert_eq!((own.status, &own.body["userName"]), (200, &json!("Ana")));
    let elsewhere = Directory::start(&gateway).await;
    assert_eq!(elsewhere.post("/Users", again).await.status, 201);
}

#[actix_web::test]
async fn a_deleted_user_is_gone_and_its_name_is_free() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let group = directory.group("Staff", &[&ana]).await;
    let path = format!("/Users/{ana}");
    let deleted = directory.delete(&path).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    for answer in [
        directory.get(&path).await,
        directory.put(&path, json!({ "userName": "x" })).await,
        directory
            .patch(&path, json!([{ "op": "remove", "path": "title" }]))
            .await,
        directory.delete(&path).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.text);
        assert_eq!(answer.body["status"], "404");
    }
    let staff = directory.get(&format!("/Groups/{group}")).await;
    assert_eq!(staff.body["members"], json!([]));
    assert_ne!(directory.user("ana@acme.test").await, ana);
}

#[actix_web::test]
async fn a_put_replaces_and_keeps_what_only_the_server_writes() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let body = json!({ "userName": "ana", "title": "Dr", "active": false });
    let created = directory.post("/Users", body).await.body;
    let path = format!("/Users/{}", text(&created["id"]));
    let mut sent = created.clone();
    sent["id"] = json!("mine");
    sent["meta"] = json!({ "version": "mine" });
    sent["title"] = Value::Null;
    sent["nickName"] = json!("Anči");
    let replaced = directory.put(&path, sent).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text);
    for (field, expected) in [
        ("id", &created["id"]),
        ("title", &Value::Null),
        ("nickName", &json!("Anči")),
        ("active", &json!(false)),
    ] {
        assert_eq!(&replaced.body[field], expected, "{field}");
    }
    assert_eq!(replaced.body["meta"]["created"], created["meta"]["created"]);
    assert_eq!(replaced.body["meta"]["version"], "W/\"2\"");
}

#[actix_web::test]
async fn what_changes_nothing_writes_nothing() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let created = directory
        .post(
            "/Users",
            json!({ "userName": "ana@acme.test", "title": "Dr" }),
        )
        .await
        .body;
    let path = format!("/Users/{}", text(&created["id"]));
    let group = directory.group("Staff", &[&text(&created["id"])]).await;
    let staff = directory.get(&format!("/Groups/{group}")).await.body;
    let known = directory.journal().await.len();
    gateway.wait(chrono::TimeDelta::minutes(5));
    statements::heard(gateway.storage.database());
    let member = json!([{ "value": created["id"] }]);
    let mut users = vec![directory.put(&path, created.clone()).await];
    users.push(
        directory
            .patch(
                &path,
                json!([{ "op": "replace", "value": { "title": "Dr", "active": true } }]),
            )
            .await,
    );
    let group = format!("/Groups/{group}");
    let mut groups = vec![directory.put(&group, staff.clone()).await];
    for operations in [
        json!([{ "op": "add", "path": "members", "value": member }]),
        json!([{ "op": "replace", "path": "members", "value": member }]),
        json!([{ "op": "replace", "value": { "id": staff["id"], "displayName": "Staff" } }]),
        json!([{ "op": "remove", "path": "members[value eq \"nobody\"]" }]),
    ] {
        groups.push(directory.patch(&group, operations).await);
    }
    let asked = statements::heard(gateway.storage.database());
    assert!(asked.len() > groups.len(), "{asked:#?}");
    let is_write = |statement: &&String| {
        let words = ["INSERT", "UPDATE", "DELETE"];
        words.iter().any(|word| statement.starts_with(word)) && !statement.contains("scim_requests")
    };
    assert_eq!(asked.iter().find(is_write), None);
    let comes_back = json!([
        { "op": "remove", "path": "members", "value": member },
        { "op": "add", "path": "members", "value": member },
    ]);
    groups.push(directory.patch(&group, comes_back).await);
    for answer in users {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["meta"], created["meta"]);
    }
    for answer in groups {
        assert_eq!(
            (answer.status, &answer.body),
            (200, &staff),
            "{}",
            answer.text
        );
    }
    assert_eq!(directory.events_since(known).await, Vec::<String>::new());
}

/// The id of a User that there is not.
const NOBODY: &str = "scim-user-test-00000000-0000-4000-8000-000000000000";

#[actix_web::test]
async fn a_refused_change_leaves_nothing_behind() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    directory.user("ben@acme.test").await;
    let group = directory.group("Staff", &[&ana]).await;
    let (user, group) = (format!("/Users/{ana}"), format!("/Groups/{group}"));
    let before = (
        directory.get(&user).await.body,
        directory.get(&group).await.body,
    );
    let known = directory.journal().await.len();
    let renamed = json!({ "op": "replace", "path": "displayName", "value": "New" });
    let moved = json!([{ "value": "ben@acme.test", "primary": true }]);
    for (path, second) in [
        (
            &user,
            json!({ "op": "replace", "path": "shoeSize", "value": 39 }),
        ),
        (
            &user,
            json!({ "op": "replace", "path": "active", "value": "maybe" }),
        ),
        (
            &user,
            json!({ "op": "replace", "path": "emails", "value": moved }),
        ),
        (
            &user,
            json!({ "op": "replace", "path": "userName", "value": "Ben@acme.test" }),
        ),
        (
            &group,
            json!({ "op": "add", "path": "members", "value": [{ "value": NOBODY }] }),
        ),
        (&group, json!({ "op": "remove", "path": "displayName" })),
    ] {
        let operations = json!([renamed, second]);
        let refused = directory.patch(path, operations).await;
        assert!([400, 409].contains(&refused.status), "{}", refused.text);
    }
    let removal = json!({ "op": "remove", "path": "members" });
    let late = json!({ "op": "add", "path": "members", "value": [{ "value": NOBODY }] });
    let refused = directory.patch(&group, json!([removal, late])).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    let after = (
        directory.get(&user).await.body,
        directory.get(&group).await.body,
    );
    assert_eq!(before, after);
    assert_eq!(directory.member("ana@acme.test").await["status"], "active");
    assert_eq!(directory.events_since(known).await, Vec::<String>::new());
}

#[actix_web::test]
async fn every_change_is_in_the_journal_with_the_connection_that_made_it() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let known = directory.journal().await.len();
    let ana = directory.user("ana@acme.test").await;
    let path = format!("/Users/{ana}");
    directory
        .patch(
            &path,
            json!([{ "op": "add", "path": "title", "value": "Dr" }]),
        )
        .await;
    let group = directory.group("Staff", &[]).await;
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ana }] }]);
    directory.patch(&format!("/Groups/{group}"), add).await;
    directory.delete(&format!("/Groups/{group}")).await;
    directory.delete(&path).await;
    let kinds = [
        "member.created",
        "scim_user.created",
        "scim_user.updated",
        "scim_group.created",
        "scim_group.updated",
        "scim_group.deleted",
        "member.deleted",
        "scim_user.deleted",
    ];
    assert_eq!(directory.events_since(known).await, kinds);
    let journal = directory.journal().await;
    for event in journal.iter().take(kinds.len()) {
        assert_eq!(event.actor, "directory");
        assert_eq!(event.actor_id.as_ref(), Some(&directory.connection_id));
    }
    let joined = journal
        .iter()
        .find(|event| event.kind == "scim_group.updated")
        .unwrap();
    assert_eq!(joined.after.as_ref().unwrap()["membersAdded"], json!([ana]));
    let updated = journal
        .iter()
        .find(|event| event.kind == "scim_user.updated")
        .unwrap();
    assert_eq!(updated.after.as_ref().unwrap()["title"], "Dr");
    assert!(updated.before.as_ref().unwrap().get("title").is_none());
}

#[actix_web::test]
async fn of_two_who_push_the_same_name_or_address_at_once_one_is_told_so() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let push = async |user_name: &str| {
        let emails = json!([{ "value": "ana@acme.test" }]);
        let body = json!({ "userName": user_name, "emails": emails });
        directory.post("/Users", body).await.status
    };
    let (a, b, c, d) = tokio::join!(push("ana"), push("ANA"), push("ben"), push("ana"));
    let mut statuses = [a, b, c, d];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
    assert_eq!(directory.get("/Users").await.body["totalResults"], 1);
}
