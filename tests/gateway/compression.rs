//! What is sent compressed, what never is, and how much a page weighs with all that it is made with.

use reqwest::Response;

use crate::support::TestGateway;
use crate::support::portal::Portal;

const MOST: usize = 60_000;

async fn fetched(gateway: &TestGateway, path: &str, cookie: &str) -> Response {
    let request = gateway.http.get(format!("{}{path}", gateway.base_url));
    let request = request.header("accept-encoding", "gzip");
    let response = request.header("cookie", cookie).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response
}

async fn weight(gateway: &TestGateway, path: &str, cookie: &str) -> usize {
    let response = fetched(gateway, path, cookie).await;
    response.bytes().await.unwrap().len()
}

async fn portal(gateway: &TestGateway) -> Portal {
    let acme = serde_json::json!({ "organization_name": "Acme", "organization_slug": "acme" });
    gateway.organization(acme).await;
    Portal::open(gateway, "acme").await
}

#[actix_web::test]
async fn pages_weigh_little_with_all_that_they_are_made_with() {
    let gateway = TestGateway::start().await;
    let portal = portal(&gateway).await;
    let mut parts = 0;
    for asset in ["/assets/style.css", "/assets/script.js", "/assets/icon.svg"] {
        parts += weight(&gateway, asset, "").await;
    }
    for path in [
        "/portal",
        "/portal/settings",
        "/portal/domains",
        "/login",
        "/o/acme",
    ] {
        let whole = parts + weight(&gateway, path, &portal.cookie).await;
        assert!(whole < MOST, "{path}: {whole}");
    }
}

#[actix_web::test]
async fn only_pages_without_secrets_are_compressed() {
    let gateway = TestGateway::start().await;
    let portal = portal(&gateway).await;
    for (path, is_compressed) in [
        ("/portal", true),
        ("/portal/members", true),
        ("/portal/settings", true),
        ("/docs/api", true),
        ("/assets/style.css", true),
        // What a link puts into a page may stand beside what it must not learn.
        ("/portal/members?q=a", false),
        ("/portal?a", false),
        ("/portal/log", false),
        ("/portal/domains", false),
        ("/portal/directory", false),
        ("/login", false),
        ("/o/acme", false),
    ] {
        let response = fetched(&gateway, path, &portal.cookie).await;
        let headers = response.headers();
        let encoding = headers
            .get("content-encoding")
            .map(|it| it.to_str().unwrap());
        assert_eq!(encoding, is_compressed.then_some("gzip"), "{path}");
        assert_eq!(headers.contains_key("vary"), is_compressed, "{path}");
        let body = response.bytes().await.unwrap();
        assert_eq!(body.starts_with(&[0x1f, 0x8b]), is_compressed, "{path}");
    }
    let plain = portal.get(&gateway, "/portal").await;
    assert!(plain.text.contains("<!doctype html>") || plain.text.contains("<!DOCTYPE html>"));
    assert!(!plain.headers.contains_key("content-encoding"));
    let (id, secret) = (&gateway.project_id, &gateway.secret);
    let call = gateway
        .http
        .get(format!("{}/v1/debug/whoami", gateway.base_url));
    let call = call.header("accept-encoding", "gzip");
    let answer = call.basic_auth(id, Some(secret)).send().await.unwrap();
    assert!(!answer.headers().contains_key("content-encoding"));
}
