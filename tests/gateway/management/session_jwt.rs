//! What a session JWT says (contract 4.2), and what an application may add to it (contract 3.6).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::DateTime;
use serde_json::Value;
use serde_json::json;

use crate::support::TestGateway;

const AUTHENTICATE: &str = "/v1/b2b/sessions/authenticate";

/// Header and claims, as anybody reads them.
fn opened(jwt: &str) -> (Value, Value) {
    let part = |part: &str| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let parts: Vec<&str> = jwt.split('.').collect();
    (part(parts[0]), part(parts[1]))
}

fn seconds(value: &Value) -> i64 {
    let instant = DateTime::parse_from_rfc3339(value.as_str().unwrap());
    instant.unwrap().timestamp()
}

async fn signed_in() -> (TestGateway, String, String) {
    let gateway = TestGateway::start().await;
    let acme = json!({ "organization_name": "Acme", "organization_slug": "acme" });
    let acme = gateway.organization(acme).await;
    let organization = acme["organization_id"].as_str().unwrap().to_owned();
    let token = gateway.member_session(&organization, &["editor"]).await;
    (gateway, organization, token)
}

#[actix_web::test]
async fn a_jwt_is_good_for_five_minutes_and_says_whose_session_it_is() {
    let (gateway, organization, token) = signed_in().await;
    let answer = gateway
        .post(AUTHENTICATE, json!({ "session_token": token }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let (header, claims) = opened(answer.body["session_jwt"].as_str().unwrap());
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["typ"], "JWT");
    let kid = header["kid"].as_str().unwrap();
    let id = kid.strip_prefix("jwk-test-").unwrap();
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{kid}");
    let number = |name: &str| claims[name].as_i64().unwrap();
    assert_eq!(number("exp") - number("iat"), 300);
    assert_eq!(number("nbf"), number("iat"));
    assert_eq!(claims["sub"], answer.body["member"]["member_id"]);
    assert_eq!(claims["aud"], json!([gateway.project_id]));
    let issuer = format!("stytch.com/{}", gateway.project_id);
    assert_eq!(claims["iss"], *issuer);
    let shown = &answer.body["member_session"];
    let session = &claims["https://stytch.com/session"];
    assert_eq!(session["id"], shown["member_session_id"]);
    for time in ["started_at", "last_accessed_at", "expires_at"] {
        assert_eq!(seconds(&session[time]), seconds(&shown[time]), "{time}");
    }
    assert_eq!(session["roles"], shown["roles"]);
    let organization_claim = &claims["https://stytch.com/organization"];
    assert_eq!(
        *organization_claim,
        json!({ "organization_id": organization, "slug": "acme" })
    );
}

#[actix_web::test]
async fn an_application_adds_claims_of_its_own_and_none_of_ours() {
    let (gateway, _, token) = signed_in().await;
    let ask = |claims: Value| {
        let body = json!({ "session_token": token, "session_custom_claims": claims });
        gateway.post(AUTHENTICATE, body)
    };
    for (claims, error_type) in [
        (
            json!({ "note": "x".repeat(4100) }),
            "custom_claims_too_large",
        ),
        (
            json!({ "https://stytch.com/session": { "roles": ["stytch_admin"] } }),
            "stytch_claims_in_custom_claims",
        ),
    ] {
        let refused = ask(claims).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert_eq!(refused.body["error_type"], error_type);
    }
    let forged = json!({ "sub": "nobody", "iss": "x", "aud": "x", "exp": 1, "iat": 1, "nbf": 1,
        "jti": "x", "plan": "pro" });
    let answer = ask(forged).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let (_, claims) = opened(answer.body["session_jwt"].as_str().unwrap());
    assert_eq!(claims["plan"], "pro");
    assert_eq!(claims["sub"], answer.body["member"]["member_id"]);
    assert_eq!(claims["aud"], json!([gateway.project_id]));
    assert!(claims["exp"].as_i64().unwrap() > 1 && claims["jti"].is_null());
    let kept = &answer.body["member_session"]["custom_claims"];
    assert_eq!(*kept, json!({ "plan": "pro" }));
    let taken = ask(json!({ "plan": null })).await;
    assert_eq!(taken.body["member_session"]["custom_claims"], json!({}));
}
