//! The demo provider, judged by the relying party's own checks.

use std::sync::Arc;

use actix_web::App;
use actix_web::http::header::LOCATION;
use actix_web::test;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::DateTime;
use chrono::Utc;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use super::*;
use crate::demo::company::Profile;
use crate::demo::stage::Stage;
use crate::protocol::oidc::Claims;
use crate::protocol::oidc::Expectation;
use crate::protocol::oidc::ProviderMetadata;
use crate::protocol::oidc::authorization::AuthorizationRequest;
use crate::protocol::oidc::authorization::AuthorizationResponse;
use crate::protocol::oidc::id_token;

const PUBLIC_URL: &str = "http://127.0.0.1:8080";
const REDIRECT_URI: &str = "http://127.0.0.1:8080/v1/b2b/sso/callback/oidc-connection-test-1";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn clock() -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_000_000, 0).unwrap()
}

fn provider() -> web::Data<DemoProvider> {
    let stage = Stage::new(&format!("{PUBLIC_URL}/"), Arc::default(), clock);
    let settings = DemoProviderSettings {
        stage: Arc::new(stage),
        company: Profile::find("acme").unwrap(),
        key: Arc::new(SigningKey::generate().unwrap()),
        client_id: "vestibule".to_owned(),
        client_secret: "s:cr%t =".to_owned(),
    };
    web::Data::new(DemoProvider::new(settings).unwrap())
}

// Sends requests one after the other; gives each status, `Location` and body.
async fn call(
    provider: &web::Data<DemoProvider>,
    request: test::TestRequest,
) -> (u16, String, String) {
    let app = App::new().service(web::scope("/demo").configure(|it| routes(provider, it)));
    let app = test::init_service(app).await;
    let response = test::call_service(&app, request.to_request()).await;
    let status = response.status().as_u16();
    let location = response.headers().get(LOCATION);
    let location = location
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default();
    let body = test::read_body(response).await;
    (status, location, String::from_utf8(body.to_vec()).unwrap())
}

async fn get_json(provider: &web::Data<DemoProvider>, path: &str) -> Value {
    let request = test::TestRequest::get().uri(&format!("/demo/idp/acme/oidc{path}"));
    let (status, _, body) = call(provider, request).await;
    assert_eq!(status, 200, "{path}");
    serde_json::from_str(&body).unwrap()
}

fn authorize_path(login_hint: Option<&str>, change: impl Fn(&mut Url)) -> String {
    let request = AuthorizationRequest {
        issuer: "http://127.0.0.1:8080/demo/idp/acme/oidc",
        authorization_url: "http://127.0.0.1:8080/demo/idp/acme/oidc/authorize",
        client_id: "vestibule",
        redirect_uri: REDIRECT_URI,
        scopes: "openid email profile",
        state: "the state",
        nonce: "the nonce",
        code_verifier: VERIFIER,
        login_hint,
    };
    let mut url = request.url().unwrap();
    change(&mut url);
    format!("{}?{}", url.path(), url.query().unwrap())
}

fn set(url: &mut Url, name: &str, value: &str) {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .filter(|(other, _)| other != name)
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair(name, value);
}

async fn sign_in(provider: &web::Data<DemoProvider>, email: &str) -> AuthorizationResponse {
    let path = authorize_path(Some(email), |_| ());
    let (status, location, _) = call(provider, test::TestRequest::get().uri(&path)).await;
    assert_eq!(status, 303);
    answer(&location)
}

fn answer(location: &str) -> AuthorizationResponse {
    let url = Url::parse(location).unwrap();
    assert!(location.starts_with(REDIRECT_URI), "{location}");
    let query = web::Query::<AuthorizationResponse>::from_query(url.query().unwrap());
    query.unwrap().into_inner()
}

type Field = (&'static str, String);

fn fields(code: &str) -> Vec<Field> {
    vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("redirect_uri", REDIRECT_URI.to_owned()),
        ("code_verifier", VERIFIER.to_owned()),
        ("client_id", "vestibule".to_owned()),
        ("client_secret", "s:cr%t =".to_owned()),
    ]
}

