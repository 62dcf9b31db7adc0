use serde_json::Value;
use serde_json::json;

use crate::support::TestGateway;

const CALLS: [&str; 5] = [
    "recoveryCodes.get",
    "recoveryCodes.recover",
    "recoveryCodes.rotate",
    "totps.authenticate",
    "totps.create",
];

#[actix_web::test]
async fn ways_to_sign_in_that_are_not_offered_are_refused_with_their_own_error() {
    let gateway = TestGateway::start().await;
    let calls = include_str!("../../../fixtures/contract/calls.json");
    let calls: Vec<Value> = serde_json::from_str(calls).unwrap();
    let mut refused = 0;
    for call in calls {
        let (name, method) = (
            call["call"].as_str().unwrap(),
            call["method"].as_str().unwrap(),
        );
        if !CALLS.contains(&name) {
            continue;
        }
        let path = call["path"].as_str().unwrap();
        for body in [json!({}), json!({ "organization_id": "acme" })] {
            let answer = gateway.call(method, path, Some(body)).await;
            let told = (answer.status, &answer.body["error_type"]);
            assert_eq!(told, (400, &json!("invalid_b2b_endpoint")), "{name}");
        }
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let bare = gateway
            .http
            .request(method, format!("{}{path}", gateway.base_url));
        assert_eq!(gateway.send(bare).await.status, 401, "{name}");
        refused += 1;
    }
    assert_eq!(refused, CALLS.len());
}
