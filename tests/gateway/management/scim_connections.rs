use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::ids;
use crate::scim::directory::text;
use crate::support::Answer;
use crate::support::TestGateway;

/// The path of a directory's connection in the management API.
fn path(directory: &Directory<'_>) -> String {
    let (organization, connection) = (&directory.organization_id, &directory.connection_id);
    format!("/v1/b2b/scim/{organization}/connection/{connection}")
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, text(&answer.body["error_type"]))
}

fn refused(status: u16, error_type: &str) -> (u16, String) {
    (status, error_type.to_owned())
}

async fn rotate(directory: &Directory<'_>, step: &str) -> Answer {
    let path = format!("{}/rotate/{step}", path(directory));
    directory.gateway.post(&path, json!({})).await
}

async fn opens(directory: &Directory<'_>, token: &str) -> bool {
    let users = format!("{}/Users", directory.base);
    let answer = directory.gateway.scim(("GET", &users), token, None).await;
    match answer.status {
        200 => true,
        401 => false,
        other => panic!("{other}: {}", answer.text),
    }
}

#[actix_web::test]
async fn both_tokens_work_until_a_rotation_is_completed() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let started = rotate(&directory, "start").await;
    assert_eq!(started.status, 200, "{}", started.text);
    let connection = &started.body["connection"];
    let next = text(&connection["next_bearer_token"]);
    assert!(next.len() == 48 && next.chars().all(|c| c.is_ascii_alphanumeric()));
    assert_eq!(connection["bearer_token"], Value::Null);
    assert!(opens(&directory, &directory.token).await && opens(&directory, &next).await);
    let collection = format!("/v1/b2b/scim/{}/connection", directory.organization_id);
    let shown = gateway.get(&collection).await.body["connection"].clone();
    let last_four = |token: &str| Value::from(token.get(44..).unwrap());
    assert_eq!(shown["bearer_token_last_four"], last_four(&directory.token));
    assert_eq!(shown["next_bearer_token_last_four"], last_four(&next));
    assert!(shown["next_bearer_token_expires_at"].is_string());
    let completed = rotate(&directory, "complete").await.body["connection"].clone();
    assert_eq!(completed["bearer_token_last_four"], last_four(&next));
    assert_eq!(
        completed["bearer_token_expires_at"],
        shown["next_bearer_token_expires_at"]
    );
    assert_eq!(completed["next_bearer_token_last_four"], "");
    assert_eq!(completed["next_bearer_token_expires_at"], Value::Null);
    assert!(!opens(&directory, &directory.token).await);
    assert!(opens(&directory, &next).await);
}

#[actix_web::test]
async fn a_cancelled_rotation_leaves_everything_as_it_was() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let collection = format!("/v1/b2b/scim/{}/connection", directory.organization_id);
    let before = gateway.get(&collection).await.body["connection"].clone();
    let next = rotate(&directory, "start").await.body["connection"]["next_bearer_token"].clone();
    let cancelled = rotate(&directory, "cancel").await;
    assert_eq!(cancelled.body["connection"], before);
    assert!(opens(&directory, &directory.token).await);
    assert!(!opens(&directory, &text(&next)).await);
}

#[actix_web::test]
async fn a_second_start_ends_the_token_that_was_waiting() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let mut next = Vec::new();
    for _ in 0..2 {
        let started = rotate(&directory, "start").await;
        next.push(text(&started.body["connection"]["next_bearer_token"]));
    }
    assert!(!opens(&directory, &next[0]).await);
    assert!(opens(&directory, &next[1]).await && opens(&directory, &directory.token).await);
}

#[actix_web::test]
async fn a_rotation_that_was_not_started_cannot_end() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let not_rotating = refused(400, "scim_connection_not_rotating_token");
    for step in ["complete", "cancel"] {
        assert_eq!(refusal(&rotate(&directory, step).await), not_rotating);
        rotate(&directory, "start").await;
        assert_eq!(rotate(&directory, step).await.status, 200);
        assert_eq!(refusal(&rotate(&directory, step).await), not_rotating);
    }
}

#[actix_web::test]
async fn a_token_ends_after_five_years() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    gateway.wait(TimeDelta::days(5 * 365) - TimeDelta::minutes(1));
    assert!(opens(&directory, &directory.token).await);
    let next = rotate(&directory, "start").await.body["connection"]["next_bearer_token"].clone();
    gateway.wait(TimeDelta::minutes(2));
    assert!(!opens(&directory, &directory.token).await);
    assert!(opens(&directory, &text(&next)).await);
}

