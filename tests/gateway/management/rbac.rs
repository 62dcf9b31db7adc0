use serde_json::Value;
use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::domain::project::ProjectId;
use vestibule::domain::rbac::Resource;
use vestibule::storage::project_settings;

use crate::support::TestGateway;

/// Acme in a project with the resource `documents`, and the path of Acme's policy.
async fn acme() -> (TestGateway, String, String) {
    let gateway = TestGateway::start().await;
    declare_documents(&gateway).await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let id = acme["organization_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/b2b/rbac/organizations/{id}");
    (gateway, id, path)
}

async fn declare_documents(gateway: &TestGateway) {
    let project = ProjectId::new(gateway.project_id.as_str());
    let declared = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        let mut settings = project_settings::find(tx, &project)?.unwrap_or_default();
        settings.rbac.resources.push(Resource {
            resource_id: "documents".to_owned(),
            description: String::new(),
            actions: vec!["read".to_owned(), "write".to_owned()],
        });
        project_settings::save(tx, &project, &settings)
    });
    declared.await.unwrap();
}

fn role(role_id: &str, resource: &str, actions: &[&str]) -> Value {
    json!({ "role_id": role_id, "description": "", "permissions": [
        { "resource_id": resource, "actions": actions },
    ]})
}

fn policy(roles: &[Value]) -> Value {
    json!({ "org_policy": { "roles": roles } })
}

/// What a member of this session may do, as the server sees it.
async fn check(gateway: &TestGateway, token: &str, asked: (&str, &str, &str)) -> (u16, Value) {
    let body = json!({ "session_token": token, "authorization_check": {
        "organization_id": asked.0, "resource_id": asked.1, "action": asked.2,
    }});
    let answer = gateway.post("/v1/b2b/sessions/authenticate", body).await;
    let told = match answer.status {
        200 => answer.body["verdict"].clone(),
        _ => answer.body["error_type"].clone(),
    };
    (answer.status, told)
}

#[actix_web::test]
async fn an_organization_replaces_its_own_roles() {
    let (gateway, id, path) = acme().await;
    let first = policy(&[
        role("proofreader", "documents", &["read"]),
        role("sso-admin", "stytch.sso", &["*"]),
    ]);
    let answer = gateway.put(&path, first.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["org_policy"], first["org_policy"]);
    assert_eq!(
        gateway.get(&path).await.body["org_policy"],
        first["org_policy"]
    );
    let organization = gateway.get(&format!("/v1/b2b/organizations/{id}")).await;
    let mirrored = &organization.body["organization"]["custom_roles"];
    assert_eq!(mirrored, &first["org_policy"]["roles"]);
    let second = policy(&[role("proofreader", "documents", &["*"])]);
    gateway.put(&path, second.clone()).await;
    assert_eq!(
        gateway.get(&path).await.body["org_policy"],
        second["org_policy"]
    );
    let project = gateway.get("/v1/b2b/rbac/policy").await;
    assert!(!project.text.contains("proofreader"), "{}", project.text);
}

#[actix_web::test]
async fn a_policy_that_breaks_a_rule_is_named_and_changes_nothing() {
    let (gateway, _, path) = acme().await;
    let kept = policy(&[role("proofreader", "documents", &["read"])]);
    gateway.put(&path, kept.clone()).await;
    let long = "x".repeat(129);
    let fine = |id: &str| role(id, "documents", &["read"]);
    let described = |text: &str| {
        let mut role = fine("a");
        role["description"] = json!(text);
        role
    };
    let without = json!({ "role_id": "a" });
    let many: Vec<_> = (0..101).map(|number| fine(&format!("r{number}"))).collect();
    let cases = [
        (vec![fine("a"), fine("a")], "rbac_role_duplicate"),
        (vec![fine(&long)], "rbac_role_id_too_long"),
        (vec![fine("a b")], "invalid_rbac_role_id"),
        (
            vec![role("a", &long, &["read"])],
            "rbac_resource_id_too_long",
        ),
        (
            vec![role("a", "documents", &[&long])],
            "rbac_action_too_long",
        ),
        (
            vec![role("a", "documents", &["read", "read"])],
            "rbac_action_duplicate",
        ),
        (
            vec![role("a", "documents", &[])],
            "rbac_permission_missing_actions",
        ),
        (
            vec![role("a", "documents", &["*", "read"])],
            "cannot_specify_wildcard_with_other_actions",
        ),
        (vec![without], "rbac_role_missing_permissions"),
        (
            vec![described(&"x".repeat(1025))],
            "rbac_description_too_long",
        ),
        (vec![fine("stytch_admin")], "invalid_rbac_stytch_role_edit"),
        (vec![fine("stytch_mine")], "invalid_rbac_stytch_role_edit"),
        (vec![fine("editor")], "rbac_org_custom_roles_only"),
        (many, "too_many_roles"),
        (vec![role("a", "papers", &["read"])], "bad_request"),
        (vec![role("a", "documents", &["shred"])], "bad_request"),
    ];
    for (roles, error_type) in cases {
        let answer = gateway.put(&path, policy(&roles)).await;
        assert_eq!(
            (answer.status, &answer.body["error_type"]),
            (400, &json!(error_type)),
            "{}",
            answer.text
        );
    }
    for body in [
        json!({}),
        json!({ "org_policy": [] }),
        json!({ "org_policy": null }),
    ] {
        let answer = gateway.put(&path, body).await;
        assert_eq!(
            (answer.status, &answer.body["error_type"]),
            (400, &json!("bad_request")),
            "{}",
            answer.text
        );
    }
    assert_eq!(
        gateway.get(&path).await.body["org_policy"],
        kept["org_policy"]
    );
}

