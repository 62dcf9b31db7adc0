use serde_json::json;
use stytch::b2b::organizations::SearchQuery;
use stytch::b2b::organizations::SearchQueryOperator;
use stytch::b2b::organizations_members::CreateRequest;
use stytch::b2b::organizations_members::DangerouslyGetRequest;
use stytch::b2b::organizations_members::DeleteRequest;
use stytch::b2b::organizations_members::GetRequest;
use stytch::b2b::organizations_members::ReactivateRequest;
use stytch::b2b::organizations_members::SearchRequest;
use stytch::b2b::organizations_members::UnlinkRetiredEmailRequest;
use stytch::b2b::organizations_members::UpdateRequest;

use super::Application;
use super::operand;
use super::refused;

fn create(app: &Application, email_address: &str) -> CreateRequest {
    CreateRequest {
        organization_id: app.organization_id(),
        email_address: email_address.to_owned(),
        ..Default::default()
    }
}

fn by_address(app: &Application, email_address: &str) -> GetRequest {
    GetRequest {
        organization_id: app.organization_id(),
        email_address: Some(email_address.to_owned()),
        ..Default::default()
    }
}

fn by_id(app: &Application, member_id: &str) -> GetRequest {
    GetRequest {
        organization_id: app.organization_id(),
        member_id: Some(member_id.to_owned()),
        ..Default::default()
    }
}

fn search(app: &Application, operands: Vec<serde_json::Value>) -> SearchRequest {
    SearchRequest {
        organization_ids: vec![app.organization_id()],
        query: Some(SearchQuery {
            operator: SearchQueryOperator::AND,
            operands,
        }),
        ..Default::default()
    }
}

#[actix_web::test]
async fn a_member_lives() {
    let app = Application::start().await;
    let members = &app.client.organizations.members;
    let ana = members.create(CreateRequest {
        name: Some("Ana".into()),
        external_id: Some("ana-1".into()),
        roles: Some(vec!["editor".into()]),
        ..create(&app, "ana@acme.test")
    });
    let id = ana.await.unwrap().member_id;
    for named in [
        by_id(&app, &id),
        by_id(&app, "ana-1"),
        by_address(&app, "ana@acme.test"),
    ] {
        assert_eq!(members.get(named).await.unwrap().member_id, id);
    }
    let updated = members.update(UpdateRequest {
        organization_id: app.organization_id(),
        member_id: id.clone(),
        email_address: Some("anna@acme.test".into()),
        untrusted_metadata: Some(json!({ "theme": "dark" })),
        ..Default::default()
    });
    let updated = updated.await.unwrap().member;
    assert_eq!(
        updated.retired_email_addresses[0].email_address,
        "ana@acme.test"
    );
    let unlinked = members.unlink_retired_email(UnlinkRetiredEmailRequest {
        organization_id: app.organization_id(),
        member_id: id.clone(),
        email_address: Some("ana@acme.test".into()),
        ..Default::default()
    });
    let unlinked = unlinked.await.unwrap().member;
    assert!(unlinked.retired_email_addresses.is_empty());
    let filters = vec![
        operand("member_emails", json!(["anna@acme.test"])),
        operand("statuses", json!(["active"])),
    ];
    let found = members.search(search(&app, filters)).await.unwrap();
    assert_eq!(found.members[0].member_id, id);
    assert!(found.organizations.contains_key(&app.organization_id));
    let deleted = DeleteRequest {
        organization_id: app.organization_id(),
        member_id: id.clone(),
    };
    members.delete(deleted).await.unwrap();
    let gone = members.get(by_id(&app, &id)).await;
    refused(gone, 404, "member_not_found");
    let buried = DangerouslyGetRequest {
        member_id: id.clone(),
        include_deleted: Some(true),
    };
    let buried = members.dangerously_get(buried).await.unwrap();
    assert_eq!(buried.member.status, "deleted");
    let back = ReactivateRequest {
        organization_id: app.organization_id(),
        member_id: id.clone(),
    };
    let back = members.reactivate(back).await;
    refused(back, 400, "email_unverified_for_reactivation");
}

#[actix_web::test]
async fn a_member_is_refused_with_the_contracts_error_types() {
    let app = Application::start().await;
    let members = &app.client.organizations.members;
    let ana = CreateRequest {
        external_id: Some("ana-1".into()),
        ..create(&app, "ana@acme.test")
    };
    let id = members.create(ana.clone()).await.unwrap().member_id;
    let same_external_id = CreateRequest {
        email_address: "ben@acme.test".into(),
        ..ana.clone()
    };
    let unknown_role = CreateRequest {
        roles: Some(vec!["nobody".into()]),
        ..create(&app, "ben@acme.test")
    };
    for (body, error_type) in [
        (ana, "duplicate_member_email"),
        (same_external_id, "duplicate_member_external_id"),
        (unknown_role, "invalid_rbac_role_id"),
        (create(&app, "no address"), "invalid_email"),
    ] {
        refused(members.create(body).await, 400, error_type);
    }
    let nobody = by_address(&app, "eve@acme.test");
    refused(members.get(nobody).await, 404, "member_not_found");
    let nothing = GetRequest {
        organization_id: app.organization_id(),
        ..Default::default()
    };
    refused(members.get(nothing).await, 400, "invalid_member_get_fields");
    let unknown = search(&app, vec![operand("shoe_size", json!([44]))]);
    let searched = members.search(unknown).await;
    refused(searched, 400, "member_search_filter_name_not_recognized");
    let alive = ReactivateRequest {
        organization_id: app.organization_id(),
        member_id: id,
    };
    let reactivated = members.reactivate(alive).await;
    refused(reactivated, 400, "no_deleted_member_found_for_reactivation");
}