#[actix_web::test]
async fn a_deleted_connection_ends_its_tokens_and_keeps_its_people() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let ana = directory.user("ana@acme.test").await;
    let ben = directory.user("ben@acme.test").await;
    directory.delete(&format!("/Users/{ben}")).await;
    let group = directory.group("Editors", &[&ana]).await;
    let rules = json!({
        "scim_group_implicit_role_assignments": [{ "role_id": "editor", "group_id": group }],
        "scim_connection_implicit_role_assignments": [{ "role_id": "employee" }],
    });
    let updated = gateway.put(&path(&directory), rules).await;
    assert_eq!(updated.status, 200, "{}", updated.text);
    let before = directory.member("ana@acme.test").await;
    assert_eq!(ids(&before["roles"], "role_id").len(), 3, "{before}");
    let next = rotate(&directory, "start").await.body["connection"]["next_bearer_token"].clone();
    let known = directory.journal().await.len();
    let deleted = gateway.call("DELETE", &path(&directory), None).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(
        deleted.body["connection_id"],
        json!(directory.connection_id)
    );
    assert!(!opens(&directory, &directory.token).await);
    assert!(!opens(&directory, &text(&next)).await);
    let after = directory.member("ana@acme.test").await;
    assert_eq!(after["status"], "active");
    assert_eq!(after["member_id"], before["member_id"]);
    assert_eq!(after["scim_registration"], Value::Null);
    assert_eq!(ids(&after["roles"], "role_id"), ["stytch_member"]);
    assert_eq!(directory.member("ben@acme.test").await, Value::Null);
    assert_eq!(
        directory.events_since(known).await,
        ["connection.deleted", "directory.removed"]
    );
    let organization = format!("/v1/b2b/organizations/{}", directory.organization_id);
    let organization = gateway.get(&organization).await.body["organization"].clone();
    assert_eq!(organization["scim_active_connection"], Value::Null);
}

#[actix_web::test]
async fn nothing_can_be_done_with_a_connection_that_is_gone() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let path = path(&directory);
    gateway.call("DELETE", &path, None).await;
    let collection = format!("/v1/b2b/scim/{}/connection", directory.organization_id);
    let gone = refused(404, "no_active_scim_connection");
    for (method, path) in [
        ("GET", collection.clone()),
        ("GET", path.clone()),
        ("PUT", path.clone()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/rotate/start")),
        ("POST", format!("{path}/rotate/complete")),
        ("POST", format!("{path}/rotate/cancel")),
    ] {
        let answer = gateway.call(method, &path, None).await;
        assert_eq!(refusal(&answer), gone, "{method} {path}");
    }
}

#[actix_web::test]
async fn the_next_connection_begins_with_an_empty_directory_and_takes_over_its_people() {
    let gateway = TestGateway::start().await;
    let mut directory = Directory::start(&gateway).await;
    directory.user("ana@acme.test").await;
    let ben = directory.user("ben@acme.test").await;
    directory.delete(&format!("/Users/{ben}")).await;
    let ana = directory.member("ana@acme.test").await;
    gateway.call("DELETE", &path(&directory), None).await;
    let collection = format!("/v1/b2b/scim/{}/connection", directory.organization_id);
    let created = gateway.post(&collection, json!({})).await.body["connection"].clone();
    assert_eq!(created["status"], "active");
    directory.connection_id = text(&created["connection_id"]);
    directory.base = format!("/v1/b2b/scim/{}", directory.connection_id);
    directory.token = text(&created["bearer_token"]);
    assert_eq!(directory.get("/Users").await.body["totalResults"], 0);
    directory.user("ana@acme.test").await;
    directory.user("ben@acme.test").await;
    let again = directory.member("ana@acme.test").await;
    assert_eq!(again["member_id"], ana["member_id"]);
    assert!(again["scim_registration"].is_object());
    assert_eq!(directory.member("ben@acme.test").await["status"], "active");
}

