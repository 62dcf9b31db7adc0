use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::domain::project::ProjectId;
use vestibule::domain::project_settings::ProjectSettings;
use vestibule::use_cases::project_settings;

use super::Acme;
use crate::support::TestGateway;
use crate::support::sdk;

const OTHER_RETURN_URL: &str = "https://app.example.com/in";

async fn declare(gateway: &TestGateway, settings: serde_json::Value) {
    let settings: ProjectSettings = serde_json::from_value(settings).unwrap();
    let project = ProjectId::new(gateway.project_id.as_str());
    let applied = gateway.storage.transaction(RequestId::fresh(), move |tx| {
        project_settings::apply(tx, &project, &settings)
    });
    applied.await.unwrap();
}

/// Somebody whose SAML connection gives a role of the project and one of the organization.
async fn tell(program: &str, script: &str) {
    let acme = Acme::open().await;
    let permission =
        |resource: &str, actions: &[&str]| json!([{ "resource_id": resource, "actions": actions }]);
    let policy = json!({ "rbac": {
        "resources": [
            { "resource_id": "documents", "actions": ["read", "write"] },
            { "resource_id": "invoices", "actions": ["read", "pay"] },
        ],
        "roles": [
            { "role_id": "writer", "permissions": permission("documents", &["*"]) },
            { "role_id": "owner", "permissions": permission("invoices", &["pay"]) },
        ],
    }});
    declare(&acme.gateway, policy).await;
    let own = json!({ "org_policy": { "roles": [
        { "role_id": "bookkeeper", "description": "", "permissions": permission("invoices", &["read"]) },
    ]}});
    let path = format!("/v1/b2b/rbac/organizations/{}", acme.organization_id);
    assert_eq!(acme.gateway.put(&path, own).await.status, 200);
    let path = format!(
        "/v1/b2b/sso/saml/{}/connections/{}",
        acme.organization_id, acme.connection_id
    );
    let roles = json!({ "saml_connection_implicit_role_assignments": [
        { "role_id": "writer" }, { "role_id": "bookkeeper" },
    ]});
    assert_eq!(acme.gateway.put(&path, roles).await.status, 200);
    let globex = acme
        .gateway
        .organization(json!({ "organization_name": "Globex" }))
        .await;

    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let token = acme
        .post(&draft, &asked.relay_state)
        .await
        .parameter("token")
        .unwrap();
    let more = [
        ("STORY_SSO_TOKEN", token.as_str()),
        (
            "STORY_GRANTS",
            "documents:read,documents:write,invoices:read,stytch.self:update.info.name",
        ),
        (
            "STORY_REFUSED",
            "invoices:pay,invoices:shred,papers:read,stytch.member:create,stytch.self:update.settings.roles",
        ),
        (
            "STORY_ELSEWHERE",
            globex["organization_id"].as_str().unwrap(),
        ),
    ];
    let told = sdk::tell(&acme.gateway, (program, script), &more).await;
    assert!(told.contains("steps: 25"), "{told}");
}

#[actix_web::test]
async fn the_node_sdk_authorizes_by_both_policies() {
    tell(sdk::NODE, "node/authorization.mjs").await;
}

#[actix_web::test]
async fn the_python_sdk_authorizes_by_both_policies() {
    tell(sdk::PYTHON, "python/authorization.py").await;
}

#[actix_web::test]
async fn declared_redirect_urls_take_the_place_of_the_servers() {
    let acme = Acme::open().await;
    let urls =
        json!({ "redirect_urls": { "login": [OTHER_RETURN_URL], "signup": [OTHER_RETURN_URL] } });
    declare(&acme.gateway, urls).await;
    let start = |target: &str| {
        format!(
            "{}/v1/public/sso/start?connection_id={}&public_token={}{target}",
            acme.gateway.base_url, acme.connection_id, acme.gateway.public_token
        )
    };
    let old = start("&login_redirect_url=http://app.test/authenticate");
    let new = start("&login_redirect_url=https://app.example.com/in");
    let status = async |url: &str| acme.browser.get(url).await.status;
    assert_eq!((status(&old).await, status(&new).await), (400, 302));
    assert_eq!(status(&start("")).await, 302, "there is a default");
    declare(&acme.gateway, json!({})).await;
    assert_eq!((status(&old).await, status(&new).await), (302, 400));
}

#[actix_web::test]
async fn a_login_that_does_not_say_lasts_as_long_as_the_project_says() {
    let acme = Acme::open().await;
    declare(
        &acme.gateway,
        json!({ "session": { "duration_minutes": 480 } }),
    )
    .await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let token = acme
        .post(&draft, &asked.relay_state)
        .await
        .parameter("token")
        .unwrap();
    let answer = acme
        .gateway
        .post("/v1/b2b/sso/authenticate", json!({ "sso_token": token }))
        .await;
    let instant = |name: &str| {
        let text = answer.body["member_session"][name].as_str().unwrap();
        chrono::DateTime::parse_from_rfc3339(text).unwrap()
    };
    assert_eq!(
        (instant("expires_at") - instant("started_at")).num_minutes(),
        480
    );
}