#[actix_web::test]
async fn a_policy_is_set_by_the_backend_of_its_own_project() {
    let (gateway, id, path) = acme().await;
    let wanted = policy(&[role("proofreader", "documents", &["read"])]);
    let admin = gateway.member_session(&id, &["stytch_admin"]).await;
    let answer = gateway
        .call_as(&admin, ("PUT", &path), Some(wanted.clone()))
        .await;
    assert_ne!(answer.status, 200, "{}", answer.text);
    let (other, secret) = gateway.another_project().await;
    let request = gateway
        .http
        .put(format!("{}{path}", gateway.base_url))
        .basic_auth(other, Some(secret))
        .header("content-type", "application/json")
        .body(wanted.to_string());
    assert_eq!(gateway.send(request).await.status, 401);
    let unknown = gateway
        .put("/v1/b2b/rbac/organizations/nobody", wanted)
        .await;
    assert_eq!(
        (unknown.status, &unknown.body["error_type"]),
        (404, &json!("organization_not_found"))
    );
    assert_eq!(
        gateway.get(&path).await.body["org_policy"],
        json!({ "roles": [] })
    );
}

#[actix_web::test]
async fn what_a_role_allows_is_what_both_policies_say() {
    let (gateway, id, path) = acme().await;
    gateway
        .declare_role("shredder", &[("documents", "*")])
        .await;
    let own = policy(&[role("proofreader", "documents", &["read"])]);
    gateway.put(&path, own).await;
    let globex = gateway
        .organization(json!({ "organization_name": "Globex" }))
        .await;
    let globex = globex["organization_id"].as_str().unwrap();
    let shredder = gateway.member_session(&id, &["shredder"]).await;
    let proofreader = gateway
        .member_session(&id, &["proofreader", "viewer"])
        .await;
    let foreign = gateway.member_session(globex, &["proofreader"]).await;
    let granted = |role: &str| json!({ "authorized": true, "granting_roles": [role] });
    let refused = || json!("session_authorization_error");
    let tenancy = || json!("session_authorization_tenancy_error");
    let cases = [
        (&shredder, id.as_str(), "read", (200, granted("shredder"))),
        (&shredder, &id, "anything", (200, granted("shredder"))),
        (&proofreader, &id, "read", (200, granted("proofreader"))),
        (&proofreader, &id, "write", (403, refused())),
        (&proofreader, globex, "read", (403, tenancy())),
        (&proofreader, "nobody", "read", (403, tenancy())),
        // A role of the same name in an organization that does not declare it.
        (&foreign, globex, "read", (403, refused())),
    ];
    for (token, organization, action, expected) in cases {
        let told = check(&gateway, token, (organization, "documents", action)).await;
        assert_eq!(told, expected, "{organization} {action}");
    }
}

#[actix_web::test]
async fn a_role_that_is_dropped_is_still_named_but_gives_nothing() {
    let (gateway, id, path) = acme().await;
    let own = policy(&[role("proofreader", "documents", &["read"])]);
    gateway.put(&path, own.clone()).await;
    let member = gateway.member_with_roles(&id, &["proofreader"]).await;
    let token = gateway.session_of(&id, &member).await;
    let session = || {
        gateway.post(
            "/v1/b2b/sessions/authenticate",
            json!({ "session_token": token }),
        )
    };
    let held = |body: &Value| {
        let of_session = body["member_session"]["roles"].clone();
        let of_member = body["member"]["roles"].as_array().unwrap().iter();
        let of_member: Vec<_> = of_member.map(|role| role["role_id"].clone()).collect();
        (of_session, Value::from(of_member))
    };
    let both = json!(["proofreader", "stytch_member"]);
    assert_eq!(held(&session().await.body), (both.clone(), both.clone()));
    gateway.put(&path, policy(&[])).await;
    assert_eq!(
        held(&session().await.body),
        (json!(["stytch_member"]), both.clone())
    );
    let told = check(&gateway, &token, (&id, "documents", "read")).await;
    assert_eq!(told, (403, json!("session_authorization_error")));
    gateway.put(&path, own).await;
    assert_eq!(held(&session().await.body), (both.clone(), both));
}

#[actix_web::test]
async fn the_policy_of_the_project_is_whole_and_members_cannot_raise_themselves() {
    let (gateway, ..) = acme().await;
    let answer = gateway.get("/v1/b2b/rbac/policy").await;
    let find = |list: &str, key: &str, id: &str| -> Value {
        let items = answer.body["policy"][list].as_array().unwrap();
        items
            .iter()
            .find(|it| it[key] == id)
            .cloned()
            .unwrap_or_default()
    };
    for resource in [
        "stytch.organization",
        "stytch.member",
        "stytch.sso",
        "stytch.scim",
        "stytch.self",
        "stytch.custom-org-roles",
        "documents",
    ] {
        assert!(
            find("resources", "resource_id", resource)["actions"][0].is_string(),
            "{resource}"
        );
    }
    let member = find("roles", "role_id", "stytch_member");
    let own = &member["permissions"][0];
    assert_eq!(own["resource_id"], json!("stytch.self"));
    assert!(
        own["actions"]
            .as_array()
            .unwrap()
            .contains(&json!("update.info.name"))
    );
    assert!(!own.to_string().contains("update.settings.roles"));
}