#[actix_web::test]
async fn roles_by_group_are_replaced_whole_and_show_the_name_that_the_group_has() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let editors = directory.group("Editors", &[]).await;
    let viewers = directory.group("Viewers", &[]).await;
    let update = async |rules: Value| {
        let body = json!({ "scim_group_implicit_role_assignments": rules });
        let updated = gateway.put(&path(&directory), body).await;
        assert_eq!(updated.status, 200, "{}", updated.text);
        updated.body["connection"]["scim_group_implicit_role_assignments"].clone()
    };
    let rule = |role: &str, group: &str, name: &str| json!({ "role_id": role, "group_id": group, "group_name": name });
    let both = json!([rule("editor", &editors, "x"), rule("viewer", &viewers, "")]);
    let shown = json!([
        rule("editor", &editors, "Editors"),
        rule("viewer", &viewers, "Viewers")
    ]);
    assert_eq!(update(both).await, shown);
    let renamed = gateway
        .put(&path(&directory), json!({ "display_name": "Okta" }))
        .await;
    assert_eq!(
        renamed.body["connection"]["scim_group_implicit_role_assignments"],
        shown
    );
    let one = json!([{ "role_id": "viewer", "group_id": viewers }]);
    let viewers_alone = json!([rule("viewer", &viewers, "Viewers")]);
    assert_eq!(update(one).await, viewers_alone);
    directory.delete(&format!("/Groups/{viewers}")).await;
    let collection = format!("/v1/b2b/scim/{}/connection", directory.organization_id);
    let after = gateway.get(&collection).await.body["connection"].clone();
    assert_eq!(after["scim_group_implicit_role_assignments"], json!([]));
    let still_named = gateway
        .put(&path(&directory), json!({ "display_name": "Entra" }))
        .await;
    assert_eq!(still_named.status, 200, "{}", still_named.text);
    assert_eq!(update(json!([])).await, json!([]));
}

#[actix_web::test]
async fn what_a_scim_connection_cannot_become_is_refused_and_changes_nothing() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let other = Directory::start(&gateway).await;
    let foreign = other.group("Editors", &[]).await;
    let group = directory.group("Editors", &[]).await;
    let collection = format!("/v1/b2b/scim/{}/connection", directory.organization_id);
    let before = gateway.get(&collection).await.body["connection"].clone();
    let unknown = "scim-group-test-00000000-0000-4000-8000-000000000000";
    let by_group = |rule: Value| json!({ "display_name": "changed", "scim_group_implicit_role_assignments": [rule] });
    for (body, error_type) in [
        (
            by_group(json!({ "role_id": "editor", "group_id": unknown })),
            "scim_group_role_assignment_group_does_not_exist",
        ),
        (
            by_group(json!({ "role_id": "editor", "group_id": foreign })),
            "scim_group_role_assignment_group_does_not_exist",
        ),
        (
            by_group(json!({ "role_id": "editor", "group_id": "Editors" })),
            "scim_group_role_assignment_group_does_not_exist",
        ),
        (
            by_group(json!({ "role_id": "editor" })),
            "scim_group_role_assignment_does_not_contain_group_id",
        ),
        (
            by_group(json!({ "role_id": "editor", "group_id": "" })),
            "scim_group_role_assignment_does_not_contain_group_id",
        ),
        (
            by_group(json!({ "role_id": "undeclared", "group_id": group })),
            "invalid_rbac_role_id",
        ),
        (
            json!({ "display_name": "changed", "identity_provider": "myspace" }),
            "invalid_scim_idp",
        ),
        (
            by_group(json!({ "group_id": group })),
            "invalid_rbac_role_assignment",
        ),
        (json!({ "display_name": 5 }), "bad_request"),
    ] {
        let answer = gateway.put(&path(&directory), body.clone()).await;
        assert_eq!(refusal(&answer), refused(400, error_type), "{body}");
    }
    assert_eq!(gateway.get(&collection).await.body["connection"], before);
}

#[actix_web::test]
async fn every_product_of_the_contract_is_known_and_slips_of_sdks_are_understood() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    for (given, shown) in [
        ("okta", "okta"),
        ("microsoft-entra", "microsoft-entra"),
        ("microsoftentra", "microsoft-entra"),
        ("cyberark", "cyberark"),
        ("jumpcloud", "jumpcloud"),
        ("onelogin", "onelogin"),
        ("pingfederate", "pingfederate"),
        ("rippling", "rippling"),
        ("generic", "generic"),
    ] {
        let body = json!({ "identity_provider": given, "display_name": null });
        let updated = gateway.put(&path(&directory), body).await.body["connection"].clone();
        assert_eq!(updated["identity_provider"], shown);
        let url = text(&updated["base_url"]);
        assert_eq!(
            url.ends_with("?aadOptscim062020"),
            shown == "microsoft-entra"
        );
    }
}

