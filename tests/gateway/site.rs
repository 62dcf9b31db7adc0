use serde_json::json;

use crate::support::TestGateway;

#[actix_web::test]
async fn every_answer_names_its_request_and_carries_the_security_headers() {
    let gateway = TestGateway::start().await;
    let missing = gateway.http.get(format!("{}/nowhere", gateway.base_url));
    let refused = gateway
        .http
        .get(format!("{}/v1/debug/whoami", gateway.base_url));
    for answer in [
        gateway.get("/v1/debug/whoami").await,
        gateway.send(missing).await,
        gateway.send(refused).await,
    ] {
        let header = |name: &str| answer.headers.get(name).map(|it| it.to_str().unwrap());
        assert_eq!(header("x-request-id"), answer.body["request_id"].as_str());
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(header("cache-control"), Some("no-store"));
        assert_eq!(header("referrer-policy"), Some("no-referrer"));
        assert_eq!(
            header("content-security-policy"),
            Some("frame-ancestors 'none'")
        );
    }
}

#[actix_web::test]
async fn an_unknown_route_or_method_is_told_in_the_protocol_of_the_caller() {
    let gateway = TestGateway::start().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/v1/b2b/nothing"),
        ("GET", "/v1/b2b/scim/nothing"),
        ("POST", "/v1/debug/whoami"),
        ("DELETE", "/v1/debug/whoami"),
        ("GET", "/v1/debug/whoami/"),
        ("GET", "/metrics"),
        ("GET", "/readyz"),
    ] {
        let answer = gateway.call(method, path, None).await;
        assert_eq!(answer.status, 404, "{method} {path}");
        assert_eq!(
            answer.body["error_type"], "route_not_found",
            "{method} {path}"
        );
        assert_eq!(answer.body["status_code"], 404, "{method} {path}");
    }
    let path = "/v1/b2b/scim/scim-connection-test-00000000-0000-4000-8000-000000000000/Nothing";
    let answer = gateway.scim(("GET", path), "any", None).await;
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    assert!([401, 404].contains(&answer.status), "{}", answer.text);
    assert_eq!(answer.body["status"], answer.status.to_string());
}

#[actix_web::test]
async fn a_caller_that_asks_too_often_is_told_to_wait_and_others_are_not() {
    let gateway = TestGateway::start_with(true).await;
    let path = "/v1/debug/whoami";
    let url = format!("{}{path}", gateway.base_url);
    let mut held = None;
    for _ in 0..2_000 {
        let answer = gateway.send(gateway.http.get(&url)).await;
        if answer.status == 429 {
            held = Some(answer);
            break;
        }
    }
    let held = held.expect("nobody was told to wait");
    assert_eq!(held.body["error_type"], "too_many_requests");
    assert_eq!(held.headers["retry-after"], "1");
    assert!(held.headers.contains_key("x-request-id"));
    assert_eq!(gateway.get(path).await.status, 200);
}

#[actix_web::test]
async fn a_body_over_one_megabyte_is_refused() {
    let gateway = TestGateway::start().await;
    let body = json!({ "organization_name": "x".repeat(1024 * 1024) });
    let answer = gateway.post("/v1/b2b/organizations", body).await;
    assert_eq!(answer.status, 413, "{}", answer.text);
    assert!(answer.body["error_type"].is_string());
}
