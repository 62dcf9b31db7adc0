use serde_json::Value;
use serde_json::json;

use crate::support::Answer;
use crate::support::TestGateway;

async fn raw(gateway: &TestGateway, content_type: &str, body: Vec<u8>) -> Answer {
    let request = gateway
        .http
        .post(format!("{}/v1/b2b/organizations", gateway.base_url))
        .basic_auth(&gateway.project_id, Some(&gateway.secret))
        .header("content-type", content_type)
        .body(body);
    gateway.send(request).await
}

#[actix_web::test]
async fn bodies_that_cannot_be_read_are_refused_with_all_five_fields() {
    let gateway = TestGateway::start().await;
    let deep = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    let large = format!(r#"{{"organization_name":"{}"}}"#, "x".repeat(1_100_000));
    for (name, content_type, body, status, error_type) in [
        (
            "no JSON",
            "application/json",
            "{".to_owned(),
            400,
            "bad_request",
        ),
        (
            "an array",
            "application/json",
            "[]".to_owned(),
            400,
            "bad_request",
        ),
        (
            "a text",
            "application/json; charset=utf-8",
            "\"x\"".to_owned(),
            400,
            "bad_request",
        ),
        ("too deep", "application/json", deep, 400, "bad_request"),
        (
            "too large",
            "application/json",
            large,
            413,
            "request_too_large",
        ),
        (
            "a form",
            "application/x-www-form-urlencoded",
            "a=b".to_owned(),
            415,
            "unsupported_content_type",
        ),
        (
            "a number",
            "application/json",
            r#"{"organization_name":5}"#.to_owned(),
            400,
            "invalid_organization_name",
        ),
        (
            "a wrong enum",
            "application/json",
            r#"{"organization_name":"A","mfa_policy":"MAYBE"}"#.to_owned(),
            400,
            "invalid_organization_mfa_policy",
        ),
        (
            "no name",
            "application/json",
            "{}".to_owned(),
            400,
            "organization_name_missing",
        ),
        (
            "an empty name",
            "application/json",
            r#"{"organization_name":"  "}"#.to_owned(),
            400,
            "invalid_organization_name",
        ),
        (
            "a long name",
            "application/json",
            json!({ "organization_name": "x".repeat(129) }).to_string(),
            400,
            "invalid_organization_name",
        ),
        (
            "a slug like an id",
            "application/json",
            r#"{"organization_name":"A","organization_slug":"organization-test-1"}"#.to_owned(),
            400,
            "invalid_organization_slug",
        ),
        (
            "closed doors",
            "application/json",
            r#"{"organization_name":"A","sso_jit_provisioning":"NOT_ALLOWED"}"#.to_owned(),
            400,
            "invalid_organization_auth_factor_setting",
        ),
        (
            "no list",
            "application/json",
            r#"{"organization_name":"A","auth_methods":"RESTRICTED"}"#.to_owned(),
            400,
            "allowed_auth_methods_required_for_restricted",
        ),
        (
            "much metadata",
            "application/json",
            json!({ "organization_name": "A", "trusted_metadata": { "a": "x".repeat(5000) } })
                .to_string(),
            400,
            "metadata_too_large",
        ),
    ] {
        let answer = raw(&gateway, content_type, body.into_bytes()).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text);
        assert_eq!(answer.body["error_type"], error_type, "{name}");
        for field in [
            "status_code",
            "request_id",
            "error_type",
            "error_message",
            "error_url",
        ] {
            assert!(!answer.body[field].is_null(), "{name}: {field}");
        }
    }
    let none = gateway
        .post("/v1/b2b/organizations/search", json!({}))
        .await;
    assert_eq!(none.body["results_metadata"]["total"], 0);
}

#[actix_web::test]
async fn a_message_names_the_field_that_is_wrong() {
    let gateway = TestGateway::start().await;
    let body = json!({ "organization_name": "A", "allowed_auth_methods": ["sso", "telepathy"] });
    let answer = gateway.post("/v1/b2b/organizations", body).await;
    let message = answer.body["error_message"].as_str().unwrap();
    assert!(
        message.contains("allowed_auth_methods") && message.contains("telepathy"),
        "{message}"
    );
}

