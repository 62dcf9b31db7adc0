//! `private_key_jwt`: no secret, a key that the provider fetches, and its rotation.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::Validation;
use serde_json::Value;
use serde_json::json;

use super::events;
use super::oidc_flow::Hooli;
use super::text;
use crate::support::TestGateway;
use crate::support::oidc_stub::OidcStub;

async fn shown(hooli: &Hooli) -> Vec<Value> {
    let url = format!("{}/jwks", hooli.callback());
    let answer = hooli.gateway.send(hooli.gateway.http.get(url)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["keys"].as_array().cloned().unwrap()
}

/// What the provider finds in our last assertion, by the keys that it can fetch.
fn verified(hooli: &Hooli, keys: &[Value]) -> (String, Value) {
    let (header, form) = hooli
        .provider
        .conduct(|conduct| conduct.forms.last().cloned().unwrap());
    assert_eq!(header, "");
    assert!(!form.contains_key("client_secret"));
    let assertion = &form["client_assertion"];
    let header = jsonwebtoken::decode_header(assertion).unwrap();
    let kid = header.kid.unwrap();
    let key = keys.iter().find(|key| key["kid"] == kid.as_str()).unwrap();
    let modulus = key["n"].as_str().unwrap();
    assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(modulus).unwrap().len(), 256);
    let decoding = DecodingKey::from_rsa_components(modulus, "AQAB").unwrap();
    let mut validation = Validation::new(header.alg);
    assert_eq!(header.alg, Algorithm::RS256);
    validation.set_audience(&[format!("{}/token", hooli.provider.issuer())]);
    let claims = jsonwebtoken::decode::<Value>(assertion, &decoding, &validation).unwrap();
    (kid, claims.claims)
}

#[actix_web::test]
async fn a_connection_proves_itself_by_a_key_and_needs_no_secret() {
    let by_key = json!({ "token_endpoint_auth_method": "private_key_jwt", "client_secret": null });
    let hooli = Hooli::with(OidcStub::start(), json!({}), by_key).await;
    let keys = shown(&hooli).await;
    assert_eq!(keys.len(), 1);
    assert!(keys[0].get("d").is_none());
    assert_eq!(hooli.sign_in().await.status, 200);
    let (first, claims) = verified(&hooli, &keys);
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!("vestibule"), &json!("vestibule"))
    );
    assert_eq!(hooli.sign_in().await.status, 200);
    let (_, second) = verified(&hooli, &keys);
    assert_ne!(claims["jti"], second["jti"]);
    // The next key is shown before it signs, and the old one until it signs no more.
    let rotate = async |step: &str| {
        let path = format!("{}/client_key/rotate/{step}", hooli.path());
        hooli.gateway.post(&path, json!({})).await
    };
    let early = rotate("complete").await;
    assert_eq!(
        early.body["error_type"],
        "oidc_connection_not_rotating_client_key"
    );
    let started = rotate("start").await;
    assert_eq!(started.status, 200, "{}", started.text);
    let certificates = &started.body["connection"]["client_certificates"];
    assert_eq!(certificates.as_array().unwrap().len(), 2);
    let both = shown(&hooli).await;
    assert_eq!(both.len(), 2);
    assert_eq!(hooli.sign_in().await.status, 200);
    assert_eq!(verified(&hooli, &both).0, first);
    assert_eq!(rotate("complete").await.status, 200);
    assert_eq!(hooli.sign_in().await.status, 200);
    assert_ne!(verified(&hooli, &both).0, first);
    assert_eq!(shown(&hooli).await.len(), 1);
    // The journal holds certificates and no key.
    let journal = format!("{:?}", events(&hooli.gateway, &hooli.organization_id).await);
    assert!(journal.contains("client_keys"));
    assert!(!journal.contains("sealed") && !journal.contains("PRIVATE"));
}

#[actix_web::test]
async fn a_key_is_shown_before_the_connection_is_complete() {
    let gateway = TestGateway::start().await;
    let acme = json!({ "organization_name": "Acme" });
    let id = text(&gateway.organization(acme).await["organization_id"]);
    let path = format!("/v1/b2b/sso/oidc/{id}");
    let made = gateway.post(&path, json!({})).await;
    let connection = text(&made.body["connection"]["connection_id"]);
    let path = format!("{path}/connections/{connection}");
    let not_used = gateway
        .post(&format!("{path}/client_key/rotate/start"), json!({}))
        .await;
    assert_eq!(
        not_used.body["error_type"],
        "oidc_connection_client_key_not_used"
    );
    let by_key = json!({ "token_endpoint_auth_method": "private_key_jwt" });
    let answer = gateway.put(&path, by_key.clone()).await;
    assert_eq!(
        answer.body["connection"]["status"], "pending",
        "{}",
        answer.text
    );
    let url = text(&answer.body["connection"]["client_jwks_url"]);
    let first = gateway.send(gateway.http.get(&url)).await;
    assert_eq!(first.body["keys"].as_array().unwrap().len(), 1);
    // Said again, it stays the same key.
    gateway.put(&path, by_key).await;
    let again = gateway.send(gateway.http.get(&url)).await;
    assert_eq!(again.body, first.body);
}