#[actix_web::test]
async fn groups_come_in_pages() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let mut pushed = Vec::new();
    for name in ["Anna", "Berta", "Cora", "Dora", "Emma"] {
        pushed.push((directory.group(name, &[]).await, name));
    }
    let (mut listed, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let query = format!("{}?limit=2&cursor={cursor}", path(&directory));
        let page = gateway.get(&query).await;
        assert_eq!(page.status, 200, "{}", page.text);
        for group in page.body["scim_groups"].as_array().unwrap() {
            assert_eq!(group["organization_id"], json!(directory.organization_id));
            assert_eq!(group["connection_id"], json!(directory.connection_id));
            listed.push((text(&group["group_id"]), text(&group["group_name"])));
        }
        pages += 1;
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    let expected: Vec<_> = pushed
        .into_iter()
        .map(|(id, name)| (id, name.to_owned()))
        .collect();
    assert_eq!((listed, pages), (expected, 3));
    let all = gateway.get(&path(&directory)).await;
    assert_eq!(all.body["scim_groups"].as_array().unwrap().len(), 5);
    assert_eq!(all.body["next_cursor"], Value::Null);
    for (query, error_type) in [
        ("limit=0", "invalid_limit"),
        ("limit=1001", "invalid_limit"),
        ("limit=many", "invalid_limit"),
        ("cursor=nonsense", "invalid_cursor"),
    ] {
        let answer = gateway.get(&format!("{}?{query}", path(&directory))).await;
        assert_eq!(refusal(&answer), refused(400, error_type), "{query}");
    }
}

#[actix_web::test]
async fn another_organizations_scim_connection_is_like_a_missing_one() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let other = Directory::start(&gateway).await;
    let foreign = format!(
        "/v1/b2b/scim/{}/connection/{}",
        other.organization_id, directory.connection_id
    );
    let missing = refused(404, "no_active_scim_connection");
    for (method, path) in [
        ("PUT", foreign.clone()),
        ("GET", foreign.clone()),
        ("DELETE", foreign.clone()),
        ("POST", format!("{foreign}/rotate/start")),
    ] {
        let answer = gateway.call(method, &path, Some(json!({}))).await;
        assert_eq!(refusal(&answer), missing, "{method} {path}");
    }
    assert!(opens(&directory, &directory.token).await);
}

#[actix_web::test]
async fn a_member_may_do_to_the_directory_what_its_roles_allow() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let organization = directory.organization_id.as_str();
    let path = path(&directory);
    let collection = format!("/v1/b2b/scim/{organization}/connection");
    let rotate = |step: &str| format!("{path}/rotate/{step}");
    let calls = [
        ("get", "GET", collection.clone()),
        ("get", "GET", path.clone()),
        ("update", "PUT", path.clone()),
        ("update", "POST", rotate("start")),
        ("update", "POST", rotate("cancel")),
        ("update", "POST", rotate("start")),
        ("update", "POST", rotate("complete")),
        ("delete", "DELETE", path.clone()),
        ("create", "POST", collection),
    ];
    let other = Directory::start(&gateway).await;
    let stranger = gateway.member_session(&other.organization_id, &["stytch_admin"]);
    let stranger = stranger.await;
    for (action, method, path) in calls {
        for refusing in ["get", "update", "delete", "create"] {
            if refusing != action {
                let role = format!("only-{refusing}");
                gateway
                    .declare_role(&role, &[("stytch.scim", refusing)])
                    .await;
                let token = gateway.member_session(organization, &[&role]).await;
                let answer = gateway
                    .call_as(&token, (method, &path), Some(json!({})))
                    .await;
                let expected = refused(403, "session_authorization_error");
                assert_eq!(refusal(&answer), expected, "{role} {method} {path}");
            }
        }
        let answer = gateway
            .call_as(&stranger, (method, &path), Some(json!({})))
            .await;
        let tenancy = refused(403, "session_authorization_tenancy_error");
        assert_eq!(refusal(&answer), tenancy, "{method} {path}");
        let role = format!("may-{action}");
        gateway
            .declare_role(&role, &[("stytch.scim", action)])
            .await;
        let token = gateway.member_session(organization, &[&role]).await;
        let answer = gateway
            .call_as(&token, (method, &path), Some(json!({})))
            .await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
    }
}

#[actix_web::test]
async fn the_journal_tells_of_rotations_and_keeps_no_token() {
    let gateway = TestGateway::start().await;
    let directory = Directory::start(&gateway).await;
    let known = directory.journal().await.len();
    let mut tokens = vec![directory.token.clone()];
    for step in ["start", "cancel", "start", "complete"] {
        let answer = rotate(&directory, step).await;
        let next = answer.body["connection"]["next_bearer_token"].as_str();
        tokens.extend(next.map(str::to_owned));
    }
    assert_eq!(
        directory.events_since(known).await,
        ["connection.updated"; 4]
    );
    assert_eq!(tokens.len(), 3);
    for event in directory.journal().await {
        let told = format!("{:?} {:?}", event.before, event.after);
        assert!(
            !tokens.iter().any(|token| told.contains(token.as_str())),
            "{told}"
        );
    }
}
