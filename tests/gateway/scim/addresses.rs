//! Addresses: how a User gets one, changes it, and whom it must not reach by it.

use serde_json::Value;
use serde_json::json;

use super::directory::Directory;
use super::directory::PATCH_OP;
use super::directory::text;
use super::members::is_signed_in;
use super::members::sign_in;
use crate::support::TestGateway;

/// Every way to give a User these addresses: the method, what is below its path, the body.
fn ways(user_name: &str, address: &str) -> Vec<(&'static str, Value)> {
    let emails = json!([{ "value": address, "type": "work", "primary": true }]);
    let patch = |operation: Value| json!({ "schemas": [PATCH_OP], "Operations": [operation] });
    vec![
        ("PUT", json!({ "userName": user_name, "emails": emails })),
        (
            "PATCH",
            patch(json!({ "op": "add", "path": "emails", "value": emails })),
        ),
        (
            "PATCH",
            patch(json!({ "op": "replace", "path": "emails", "value": emails })),
        ),
        (
            "PATCH",
            patch(json!({ "op": "add", "value": { "emails": emails } })),
        ),
        (
            "PATCH",
            patch(json!({ "op": "Replace", "value": { "emails": emails } })),
        ),
        (
            "BULK",
            patch(json!({ "op": "replace", "path": "emails", "value": emails })),
        ),
    ]
}

async fn send(directory: &Directory<'_>, user: &str, (method, body): (&str, Value)) -> u16 {
    let path = format!("/Users/{user}");
    if method != "BULK" {
        return directory.call(method, &path, Some(body)).await.status;
    }
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "PATCH", "path": path, "data": body }],
    });
    let answer = directory.post("/Bulk", bulk).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let status = text(&answer.body["Operations"][0]["status"]);
    status.parse().unwrap()
}

/// Whom the journal says a User is projected to.
async fn projected(directory: &Directory<'_>, user: &str) -> Value {
    let events = directory.journal().await;
    let last = events.iter().find(|event| event.object_id == user).unwrap();
    last.after.as_ref().unwrap()["memberId"].clone()
}

#[actix_web::test]
async fn a_user_becomes_a_member_by_whatever_brings_the_address() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    for number in 0..ways("", "").len() {
        let (name, address) = (format!("user{number}"), format!("user{number}@acme.test"));
        let user = directory.user(&name).await;
        assert_eq!(projected(&directory, &user).await, Value::Null);
        let way = ways(&name, &address).remove(number);
        let shown = format!("{way:?}");
        assert_eq!(send(&directory, &user, way).await, 200, "{shown}");
        let member = directory.member(&address).await;
        assert_eq!(member["status"], "active", "{shown}");
        assert_eq!(projected(&directory, &user).await, member["member_id"]);
    }
}

#[actix_web::test]
async fn a_foreign_address_is_not_proven_and_ends_what_the_old_one_opened() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    for number in 0..ways("", "").len() {
        let (old, new) = (
            format!("user{number}@acme.test"),
            format!("user{number}@elsewhere.test"),
        );
        let user = directory.user(&old).await;
        let member = text(&directory.member(&old).await["member_id"]);
        let token = sign_in(&directory, &member).await;
        let way = ways(&old, &new).remove(number);
        let shown = format!("{way:?}");
        assert_eq!(send(&directory, &user, way).await, 200, "{shown}");
        let moved = directory.member(&new).await;
        assert_eq!(moved["member_id"], member, "{shown}");
        assert_eq!(moved["email_address_verified"], false, "{shown}");
        let retired = &moved["retired_email_addresses"][0]["email_address"];
        assert_eq!(*retired, old, "{shown}");
        assert!(!is_signed_in(&directory, &token).await, "{shown}");
        assert_eq!(directory.member(&old).await, Value::Null, "{shown}");
    }
}

