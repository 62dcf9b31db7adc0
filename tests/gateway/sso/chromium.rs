//! Whole sign-ins in headless Chromium, at identity providers of others.

use serde_json::Value;
use serde_json::json;

use super::peers::Folder;
use super::peers::complete;
use super::peers::waiting;
use super::redeem;
use super::start_url;
use super::text;
use crate::support::TestGateway;
use crate::support::peers::Peer;
use crate::support::sdk;
use crate::support::stub_site::StubSite;

/// What Chromium saw of the sign-ins at a connection.
async fn walk(gateway: &TestGateway, connection: &str, login: Value) -> Value {
    let app = StubSite::start();
    for path in ["/authenticate", "/welcome"] {
        app.set(path, 200, "<h1>The application</h1>");
    }
    let walk = json!({
        "start": start_url(gateway, connection, &[]),
        "app": app.origin.replace("http://", ""),
        "login": login,
    });
    let walk = walk.to_string();
    let told = sdk::run(
        gateway,
        (sdk::NODE, "node/chromium.mjs"),
        &[("WALK", &walk)],
    )
    .await;
    serde_json::from_str(&told).unwrap()
}

fn token(seen: &Value) -> Option<String> {
    let url = url::Url::parse(seen["url"].as_str()?).ok()?;
    if url.host_str() != Some("app.test") {
        return None;
    }
    let mut pairs = url.query_pairs();
    let (_, token) = pairs.find(|(name, _)| name == "token")?;
    Some(token.into_owned())
}

/// Every arrival is a session, no answer is two, and what is refused says why.
async fn assert_walked(gateway: &TestGateway, seen: &Value, kind: &str) {
    let mut tokens = Vec::new();
    for walk in ["once", "again"] {
        let token = token(&seen[walk]).unwrap_or_else(|| panic!("{walk}: {seen}"));
        let answer = redeem(gateway, json!({ "sso_token": token })).await;
        assert_eq!(answer.status, 200, "{walk}: {}", answer.text);
        assert_eq!(answer.body["member"]["email_address"], "ana@acme.test");
        tokens.push(token);
    }
    // Going back shows what was there, asks anew, or is told that this sign-in is over.
    let back = &seen["back"];
    match token(back) {
        Some(token) => assert!(tokens.contains(&token), "a second token: {seen}"),
        None => assert!(back["code"].is_null() || is_over(back, kind), "{seen}"),
    }
    let twice = [token(&seen["double"]), token(&seen["copy"])];
    assert_eq!(twice.iter().flatten().count(), 1, "{seen}");
    for (walk, token) in ["double", "copy"].into_iter().zip(&twice) {
        match token {
            Some(token) => {
                let answer = redeem(gateway, json!({ "sso_token": token })).await;
                assert_eq!(answer.status, 200, "{}", answer.text);
            }
            None => assert!(is_over(&seen[walk], kind), "{walk}: {seen}"),
        }
    }
    assert_eq!(
        seen["lost"]["code"],
        format!("missing_{kind}_csrf_cookie"),
        "{seen}"
    );
}

fn is_over(seen: &Value, kind: &str) -> bool {
    let code = seen["code"].as_str().unwrap_or_default();
    let over = [
        "duplicate_saml_response".to_owned(),
        "oidc_auth_code_error".to_owned(),
        format!("unsolicited_{kind}_response"),
        format!("missing_{kind}_csrf_cookie"),
    ];
    over.contains(&code.to_owned())
}

#[actix_web::test]
async fn at_simplesamlphp() {
    let (gateway, folder) = (TestGateway::start().await, Folder::fresh());
    let (organization, connection) = waiting(&gateway).await;
    let acs_url = super::callback_url(&gateway, &connection);
    let certificate = folder.file("idp.crt");
    let peer = Peer::simplesamlphp(&acs_url, &acs_url, &certificate).await;
    let saml2 = format!("{}/simplesaml/saml2/idp", peer.origin);
    let settings = json!({
        "idp_entity_id": format!("{saml2}/metadata.php"),
        "idp_sso_url": format!("{saml2}/SSOService.php"),
        "x509_certificate": std::fs::read_to_string(&certificate).unwrap(),
        "attribute_mapping": { "email": "email", "full_name": "displayName" },
    });
    complete(&gateway, (&organization, &connection), settings).await;
    let login = json!({ "username": "ana", "password": "ana-password" });
    let seen = walk(&gateway, &connection, login).await;
    assert_walked(&gateway, &seen, "saml").await;
}

#[actix_web::test]
async fn at_samlp() {
    let (gateway, folder) = (TestGateway::start().await, Folder::fresh());
    let (organization, connection) = waiting(&gateway).await;
    let certificate = folder.file("idp.crt");
    let peer = Peer::samlp(&certificate, &folder.file("idp.key")).await;
    let settings = json!({
        "idp_entity_id": format!("{}/metadata", peer.origin),
        "idp_sso_url": format!("{}/sso", peer.origin),
        "x509_certificate": std::fs::read_to_string(&certificate).unwrap(),
        "attribute_mapping": {
            "email": "NameID",
            "full_name": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        },
    });
    complete(&gateway, (&organization, &connection), settings).await;
    let seen = walk(&gateway, &connection, json!({})).await;
    assert_walked(&gateway, &seen, "saml").await;
}

async fn oidc_connection(gateway: &TestGateway, issuer: &str) -> String {
    let globex = json!({ "organization_name": "Globex" });
    let organization = text(&gateway.organization(globex).await["organization_id"]);
    let path = format!("/v1/b2b/sso/oidc/{organization}");
    let created = gateway.post(&path, json!({ "display_name": "OIDC" })).await;
    let connection = text(&created.body["connection"]["connection_id"]);
    let settings = json!({
        "issuer": issuer, "client_id": "vestibule", "client_secret": "a-secret-of-some-length",
    });
    let path = format!("{path}/connections/{connection}");
    let updated = gateway.put(&path, settings).await;
    assert_eq!(
        updated.body["connection"]["status"], "active",
        "{}",
        updated.text
    );
    connection
}

#[actix_web::test]
async fn at_oauth2_mock_server() {
    let gateway = TestGateway::start().await;
    let peer = Peer::oauth2_mock().await;
    let connection = oidc_connection(&gateway, &peer.origin).await;
    let seen = walk(&gateway, &connection, json!({})).await;
    assert_walked(&gateway, &seen, "oidc").await;
}

#[actix_web::test]
async fn at_oidc_provider_mock() {
    let gateway = TestGateway::start().await;
    let peer = Peer::oidc_provider_mock().await;
    let connection = oidc_connection(&gateway, &peer.origin).await;
    let seen = walk(&gateway, &connection, json!({ "sub": "ana" })).await;
    assert_walked(&gateway, &seen, "oidc").await;
}
