use serde_json::json;

use crate::support::TestGateway;

#[actix_web::test]
async fn the_keys_are_open_and_complete() {
    let gateway = TestGateway::start().await;
    for path in ["/v1/b2b/sessions/jwks", "/v1/sessions/jwks"] {
        let url = format!("{}{path}/{}", gateway.base_url, gateway.project_id);
        let answer = gateway.send(gateway.http.get(url)).await;
        assert_eq!(answer.status, 200);
        let key = &answer.body["keys"][0];
        for member in [
            "kty", "use", "key_ops", "alg", "kid", "x5c", "x5tS256", "n", "e",
        ] {
            assert!(!key[member].is_null(), "{member}");
        }
        assert!(key["kid"].as_str().unwrap().starts_with("jwk-test-"));
        assert!(key["d"].is_null());
    }
}

#[actix_web::test]
async fn the_keys_of_another_project_are_not_there() {
    let gateway = TestGateway::start().await;
    let path = "/v1/b2b/sessions/jwks/project-test-00000000-0000-4000-8000-000000000000";
    let answer = gateway
        .send(gateway.http.get(format!("{}{path}", gateway.base_url)))
        .await;
    assert_eq!(
        (answer.status, &answer.body["error_type"]),
        (404, &json!("route_not_found"))
    );
}

#[actix_web::test]
async fn sessions_that_cannot_be_found_are_told_apart_from_wrong_arguments() {
    let gateway = TestGateway::start().await;
    for (body, status, error_type) in [
        (json!({}), 400, "no_session_arguments"),
        (
            json!({ "session_token": "a", "session_jwt": "b" }),
            400,
            "too_many_session_arguments",
        ),
        (
            json!({ "session_token": "unknown" }),
            404,
            "session_not_found",
        ),
        (
            json!({ "session_jwt": "not.a.jwt" }),
            400,
            "unable_to_parse_session_jwt",
        ),
        (json!({ "session_token": 5 }), 400, "bad_request"),
    ] {
        let answer = gateway
            .post("/v1/b2b/sessions/authenticate", body.clone())
            .await;
        assert_eq!(
            (answer.status, &answer.body["error_type"]),
            (status, &json!(error_type)),
            "{body}"
        );
    }
}

#[actix_web::test]
async fn the_policies_have_the_reserved_roles() {
    let gateway = TestGateway::start().await;
    let policy = gateway.get("/v1/b2b/rbac/policy").await.body["policy"].clone();
    let roles: Vec<_> = policy["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["role_id"].clone())
        .collect();
    assert_eq!(roles[..2], [json!("stytch_member"), json!("stytch_admin")]);
    assert_eq!(policy["scopes"], json!([]));
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let path = format!(
        "/v1/b2b/rbac/organizations/{}",
        acme["organization_id"].as_str().unwrap()
    );
    assert_eq!(
        gateway.get(&path).await.body["org_policy"],
        json!({ "roles": [] })
    );
}
