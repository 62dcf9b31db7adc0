use serde_json::json;

use super::directory::Directory;
use super::directory::text;
use crate::support::TestGateway;

/// A member whom the directory made and then removed: the ids of the User and of the member.
async fn removed(directory: &Directory<'_>) -> (String, String) {
    let user = directory.user("ana@acme.test").await;
    let member = text(&directory.member("ana@acme.test").await["member_id"]);
    set_active(directory, &user, false).await;
    assert_eq!(directory.any_member(&member).await["status"], "deleted");
    (user, member)
}

async fn set_active(directory: &Directory<'_>, user: &str, active: bool) {
    let operation = json!([{ "op": "replace", "path": "active", "value": active }]);
    let answer = directory.patch(&format!("/Users/{user}"), operation).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn reactivate(directory: &Directory<'_>, member: &str) {
    let organization = &directory.organization_id;
    let path = format!("/v1/b2b/organizations/{organization}/members/{member}/reactivate");
    let answer = directory.gateway.put(&path, json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member"]["status"], "active");
}

#[actix_web::test]
async fn whom_an_administrator_brings_back_stays_until_the_directory_acts_on_them() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let (user, member) = removed(&directory).await;
    reactivate(&directory, &member).await;

    let renamed = json!([{ "op": "replace", "path": "title", "value": "CEO" }]);
    let answer = directory.patch(&format!("/Users/{user}"), renamed).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    set_active(&directory, &user, false).await;
    assert_eq!(directory.any_member(&member).await["status"], "active");

    set_active(&directory, &user, true).await;
    set_active(&directory, &user, false).await;
    assert_eq!(directory.any_member(&member).await["status"], "deleted");
    reactivate(&directory, &member).await;
    assert_eq!(
        directory.delete(&format!("/Users/{user}")).await.status,
        204
    );
    assert_eq!(directory.any_member(&member).await["status"], "deleted");
}

#[actix_web::test]
async fn an_inactive_user_gives_no_roles_to_whom_an_administrator_brought_back() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let user = directory.user("ana@acme.test").await;
    let group = directory.group("Staff", &[&user]).await;
    let path = format!(
        "/v1/b2b/scim/{}/connection/{}",
        directory.organization_id, directory.connection_id
    );
    let rule = json!([{ "role_id": "staff", "group_id": group }]);
    let body = json!({ "scim_group_implicit_role_assignments": rule });
    let answer = gateway.put(&path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let roles = async || {
        let member = directory.member("ana@acme.test").await;
        let roles = member["roles"].as_array().unwrap().iter();
        roles.map(|role| text(&role["role_id"])).collect::<Vec<_>>()
    };
    assert_eq!(roles().await, ["staff", "stytch_member"]);
    let member = text(&directory.member("ana@acme.test").await["member_id"]);
    set_active(&directory, &user, false).await;
    reactivate(&directory, &member).await;
    assert_eq!(roles().await, ["stytch_member"]);
    set_active(&directory, &user, true).await;
    assert_eq!(roles().await, ["staff", "stytch_member"]);
}

#[actix_web::test]
async fn an_external_id_given_to_somebody_else_does_not_keep_a_person_out() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let user = directory.user("ana@acme.test").await;
    let member = text(&directory.member("ana@acme.test").await["member_id"]);
    let base = format!(
        "/v1/b2b/organizations/{}/members",
        directory.organization_id
    );
    let named = gateway
        .put(
            &format!("{base}/{member}"),
            json!({ "external_id": "hr-7" }),
        )
        .await;
    assert_eq!(named.status, 200, "{}", named.text);
    set_active(&directory, &user, false).await;
    let heir = json!({ "email_address": "ben@acme.test", "external_id": "hr-7" });
    assert_eq!(gateway.post(&base, heir).await.status, 200);
    set_active(&directory, &user, true).await;
    let back = directory.any_member(&member).await;
    assert_eq!(
        (&back["status"], back["external_id"].is_null()),
        (&json!("active"), true)
    );
}
