//! A provider on the loopback interface: keys, discovery, code exchange, userinfo.

use aws_lc_rs::signature::EcdsaKeyPair;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::Header;
use jsonwebtoken::jwk::Jwk;
use serde_json::Map;
use serde_json::json;

use super::*;
use crate::outbound::code_exchange::ClientProof;
use crate::outbound::code_exchange::CodeExchange;
use crate::outbound::code_exchange::Tokens;
use crate::outbound::http_client::Settings;
use crate::outbound::stub_server::Answer;
use crate::outbound::stub_server::StubServer;
use crate::outbound::userinfo::UserinfoRequest;
use crate::protocol::oidc::provider::ClientAuthentication;

const NOW: i64 = 1_750_000_000;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(NOW + seconds, 0).unwrap()
}

fn laboratory() -> OidcProviders {
    let settings = Settings {
        allow_private_network: true,
        ..Settings::default()
    };
    OidcProviders::new(HttpClient::new(settings).unwrap())
}

struct Key {
    kid: &'static str,
    private: EncodingKey,
}

impl Key {
    fn new(kid: &'static str) -> Self {
        let curve = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = aws_lc_rs::rand::SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
        Self {
            kid,
            private: EncodingKey::from_ec_der(der.as_ref()),
        }
    }

    fn sign(&self, issuer: &str) -> String {
        self.sign_claims(&json!({
            "iss": issuer, "aud": "us", "sub": "ana", "nonce": "n",
            "iat": NOW, "exp": NOW + 86_400,
        }))
    }

    fn sign_claims(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.kid.to_owned());
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

fn serve_keys(server: &StubServer, keys: &[&Key]) {
    let keys: Vec<_> = keys
        .iter()
        .map(|key| {
            let jwk = Jwk::from_encoding_key(&key.private, Algorithm::ES256).unwrap();
            let mut jwk = serde_json::to_value(jwk).unwrap();
            jwk["kid"] = json!(key.kid);
            jwk
        })
        .collect();
    server.answer("/keys", Answer::json(&json!({"keys": keys})));
}

fn source(server: &StubServer) -> KeySource {
    KeySource {
        issuer: server.url(""),
        jwks_url: server.url("/keys"),
    }
}

fn down() -> Answer {
    Answer::new("503 Service Unavailable", "", "")
}

async fn verify(
    providers: &OidcProviders,
    server: &StubServer,
    key: &Key,
    seconds: i64,
) -> Result<(), &'static str> {
    let issuer = server.url("");
    let expectation = Expectation {
        issuer: &issuer,
        client_id: "us",
        nonce: "n",
        access_token: None,
    };
    let token = key.sign(&issuer);
    let url = server.url("/keys");
    match providers
        .verify_id_token(&token, &expectation, &url, at(seconds))
        .await
    {
        Ok(_) => Ok(()),
        Err(ProviderError::Rejected(rejection)) => Err(rejection.code()),
        Err(ProviderError::Fetch(_)) => Err("fetch"),
    }
}

#[tokio::test]
async fn twenty_parallel_callers_cause_one_fetch() {
    let server = StubServer::start().await;
    serve_keys(&server, &[&Key::new("k1")]);
    let providers = laboratory();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let providers = providers.clone();
            let source = source(&server);
            tokio::spawn(async move { providers.keys(&source, at(0)).await.is_ok() })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.unwrap());
    }
    assert_eq!(server.requests("/keys").len(), 1);
}

#[tokio::test]
async fn twenty_parallel_callers_of_a_dead_provider_wait_for_one_fetch() {
    let server = StubServer::start().await;
    server.answer("/keys", down());
    let providers = laboratory();
    let callers: Vec<_> = (0..20)
        .map(|_| {
            let providers = providers.clone();
            let source = source(&server);
            tokio::spawn(async move { providers.keys(&source, at(0)).await.is_err() })
        })
        .collect();
    for caller in callers {
        assert!(caller.await.unwrap());
    }
    assert_eq!(server.requests("/keys").len(), 1);
}

#[tokio::test]
async fn keys_are_fetched_hourly_and_served_stale_while_the_provider_is_down() {
    let server = StubServer::start().await;
    let key = Key::new("k1");
    serve_keys(&server, &[&key]);
    let providers = laboratory();
    assert_eq!(verify(&providers, &server, &key, 0).await, Ok(()));
    assert_eq!(verify(&providers, &server, &key, 3599).await, Ok(()));
    assert_eq!(server.requests("/keys").len(), 1);
    server.answer("/keys", down());
    assert_eq!(verify(&providers, &server, &key, 3600).await, Ok(()));
    assert_eq!(server.requests("/keys").len(), 2);
    assert_eq!(
        verify(&providers, &server, &key, 86_400).await,
        Err("fetch")
    );
}

