use serde_json::json;
use stytch::b2b::organizations::CreateRequest;
use stytch::b2b::organizations::DeleteExternalIdRequest;
use stytch::b2b::organizations::DeleteRequest;
use stytch::b2b::organizations::GetRequest;
use stytch::b2b::organizations::MetricsRequest;
use stytch::b2b::organizations::SearchQuery;
use stytch::b2b::organizations::SearchQueryOperator;
use stytch::b2b::organizations::SearchRequest;
use stytch::b2b::organizations::UpdateRequest;
use stytch::b2b::organizations_members;
use stytch::b2b::rbac::OrgPolicy;
use stytch::b2b::rbac::PolicyRequest;
use stytch::b2b::rbac::PolicyRole;
use stytch::b2b::rbac::PolicyRolePermission;
use stytch::b2b::rbac_organizations::GetOrgPolicyRequest;
use stytch::b2b::rbac_organizations::SetOrgPolicyRequest;

use super::Application;
use super::connect;
use super::operand;
use super::refused;

fn get(organization_id: &str) -> GetRequest {
    GetRequest {
        organization_id: organization_id.to_owned(),
    }
}

fn search(operands: Vec<serde_json::Value>) -> SearchRequest {
    SearchRequest {
        limit: Some(10),
        query: Some(SearchQuery {
            operator: SearchQueryOperator::AND,
            operands,
        }),
        ..Default::default()
    }
}

#[actix_web::test]
async fn an_organization_lives() {
    let app = Application::start().await;
    let organizations = &app.client.organizations;
    for named in [app.organization_id.as_str(), "rust-story", "rust.story"] {
        let found = organizations.get(get(named)).await.unwrap();
        assert_eq!(found.organization.organization_id, app.organization_id);
    }
    let updated = organizations.update(UpdateRequest {
        organization_id: app.organization_id(),
        organization_name: Some("Renamed".into()),
        trusted_metadata: Some(json!({ "plan": "team" })),
        ..Default::default()
    });
    let updated = updated.await.unwrap().organization;
    assert_eq!(updated.organization_name, "Renamed");
    assert_eq!(updated.email_allowed_domains, ["acme.test"]);
    let filters = vec![
        operand("organization_slugs", json!(["rust-story"])),
        operand("organization_name_fuzzy", json!("nam")),
    ];
    let found = organizations.search(search(filters)).await.unwrap();
    assert_eq!(found.results_metadata.total, 1);
    let metrics = MetricsRequest {
        organization_id: app.organization_id(),
    };
    let metrics = organizations.metrics(metrics).await.unwrap();
    assert_eq!(metrics.member_count, 0);
    let dropped = DeleteExternalIdRequest {
        organization_id: app.organization_id(),
    };
    organizations.delete_external_id(dropped).await.unwrap();
    let by_external_id = organizations.get(get("rust.story")).await;
    refused(by_external_id, 404, "organization_not_found");
    let deleted = DeleteRequest {
        organization_id: app.organization_id(),
    };
    organizations.delete(deleted.clone()).await.unwrap();
    let again = organizations.delete(deleted).await;
    refused(again, 404, "organization_not_found");
}

#[actix_web::test]
async fn an_organization_is_refused_with_the_contracts_error_types() {
    let app = Application::start().await;
    let organizations = &app.client.organizations;
    let named = |name: &str| CreateRequest {
        organization_name: name.into(),
        ..Default::default()
    };
    let slug = CreateRequest {
        organization_slug: Some("rust-story".into()),
        ..named("Again")
    };
    let external_id = CreateRequest {
        organization_external_id: Some("rust.story".into()),
        ..named("Again")
    };
    let restricted = CreateRequest {
        auth_methods: Some("RESTRICTED".into()),
        ..named("Closed")
    };
    for (body, error_type) in [
        (slug, "organization_slug_already_used"),
        (external_id, "organization_external_id_already_used"),
        (restricted, "allowed_auth_methods_required_for_restricted"),
    ] {
        refused(organizations.create(body).await, 400, error_type);
    }
    let unknown = vec![operand("shoe_size", json!([44]))];
    let searched = organizations.search(search(unknown)).await;
    refused(
        searched,
        400,
        "organization_search_filter_name_not_recognized",
    );
    let wrong = connect(&app.gateway, "secret-test-wrong");
    let unproven = wrong.organizations.get(get(&app.organization_id)).await;
    refused(unproven, 401, "unauthorized_credentials");
}

fn role(role_id: &str, actions: &[&str]) -> PolicyRole {
    PolicyRole {
        role_id: role_id.to_owned(),
        description: "A role of one organization".to_owned(),
        permissions: vec![PolicyRolePermission {
            resource_id: "stytch.member".to_owned(),
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        }],
    }
}

#[actix_web::test]
async fn an_organization_adds_roles_of_its_own() {
    let app = Application::start().await;
    let rbac = &app.client.rbac;
    let policy = rbac.policy(PolicyRequest::default()).await.unwrap();
    let policy = policy.policy.unwrap();
    assert!(
        policy
            .roles
            .iter()
            .any(|role| role.role_id == "stytch_admin")
    );
    let set = async |roles: Vec<PolicyRole>| {
        let body = SetOrgPolicyRequest {
            organization_id: app.organization_id(),
            org_policy: OrgPolicy { roles },
        };
        rbac.organizations.set_org_policy(body).await
    };
    let recruiter = role("recruiter", &["create", "search"]);
    let policy = set(vec![recruiter.clone()]).await.unwrap().org_policy;
    assert_eq!(policy.roles[0].role_id, "recruiter");
    let read = GetOrgPolicyRequest {
        organization_id: app.organization_id(),
    };
    let read = rbac.organizations.get_org_policy(read).await.unwrap();
    assert_eq!(
        read.org_policy.roles[0].permissions[0].actions,
        ["create", "search"]
    );
    let ana = organizations_members::CreateRequest {
        organization_id: app.organization_id(),
        email_address: "ana@acme.test".into(),
        roles: Some(vec!["recruiter".into()]),
        ..Default::default()
    };
    let ana = app.client.organizations.members.create(ana).await.unwrap();
    let roles = ana.member.roles.iter().map(|role| role.role_id.as_str());
    assert_eq!(roles.collect::<Vec<_>>(), ["recruiter", "stytch_member"]);
    let nothing = PolicyRole {
        permissions: Vec::new(),
        ..recruiter.clone()
    };
    for (roles, error_type) in [
        (
            vec![recruiter.clone(), recruiter.clone()],
            "rbac_role_duplicate",
        ),
        (vec![nothing], "rbac_role_missing_permissions"),
        (
            vec![role("recruiter", &[])],
            "rbac_permission_missing_actions",
        ),
        (
            vec![role("recruiter", &["*", "create"])],
            "cannot_specify_wildcard_with_other_actions",
        ),
        (
            vec![role("stytch_admin", &["create"])],
            "invalid_rbac_stytch_role_edit",
        ),
    ] {
        refused(set(roles).await, 400, error_type);
    }
}