#[actix_web::test]
async fn searches_refuse_what_they_do_not_know() {
    let gateway = TestGateway::start().await;
    let operand = |name: Value, value: Value| json!({ "query": { "operands": [{ "filter_name": name, "filter_value": value }] } });
    for (body, error_type) in [
        (
            operand(json!("shoe_size"), json!("42")),
            "organization_search_filter_name_not_recognized",
        ),
        (
            operand(Value::Null, json!("42")),
            "organization_search_missing_filter_name",
        ),
        (
            operand(json!("organization_slugs"), Value::Null),
            "organization_search_missing_filter_value",
        ),
        (
            operand(json!("organization_slugs"), json!("a")),
            "organization_search_expected_array_of_strings",
        ),
        (
            operand(json!("has_active_sso_connection"), json!("yes")),
            "organization_search_expected_boolean",
        ),
        (
            operand(json!("organization_name_fuzzy"), json!("ab")),
            "organization_search_organization_name_fuzzy_too_short",
        ),
        (json!({ "limit": 0 }), "invalid_limit"),
        (json!({ "limit": 1001 }), "invalid_limit"),
        (json!({ "cursor": "nonsense" }), "invalid_cursor"),
    ] {
        let answer = gateway
            .post("/v1/b2b/organizations/search", body.clone())
            .await;
        assert_eq!(
            (answer.status, &answer.body["error_type"]),
            (400, &json!(error_type)),
            "{body}"
        );
    }
    let answer = gateway
        .post("/v1/b2b/organizations/members/search", json!({}))
        .await;
    assert_eq!(
        answer.body["error_type"],
        "member_search_organization_ids_empty"
    );
}

#[actix_web::test]
async fn a_member_session_header_is_never_ignored() {
    let gateway = TestGateway::start().await;
    let url = format!("{}/v1/debug/whoami", gateway.base_url);
    let request = || {
        gateway
            .http
            .get(&url)
            .basic_auth(&gateway.project_id, Some(&gateway.secret))
    };
    let in_query = gateway
        .http
        .get(format!("{url}?X-Stytch-Member-Session=anything"))
        .basic_auth(&gateway.project_id, Some(&gateway.secret));
    let token = || request().header("X-Stytch-Member-Session", "anything");
    let jwt = || request().header("X-Stytch-Member-SessionJWT", "anything");
    for (request, status, error_type) in [
        (token(), 404, "session_not_found"),
        (in_query, 404, "session_not_found"),
        (jwt(), 400, "unable_to_parse_session_jwt"),
        (
            token().header("X-Stytch-Member-SessionJWT", "anything"),
            400,
            "too_many_session_arguments",
        ),
    ] {
        let answer = gateway.send(request).await;
        assert_eq!(
            (answer.status, &answer.body["error_type"]),
            (status, &json!(error_type))
        );
    }
}

#[actix_web::test]
async fn a_character_that_no_database_keeps_is_refused_and_found_nowhere() {
    let gateway = TestGateway::start().await;
    let organizations = "/v1/b2b/organizations";
    for body in [
        json!({ "organization_name": "a\u{0}b" }),
        json!({ "organization_name": "Acme", "trusted_metadata": { "k": ["\u{0}"] } }),
        json!({ "organization_name": "Acme", "trusted_metadata": { "k\u{0}": 1 } }),
    ] {
        let answer = gateway.post(organizations, body).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        let message = answer.body["error_message"].as_str().unwrap();
        assert!(message.contains("U+0000"), "{message}");
    }
    let acme = gateway
        .organization(json!({ "organization_name": "Acme" }))
        .await;
    let acme = acme["organization_id"].as_str().unwrap();
    for path in [
        format!("{organizations}/%00"),
        format!("{organizations}/{acme}/member?member_id=%00"),
        format!("{organizations}/{acme}/member?email_address=%00%40acme.test"),
        "/v1/b2b/sso/a%00".to_owned(),
    ] {
        assert_eq!(gateway.get(&path).await.status, 404, "{path}");
    }
}
