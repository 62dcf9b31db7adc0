use serde_json::json;

use super::Acme;
use crate::support::sdk;

/// Who they are and where their roles come from, as the official SDKs read it.
async fn tell(program: &str, script: &str) {
    let roles = json!({
        "saml_connection_implicit_role_assignments": [{ "role_id": "employee" }],
    });
    let acme = Acme::with(json!({}), roles).await;
    let asked = acme.start().await;
    let draft = acme.response(&asked, "ana@acme.test");
    let page = acme.post(&draft, &asked.relay_state).await;
    let token = page.parameter("token").unwrap();
    let more = [
        ("STORY_SSO_TOKEN", token.as_str()),
        ("STORY_ALLOWED", "stytch.self:update.info.name"),
        ("STORY_REFUSED", "stytch.organization:delete"),
    ];
    let told = sdk::tell(&acme.gateway, (program, script), &more).await;
    for expected in ["employee", "sso_connection", acme.connection_id.as_str()] {
        assert!(told.contains(expected), "{expected} is missing in\n{told}");
    }
}

#[actix_web::test]
async fn the_node_sdk_reads_a_member_and_where_its_roles_come_from() {
    tell(sdk::NODE, "node/story.mjs").await;
}

#[actix_web::test]
async fn the_python_sdk_reads_a_member_and_where_its_roles_come_from() {
    tell(sdk::PYTHON, "python/story.py").await;
}