async fn exchange(provider: &web::Data<DemoProvider>, fields: Vec<Field>) -> (u16, Value) {
    let request = test::TestRequest::post()
        .uri("/demo/idp/acme/oidc/token")
        .set_form(fields);
    let (status, _, body) = call(provider, request).await;
    (status, serde_json::from_str(&body).unwrap())
}

async fn verify(provider: &web::Data<DemoProvider>, tokens: &Value) -> Claims {
    let jwks = serde_json::from_value(get_json(provider, "/jwks").await).unwrap();
    let expectation = Expectation {
        issuer: provider.issuer(),
        client_id: "vestibule",
        nonce: "the nonce",
        access_token: tokens["access_token"].as_str(),
    };
    let id_token = tokens["id_token"].as_str().unwrap();
    id_token::verify(id_token, &expectation, &jwks, clock()).unwrap()
}

#[actix_web::test]
async fn the_discovery_document_passes_the_relying_partys_checks() {
    let provider = provider();
    assert_eq!(
        provider.issuer(),
        "http://127.0.0.1:8080/demo/idp/acme/oidc"
    );
    let document = get_json(&provider, "/.well-known/openid-configuration").await;
    let metadata = ProviderMetadata::read(document, provider.issuer(), true).unwrap();
    assert!(metadata.authorization_response_iss_parameter_supported);
    assert_eq!(
        metadata.jwks_uri,
        "http://127.0.0.1:8080/demo/idp/acme/oidc/jwks"
    );
}

#[actix_web::test]
async fn a_sign_in_gives_an_id_token_that_the_relying_party_accepts() {
    let provider = provider();
    let answer = sign_in(&provider, "ana@acme.test").await;
    assert_eq!(answer.state(), Ok("the state"));
    let code = answer.code(provider.issuer(), true).unwrap();
    let (status, tokens) = exchange(&provider, fields(code)).await;
    assert_eq!(status, 200, "{tokens}");
    let claims = verify(&provider, &tokens).await;
    assert_eq!(claims.subject(), "acme-ana");
    assert_eq!(claims.email(), Some("ana@acme.test"));
    assert_eq!(claims.strings("groups"), ["Engineering", "Admins"]);
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let request = test::TestRequest::get()
        .uri("/demo/idp/acme/oidc/userinfo")
        .insert_header((AUTHORIZATION, bearer));
    let (_, _, userinfo) = call(&provider, request).await;
    let userinfo = serde_json::from_str(&userinfo).unwrap();
    assert!(claims.with_userinfo(userinfo).is_ok());
}

#[actix_web::test]
async fn the_secret_may_come_in_the_header() {
    let provider = provider();
    let table = [
        ("vestibule:s%3Acr%25t+%3D", 200),
        ("vestibule:wrong", 401),
        ("vestibule", 401),
    ];
    for (credentials, expected) in table {
        let answer = sign_in(&provider, "bo@acme.test").await;
        let mut form = fields(answer.code.as_deref().unwrap());
        form.retain(|(name, _)| !name.starts_with("client_"));
        let header = format!("Basic {}", BASE64_STANDARD.encode(credentials));
        let request = test::TestRequest::post()
            .uri("/demo/idp/acme/oidc/token")
            .insert_header((AUTHORIZATION, header))
            .set_form(form);
        let (status, _, body) = call(&provider, request).await;
        assert_eq!(status, expected, "{credentials} {body}");
    }
}

