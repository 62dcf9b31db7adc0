//! The last active `stytch_admin` of an organization stays, whatever a directory pushes.

use serde_json::Value;
use serde_json::json;

use super::directory::Directory;
use super::directory::text;
use crate::support::TestGateway;

const ADMIN: &str = "stytch_admin";

fn active(active: bool) -> Value {
    json!([{ "op": "replace", "path": "active", "value": active }])
}

/// A member whom the directory made: the ids of the User and of the member.
async fn person(directory: &Directory<'_>, address: &str) -> (String, String) {
    let user = directory.user(address).await;
    let member = text(&directory.member(address).await["member_id"]);
    (user, member)
}

fn members(directory: &Directory<'_>) -> String {
    format!(
        "/v1/b2b/organizations/{}/members",
        directory.organization_id
    )
}

async fn give(directory: &Directory<'_>, member: &str, roles: Value) {
    let path = format!("{}/{member}", members(directory));
    let answer = directory
        .gateway
        .put(&path, json!({ "roles": roles }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// Another administrator, made by hand.
async fn another(directory: &Directory<'_>, address: &str) {
    let body = json!({ "email_address": address, "roles": [ADMIN] });
    let answer = directory.gateway.post(&members(directory), body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// What is withheld of the member, and the sources of its role as administrator.
async fn standing(directory: &Directory<'_>, member: &str) -> (Value, Vec<String>) {
    let member = directory.any_member(member).await;
    let roles = member["roles"].as_array().unwrap().iter();
    let admin = roles.filter(|role| role["role_id"] == ADMIN);
    let sources = admin.flat_map(|role| role["sources"].as_array().unwrap().clone());
    let sources = sources.map(|source| text(&source["type"]));
    let kept = &member["kept_as_last_admin"];
    if !kept.is_null() {
        assert_eq!(kept["connection_id"], directory.connection_id);
        assert!(member["is_admin"] == true && member["status"] == "active");
    }
    (kept["withheld"].clone(), sources.collect())
}

async fn status(directory: &Directory<'_>, member: &str) -> String {
    text(&directory.any_member(member).await["status"])
}

#[actix_web::test]
async fn a_push_deactivates_and_deletes_the_user_and_keeps_the_last_admin() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let (user, ana) = person(&directory, "ana@acme.test").await;
    give(&directory, &ana, json!([ADMIN, "editor"])).await;
    let path = format!("/Users/{user}");
    let known = directory.journal().await.len();

    let off = directory.patch(&path, active(false)).await;
    assert_eq!((off.status, &off.body["active"]), (200, &json!(false)));
    let by_both = vec!["direct_assignment".to_owned(), "last_admin".to_owned()];
    let kept = (json!("removal"), by_both);
    assert_eq!(standing(&directory, &ana).await, kept);
    assert_eq!(directory.delete(&path).await.status, 204);
    assert_eq!(directory.get(&path).await.status, 404);
    assert_eq!(standing(&directory, &ana).await, kept);
    assert_eq!(
        directory.events_since(known).await,
        ["last_admin.kept", "scim_user.updated", "scim_user.deleted"]
    );
    let found = json!({
        "organization_ids": [directory.organization_id],
        "query": { "operator": "AND", "operands": [
            { "filter_name": "member_roles", "filter_value": [ADMIN] },
        ] },
    });
    let found = gateway
        .post("/v1/b2b/organizations/members/search", found)
        .await;
    assert_eq!(found.body["members"][0]["member_id"], ana, "{}", found.text);

    let known = directory.journal().await.len();
    another(&directory, "ben@acme.test").await;
    assert_eq!(status(&directory, &ana).await, "deleted");
    assert_eq!(standing(&directory, &ana).await, (Value::Null, vec![]));
    assert_eq!(
        directory.events_since(known).await,
        ["member.created", "member.deleted"]
    );
}

#[actix_web::test]
async fn whom_the_directory_has_again_it_does_not_want_gone() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let (user, ana) = person(&directory, "ana@acme.test").await;
    give(&directory, &ana, json!([ADMIN])).await;
    let path = format!("/Users/{user}");
    let free = (Value::Null, vec!["direct_assignment".to_owned()]);
    directory.patch(&path, active(false)).await;
    assert_eq!(standing(&directory, &ana).await.0, "removal");
    directory.patch(&path, active(true)).await;
    assert_eq!(standing(&directory, &ana).await, free);
    assert_eq!(directory.delete(&path).await.status, 204);
    assert_eq!(standing(&directory, &ana).await.0, "removal");
    directory.user("ana@acme.test").await;
    assert_eq!(standing(&directory, &ana).await, free);
    another(&directory, "ben@acme.test").await;
    assert_eq!(status(&directory, &ana).await, "active");
}

#[actix_web::test]
async fn a_role_that_a_group_gives_stays_with_the_last_who_has_it() {
    type Push = (&'static str, &'static str, Option<Value>);
    let body = json!({ "displayName": "Admins", "members": [] });
    let remove = json!([{ "op": "remove", "path": "members" }]);
    let pushes: [(Push, &str); 5] = [
        (("PATCH", "/Groups/{group}", Some(remove)), "role_loss"),
        (("PUT", "/Groups/{group}", Some(body)), "role_loss"),
        (("DELETE", "/Groups/{group}", None), "role_loss"),
        (("PATCH", "/Users/{user}", Some(active(false))), "removal"),
        (("DELETE", "/Users/{user}", None), "removal"),
    ];
    let gateway = TestGateway::start().await;
    for ((method, path, body), withheld) in pushes {
        let directory = Directory::start(&gateway).await;
        let (user, ana) = person(&directory, "ana@acme.test").await;
        let group = directory.group("Admins", &[&user]).await;
        directory.give_role(ADMIN, &group).await;
        let path = path.replace("{group}", &group).replace("{user}", &user);
        let answer = match (method, body) {
            ("PATCH", Some(operations)) => directory.patch(&path, operations).await,
            (method, body) => directory.call(method, &path, body).await,
        };
        let expected = if method == "DELETE" { 204 } else { 200 };
        assert_eq!(answer.status, expected, "{method} {path}: {}", answer.text);
        let shown = directory.get(&path).await;
        match method {
            "DELETE" => assert_eq!(shown.status, 404),
            _ if path.starts_with("/Groups") => assert_eq!(shown.body["members"], json!([])),
            _ => assert_eq!(shown.body["active"], false),
        }
        let (kept, sources) = standing(&directory, &ana).await;
        assert_eq!(kept, withheld, "{method} {path}");
        assert!(sources.contains(&"last_admin".to_owned()), "{sources:?}");
        another(&directory, "ben@acme.test").await;
        assert_eq!(standing(&directory, &ana).await, (Value::Null, vec![]));
        let left = if withheld == "removal" {
            "deleted"
        } else {
            "active"
        };
        assert_eq!(status(&directory, &ana).await, left, "{method} {path}");
    }
}

#[actix_web::test]
async fn one_of_a_group_stays_and_is_free_when_the_group_has_them_again() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let (first, ana) = person(&directory, "ana@acme.test").await;
    let (second, ben) = person(&directory, "ben@acme.test").await;
    let group = directory.group("Admins", &[&second, &first]).await;
    directory.give_role(ADMIN, &group).await;
    let path = format!("/Groups/{group}");
    let known = directory.journal().await.len();
    let remove = json!([{ "op": "remove", "path": "members" }]);
    directory.patch(&path, remove).await;
    // The longest-standing.
    assert_eq!(standing(&directory, &ana).await.0, "role_loss");
    assert_eq!(standing(&directory, &ben).await, (Value::Null, vec![]));
    assert_eq!(
        directory.events_since(known).await,
        ["scim_group.updated", "last_admin.kept"]
    );
    let known = directory.journal().await.len();
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": first }] }]);
    directory.patch(&path, add).await;
    let by_group = vec!["scim_connection_group".to_owned()];
    assert_eq!(standing(&directory, &ana).await, (Value::Null, by_group));
    assert_eq!(
        directory.events_since(known).await,
        ["scim_group.updated", "last_admin.released"]
    );
    // One who leaves while another comes is not the last.
    let swap = json!([{ "op": "replace", "path": "members", "value": [{ "value": second }] }]);
    directory.patch(&path, swap).await;
    assert_eq!(standing(&directory, &ana).await, (Value::Null, vec![]));
    assert_eq!(standing(&directory, &ben).await.0, Value::Null);
}

#[actix_web::test]
async fn a_new_address_does_not_take_the_last_admin_away() {
    let gateway = TestGateway::start().await;
    let organization = json!({
        "organization_name": "Acme",
        "email_allowed_domains": ["acme.test", "acme.example"],
        "rbac_email_implicit_role_assignments": [{ "domain": "acme.test", "role_id": ADMIN }],
    });
    let directory = Directory::of(&gateway, organization, "generic").await;
    let (user, ana) = person(&directory, "ana@acme.test").await;
    let path = format!("/Users/{user}");
    let rename = |to: &str| json!([{ "op": "replace", "path": "userName", "value": to }]);
    let moved = directory.patch(&path, rename("ana@acme.example")).await;
    assert_eq!(moved.body["userName"], "ana@acme.example", "{}", moved.text);
    assert_eq!(standing(&directory, &ana).await.0, "role_loss");
    directory.patch(&path, rename("ana@acme.test")).await;
    let by_domain = vec!["email_assignment".to_owned()];
    assert_eq!(standing(&directory, &ana).await, (Value::Null, by_domain));
    // A rule of the organization that makes somebody else one ends it as well.
    directory.user("ben@acme.example").await;
    directory.patch(&path, rename("ana@acme.example")).await;
    assert_eq!(standing(&directory, &ana).await.0, "role_loss");
    let rules = json!([{ "domain": "acme.example", "role_id": ADMIN }]);
    let organization = format!("/v1/b2b/organizations/{}", directory.organization_id);
    let body = json!({ "rbac_email_implicit_role_assignments": rules });
    assert_eq!(gateway.put(&organization, body).await.status, 200);
    assert_eq!(standing(&directory, &ana).await.0, Value::Null);
}

#[actix_web::test]
async fn an_organization_can_say_that_the_last_admin_may_go() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let (user, ana) = person(&directory, "ana@acme.test").await;
    give(&directory, &ana, json!([ADMIN])).await;
    let off = directory
        .patch(&format!("/Users/{user}"), active(false))
        .await;
    assert_eq!(off.status, 200, "{}", off.text);
    assert_eq!(status(&directory, &ana).await, "active");
    let allow = json!({ "allow_last_admin_removal": true });
    let connection = directory.configure(allow).await;
    assert_eq!(connection["allow_last_admin_removal"], true);
    assert_eq!(status(&directory, &ana).await, "deleted");

    let (user, ben) = person(&directory, "ben@acme.test").await;
    let group = directory.group("Admins", &[&user]).await;
    directory.give_role(ADMIN, &group).await;
    directory.delete(&format!("/Groups/{group}")).await;
    assert_eq!(standing(&directory, &ben).await, (Value::Null, vec![]));
    give(&directory, &ben, json!([ADMIN])).await;
    directory.delete(&format!("/Users/{user}")).await;
    assert_eq!(status(&directory, &ben).await, "deleted");
}

#[actix_web::test]
async fn only_an_active_admin_stands_in_for_the_last() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let (user, ana) = person(&directory, "ana@acme.test").await;
    give(&directory, &ana, json!([ADMIN])).await;
    let pending = json!({
        "email_address": "ben@acme.test",
        "roles": [ADMIN],
        "create_member_as_pending": true,
    });
    let ben = gateway.post(&members(&directory), pending).await;
    assert_eq!(ben.body["member"]["status"], "pending", "{}", ben.text);
    directory
        .patch(&format!("/Users/{user}"), active(false))
        .await;
    assert_eq!(standing(&directory, &ana).await.0, "removal");
    // A member who is none is no help, and an administrator elsewhere is none here.
    let other = Directory::start(&gateway).await;
    another(&other, "eve@acme.test").await;
    let (_, dan) = person(&directory, "dan@acme.test").await;
    give(&directory, &dan, json!(["editor"])).await;
    assert_eq!(standing(&directory, &ana).await.0, "removal");
    give(&directory, &dan, json!(["editor", ADMIN])).await;
    assert_eq!(status(&directory, &ana).await, "deleted");
    // Whom an administrator deletes by hand goes, last or not.
    let path = format!("{}/{dan}", members(&directory));
    let deleted = gateway.call("DELETE", &path, None).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(status(&directory, &dan).await, "deleted");
}

