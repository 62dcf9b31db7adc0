//! Access tokens by client assertion (RFC 7523): Entra's workload identity federation, and clients
//! with a key of their own.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::directory::Directory;
use super::directory::text;
use super::oauth::Client;
use super::oauth::GRANT;
use super::oauth::JWT_BEARER;
use super::oauth::Signer;
use super::oauth::seconds_from_now;
use crate::support::TestGateway;
use crate::support::stub_site::StubSite;

const TENANT: &str = "3c1d0c5e-6b7a-4a57-9a0e-6f2f5d1d8a11";
const PRINCIPAL: &str = "7d3a9f1e-1f43-4f0a-8d39-0c9a6f6a2b22";
const APPLICATION: &str = "api://9b2c4d6e-55f1-4a76-8a3b-5c0b7d0c3d33";

fn issuer() -> String {
    format!("https://login.microsoftonline.com/{TENANT}/v2.0")
}

/// An issuer's key set on a site of its own.
struct Entra {
    site: StubSite,
    jwks_url: String,
}

impl Entra {
    fn with(keys: &[&Signer]) -> Self {
        let site = StubSite::start();
        let jwks_url = format!("{}/{TENANT}/discovery/v2.0/keys", site.origin);
        let entra = Self { site, jwks_url };
        entra.publish(keys);
        entra
    }

    fn publish(&self, keys: &[&Signer]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.public()).collect();
        let path = format!("/{TENANT}/discovery/v2.0/keys");
        self.site
            .set(&path, 200, json!({ "keys": keys }).to_string());
    }

    async fn client(&self, directory: &Directory<'_>) -> Client {
        let trust = json!({
            "issuer": issuer(), "subject": PRINCIPAL, "audience": APPLICATION,
            "jwks_url": self.jwks_url,
        });
        let body = json!({ "display_name": "Entra", "client_assertion": trust });
        directory.client(body).await
    }
}

