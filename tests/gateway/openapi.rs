use serde_json::Value;
use serde_json::json;
use vestibule::http::openapi::document;

use crate::support::Answer;
use crate::support::TestGateway;

/// One of the described calls, with a body where it takes one and something that is not there in
/// its path.
struct Call {
    name: String,
    method: reqwest::Method,
    path: String,
    example: Option<Value>,
    takes_session: bool,
}

fn calls() -> Vec<Call> {
    let mut found = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let media = &operation["requestBody"]["content"]["application/json"];
            let parameters = operation["parameters"].as_array();
            let session = json!({ "$ref": "#/components/parameters/MemberSession" });
            found.push(Call {
                name: operation["operationId"].as_str().unwrap().to_owned(),
                method: reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                path: path.clone(),
                example: Some(media["example"].clone()).filter(Value::is_object),
                takes_session: parameters.is_some_and(|it| it.contains(&session)),
            });
        }
    }
    assert!(!found.is_empty());
    found
}

async fn call(
    gateway: &TestGateway,
    call: &Call,
    organization: &str,
    session: Option<&str>,
) -> Answer {
    let path = call.path.replace("{organization_id}", organization);
    let path = path.replace("{project_id}", &gateway.project_id);
    let mut request = gateway
        .http
        .request(call.method.clone(), format!("{}{path}", gateway.base_url))
        .basic_auth(&gateway.project_id, Some(&gateway.secret));
    if let Some(example) = &call.example {
        request = request.json(example);
    }
    if let Some(session) = session {
        request = request.header("X-Stytch-Member-Session", session);
    }
    gateway.send(request).await
}

#[actix_web::test]
async fn a_call_takes_a_member_session_if_and_only_if_its_description_says_so() {
    let gateway = TestGateway::start().await;
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let id = acme["organization_id"].as_str().unwrap();
    let member = gateway.member_with_roles(id, &[]).await;
    for it in calls().iter().filter(|it| it.name != "sessions.getJWKS") {
        let session = gateway.session_of(id, &member).await;
        let answer = call(&gateway, it, id, Some(&session)).await;
        let refused = answer
            .text
            .contains("cannot be made on behalf of a member session");
        assert_eq!(refused, !it.takes_session, "{}: {}", it.name, answer.text);
    }
}

#[actix_web::test]
async fn each_example_is_a_body_that_the_call_can_read() {
    let gateway = TestGateway::start().await;
    for it in calls().iter().filter(|it| it.example.is_some()) {
        let acme = gateway
            .organization(json!({ "organization_name": "Acme" }))
            .await;
        let id = acme["organization_id"].as_str().unwrap();
        let answer = call(&gateway, it, id, None).await;
        let missing = answer.status == 404 && answer.text.contains("_not_found");
        assert!(
            answer.status == 200 || missing || answer.body["error_type"] != "bad_request",
            "{}: {}",
            it.name,
            answer.text
        );
        assert!(answer.status < 500, "{}: {}", it.name, answer.text);
    }
}

#[actix_web::test]
async fn a_refusal_links_to_its_page_on_this_deployment() {
    let gateway = TestGateway::start().await;
    let nowhere = gateway.http.get(format!("{}/nowhere", gateway.base_url));
    for (answer, error_type) in [
        (
            gateway.get("/v1/b2b/organizations/nobody").await,
            "organization_not_found",
        ),
        (gateway.send(nowhere).await, "route_not_found"),
        (
            gateway.post("/v1/b2b/organizations", json!([])).await,
            "bad_request",
        ),
    ] {
        let url = format!("{}/docs/errors#{error_type}", gateway.base_url);
        assert_eq!(answer.body["error_url"], url, "{}", answer.text);
        let page = gateway.send(gateway.http.get(&url)).await;
        assert!(page.text.contains(&format!("id=\"{error_type}\"")), "{url}");
    }
}

#[actix_web::test]
async fn the_pages_load_nothing_and_the_description_is_served_beside_them() {
    let gateway = TestGateway::start().await;
    for path in ["/docs", "/docs/api", "/docs/errors"] {
        let answer = gateway
            .send(gateway.http.get(format!("{}{path}", gateway.base_url)))
            .await;
        assert_eq!(answer.status, 200, "{path}");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        for outside in ["<script", "<img", "<link", "src=", "http-equiv", "@import"] {
            assert!(!answer.text.contains(outside), "{path}: {outside}");
        }
    }
    let served = gateway
        .http
        .get(format!("{}/openapi.json", gateway.base_url));
    assert_eq!(&gateway.send(served).await.body, document());
}

#[actix_web::test]
async fn a_query_that_cannot_be_read_is_refused_like_a_body() {
    let gateway = TestGateway::start().await;
    let path = "/v1/b2b/scim/nobody/connection/nothing?limit=1&limit=2";
    let answer = gateway.get(path).await;
    assert_eq!(
        (answer.status, &answer.body["error_type"]),
        (400, &json!("bad_request"))
    );
}
