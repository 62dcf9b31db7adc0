//! Whatever address a provider, a declared issuer or a gateway for messages has: where private networks
//! are not allowed, nothing is asked there.

use serde_json::json;
use vestibule::domain::sms_message::SmsMessage;
use vestibule::outbound::http_client::HttpClient;
use vestibule::outbound::http_client::Settings;
use vestibule::outbound::sms_gateway::Handover;
use vestibule::outbound::sms_gateway::SmsGateway;

use crate::journeys::foreign_tokens::World;
use crate::journeys::oauth::House;
use crate::support::TestGateway;
use crate::support::stub_site::StubSite;

#[actix_web::test]
async fn no_oauth_provider_is_asked_at_a_private_address() {
    let house = House::guarded().await;
    let acme = house.organization("acme", json!({})).await;
    house
        .member(&acme, json!({ "email_address": "ana@acme.test" }))
        .await;
    for provider in ["google", "microsoft", "github", "slack", "hubspot"] {
        let place = [("organization_id", acme.as_str())];
        let page = house.visit(&format!("{provider}/start"), &place).await;
        assert!(page.status >= 400, "{provider}: {}", page.text);
    }
    let requests = house.provider.conduct(|conduct| conduct.requests.clone());
    let ours = requests.iter().filter(|path| *path != "/authorize");
    assert_eq!(ours.count(), 0, "{requests:?}");
    assert_eq!(requests.len(), 5, "each browser was there: {requests:?}");
}

#[actix_web::test]
async fn neither_an_issuer_nor_an_old_system_is_asked_at_a_private_address() {
    let world = World::at(TestGateway::start_guarded().await).await;
    let token = world.token(json!({ "organization_id": "acme" }));
    let body = json!({ "profile_id": "partner", "token": token });
    let attested = world.attest(body).await;
    assert!(attested.status >= 400, "{}", attested.text);
    let asked = world.partner.conduct(|conduct| conduct.requests.clone());
    assert!(asked.is_empty(), "{asked:?}");
    let ana = json!({ "sub": "1", "email": "ana@acme.test", "email_verified": true });
    let migrated = world.migrate((200, ana)).await;
    assert!(migrated.status >= 400, "{}", migrated.text);
    assert!(world.old.requests().is_empty());
}

#[actix_web::test]
async fn no_message_goes_to_a_private_address() {
    let site = StubSite::start();
    let url = site.set("/send", 200, "");
    let gateway = SmsGateway::new(url, vec![7; 24]);
    let message = SmsMessage::with_code("+15551234567", ("Acme", "123456"), None);
    for (allow_private_network, requests) in [(false, 0), (true, 1)] {
        let client = HttpClient::new(Settings {
            allow_private_network,
            ..Settings::default()
        });
        let handed = gateway
            .send(&client.unwrap(), ("m-1", &message), chrono::Utc::now())
            .await;
        assert_eq!(handed == Handover::Taken, requests == 1, "{handed:?}");
        assert_eq!(site.requests().len(), requests);
    }
}
