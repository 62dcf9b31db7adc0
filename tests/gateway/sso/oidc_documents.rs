//! Discovery documents and keys: refused, hanging, huge, of the wrong kind, rotated, rolled back.

use std::time::Duration;
use std::time::Instant;

use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use serde_json::Value;
use serde_json::json;

use super::faults::PATIENCE;
use super::faults::RUDENESSES;
use super::faults::closed;
use super::faults::rude;
use super::oidc_flow::Hooli;
use super::oidc_flow::connect;
use super::text;
use crate::support::TestGateway;
use crate::support::oidc_stub::OidcStub;
use crate::support::oidc_stub::StubKey;

const DISCOVERY: &str = "/.well-known/openid-configuration";
const LONG: usize = 5 * 1024 * 1024;
/// What a sign-in takes that waits for nobody.
const SOON: Duration = Duration::from_secs(5);

/// Turns the gateway's clock forward, and the provider's with it.
fn pass(hooli: &Hooli, seconds: i64) {
    hooli.gateway.wait(TimeDelta::seconds(seconds));
    let now = hooli.gateway.now().timestamp();
    hooli.provider.says(json!({ "iat": now, "exp": now + 300 }));
}

fn rotate(hooli: &Hooli, kid: &'static str) {
    let key = StubKey::rsa(kid, Algorithm::RS256);
    hooli.provider.conduct(|conduct| {
        conduct.shown = vec![key.clone()];
        conduct.signs = key;
    });
}