#[tokio::test]
async fn a_key_changed_just_before_the_token_is_found_by_one_more_fetch() {
    let server = StubServer::start().await;
    let (old, new) = (Key::new("k1"), Key::new("k2"));
    serve_keys(&server, &[&old]);
    let providers = laboratory();
    assert_eq!(verify(&providers, &server, &old, 0).await, Ok(()));
    serve_keys(&server, &[&new]);
    assert_eq!(verify(&providers, &server, &new, 1).await, Ok(()));
    assert_eq!(server.requests("/keys").len(), 2);
}

#[tokio::test]
async fn unknown_keys_cause_one_fetch_a_minute() {
    let server = StubServer::start().await;
    let (known, unknown) = (Key::new("k1"), Key::new("k2"));
    serve_keys(&server, &[&known]);
    let providers = laboratory();
    assert_eq!(verify(&providers, &server, &known, 0).await, Ok(()));
    for seconds in [1, 2, 30, 60] {
        let refused = verify(&providers, &server, &unknown, seconds).await;
        assert_eq!(refused, Err("key_unknown"));
    }
    assert_eq!(server.requests("/keys").len(), 2);
    assert_eq!(
        verify(&providers, &server, &unknown, 61).await,
        Err("key_unknown")
    );
    assert_eq!(server.requests("/keys").len(), 3);
}

#[tokio::test]
async fn a_forged_signature_causes_no_fetch() {
    let server = StubServer::start().await;
    let (real, forged) = (Key::new("k1"), Key::new("k1"));
    serve_keys(&server, &[&real]);
    let providers = laboratory();
    assert_eq!(
        verify(&providers, &server, &forged, 0).await,
        Err("signature_invalid")
    );
    assert_eq!(server.requests("/keys").len(), 1);
}

#[tokio::test]
async fn key_sets_of_five_megabytes_redirects_and_other_documents_are_refused() {
    let server = StubServer::start().await;
    let location = format!("location: {}\r\n", server.url("/elsewhere"));
    let unreadable = |answer: &Result<Arc<Jwks>, ProviderError>| match answer {
        Ok(_) => "accepted",
        Err(ProviderError::Fetch(FetchError::TooLarge { .. })) => "too large",
        Err(ProviderError::Fetch(FetchError::Redirected { .. })) => "redirected",
        Err(ProviderError::Fetch(FetchError::NotJson { .. })) => "not json",
        Err(ProviderError::Rejected(Rejection::JwksMalformed { .. })) => "malformed",
        Err(_) => "other",
    };
    let table = [
        (
            Answer::new("200 OK", "", vec![b' '; 5 * 1024 * 1024]),
            "too large",
        ),
        (Answer::new("302 Found", &location, ""), "redirected"),
        (Answer::new("200 OK", "", "<html>"), "not json"),
        (Answer::json(&json!({"kees": []})), "malformed"),
    ];
    for (answer, expected) in table {
        server.answer("/keys", answer);
        let answer = laboratory().keys(&source(&server), at(0)).await;
        assert_eq!(unreadable(&answer), expected);
    }
    assert!(server.requests("/elsewhere").is_empty());
}

fn discovery(server: &StubServer) -> Value {
    json!({
        "issuer": server.url(""),
        "authorization_endpoint": server.url("/authorize"),
        "token_endpoint": server.url("/token"),
        "jwks_uri": server.url("/keys"),
    })
}

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn discovery_is_read_anew_on_request_and_kept_for_sign_ins() {
    let server = StubServer::start().await;
    server.answer(DISCOVERY, Answer::json(&discovery(&server)));
    let providers = laboratory();
    let issuer = server.url("");
    assert_eq!(
        providers.discover(&issuer).await.unwrap().token_endpoint,
        server.url("/token")
    );
    assert!(providers.metadata(&issuer, at(0)).await.is_ok());
    assert!(providers.metadata(&issuer, at(60)).await.is_ok());
    assert_eq!(server.requests(DISCOVERY).len(), 2);
    assert!(providers.discover(&issuer).await.is_ok());
    assert_eq!(server.requests(DISCOVERY).len(), 3);
}