#[actix_web::test]
async fn wrong_fields_at_the_token_endpoint_are_refused() {
    let table = [
        ("client_secret", "wrong", "invalid_client"),
        ("client_id", "other", "invalid_client"),
        ("grant_type", "password", "unsupported_grant_type"),
        ("code", "guess", "invalid_grant"),
        (
            "redirect_uri",
            "http://127.0.0.1:8080/other",
            "invalid_grant",
        ),
        (
            "code_verifier",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX",
            "invalid_grant",
        ),
        ("code_verifier", "", "invalid_grant"),
    ];
    let provider = provider();
    for (name, value, expected) in table {
        let answer = sign_in(&provider, "ana@acme.test").await;
        let mut form = fields(answer.code.as_deref().unwrap());
        form.iter_mut()
            .filter(|(other, _)| *other == name)
            .for_each(|(_, old)| value.clone_into(old));
        let (status, refusal) = exchange(&provider, form).await;
        assert_eq!(refusal["error"], expected, "{name}");
        assert!(status >= 400);
    }
}

#[actix_web::test]
async fn a_code_is_used_once() {
    let provider = provider();
    let answer = sign_in(&provider, "ana@acme.test").await;
    let code = answer.code.unwrap();
    assert_eq!(exchange(&provider, fields(&code)).await.0, 200);
    assert_eq!(exchange(&provider, fields(&code)).await.0, 400);
}

#[actix_web::test]
async fn without_a_known_hint_the_page_offers_everybody() {
    let provider = provider();
    for hint in [None, Some("<script>@acme.test")] {
        let path = authorize_path(hint, |_| ());
        let (status, _, page) = call(&provider, test::TestRequest::get().uri(&path)).await;
        assert_eq!(status, 200);
        assert!(!page.contains("<script>"), "{page}");
        for name in ["Ana, Engineering", "Bo, Engineering", "Cleo, Sales"] {
            assert!(page.contains(name), "{page}");
        }
        let (_, fields) = page.split_once("<input type=\"hidden\" name=\"").unwrap();
        let fields = fields.split("<h2>").next().unwrap();
        let mut query = Serializer::new(String::new());
        for field in fields.split("<input type=\"hidden\" name=\"") {
            let (name, value) = field.split_once("\" value=\"").unwrap();
            query.append_pair(name, value.split('"').next().unwrap());
        }
        query.append_pair("login_hint", "ana@acme.test");
        let path = format!("/demo/idp/acme/oidc/authorize?{}", query.finish());
        let (_, location, _) = call(&provider, test::TestRequest::get().uri(&path)).await;
        assert!(
            answer(&location).code(provider.issuer(), true).is_ok(),
            "{location}"
        );
    }
}

#[actix_web::test]
async fn a_request_that_could_send_codes_elsewhere_is_not_redirected() {
    let provider = provider();
    let changes = [
        ("client_id", "<b>other"),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", "http://127.0.0.1:8081/"),
        ("redirect_uri", "http://127.0.0.1:8080@evil.example/"),
        ("redirect_uri", ""),
    ];
    for (name, value) in changes {
        let path = authorize_path(Some("ana@acme.test"), |url| set(url, name, value));
        let (status, location, page) = call(&provider, test::TestRequest::get().uri(&path)).await;
        assert_eq!((status, location.as_str()), (400, ""), "{name} {value}");
        assert!(!page.contains("<b>"), "{page}");
    }
}

#[actix_web::test]
async fn a_faulty_request_is_answered_at_the_redirect_uri() {
    let provider = provider();
    let changes = [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "email", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
    ];
    for (name, value, expected) in changes {
        let path = authorize_path(Some("ana@acme.test"), |url| set(url, name, value));
        let (status, location, _) = call(&provider, test::TestRequest::get().uri(&path)).await;
        assert_eq!(status, 303);
        let answer = answer(&location);
        assert_eq!(answer.error.as_deref(), Some(expected));
        assert_eq!(answer.state(), Ok("the state"));
        assert_eq!(answer.code, None);
    }
}

#[actix_web::test]
async fn userinfo_needs_an_access_token() {
    let provider = provider();
    for header in ["Bearer guess", "Basic eDp5", ""] {
        let request = test::TestRequest::get()
            .uri("/demo/idp/acme/oidc/userinfo")
            .insert_header((AUTHORIZATION, header));
        assert_eq!(call(&provider, request).await.0, 401, "{header}");
    }
}
