//! The official SDK finishes what the hosted pages begin.

use serde_json::json;

use super::ANA;
use super::Acme;
use super::CHALLENGE;
use super::PASSWORD;
use super::VERIFIER;
use crate::support::sdk;
use crate::support::stub_site::StubSite;

#[actix_web::test]
async fn the_node_sdk_redeems_what_is_handed_over() {
    let acme = Acme::with_ana(json!({})).await;
    let page = acme
        .open(&format!("/o/acme?code_challenge={CHALLENGE}"))
        .await;
    let page = acme.by(&page, ANA, "password").await;
    let token = page.parameter("token").unwrap();
    let told = [
        ("STORY_TOKEN", token.as_str()),
        ("STORY_VERIFIER", VERIFIER),
    ];
    sdk::tell(&acme.gateway, (sdk::NODE, "node/handed_over.mjs"), &told).await;
}

#[actix_web::test]
async fn the_pages_stand_up_to_axe_and_work_by_keyboard_without_scripts() {
    let name = "Ein sehr langer Name <script>alert(1)</script> ".repeat(2);
    let acme = Acme::with_ana(json!({
        "organization_name": name.trim(),
        "mfa_policy": "REQUIRED_FOR_ALL", "email_invites": "ALL_ALLOWED",
    }))
    .await;
    let app = StubSite::start();
    app.set("/authenticate", 200, "<h1>The application</h1>");
    acme.declare(|settings| settings.sign_in_pages.create_organizations = true)
        .await;
    let member = json!({ "email_address": "bo@acme.test" });
    let path = "/v1/b2b/organizations/acme/members";
    acme.gateway.post(path, member).await;
    let reset = json!({
        "organization_id": acme.organization_id, "email_address": ANA,
        "reset_password_redirect_url": acme.url("/login/password"),
    });
    let invite = json!({
        "organization_id": acme.organization_id, "email_address": "ida@elsewhere.test",
        "invite_redirect_url": acme.url("/invite"),
    });
    let mut paths = Vec::new();
    for (call, body, to) in [
        ("passwords/email/reset/start", reset, ANA),
        ("magic_links/email/invite", invite, "ida@elsewhere.test"),
    ] {
        let sent = acme.gateway.post(&format!("/v1/b2b/{call}"), body).await;
        assert_eq!(sent.status, 200, "{}", sent.text);
        let link = acme.link(to, 1).await;
        paths.push(link.replace(&acme.gateway.base_url, ""));
    }
    let mut after = vec![
        json!(["code", "/login", { "email": "nobody@nowhere.test" }]),
        json!(["wrong-password", "/o/acme", { "email": "bo@acme.test", "password": "x" }]),
        json!(["second-factor", "/o/acme", { "email": ANA, "password": PASSWORD }]),
    ];
    // One for each look at the page, since each uses its link up.
    for number in 0..4 {
        let to = "bo@acme.test";
        let asked = json!({
            "email_address": to, "discovery_redirect_url": acme.url("/login/link"),
        });
        let path = "/v1/b2b/magic_links/email/discovery/send";
        let sent = acme.gateway.post(path, asked).await;
        assert_eq!(sent.status, 200, "{}", sent.text);
        let link = acme.link(to, number + 1).await;
        after.push(json!([
            "organizations",
            link.replace(&acme.gateway.base_url, "")
        ]));
        acme.gateway.wait(chrono::TimeDelta::seconds(2));
    }
    let hosted = json!({
        "base": acme.gateway.base_url,
        "app": app.origin.replace("http://", ""),
        "email": ANA,
        "password": PASSWORD,
        "pages": [
            ["begin", "/login"], ["organization", "/o/acme"], ["emergency", "/o/acme?emergency=1"],
            ["new-password", paths[0]], ["invitation", paths[1]],
            ["not-there", "/o/nobody"], ["unregistered", "/login?redirect_url=https://evil.test"],
        ],
        "after": after,
    });
    let hosted = hosted.to_string();
    let told = [("HOSTED", hosted.as_str())];
    let seen = sdk::run(&acme.gateway, (sdk::NODE, "node/hosted_pages.mjs"), &told).await;
    let seen: serde_json::Value = serde_json::from_str(&seen).unwrap();
    assert_eq!(seen["problems"], json!([]), "{seen:#}");
    let url = seen["url"].as_str().unwrap();
    assert!(url.starts_with("http://app.test/authenticate?") && url.contains("state=typed"));
}