/// The claims of a token that Entra makes for a managed identity or an application.
fn claims() -> Value {
    json!({
        "aud": APPLICATION, "iss": issuer(), "sub": PRINCIPAL,
        "iat": seconds_from_now(0), "nbf": seconds_from_now(0), "exp": seconds_from_now(3900),
        "aio": "k2BgYPjr", "azp": PRINCIPAL, "azpacr": "2", "idtyp": "app", "oid": PRINCIPAL,
        "tid": TENANT, "uti": uuid::Uuid::new_v4().to_string(), "ver": "2.0",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

#[actix_web::test]
async fn entra_gets_a_token_without_any_secret() {
    let gateway = TestGateway::start().await;
    let acme = Directory::of(
        &gateway,
        json!({ "organization_name": "Acme" }),
        "microsoft-entra",
    );
    let acme = acme.await;
    let key = Signer::new("entra-1");
    let entra = Entra::with(&[&key]);
    let client = entra.client(&acme).await;
    assert_eq!(client.secret, "");
    let kind = ("client_assertion_type", JWT_BEARER);
    let by_id = ("client_id", client.id.as_str());
    for named in [&[][..], &[by_id]] {
        let assertion = key.sign(&claims());
        let by_subject = [GRANT, kind, ("client_assertion", &assertion)];
        let answer = acme.ask(&[&by_subject[..], named].concat()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let token = text(&answer.body["access_token"]);
        assert_eq!(acme.status_with(&token).await, 200);
    }
    assert_eq!(entra.site.requests().len(), 1, "the keys are remembered");
    let path = format!("{}/{}", acme.clients(), client.id);
    gateway.call("DELETE", &path, None).await;
    let assertion = key.sign(&claims());
    assert_eq!(acme.ask_with_assertion(&assertion).await.status, 401);
}

#[actix_web::test]
async fn what_is_wrong_is_told_to_whoever_can_sign() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let (key, stranger) = (Signer::new("entra-1"), Signer::new("entra-1"));
    let entra = Entra::with(&[&key]);
    let client = entra.client(&acme).await;
    let signed = [
        (with("aud", json!("api://other")), "aud"),
        (with("aud", json!([APPLICATION, "api://other"])), "aud"),
        (with("exp", json!(seconds_from_now(-61))), "expired"),
        (with("exp", json!(seconds_from_now(25 * 3600))), "day"),
        (with("exp", Value::Null), "exp"),
        (with("nbf", json!(seconds_from_now(120))), "nbf"),
        (with("iat", json!(seconds_from_now(120))), "iat"),
        (
            with("iss", json!("https://login.microsoftonline.com/x/v2.0")),
            "iss",
        ),
        (with("sub", json!("somebody")), "sub"),
    ];
    for (claims, expected) in signed {
        let assertion = key.sign(&claims);
        let answer = acme
            .ask(&[
                GRANT,
                ("client_id", &client.id),
                ("client_assertion_type", JWT_BEARER),
                ("client_assertion", &assertion),
            ])
            .await;
        assert_eq!(answer.status, 401, "{claims}: {}", answer.text);
        assert_eq!(answer.body["error"], "invalid_client");
        let description = text(&answer.body["error_description"]);
        assert!(description.contains(expected), "{expected}: {description}");
        let told = [APPLICATION, PRINCIPAL, TENANT];
        assert!(
            !told.iter().any(|it| description.contains(it)),
            "{description}"
        );
    }
    let unknown = "client authentication failed";
    let others = [
        stranger.sign(&claims()),
        Signer::new("entra-2").sign(&claims()),
        key.sign(&with("sub", json!("somebody"))),
        key.sign(&with(
            "iss",
            json!("https://login.microsoftonline.com/x/v2.0"),
        )),
    ];
    for assertion in others {
        let answer = acme.ask_with_assertion(&assertion).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
        let description = text(&answer.body["error_description"]);
        assert!(description.starts_with(unknown), "{description}");
    }
    let no_jwt = acme.ask_with_assertion("abc").await;
    assert_eq!(
        (no_jwt.status, &no_jwt.body["error"]),
        (401, &json!("invalid_client"))
    );
}

#[actix_web::test]
async fn an_assertion_opens_its_own_connection_alone() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let globex = Directory::start(&gateway).await;
    let key = Signer::new("entra-1");
    let entra = Entra::with(&[&key]);
    entra.client(&acme).await;
    let with_secret = globex.client(json!({})).await;
    let assertion = key.sign(&claims());
    assert_eq!(globex.ask_with_assertion(&assertion).await.status, 401);
    let kind = ("client_assertion_type", JWT_BEARER);
    let assertion = ("client_assertion", assertion.as_str());
    let id = ("client_id", with_secret.id.as_str());
    assert_eq!(globex.ask(&[GRANT, kind, assertion, id]).await.status, 401);
    assert_eq!(acme.ask(&[GRANT, kind, assertion]).await.status, 200);
}

#[actix_web::test]
async fn an_assertion_with_an_id_is_good_once() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let key = Signer::new("entra-1");
    Entra::with(&[&key]).client(&acme).await;
    let entra = Entra::with(&[&key]);
    let second = Directory::start(&gateway).await;
    entra.client(&second).await;
    let once = key.sign(&with("jti", json!("one")));
    assert_eq!(second.ask_with_assertion(&once).await.status, 200);
    let again = second.ask_with_assertion(&once).await;
    assert_eq!(again.status, 401);
    let description = text(&again.body["error_description"]);
    assert!(description.contains("jti"), "{description}");
    let same_id = key.sign(&with("jti", json!("one")));
    assert_eq!(second.ask_with_assertion(&same_id).await.status, 401);
    let another = key.sign(&with("jti", json!("two")));
    assert_eq!(second.ask_with_assertion(&another).await.status, 200);
}

#[actix_web::test]
async fn an_assertion_without_an_id_is_good_once_unless_its_issuer_hands_it_out_again() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let key = Signer::new("entra-1");
    let entra = Entra::with(&[&key]);
    entra.client(&acme).await;
    let first = claims();
    let assertion = key.sign(&first);
    assert_eq!(acme.ask_with_assertion(&assertion).await.status, 200);
    let (signed, _) = assertion.rsplit_once('.').unwrap();
    for again in [assertion.clone(), key.sign(&first)] {
        assert!(again.starts_with(signed));
        let refused = acme.ask_with_assertion(&again).await;
        assert_eq!(refused.status, 401, "{}", refused.text);
        let description = text(&refused.body["error_description"]);
        assert!(description.contains("used before"), "{description}");
    }
    let another = key.sign(&claims());
    assert_eq!(acme.ask_with_assertion(&another).await.status, 200);

    let globex = Directory::start(&gateway).await;
    let trust = json!({
        "issuer": issuer(), "subject": PRINCIPAL, "audience": APPLICATION,
        "jwks_url": entra.jwks_url, "allow_reuse": true,
    });
    globex.client(json!({ "client_assertion": trust })).await;
    for expected in [200, 200] {
        assert_eq!(globex.ask_with_assertion(&assertion).await.status, expected);
    }
    let with_id = key.sign(&with("jti", json!("one")));
    for expected in [200, 401] {
        assert_eq!(globex.ask_with_assertion(&with_id).await.status, expected);
    }
}

