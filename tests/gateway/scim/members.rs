use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::id::MemberId;
use vestibule::domain::id::RequestId;
use vestibule::domain::id::SessionId;
use vestibule::domain::secret::SecretHash;
use vestibule::domain::session::Session;
use vestibule::storage::error::StorageError;
use vestibule::storage::members as member_rows;
use vestibule::storage::sessions as session_rows;

use crate::scim::directory::Directory;
use crate::scim::directory::text;
use crate::support::TestGateway;

fn set(path: &str, value: Value) -> Value {
    json!([{ "op": "replace", "path": path, "value": value }])
}

/// Signs a member in and gives the session's token.
pub async fn sign_in(directory: &Directory<'_>, member_id: &str) -> String {
    let scope = directory.scope();
    let now = directory.gateway.now();
    let session = Session {
        id: SessionId::fresh(),
        organization_id: scope.organization_id,
        member_id: member_id.parse().unwrap(),
        factors: Vec::new(),
        custom_claims: serde_json::Map::new(),
        started_at: now,
        last_accessed_at: now,
        expires_at: now + TimeDelta::hours(1),
        ends_no_later_than: None,
    };
    let token = format!("token of {member_id}");
    let hash = SecretHash::of(&token);
    let opened =
        directory
            .gateway
            .storage
            .transaction::<_, StorageError>(RequestId::fresh(), move |tx| {
                tx.enter(session.organization_id)?;
                session_rows::insert(tx, &session, &hash)
            });
    opened.await.unwrap();
    token
}

pub async fn is_signed_in(directory: &Directory<'_>, token: &str) -> bool {
    let body = json!({ "session_token": token });
    let answer = directory
        .gateway
        .post("/v1/b2b/sessions/authenticate", body)
        .await;
    answer.status == 200
}

#[actix_web::test]
async fn a_user_with_an_address_becomes_a_member() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let body = json!({
        "userName": "ana",
        "externalId": "00u1",
        "name": { "givenName": "Ana", "familyName": "Brkić" },
        "emails": [{ "value": "old@acme.test" }, { "value": "ana@acme.test", "primary": true }],
    });
    let user = directory.post("/Users", body).await.body;
    let member = directory.member("ana@acme.test").await;
    assert_eq!(member["status"], "active");
    assert_eq!(member["name"], "Ana Brkić");
    assert_eq!(member["email_address_verified"], true);
    let registration = &member["scim_registration"];
    assert_eq!(registration["connection_id"], directory.connection_id);
    assert_eq!(registration["external_id"], "00u1");
    assert_eq!(registration["registration_id"], user["id"]);
}

#[actix_web::test]
async fn only_addresses_that_the_organization_vouches_for_are_proven() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    directory.user("ana@elsewhere.test").await;
    let member = directory.member("ana@elsewhere.test").await;
    assert_eq!(member["status"], "active");
    assert_eq!(member["email_address_verified"], false);
}

#[actix_web::test]
async fn a_user_without_an_address_becomes_a_member_when_one_arrives() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let known = directory.journal().await.len();
    let path = format!("/Users/{}", directory.user("ana").await);
    let inactive = json!({ "userName": "ben@acme.test", "active": false });
    assert_eq!(directory.post("/Users", inactive).await.status, 201);
    assert_eq!(
        directory.events_since(known).await,
        ["scim_user.created", "scim_user.created"]
    );
    directory
        .patch(&path, set("emails", json!([{ "value": "ana@acme.test" }])))
        .await;
    let member = directory.member("ana@acme.test").await;
    assert_eq!(member["status"], "active");
    // Its last address stays when the directory forgets it.
    let forgotten = directory
        .patch(&path, json!([{ "op": "remove", "path": "emails" }]))
        .await;
    assert_eq!(forgotten.status, 200, "{}", forgotten.text);
    let after = directory.member("ana@acme.test").await;
    assert_eq!(after["member_id"], member["member_id"]);
}

