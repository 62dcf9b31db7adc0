use serde_json::json;
use stytch::b2b::organizations_members;
use stytch::b2b::scim::SCIMGroupImplicitRoleAssignments;
use stytch::b2b::scim_connection::CreateRequest;
use stytch::b2b::scim_connection::CreateRequestIdentityProvider;
use stytch::b2b::scim_connection::DeleteRequest;
use stytch::b2b::scim_connection::GetGroupsRequest;
use stytch::b2b::scim_connection::GetRequest;
use stytch::b2b::scim_connection::RotateCancelRequest;
use stytch::b2b::scim_connection::RotateCompleteRequest;
use stytch::b2b::scim_connection::RotateStartRequest;
use stytch::b2b::scim_connection::UpdateRequest;
use stytch::b2b::scim_connection::UpdateRequestIdentityProvider;

use super::Application;
use super::refused;
use crate::scim::directory::text;

fn create(app: &Application) -> CreateRequest {
    CreateRequest {
        organization_id: app.organization_id(),
        display_name: Some("Directory".into()),
        // The SDK leaves the hyphen out.
        identity_provider: Some(CreateRequestIdentityProvider::Microsoftentra),
    }
}

#[actix_web::test]
async fn a_scim_connection_lives() {
    let app = Application::start().await;
    let connections = &app.client.scim.connection;
    let created = connections.create(create(&app)).await.unwrap();
    let created = created.connection.unwrap();
    assert_eq!(created.identity_provider, "microsoft-entra");
    let (organization_id, connection_id) = (app.organization_id(), created.connection_id);
    let users = format!("/v1/b2b/scim/{connection_id}/Users");
    let user = json!({ "userName": "ana@acme.test" });
    let pushed = app
        .gateway
        .scim(("POST", &users), &created.bearer_token, Some(user));
    assert_eq!(pushed.await.status, 201);
    let groups = format!("/v1/b2b/scim/{connection_id}/Groups");
    let group = json!({ "displayName": "Editors" });
    let pushed = app
        .gateway
        .scim(("POST", &groups), &created.bearer_token, Some(group));
    let group_id = text(&pushed.await.body["id"]);
    let listed = connections.get_groups(GetGroupsRequest {
        organization_id: organization_id.clone(),
        connection_id: connection_id.clone(),
        limit: Some(5),
        ..Default::default()
    });
    let listed = listed.await.unwrap();
    assert_eq!(listed.scim_groups[0].group_id, group_id);
    assert_eq!(listed.next_cursor, None);
    let updated = connections.update(UpdateRequest {
        organization_id: organization_id.clone(),
        connection_id: connection_id.clone(),
        identity_provider: Some(UpdateRequestIdentityProvider::Okta),
        scim_group_implicit_role_assignments: Some(vec![SCIMGroupImplicitRoleAssignments {
            role_id: "editor".into(),
            group_id,
            group_name: String::new(),
        }]),
        ..Default::default()
    });
    let updated = updated.await.unwrap().connection.unwrap();
    assert_eq!(updated.display_name, "Directory");
    assert_eq!(
        updated.scim_group_implicit_role_assignments[0].group_name,
        "Editors"
    );
    let start = RotateStartRequest {
        organization_id: organization_id.clone(),
        connection_id: connection_id.clone(),
    };
    let next = connections.rotate_start(start.clone()).await.unwrap();
    let next = next.connection.unwrap().next_bearer_token;
    let get = GetRequest {
        organization_id: organization_id.clone(),
    };
    let shown = connections.get(get.clone()).await.unwrap();
    let shown = shown.connection.unwrap();
    assert!(next.ends_with(&shown.next_bearer_token_last_four));
    let completed = connections.rotate_complete(RotateCompleteRequest {
        organization_id: organization_id.clone(),
        connection_id: connection_id.clone(),
    });
    let completed = completed.await.unwrap().connection.unwrap();
    assert!(next.ends_with(&completed.bearer_token_last_four));
    connections.rotate_start(start).await.unwrap();
    let cancelled = connections.rotate_cancel(RotateCancelRequest {
        organization_id: organization_id.clone(),
        connection_id: connection_id.clone(),
    });
    let cancelled = cancelled.await.unwrap().connection.unwrap();
    assert_eq!(cancelled.next_bearer_token_last_four, "");
    let deleted = DeleteRequest {
        organization_id,
        connection_id,
    };
    connections.delete(deleted).await.unwrap();
    let gone = connections.get(get).await;
    refused(gone, 404, "no_active_scim_connection");
    bring_back(&app, "ana@acme.test").await;
}

/// Whoever a directory has vouched for can be deleted and brought back.
async fn bring_back(app: &Application, email_address: &str) {
    let members = &app.client.organizations.members;
    let found = members.get(organizations_members::GetRequest {
        organization_id: app.organization_id(),
        email_address: Some(email_address.to_owned()),
        ..Default::default()
    });
    let member_id = found.await.unwrap().member_id;
    let deleted = members.delete(organizations_members::DeleteRequest {
        organization_id: app.organization_id(),
        member_id: member_id.clone(),
    });
    deleted.await.unwrap();
    let back = members.reactivate(organizations_members::ReactivateRequest {
        organization_id: app.organization_id(),
        member_id,
    });
    assert_eq!(back.await.unwrap().member.status, "active");
}

#[actix_web::test]
async fn a_scim_connection_is_refused_with_the_contracts_error_types() {
    let app = Application::start().await;
    let connections = &app.client.scim.connection;
    let created = connections.create(create(&app)).await.unwrap();
    let (organization_id, connection_id) = (
        app.organization_id(),
        created.connection.unwrap().connection_id,
    );
    let second = connections.create(create(&app)).await;
    refused(second, 400, "active_scim_connection_exists");
    let complete = connections.rotate_complete(RotateCompleteRequest {
        organization_id: organization_id.clone(),
        connection_id: connection_id.clone(),
    });
    refused(complete.await, 400, "scim_connection_not_rotating_token");
    let rule = |role_id: &str, group_id: &str| UpdateRequest {
        organization_id: organization_id.clone(),
        connection_id: connection_id.clone(),
        scim_group_implicit_role_assignments: Some(vec![SCIMGroupImplicitRoleAssignments {
            role_id: role_id.into(),
            group_id: group_id.into(),
            group_name: "Editors".into(),
        }]),
        ..Default::default()
    };
    let unknown = "scim-group-test-00000000-0000-4000-8000-000000000000";
    for (body, error_type) in [
        (
            rule("editor", unknown),
            "scim_group_role_assignment_group_does_not_exist",
        ),
        (
            rule("editor", ""),
            "scim_group_role_assignment_does_not_contain_group_id",
        ),
        (rule("nobody", unknown), "invalid_rbac_role_id"),
    ] {
        refused(connections.update(body).await, 400, error_type);
    }
}
