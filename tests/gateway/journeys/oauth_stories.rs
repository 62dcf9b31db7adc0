//! The official SDKs, unpatched, and an OpenID provider of others, take people in by OAuth.

use serde_json::json;
use stytch::b2b::client::Client;
use stytch::b2b::oauth;
use stytch::b2b::oauth_discovery;
use stytch::client::Client as Http;
use stytch::client::Vertical;
use vestibule::domain::oauth_provider::OauthProvider;

use crate::journeys::oauth::AUTHENTICATE;
use crate::journeys::oauth::DISCOVER;
use crate::journeys::oauth::EXCHANGE;
use crate::journeys::oauth::House;
use crate::journeys::oauth::client;
use crate::support::TestGateway;
use crate::support::browser::Browser;
use crate::support::peers::Peer;
use crate::support::sdk;

/// A house with an organization of one member, and the tokens of two redirects.
async fn arrived() -> (House, String, String) {
    let house = House::open().await;
    let acme = house.organization("acme", json!({})).await;
    house
        .member(&acme, json!({ "email_address": "ana@acme.test" }))
        .await;
    let page = house.visit("google/start", &[("slug", "acme")]).await;
    let token = page.parameter("token").unwrap();
    let page = house.visit("google/discovery/start", &[]).await;
    (house, token, page.parameter("token").unwrap())
}

async fn tell(story: (&str, &str)) {
    let (house, token, discovery) = arrived().await;
    let tokens = [
        ("STORY_OAUTH_TOKEN", token.as_str()),
        ("STORY_DISCOVERY_TOKEN", discovery.as_str()),
    ];
    let told = sdk::tell(&house.gateway, story, &tokens).await;
    assert!(told.contains("steps: 3"), "{told}");
}

#[actix_web::test]
async fn the_node_sdk_takes_people_in_by_oauth() {
    tell((sdk::NODE, "node/oauth.mjs")).await;
}

#[actix_web::test]
async fn the_python_sdk_takes_people_in_by_oauth() {
    tell((sdk::PYTHON, "python/oauth.py")).await;
}

#[actix_web::test]
async fn the_rust_sdk_takes_people_in_by_oauth() {
    let (house, token, discovery) = arrived().await;
    let gateway = &house.gateway;
    let base = reqwest::Url::parse(&format!("{}/", gateway.base_url)).unwrap();
    let http = |vertical| {
        let (id, secret) = (&gateway.project_id, &gateway.secret);
        Http::new_with_base_url(id, secret, base.clone(), vertical).unwrap()
    };
    let client = Client::new_with_http_client(http(Vertical::B2B), http(Vertical::Consumer));
    let asked = oauth::AuthenticateRequest {
        oauth_token: token,
        ..Default::default()
    };
    let entered = client.oauth.authenticate(asked).await.unwrap();
    assert!(entered.member_authenticated);
    assert_eq!(entered.provider_type, "Google");
    let values = entered.provider_values.unwrap();
    assert_eq!(values.access_token.as_deref(), Some("the-access-token"));
    let asked = oauth_discovery::AuthenticateRequest {
        discovery_oauth_token: discovery,
        ..Default::default()
    };
    let found = client.oauth.discovery.authenticate(asked).await.unwrap();
    assert_eq!(found.email_address, "ana@acme.test");
    assert_eq!(found.discovered_organizations.len(), 1);
}

/// A gateway that knows one server as every provider, and an organization that people of each join.
async fn mocked(peer: &Peer) -> TestGateway {
    let clients = OauthProvider::ALL.map(|provider| {
        let mut client = client(&peer.origin, "jwks");
        match provider {
            OauthProvider::Microsoft => client.endpoints.issuer += "/{tenantid}/v2.0",
            OauthProvider::Hubspot => client.endpoints.api_url += "/access-tokens",
            _ => {}
        }
        (provider, client)
    });
    let gateway = TestGateway::start_known_to(clients.into()).await;
    let tenants = json!({ "slack": ["T1"], "hubspot": ["99"], "github": ["2"] });
    let body = json!({ "organization_name": "Acme", "organization_slug": "acme",
        "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"],
        "oauth_tenant_jit_provisioning": "RESTRICTED", "allowed_oauth_tenants": tenants });
    gateway.organization(body).await;
    gateway
}

/// The token that a sign-in brings to the application.
async fn brought(gateway: &TestGateway, place: &str) -> String {
    let browser = Browser::new();
    let link = format!(
        "{}/v1/b2b/public/oauth/{place}public_token={}",
        gateway.base_url, gateway.public_token
    );
    let page = browser.get(&link).await;
    let page = browser.follow(page).await;
    assert_eq!(page.status, 302, "{place}: {}", page.text);
    page.parameter("token").unwrap()
}

#[actix_web::test]
async fn oauth2_mock_server_signs_a_person_in_as_each_provider_does() {
    let peer = Peer::oauth2_mock().await;
    let gateway = mocked(&peer).await;
    for (provider, subject) in [
        ("google", "ana"),
        (
            "microsoft",
            "ana-object.7f0c3a2e-1b5d-4c6f-8a9b-0c1d2e3f4a5b",
        ),
        ("github", "7"),
        ("slack", "U1.T1"),
        ("hubspot", "8"),
    ] {
        let shape = json!({ "provider": provider });
        let told = gateway.http.post(format!("{}/__as", peer.origin));
        assert_eq!(told.json(&shape).send().await.unwrap().status(), 200);
        let token = brought(&gateway, &format!("{provider}/start?slug=acme&")).await;
        let body = json!({ "oauth_token": token });
        let answer = gateway.post(AUTHENTICATE, body).await;
        assert_eq!(answer.status, 200, "{provider}: {}", answer.text);
        assert_eq!(answer.body["member_authenticated"], true, "{provider}");
        assert_eq!(answer.body["provider_subject"], subject);
        let address = format!("{provider}@acme.test");
        assert_eq!(answer.body["member"]["email_address"], address);

        let token = brought(&gateway, &format!("{provider}/discovery/start?")).await;
        let body = json!({ "discovery_oauth_token": token });
        let found = gateway.post(DISCOVER, body).await;
        assert_eq!(found.status, 200, "{provider}: {}", found.text);
        assert_eq!(found.body["email_address"], address);
        let one = &found.body["discovered_organizations"][0];
        assert_eq!(one["membership"]["type"], "active_member", "{}", found.text);
        let body = json!({ "organization_id": "acme",
            "intermediate_session_token": found.body["intermediate_session_token"] });
        let entered = gateway.post(EXCHANGE, body).await;
        assert_eq!(entered.body["member_authenticated"], true, "{provider}");
        assert_eq!(entered.body["member_id"], answer.body["member_id"]);
    }
}