#[actix_web::test]
async fn deactivation_ends_sessions_and_roles_with_the_member() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let path = format!("/Users/{ana}");
    let member_id = text(&directory.member("ana@acme.test").await["member_id"]);
    let token = sign_in(&directory, &member_id).await;
    assert!(is_signed_in(&directory, &token).await);
    let known = directory.journal().await.len();
    let answer = directory.patch(&path, set("active", json!(false))).await;
    assert_eq!(
        (answer.status, &answer.body["active"]),
        (200, &json!(false))
    );
    assert!(!is_signed_in(&directory, &token).await);
    let member = directory.any_member(&member_id).await;
    assert_eq!(
        (&member["status"], &member["roles"]),
        (&json!("deleted"), &json!([]))
    );
    assert_eq!(
        directory.events_since(known).await,
        ["member.deleted", "sessions.revoked", "scim_user.updated"]
    );
    // Inactive is not deleted: the User can still be read and found.
    assert_eq!(directory.get(&path).await.body["active"], false);
}

#[actix_web::test]
async fn whoever_the_directory_removed_comes_back_as_the_same_member() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let path = format!("/Users/{ana}");
    let member_id = directory.member("ana@acme.test").await["member_id"].clone();
    directory.patch(&path, set("active", json!(false))).await;
    assert_eq!(directory.member("ana@acme.test").await, Value::Null);
    directory.patch(&path, set("active", json!(true))).await;
    assert_eq!(
        directory.member("ana@acme.test").await["member_id"],
        member_id
    );
    directory.delete(&path).await;
    assert_eq!(directory.member("ana@acme.test").await, Value::Null);
    let again = directory.user("ana@acme.test").await;
    assert_ne!(again, ana);
    assert_eq!(
        directory.member("ana@acme.test").await["member_id"],
        member_id
    );
}

#[actix_web::test]
async fn a_returning_member_keeps_clear_of_whoever_has_the_address_now() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let path = format!("/Users/{ana}");
    directory.patch(&path, set("active", json!(false))).await;
    let body = json!({ "userName": "ana2", "emails": [{ "value": "ana@acme.test" }] });
    assert_eq!(directory.post("/Users", body).await.status, 201);
    let known = directory.journal().await.len();
    let refused = directory.patch(&path, set("active", json!(true))).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(refused.body["scimType"], "uniqueness");
    assert_eq!(directory.get(&path).await.body["active"], false);
    assert_eq!(directory.events_since(known).await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_new_address_retires_the_old_one_and_ends_sessions() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let path = format!("/Users/{}", directory.user("ana@acme.test").await);
    let member = directory.member("ana@acme.test").await;
    let token = sign_in(&directory, &text(&member["member_id"])).await;
    directory
        .patch(&path, set("userName", json!("ana@new.test")))
        .await;
    let moved = directory.member("ana@new.test").await;
    assert_eq!(moved["member_id"], member["member_id"]);
    assert_eq!(moved["email_address_verified"], false);
    assert_eq!(
        moved["retired_email_addresses"][0]["email_address"],
        "ana@acme.test"
    );
    assert!(!is_signed_in(&directory, &token).await);
    let taken = directory
        .post("/Users", json!({ "userName": "ana@acme.test" }))
        .await;
    assert_eq!(taken.status, 409, "{}", taken.text);
    assert!(
        text(&taken.body["detail"]).contains("gave it up"),
        "{}",
        taken.text
    );
    // Whose address it was may take it back.
    let back = directory
        .patch(&path, set("userName", json!("ana@acme.test")))
        .await;
    assert_eq!(back.status, 200, "{}", back.text);
}