#[actix_web::test]
async fn break_glass_does_not_lose_the_last_admins_role() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let (user, ana) = person(&directory, "ana@acme.test").await;
    let group = directory.group("Admins", &[&user]).await;
    directory.give_role(ADMIN, &group).await;
    let path = format!("{}/{ana}", members(&directory));
    let marked = gateway.put(&path, json!({ "is_breakglass": true })).await;
    assert_eq!(marked.status, 200, "{}", marked.text);
    directory
        .patch(&format!("/Users/{user}"), active(false))
        .await;
    let kept = (json!("role_loss"), vec!["last_admin".to_owned()]);
    assert_eq!(standing(&directory, &ana).await, kept);
}

#[actix_web::test]
async fn of_two_admins_who_are_removed_at_once_one_stays() {
    let gateway = TestGateway::start().await;
    for by_group in [false, true] {
        for _ in 0..4 {
            let directory = Directory::start(&gateway).await;
            let (first, ana) = person(&directory, "ana@acme.test").await;
            let (second, ben) = person(&directory, "ben@acme.test").await;
            let (one, other) = if by_group {
                let one = directory.group("One", &[&first]).await;
                let other = directory.group("Other", &[&second]).await;
                let rule = |group: &String| json!({ "role_id": ADMIN, "group_id": group });
                let rules = json!([rule(&one), rule(&other)]);
                directory
                    .configure(json!({ "scim_group_implicit_role_assignments": rules }))
                    .await;
                (format!("/Groups/{one}"), format!("/Groups/{other}"))
            } else {
                give(&directory, &ana, json!([ADMIN])).await;
                give(&directory, &ben, json!([ADMIN])).await;
                (format!("/Users/{first}"), format!("/Users/{second}"))
            };
            let (left, right) = tokio::join!(directory.delete(&one), directory.delete(&other));
            assert_eq!((left.status, right.status), (204, 204));
            let kept = [
                standing(&directory, &ana).await.1.len(),
                standing(&directory, &ben).await.1.len(),
            ];
            assert!(kept.iter().any(|sources| *sources > 0), "nobody is left");
            assert!(kept.contains(&0), "the first of the two was not the last");
        }
    }
}
