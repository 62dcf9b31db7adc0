//! The official SDKs, unpatched: somebody whom nobody knows makes an organization of their own.

use serde_json::json;
use stytch::b2b::discovery_intermediate_sessions;
use stytch::b2b::discovery_organizations::CreateRequest;
use stytch::b2b::discovery_organizations::ListRequest;
use stytch::b2b::sessions;
use stytch::consumer::project::MetricsRequest;
use stytch::consumer::project::ProjectMetricMetricType;

use crate::journeys::bag::bag;
use crate::journeys::bag::link;
use crate::management::rust_sdk::connect;
use crate::management::rust_sdk::refused;
use crate::support::TestGateway;
use crate::support::mail_server::MailServer;
use crate::support::sdk;

async fn tell(story: (&str, &str)) {
    let gateway = TestGateway::start().await;
    let server = MailServer::start(&[]).await;
    let mailbox = [("STORY_MAILBOX", server.mailbox())];
    let told = sdk::tell(&gateway, story, &mailbox);
    let told = server.deliver_while(&gateway, told).await;
    assert!(told.contains("steps: 8"), "{told}");
}

#[actix_web::test]
async fn the_node_sdk_founds_an_organization() {
    tell((sdk::NODE, "node/onboarding.mjs")).await;
}

#[actix_web::test]
async fn the_python_sdk_founds_an_organization() {
    tell((sdk::PYTHON, "python/onboarding.py")).await;
}

#[actix_web::test]
async fn the_rust_sdk_founds_an_organization() {
    let gateway = TestGateway::start().await;
    let client = connect(&gateway, &gateway.secret);
    let fred = "fred@new.test";
    let proven = bag(&gateway, fred, vec![link(&gateway, fred)]).await;
    let list = || ListRequest {
        intermediate_session_token: Some(proven.clone()),
        ..Default::default()
    };
    let organizations = &client.discovery.organizations;
    let known = organizations.list(list()).await.unwrap();
    assert_eq!(known.email_address, fred);
    assert!(known.discovered_organizations.is_empty());
    let founded = organizations
        .create(CreateRequest {
            intermediate_session_token: proven.clone(),
            organization_name: Some("Founded".into()),
            organization_slug: Some("founded".into()),
            session_duration_minutes: Some(30),
            ..Default::default()
        })
        .await
        .unwrap();
    assert!(founded.member_authenticated && !founded.session_jwt.is_empty());
    let session = founded.member_session.unwrap();
    assert!(session.roles.contains(&"stytch_admin".to_owned()));
    let gone = organizations.list(list()).await;
    refused(gone, 404, "intermediate_session_not_found");

    let elsewhere = json!({ "organization_name": "Elsewhere", "organization_slug": "elsewhere" });
    gateway.organization(elsewhere).await;
    let expected = json!({ "email_address": fred, "create_member_as_pending": true });
    let path = "/v1/b2b/organizations/elsewhere/members";
    assert_eq!(gateway.post(path, expected).await.status, 200);
    let found = organizations
        .list(ListRequest {
            session_token: Some(founded.session_token.clone()),
            ..Default::default()
        })
        .await
        .unwrap();
    let kinds = found.discovered_organizations.into_iter();
    let mut kinds: Vec<_> = kinds.map(|one| one.membership.unwrap().type_).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["active_member", "pending_member"]);

    let exchange = sessions::ExchangeRequest {
        organization_id: "elsewhere".into(),
        session_token: Some(founded.session_token.clone()),
        ..Default::default()
    };
    let joined = client.sessions.exchange(exchange).await.unwrap();
    assert!(joined.member_authenticated);
    assert_eq!(joined.member.email_address, fred);
    let proven = bag(&gateway, fred, vec![link(&gateway, fred)]).await;
    let exchange = discovery_intermediate_sessions::ExchangeRequest {
        intermediate_session_token: proven,
        organization_id: "founded".into(),
        ..Default::default()
    };
    let intermediate = &client.discovery.intermediate_sessions;
    let back = intermediate.exchange(exchange).await.unwrap();
    assert!(back.member_authenticated);
    assert_eq!(back.member_id, founded.member_id);

    let counted = client.project.metrics(MetricsRequest {}).await.unwrap();
    assert_eq!(counted.project_id, gateway.project_id);
    let organizations = counted.metrics.into_iter();
    let mut organizations = organizations
        .filter(|it| matches!(it.metric_type, ProjectMetricMetricType::ORGANIZATIONCOUNT));
    assert_eq!(organizations.next().unwrap().count, 2);
}