#[actix_web::test]
async fn a_directory_takes_over_only_members_that_the_organization_vouches_for() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let members = format!(
        "/v1/b2b/organizations/{}/members",
        directory.organization_id
    );
    let create = async |body: Value| gateway.post(&members, body).await.body["member"].clone();
    let ana = create(json!({ "email_address": "ana@acme.test", "roles": ["editor"] })).await;
    let guest = create(json!({ "email_address": "guest@elsewhere.test" })).await;
    let admin = json!({ "email_address": "admin@acme.test", "is_breakglass": true });
    let admin = create(admin).await;

    directory.user("ana@acme.test").await;
    let linked = directory.member("ana@acme.test").await;
    assert_eq!(linked["member_id"], ana["member_id"]);
    assert_eq!(
        linked["scim_registration"]["connection_id"],
        directory.connection_id
    );
    let known = directory.journal().await.len();
    for (body, why) in [
        (
            json!({ "userName": "guest@elsewhere.test" }),
            "email_allowed_domains",
        ),
        (json!({ "userName": "admin@acme.test" }), "break glass"),
        (
            json!({ "userName": "a", "emails": [{ "value": "ANA@acme.test" }] }),
            "another User",
        ),
    ] {
        let refused = directory.post("/Users", body).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
        assert_eq!(refused.body["scimType"], "uniqueness");
        assert!(
            text(&refused.body["detail"]).contains(why),
            "{}",
            refused.text
        );
    }
    // An address cannot be moved onto somebody either.
    let path = format!("/Users/{}", directory.user("ben").await);
    for address in ["admin@acme.test", "guest@elsewhere.test"] {
        let emails = set("emails", json!([{ "value": address }]));
        assert_eq!(
            directory.patch(&path, emails).await.status,
            409,
            "{address}"
        );
    }
    let (refused, created) = ("scim_user.refused", "scim_user.created");
    assert_eq!(
        directory.events_since(known).await,
        [refused, refused, created, refused, refused]
    );
    assert_eq!(
        directory.any_member(&text(&guest["member_id"])).await,
        guest
    );
    assert_eq!(
        directory.any_member(&text(&admin["member_id"])).await,
        admin
    );
}

#[actix_web::test]
async fn an_active_user_does_not_bring_back_a_member_deleted_by_hand() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let path = format!("/Users/{}", directory.user("ana@acme.test").await);
    let member_id = text(&directory.member("ana@acme.test").await["member_id"]);
    let (id, scope): (MemberId, _) = (member_id.parse().unwrap(), directory.scope());
    let deleted = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        tx.enter(scope.organization_id)?;
        let member = member_rows::find(tx, &scope, id)?.unwrap();
        let gone = member.deleted(false, tx.now);
        vestibule::use_cases::members::commit(tx, Some(&member), &gone)
    });
    deleted.await.unwrap();
    let answer = directory.patch(&path, set("title", json!("Dr"))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(directory.member("ana@acme.test").await, Value::Null);
}

#[actix_web::test]
async fn roles_follow_the_groups_of_the_directory_at_once() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let group = directory.group("Editors", &[]).await;
    let (organization, connection) = (&directory.organization_id, &directory.connection_id);
    let rules = json!([{ "role_id": "editor", "group_id": group }]);
    let updated = gateway
        .put(
            &format!("/v1/b2b/scim/{organization}/connection/{connection}"),
            json!({ "scim_group_implicit_role_assignments": rules }),
        )
        .await;
    assert_eq!(updated.status, 200, "{}", updated.text);
    let path = format!("/Groups/{group}");
    let member = json!([{ "value": ana }]);
    let roles = async || directory.member("ana@acme.test").await["roles"].clone();
    let source = json!([{
        "type": "scim_connection_group",
        "details": { "connection_id": connection, "group_id": group },
    }]);
    let editor = json!({ "role_id": "editor", "sources": source });
    let has_it = |roles: &Value| roles.as_array().unwrap().contains(&editor);
    assert!(!has_it(&roles().await));
    for (op, expected) in [("add", true), ("remove", false), ("replace", true)] {
        let operation = json!([{ "op": op, "path": "members", "value": member }]);
        assert_eq!(directory.patch(&path, operation).await.status, 200);
        assert_eq!(has_it(&roles().await), expected, "{op}");
    }
    let user = format!("/Users/{ana}");
    directory.patch(&user, set("active", json!(false))).await;
    directory.patch(&user, set("active", json!(true))).await;
    assert!(
        has_it(&roles().await),
        "implicit roles return with the member"
    );
    directory.delete(&path).await;
    assert!(!has_it(&roles().await));
}