#[actix_web::test]
async fn no_chain_of_pushes_takes_a_break_glass_member_over() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let members = format!(
        "/v1/b2b/organizations/{}/members",
        directory.organization_id
    );
    let body = json!({
        "email_address": "admin@acme.test",
        "is_breakglass": true,
        "roles": ["stytch_admin"],
    });
    let admin = gateway.post(&members, body).await.body["member"].clone();
    let id = text(&admin["member_id"]);
    let address = "admin@acme.test";
    let known = directory.journal().await.len();

    // By the bare address; by an id; by a User that is somebody else first; by its other names.
    let first = json!({ "userName": address, "active": true, "password": "new" });
    let refused = directory.post("/Users", first).await;
    assert_eq!(
        (refused.status, &refused.body["scimType"]),
        (409, &json!("uniqueness"))
    );
    let body = json!({ "userName": "x", "id": id, "externalId": id });
    let other = text(&directory.post("/Users", body).await.body["id"]);
    for way in ways("x", address) {
        let shown = format!("{way:?}");
        assert_eq!(send(&directory, &other, way).await, 409, "{shown}");
    }
    let upper = json!({ "userName": "y", "emails": [{ "value": "ADMIN@Acme.test" }] });
    assert_eq!(directory.post("/Users", upper).await.status, 409);
    for (method, path) in [("PATCH", &id), ("DELETE", &id)] {
        let off = json!({ "schemas": [PATCH_OP], "Operations": [
            { "op": "replace", "path": "active", "value": false },
        ] });
        let answer = directory
            .call(method, &format!("/Users/{path}"), Some(off))
            .await;
        assert_eq!(answer.status, 404, "{}", answer.text);
    }
    assert_eq!(directory.any_member(&id).await, admin);
    let events = directory.journal().await;
    let newer = events.iter().rev().skip(known);
    let refusals: Vec<_> = newer
        .filter(|event| event.kind == "scim_user.refused")
        .collect();
    assert_eq!(refusals.len(), 2 + ways("", "").len());
    for refusal in refusals {
        assert_eq!(refusal.object_id, id);
        assert_eq!(refusal.actor_id.as_deref(), Some(&*directory.connection_id));
        let told = json!({ "email_address": address, "reason": "break_glass" });
        assert_eq!(refusal.after, Some(told));
    }
}

#[actix_web::test]
async fn first_contact_never_changes_the_address() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let members = format!(
        "/v1/b2b/organizations/{}/members",
        directory.organization_id
    );
    let body = json!({ "email_address": "ana@acme.test", "roles": ["editor"] });
    let ana = gateway.post(&members, body).await.body["member"].clone();
    let user = json!({
        "userName": "attacker",
        "emails": [
            { "value": "ANA@acme.test", "primary": true },
            { "value": "attacker@elsewhere.test", "type": "work" },
        ],
    });
    assert_eq!(directory.post("/Users", user).await.status, 201);
    let adopted = directory.member("ana@acme.test").await;
    assert_eq!(adopted["member_id"], ana["member_id"]);
    assert_eq!(adopted["email_address"], "ana@acme.test");
    assert_eq!(adopted["retired_email_addresses"], json!([]));
    assert_eq!(
        directory.roles("ana@acme.test").await,
        ["editor", "stytch_member"]
    );
}

#[actix_web::test]
async fn an_address_that_is_known_elsewhere_reaches_nobody_there() {
    let gateway = TestGateway::start().await;
    let (ours, theirs) = (
        Directory::start(&gateway).await,
        Directory::start(&gateway).await,
    );
    let user = theirs.user("ana@acme.test").await;
    let before = (
        theirs.member("ana@acme.test").await,
        theirs.get(&format!("/Users/{user}")).await.body,
    );
    let mine = ours.user("ana@acme.test").await;
    assert_ne!(
        ours.member("ana@acme.test").await["member_id"],
        before.0["member_id"]
    );
    assert_eq!(ours.delete(&format!("/Users/{mine}")).await.status, 204);
    assert_eq!(ours.delete(&format!("/Users/{user}")).await.status, 404);
    let after = (
        theirs.member("ana@acme.test").await,
        theirs.get(&format!("/Users/{user}")).await.body,
    );
    assert_eq!(after, before);
}

#[actix_web::test]
async fn names_that_only_look_different_are_one_name() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let user = directory.user("José@acme.test").await;
    for other in [
        "JOSÉ@ACME.TEST",
        "Jose\u{301}@acme.test",
        "ｊｏｓé@acme.test",
    ] {
        let body = json!({ "userName": other, "emails": [{ "value": "x@acme.test" }] });
        let refused = directory.post("/Users", body).await;
        assert_eq!(
            (refused.status, &refused.body["scimType"]),
            (409, &json!("uniqueness"))
        );
        let filter = format!("userName eq \"{other}\"");
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let found = directory.get(&format!("/Users?filter={filter}")).await;
        assert_eq!(found.body["Resources"][0]["id"], user, "{}", found.text);
        // It comes back as it was sent.
        assert_eq!(found.body["Resources"][0]["userName"], "José@acme.test");
    }
}
