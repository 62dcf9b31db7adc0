//! The official SDK finishes what the hosted pages begin.

use serde_json::json;

use super::ANA;
use super::Acme;
use super::CHALLENGE;
use super::VERIFIER;
use crate::support::sdk;

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
