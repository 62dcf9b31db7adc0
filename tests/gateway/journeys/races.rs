//! What is good once, tried fifty times at once on two nodes: one gets through.

use serde_json::json;
use vestibule::domain::password::strength::PasswordSettings;

use crate::journeys::oauth::AUTHENTICATE;
use crate::journeys::oauth::DISCOVER;
use crate::journeys::oauth::House;
use crate::links;
use crate::passwords;
use crate::support::TestGateway;
use crate::support::browser::Browser;
use crate::support::race;

async fn send(gateway: &TestGateway, path: &str, address: &str) {
    let body = json!({ "email_address": address });
    let answer = gateway.post(&format!("/v1/b2b/{path}"), body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The first word of the newest mail to an address that is of this kind.
async fn word(gateway: &TestGateway, address: &str, is_it: impl Fn(&str) -> bool) -> String {
    let letters = gateway.mails_to(address).await;
    let mut words = letters[0].text.split_whitespace();
    words.find(|word| is_it(word)).unwrap().to_owned()
}

/// A sign-in up to the return from the provider, which is left to do.
async fn arriving(house: &House, place: &str) -> (Browser, String) {
    let browser = Browser::new();
    let page = browser.get(&house.link(place, &[])).await;
    let asked = page.location().unwrap();
    let page = browser.get(asked.as_str()).await;
    (browser, page.location().unwrap().into())
}

#[actix_web::test]
async fn of_fifty_who_come_with_one_secret_at_once_one_gets_through() {
    let house = House::open().await;
    let gateway = &house.gateway;
    let shared = PasswordSettings {
        cross_organization: true,
        ..PasswordSettings::default()
    };
    passwords::declare(gateway, shared).await;
    send(gateway, "magic_links/email/discovery/send", "link@a.test").await;
    send(gateway, "otps/email/discovery/send", "code@a.test").await;
    let reset = "passwords/discovery/email/reset";
    send(gateway, &format!("{reset}/start"), "reset@a.test").await;
    let is_code = |word: &str| word.len() == 6 && word.parse::<u32>().is_ok();
    let is_reset = |word: &str| word.contains("stytch_redirect_type=reset_password");
    let link = word(gateway, "reset@a.test", is_reset).await;
    let page = house.visit("google/discovery/start", &[]).await;
    let table = [
        (
            "/v1/b2b/magic_links/discovery/authenticate",
            json!({ "discovery_magic_links_token": links::token_to(gateway, "link@a.test").await }),
            (401, "unable_to_auth_magic_link"),
        ),
        (
            "/v1/b2b/otps/email/discovery/authenticate",
            json!({ "email_address": "code@a.test", "code": word(gateway, "code@a.test", is_code).await }),
            (401, "unable_to_auth_otp_code"),
        ),
        (
            "/v1/b2b/passwords/discovery/email/reset",
            json!({ "password_reset_token": passwords::Acme::token_of(&link, "discovery"), "password": passwords::OTHER }),
            (401, "unable_to_auth_password_reset_token"),
        ),
        (
            DISCOVER,
            json!({ "discovery_oauth_token": page.parameter("token").unwrap() }),
            (404, "oauth_token_not_found"),
        ),
    ];
    for (path, body, refusal) in table {
        let through = race::call(gateway, (path, &body), refusal).await;
        assert_eq!(through, 1, "{path}");
    }
}

#[actix_web::test]
async fn of_fifty_returns_from_an_oauth_provider_at_once_one_brings_a_token() {
    let house = House::open().await;
    house.provider.conduct(|conduct| conduct.keeps_codes = true);
    let acme = house.organization("acme", json!({})).await;
    let ana = json!({ "email_address": "ana@acme.test" });
    house.member(&acme, ana).await;
    let table = [
        ("google/discovery/start", DISCOVER, "discovery_oauth_token"),
        ("google/start?slug=acme", AUTHENTICATE, "oauth_token"),
    ];
    for (place, path, field) in table {
        let (browser, callback) = arriving(&house, place).await;
        let pages = race::come_back(
            &house.gateway,
            (&browser, &callback),
            &["unsolicited_oidc_response"],
        )
        .await;
        assert_eq!(pages.len(), 1, "{place}");
        let body = json!({ field: pages[0].parameter("token").unwrap() });
        let answer = house.gateway.post(path, body).await;
        assert_eq!(answer.status, 200, "{place}: {}", answer.text);
    }
}