#[actix_web::test]
async fn a_key_that_is_new_is_fetched_once() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let (old, new) = (Signer::new("entra-1"), Signer::new("entra-2"));
    let entra = Entra::with(&[&old]);
    entra.client(&acme).await;
    assert_eq!(
        acme.ask_with_assertion(&old.sign(&claims())).await.status,
        200
    );
    entra.publish(&[&old, &new]);
    assert_eq!(
        acme.ask_with_assertion(&new.sign(&claims())).await.status,
        200
    );
    assert_eq!(
        acme.ask_with_assertion(&old.sign(&claims())).await.status,
        200
    );
    assert_eq!(entra.site.requests().len(), 2);
    for number in 0..5 {
        let unknown = Signer::new(&format!("unknown-{number}"));
        let answer = acme.ask_with_assertion(&unknown.sign(&claims())).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
    }
    assert_eq!(entra.site.requests().len(), 2, "at most once a minute");
}

#[actix_web::test]
async fn keys_that_cannot_be_had_are_the_servers_trouble() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let key = Signer::new("entra-1");
    let entra = Entra::with(&[&key]);
    entra.client(&acme).await;
    let path = format!("/{TENANT}/discovery/v2.0/keys");
    entra.site.set(&path, 500, "down");
    let answer = acme.ask_with_assertion(&key.sign(&claims())).await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert_eq!(answer.body["error"], "temporarily_unavailable");
    assert!(answer.headers.contains_key("retry-after"));
    entra.publish(&[&key]);
    gateway.wait(TimeDelta::seconds(11));
    assert_eq!(
        acme.ask_with_assertion(&key.sign(&claims())).await.status,
        200
    );
}

#[actix_web::test]
async fn a_gateway_that_reaches_public_addresses_alone_fetches_no_keys_elsewhere() {
    let gateway = TestGateway::start_guarded().await;
    let acme = Directory::start(&gateway).await;
    let key = Signer::new("entra-1");
    let entra = Entra::with(&[&key]);
    let trust = json!({ "issuer": issuer(), "subject": PRINCIPAL, "audience": APPLICATION });
    for url in [
        entra.jwks_url.clone(),
        "https://127.0.0.1:9/keys".to_owned(),
    ] {
        let mut trust = trust.clone();
        trust["jwks_url"] = json!(url);
        let body = json!({ "client_assertion": trust });
        let made = gateway.post(&acme.clients(), body).await;
        if made.status != 200 {
            assert_eq!(made.body["error_type"], "invalid_scim_client_assertion");
            continue;
        }
        let answer = acme.ask_with_assertion(&key.sign(&claims())).await;
        assert_eq!(answer.status, 503, "{}", answer.text);
    }
    assert_eq!(entra.site.requests(), Vec::<String>::new());
}

#[actix_web::test]
async fn a_client_with_a_key_of_its_own_signs_as_the_rfc_says() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let key = Signer::new("own");
    let body = json!({ "client_assertion": { "jwks": { "keys": [key.public()] } } });
    let client = acme.client(body).await;
    let endpoint = format!("{}{}/oauth2/token", gateway.base_url, acme.base);
    let mut claims = json!({
        "iss": client.id, "sub": client.id, "aud": endpoint, "jti": uuid::Uuid::new_v4().to_string(),
        "exp": seconds_from_now(300),
    });
    let answer = acme.ask_with_assertion(&key.sign(&claims)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    claims["jti"] = json!("another");
    claims["aud"] = json!(gateway.base_url);
    assert_eq!(
        acme.ask_with_assertion(&key.sign(&claims)).await.status,
        401
    );
}