#[tokio::test]
async fn a_document_of_another_issuer_is_refused() {
    let server = StubServer::start().await;
    let mut document = discovery(&server);
    document["issuer"] = json!("https://idp.example");
    server.answer(DISCOVERY, Answer::json(&document));
    let refused = laboratory().discover(&server.url("")).await.unwrap_err();
    assert!(
        refused.to_string().contains("expected http://127.0.0.1"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_private_issuer_is_refused_outside_laboratories() {
    let server = StubServer::start().await;
    let providers = OidcProviders::new(HttpClient::new(Settings::default()).unwrap());
    let refused = providers.discover(&server.url("")).await.unwrap_err();
    assert!(matches!(
        refused,
        ProviderError::Rejected(Rejection::IssuerUrl { .. })
    ));
    let refused = providers.keys(&source(&server), at(0)).await.unwrap_err();
    assert!(matches!(
        refused,
        ProviderError::Fetch(FetchError::Refused { .. })
    ));
    assert!(server.requests("/keys").is_empty());
}

async fn exchange(
    server: &StubServer,
    authentication: ClientAuthentication,
) -> Result<Tokens, ProviderError> {
    let exchange = CodeExchange {
        issuer: &server.url(""),
        token_url: &server.url("/token"),
        client_id: "us:1",
        proof: ClientProof::Secret("s%cret", authentication),
        redirect_uri: "https://gateway.example/callback",
        code: "the code",
        code_verifier: "the-verifier",
    };
    laboratory().exchange_code(&exchange).await
}

#[tokio::test]
async fn a_code_is_exchanged_with_the_secret_in_the_header_or_in_the_form() {
    let server = StubServer::start().await;
    let id_token = Key::new("k1").sign("https://idp.example");
    let tokens = json!({"access_token": "a", "token_type": "Bearer", "id_token": id_token});
    server.answer("/token", Answer::json(&tokens));
    let basic = exchange(&server, ClientAuthentication::ClientSecretBasic)
        .await
        .unwrap();
    assert_eq!(
        (basic.access_token.as_str(), &basic.id_token),
        ("a", &id_token)
    );
    assert!(
        exchange(&server, ClientAuthentication::ClientSecretPost)
            .await
            .is_ok()
    );
    let [basic, post] = server.requests("/token").try_into().unwrap();
    let credentials = BASE64_STANDARD.encode("us%3A1:s%25cret");
    assert!(
        basic.contains(&format!("authorization: Basic {credentials}")),
        "{basic}"
    );
    assert!(!basic.contains("client_secret"), "{basic}");
    assert!(
        post.contains("client_id=us%3A1&client_secret=s%25cret"),
        "{post}"
    );
    assert!(!post.contains("authorization:"), "{post}");
    for request in [basic, post] {
        assert!(
            request.contains("grant_type=authorization_code"),
            "{request}"
        );
        assert!(request.contains("code=the+code"), "{request}");
        assert!(request.contains("code_verifier=the-verifier"), "{request}");
    }
}

#[tokio::test]
async fn an_id_token_that_cannot_be_read_is_left_to_its_verification() {
    let server = StubServer::start().await;
    let tokens = json!({"access_token": "a", "token_type": "Bearer", "id_token": "x.y.z"});
    server.answer("/token", Answer::json(&tokens));
    let tokens = exchange(&server, ClientAuthentication::ClientSecretBasic)
        .await
        .unwrap();
    assert_eq!(tokens.id_token, "x.y.z");
    assert_eq!(format!("{tokens:?}"), "Tokens([REDACTED])");
}

#[tokio::test]
async fn a_refused_code_and_an_unusable_answer_have_their_rejections() {
    let server = StubServer::start().await;
    let refusal = json!({"error": "invalid_grant", "error_description": "used before"});
    let json_type = "content-type: application/json\r\n";
    let no_id_token = json!({"access_token": "a", "token_type": "Bearer"});
    let table = [
        (
            Answer::new("400 Bad Request", json_type, refusal.to_string()),
            "code_refused",
        ),
        (
            Answer::new("500 Internal Server Error", "", "oops"),
            "token_response",
        ),
        (
            Answer::new("500 Internal Server Error", "", ""),
            "token_response",
        ),
        (
            Answer::json(&json!({"token_type": "Bearer"})),
            "token_response",
        ),
        (Answer::json(&no_id_token), "id_token_missing"),
    ];
    for (answer, expected) in table {
        server.answer("/token", answer);
        match exchange(&server, ClientAuthentication::ClientSecretBasic).await {
            Err(ProviderError::Rejected(rejection)) => assert_eq!(rejection.code(), expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
}

async fn userinfo(server: &StubServer) -> Result<Map<String, Value>, ProviderError> {
    let asked = UserinfoRequest {
        url: &server.url("/userinfo"),
        access_token: "the-token",
        source: &source(server),
        client_id: "us",
    };
    laboratory().userinfo(&asked, at(0)).await
}

#[tokio::test]
async fn userinfo_is_read_with_the_access_token() {
    let server = StubServer::start().await;
    server.answer(
        "/userinfo",
        Answer::json(&json!({"sub": "ana", "groups": ["staff"]})),
    );
    let claims = userinfo(&server).await.unwrap();
    assert_eq!(claims["groups"], json!(["staff"]));
    let request = server.requests("/userinfo").remove(0);
    assert!(
        request.contains("authorization: Bearer the-token"),
        "{request}"
    );
    server.answer("/userinfo", Answer::new("200 OK", "", "eyJ.x.y"));
    let refused = userinfo(&server).await.unwrap_err();
    assert_eq!(refused.error_type(), "oidc_invalid_userinfo");
}

#[tokio::test]
async fn userinfo_that_is_signed_is_checked() {
    let server = StubServer::start().await;
    let (key, stranger) = (Key::new("k1"), Key::new("k1"));
    serve_keys(&server, &[&key]);
    let own = json!({ "iss": server.url(""), "aud": "us", "sub": "ana" });
    let table = [
        (&key, own.clone(), None),
        (&key, json!({ "sub": "ana" }), None),
        (&stranger, own, Some("signature is wrong")),
        (
            &key,
            json!({ "iss": "https://other.test", "sub": "ana" }),
            Some("another issuer"),
        ),
        (
            &key,
            json!({ "aud": ["them"], "sub": "ana" }),
            Some("another client"),
        ),
    ];
    for (key, claims, fault) in table {
        let jwt = key.sign_claims(&claims);
        let jwt = Answer::new("200 OK", "content-type: application/jwt\r\n", jwt);
        server.answer("/userinfo", jwt);
        match (userinfo(&server).await, fault) {
            (Ok(read), None) => assert_eq!(read["sub"], "ana"),
            (Err(error), Some(fault)) => assert!(error.to_string().contains(fault), "{error}"),
            other => panic!("{claims}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn documents_in_use_are_renewed_before_anybody_waits_for_them() {
    let server = StubServer::start().await;
    let issuer = server.url("");
    let discovery = json!({
        "issuer": issuer, "jwks_uri": server.url("/keys"), "token_endpoint": server.url("/token"),
        "authorization_endpoint": server.url("/authorize"),
    });
    let well_known = "/.well-known/openid-configuration";
    server.answer(well_known, Answer::json(&discovery));
    let (old, new) = (Key::new("k1"), Key::new("k2"));
    serve_keys(&server, &[&old]);
    let providers = laboratory();
    assert!(providers.metadata(&issuer, at(0)).await.is_ok());
    assert_eq!(verify(&providers, &server, &old, 0).await, Ok(()));
    let fetched = || {
        (
            server.requests(well_known).len(),
            server.requests("/keys").len(),
        )
    };
    providers.renew(at(2999)).await;
    assert_eq!(fetched(), (1, 1));
    serve_keys(&server, &[&new]);
    providers.renew(at(3000)).await;
    assert_eq!(fetched(), (2, 2));
    assert_eq!(verify(&providers, &server, &new, 6599).await, Ok(()));
    assert!(providers.metadata(&issuer, at(6599)).await.is_ok());
    assert_eq!(fetched(), (2, 2));
    server.answer("/keys", down());
    providers.renew(at(6600)).await;
    assert_eq!(
        verify(&providers, &server, &new, 6601).await,
        Ok(()),
        "the old ones stay"
    );
}

#[tokio::test]
async fn an_assertion_takes_the_place_of_the_secret() {
    let server = StubServer::start().await;
    let tokens = json!({"access_token": "a", "token_type": "Bearer", "id_token": "x.y.z"});
    server.answer("/token", Answer::json(&tokens));
    let exchange = CodeExchange {
        issuer: &server.url(""),
        token_url: &server.url("/token"),
        client_id: "us",
        proof: ClientProof::Assertion("h.c.s".to_owned()),
        redirect_uri: "https://gateway.example/callback",
        code: "the code",
        code_verifier: "the-verifier",
    };
    assert!(laboratory().exchange_code(&exchange).await.is_ok());
    let request = server.requests("/token").remove(0);
    for part in [
        "client_id=us",
        "client_assertion=h.c.s",
        "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
    ] {
        assert!(request.contains(part), "{part}: {request}");
    }
    assert!(
        !request.contains("client_secret") && !request.contains("authorization:"),
        "{request}"
    );
}
