//! The whole portal in a browser, from the link to what is turned on: by keyboard alone, and with
//! scripts off.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::domains::World;
use crate::support::oidc_stub::OidcStub;
use crate::support::peers::Peer;
use crate::support::sdk;

/// What the worker and a DNS administrator do beside it, until the story has been told.
async fn look_after(world: &World, organizations: &[String]) {
    let mut seen = BTreeSet::new();
    loop {
        world.gateway.write_request_log().await;
        for organization in organizations {
            let path = format!("/v1/b2b/organizations/{organization}/domains");
            let claims = world.gateway.get(&path).await;
            for claim in claims.body["domains"].as_array().into_iter().flatten() {
                world.publish(claim);
                // Nobody sits a minute in front of a test.
                if claim["seen_at"].is_string() && seen.insert(organization) {
                    world.gateway.wait(TimeDelta::seconds(61));
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[actix_web::test]
async fn everything_is_set_up_by_keyboard_and_without_scripts() {
    let (world, provider) = (World::start(2).await, OidcStub::start());
    let peer = Peer::start(&["node", "node/samlp.mjs"], &[]).await;
    let (mut organizations, mut links) = (Vec::new(), Vec::new());
    for name in ["typed", "clicked"] {
        let organization = world.organization(name).await;
        let asked = json!({ "organization_id": organization });
        let made = world.gateway.post("/v1/b2b/portal_links", asked).await;
        links.push(made.body["url"].clone());
        organizations.push(organization);
    }
    let portal = json!({
        "typed": links[0], "clicked": links[1],
        "metadata": format!("{}/metadata", peer.origin), "issuer": provider.issuer(),
    });
    let portal = portal.to_string();
    let script = (sdk::NODE, "node/portal_by_hand.mjs");
    let told = [("PORTAL", portal.as_str())];
    let told = tokio::select! {
        told = sdk::run(&world.gateway, script, &told) => told,
        () = look_after(&world, &organizations) => String::new(),
    };
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["complaints"], json!([]), "{told:#}");
    for organization in &organizations {
        let found = world
            .gateway
            .get(&format!("/v1/b2b/sso/{organization}"))
            .await;
        for kind in ["saml_connections", "oidc_connections"] {
            assert_eq!(found.body[kind][0]["status"], "active", "{}", found.text);
        }
    }
}
