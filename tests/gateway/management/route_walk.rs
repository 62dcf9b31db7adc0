use serde_json::Value;
use serde_json::json;

use crate::scim::directory::text;
use crate::support::TestGateway;
use crate::support::sdk;

fn contract() -> Vec<Value> {
    let calls = include_str!("../../../fixtures/contract/calls.json");
    serde_json::from_str(calls).unwrap()
}

/// An organization with sessions of an administrator and of somebody without rights.
async fn furnished(gateway: &TestGateway) -> [String; 3] {
    let body = json!({
        "organization_name": "Walk",
        "organization_external_id": "walk",
        "email_allowed_domains": ["walk.test"],
        "email_invites": "ALL_ALLOWED",
    });
    let organization = text(&gateway.organization(body).await["organization_id"]);
    let admin = gateway.member_session(&organization, &["stytch_admin"]);
    let plain = gateway.member_session(&organization, &[]);
    let (admin, plain) = (admin.await, plain.await);
    [organization, admin, plain]
}

/// The password of somebody else there.
async fn foreign_password(gateway: &TestGateway, organization: &str) -> String {
    let body = json!({
        "organization_id": organization,
        "email_address": "pia@walk.test",
        "hash_type": "sha_1",
        "hash": "3dc1d3785e7054e2f65e227aa47386e81752be1c",
        "sha_1_config": { "prepend_salt": "before", "append_salt": "after" },
    });
    let taken_over = gateway.post("/v1/b2b/passwords/migrate", body).await;
    assert_eq!(taken_over.status, 200, "{}", taken_over.text);
    text(&taken_over.body["member"]["member_password_id"])
}

#[actix_web::test]
async fn every_call_of_the_contract_is_answered_as_the_node_sdk_makes_it() {
    let gateway = TestGateway::start().await;
    let [organization, admin, plain] = furnished(&gateway).await;
    let more = [
        ("WALK_ORGANIZATION", organization.as_str()),
        ("WALK_ADMIN", &admin),
        ("WALK_PLAIN", &plain),
    ];
    let told = sdk::run(&gateway, (sdk::NODE, "node/route_walk.mjs"), &more).await;
    let calls = contract();
    let of_tier = |tier: u8| calls.iter().filter(|call| call["tier"] == tier).count();
    assert_eq!((of_tier(1), of_tier(2)), (59, 37));
    assert!(told.contains("walked: 96"), "{told}");
}

#[actix_web::test]
async fn the_python_sdk_is_refused_where_the_members_rights_end() {
    let gateway = TestGateway::start().await;
    let [organization, admin, plain] = furnished(&gateway).await;
    let member = gateway.member_with_roles(&organization, &[]).await;
    let password = foreign_password(&gateway, &organization).await;
    let more = [
        ("WALK_ORGANIZATION", organization.as_str()),
        ("WALK_ADMIN", &admin),
        ("WALK_PLAIN", &plain),
        ("WALK_MEMBER", &member),
        ("WALK_PASSWORD", &password),
    ];
    let told = sdk::run(&gateway, (sdk::PYTHON, "python/header_walk.py"), &more).await;
    let on_behalf = |call: &&Value| call["on_behalf_of_a_member"] == true;
    let walked = contract().iter().filter(on_behalf).count();
    assert!(told.contains(&format!("walked: {walked}")), "{told}");
}

/// One SDK puts the headers of a member session into the query of GET and DELETE.
#[actix_web::test]
async fn a_member_session_in_the_query_restricts_a_call_as_one_in_the_header_does() {
    let gateway = TestGateway::start().await;
    let [organization, _, plain] = furnished(&gateway).await;
    let member = gateway.member_with_roles(&organization, &[]).await;
    let password = foreign_password(&gateway, &organization).await;
    let unknown = uuid::Uuid::new_v4();
    let mut asked = 0;
    for call in contract() {
        let method = call["method"].as_str().unwrap();
        let on_behalf = call["on_behalf_of_a_member"] == true;
        if !on_behalf || !["GET", "DELETE"].contains(&method) {
            continue;
        }
        let path = call["path"].as_str().unwrap();
        let kind = if path.contains("/scim/") {
            "scim"
        } else {
            "saml"
        };
        let path = path
            .replace("{organization_id}", &organization)
            .replace("{member_id}", &member)
            .replace("{member_password_id}", &password)
            .replace(
                "{connection_id}",
                &format!("{kind}-connection-test-{unknown}"),
            )
            .replace("{certificate_id}", &unknown.to_string())
            .replace("{private_key_id}", &unknown.to_string());
        let path = format!("{path}?X-Stytch-Member-Session={plain}");
        let answer = gateway.call(method, &path, None).await;
        let told = (answer.status, &answer.body["error_type"]);
        let expected = (403, &json!("session_authorization_error"));
        assert_eq!(told, expected, "{method} {path}: {}", answer.text);
        asked += 1;
    }
    assert_eq!(asked, 14);
}