/// What an update says about a provider whose discovery document is this.
async fn warning(gateway: &TestGateway, issuer: &str) -> (String, Value) {
    let acme = json!({ "organization_name": format!("Acme {}", uuid::Uuid::new_v4()) });
    let id = text(&gateway.organization(acme).await["organization_id"]);
    let path = format!("/v1/b2b/sso/oidc/{id}");
    let made = gateway.post(&path, json!({})).await;
    let connection = text(&made.body["connection"]["connection_id"]);
    let body = json!({ "issuer": issuer });
    let path = format!("{path}/connections/{connection}");
    let answer = gateway.put(&path, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let warning = answer.body["warning"].as_str().unwrap_or_default();
    (warning.to_owned(), answer.body["connection"].clone())
}

#[actix_web::test]
async fn a_discovery_document_is_read_and_one_that_cannot_be_used_is_told() {
    let gateway = TestGateway::start().await;
    let provider = OidcStub::start();
    let (none, connection) = warning(&gateway, &provider.issuer()).await;
    assert_eq!(none, "");
    for (name, path) in [("jwks_url", "keys"), ("userinfo_url", "userinfo")] {
        assert_eq!(connection[name], format!("{}/{path}", provider.issuer()));
    }
    let mismatch = json!({ "issuer": "https://other.test" });
    provider.conduct(|conduct| conduct.discovery = mismatch);
    let (told, connection) = warning(&gateway, &provider.issuer()).await;
    assert!(
        told.contains("issuer is https://other.test, expected"),
        "{told}"
    );
    assert_eq!(connection["jwks_url"], "");
    let none = json!({ "jwks_uri": null });
    provider.conduct(|conduct| conduct.discovery = none);
    let (told, _) = warning(&gateway, &provider.issuer()).await;
    assert!(told.contains("has no jwks_uri"), "{told}");
    let table = [
        (500, "", "no".to_owned(), "status is 500"),
        (
            200,
            "content-type: text/html",
            "<html>".to_owned(),
            "not the JSON",
        ),
        (200, "", "x".repeat(LONG), "longer than"),
        (
            302,
            "location: https://elsewhere.test/",
            String::new(),
            "redirects to",
        ),
    ];
    for (status, headers, body, expected) in table {
        provider.conduct(|conduct| {
            conduct.answers.insert(DISCOVERY, (status, headers, body));
        });
        let (told, _) = warning(&gateway, &provider.issuer()).await;
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[actix_web::test]
async fn keys_that_cannot_be_used_let_nobody_in() {
    let table = [
        (500, "", "no".to_owned()),
        (200, "content-type: text/html", "<html>".to_owned()),
        (200, "", "{\"keys\":\"none\"}".to_owned()),
        (200, "", "x".repeat(LONG)),
        (302, "location: /other", String::new()),
    ];
    for (status, headers, body) in table {
        let hooli = Hooli::open().await;
        hooli.provider.conduct(|conduct| {
            conduct.answers.insert("/keys", (status, headers, body));
        });
        let check = hooli.check().await;
        let is_told = ["provider_unreachable", "jwks_malformed"].contains(&check.as_str());
        assert!(is_told, "{status} {headers}: {check}");
        // A redirect is followed by nobody.
        assert_eq!(hooli.provider.count("/other"), 0);
        hooli.provider.conduct(|conduct| conduct.answers.clear());
        pass(&hooli, 11);
        assert_eq!(hooli.check().await, "", "{status} {headers}");
    }
}

#[actix_web::test]
async fn known_keys_serve_for_a_day_while_their_provider_is_down() {
    let hooli = Hooli::open().await;
    assert_eq!(hooli.check().await, "");
    hooli.provider.conduct(|conduct| {
        for path in ["/keys", DISCOVERY] {
            conduct.answers.insert(path, (503, "", String::new()));
        }
    });
    pass(&hooli, 23 * 3600);
    assert_eq!(hooli.check().await, "");
    pass(&hooli, 3601);
    assert_eq!(hooli.check().await, "provider_unreachable");
}

#[actix_web::test]
async fn one_sign_in_alone_waits_for_keys_that_hang() {
    let hooli = Hooli::open().await;
    assert_eq!(hooli.check().await, "");
    pass(&hooli, 3601);
    hooli.provider.conduct(|conduct| {
        conduct.slow.insert("/keys", Duration::from_secs(4));
    });
    let begun = Instant::now();
    let (first, second) = tokio::join!(hooli.check(), async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let check = hooli.check().await;
        (check, begun.elapsed())
    });
    assert_eq!((first.as_str(), second.0.as_str()), ("", ""));
    assert!(second.1 < Duration::from_secs(4), "{:?}", second.1);
}

#[actix_web::test]
async fn a_key_that_is_rotated_between_sign_ins_or_within_one_is_found() {
    let hooli = Hooli::open().await;
    assert_eq!(hooli.check().await, "");
    rotate(&hooli, "k2");
    assert_eq!(hooli.check().await, "");
    assert_eq!(hooli.provider.count("/keys"), 2);
    // Just before the token is signed.
    pass(&hooli, 61);
    hooli.provider.conduct(|conduct| {
        conduct.before_token = Some(|conduct| {
            let key = StubKey::rsa("k3", Algorithm::RS256);
            conduct.shown = vec![key.clone()];
            conduct.signs = key;
            conduct.before_token = None;
        });
    });
    assert_eq!(hooli.check().await, "");
    assert_eq!(hooli.provider.count("/keys"), 3);
}

#[actix_web::test]
async fn unknown_keys_cause_one_fetch_a_minute_and_old_ones_are_gone() {
    let hooli = Hooli::open().await;
    assert_eq!(hooli.check().await, "");
    let old = hooli.provider.conduct(|conduct| conduct.signs.clone());
    rotate(&hooli, "k2");
    assert_eq!(hooli.check().await, "");
    // Rolled back to a key that the provider does not show: the old one proves nothing any more.
    hooli
        .provider
        .conduct(|conduct| conduct.signs = old.clone());
    for _ in 0..5 {
        assert_eq!(hooli.check().await, "key_unknown");
    }
    assert_eq!(hooli.provider.count("/keys"), 2);
    pass(&hooli, 61);
    assert_eq!(hooli.check().await, "key_unknown");
    assert_eq!(hooli.provider.count("/keys"), 3);
    // Shown again, it is good again.
    hooli.provider.conduct(|conduct| conduct.shown = vec![old]);
    pass(&hooli, 61);
    assert_eq!(hooli.check().await, "");
}

/// Addresses from which nothing good comes, each with its name.
fn bad_addresses() -> Vec<(&'static str, String)> {
    let rude = RUDENESSES.map(|(name, answer)| (name, rude(answer)));
    let refuses = ("refuses", closed());
    rude.into_iter().chain([refuses]).collect()
}

/// How long something took, and what came of it.
async fn timed<T>(what: impl Future<Output = T>) -> (T, Duration) {
    let begun = Instant::now();
    (what.await, begun.elapsed())
}

#[actix_web::test]
async fn a_discovery_document_that_never_comes_is_told_and_holds_nobody_else_up() {
    let hooli = Hooli::open().await;
    for (name, issuer) in bad_addresses() {
        let told = timed(warning(&hooli.gateway, &issuer));
        let ((told, waited), (check, signed_in_after)) = tokio::join!(told, timed(hooli.check()));
        assert!(told.0.contains(&issuer), "{name}: {}", told.0);
        assert_eq!(told.1["jwks_url"], "", "{name}");
        assert!(waited < PATIENCE, "{name}: {waited:?}");
        assert_eq!(check, "", "{name}");
        assert!(signed_in_after < SOON, "{name}: {signed_in_after:?}");
    }
}

#[actix_web::test]
async fn keys_that_never_come_let_nobody_in_and_hold_nobody_else_up() {
    let hooli = Hooli::open().await;
    let (other, gateway) = (OidcStub::start(), &hooli.gateway);
    let acme = json!({ "organization_name": "Acme" });
    let acme = text(&gateway.organization(acme).await["organization_id"]);
    let acme = connect(gateway, &acme, &other.issuer(), json!({})).await;
    for (name, keys) in bad_addresses() {
        let changed = hooli.change(json!({ "jwks_url": keys })).await;
        assert_eq!(changed.status, 200, "{name}: {}", changed.text);
        let elsewhere = timed(hooli.visit_through(&acme));
        let (refused, elsewhere) = tokio::join!(timed(hooli.check()), elsewhere);
        let is_told = ["provider_unreachable", "jwks_malformed"].contains(&refused.0.as_str());
        assert!(is_told, "{name}: {}", refused.0);
        assert!(refused.1 < PATIENCE, "{name}: {:?}", refused.1);
        assert_eq!(elsewhere.0.status, 302, "{name}: {}", elsewhere.0.text);
        assert!(elsewhere.1 < SOON, "{name}: {:?}", elsewhere.1);
    }
    let right = json!({ "jwks_url": format!("{}/keys", hooli.provider.issuer()) });
    assert_eq!(hooli.change(right).await.status, 200);
    assert_eq!(hooli.check().await, "");
}

#[actix_web::test]
async fn a_discovery_document_that_hangs_during_a_sign_in_is_done_without() {
    let hooli = Hooli::open().await;
    hooli.provider.conduct(|conduct| {
        conduct.slow.insert(DISCOVERY, PATIENCE * 2);
    });
    let (check, waited) = timed(hooli.check()).await;
    assert_eq!(check, "");
    assert!(waited < PATIENCE, "{waited:?}");
    assert_eq!(hooli.provider.count(DISCOVERY), 2);
}

#[actix_web::test]
async fn keys_that_move_and_move_back_let_nobody_in_before_their_address_is_told() {
    let hooli = Hooli::open().await;
    let issuer = hooli.provider.issuer();
    assert_eq!(hooli.check().await, "");
    for (round, (from, to)) in [("/keys", "/other-keys"), ("/other-keys", "/keys")]
        .into_iter()
        .enumerate()
    {
        rotate(&hooli, if round == 0 { "k2" } else { "k3" });
        hooli.provider.conduct(|conduct| {
            conduct.answers.clear();
            conduct.answers.insert(from, (404, "", String::new()));
            conduct.discovery = json!({ "jwks_uri": format!("{issuer}{to}") });
        });
        pass(&hooli, 61);
        assert_ne!(hooli.check().await, "", "{to}");
        // The document is read when the issuer changes; what is known of it stays.
        let told = hooli.change(json!({ "jwks_url": format!("{issuer}{to}") }));
        assert_eq!(told.await.status, 200);
        pass(&hooli, 61);
        assert_eq!(hooli.check().await, "", "{to}");
    }
}
