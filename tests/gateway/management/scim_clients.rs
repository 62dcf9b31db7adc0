//! OAuth clients of SCIM connections in the management API: what is shown, once or always, and what
//! is refused.

use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::text;
use crate::scim::oauth::Signer;
use crate::support::TestGateway;

#[actix_web::test]
async fn a_secret_is_shown_once_and_its_end_always() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let client = acme.client(json!({ "display_name": "Entra" })).await;
    let body = json!({ "secret_expires_at": "2099-12-31T12:00:00+02:00" });
    let second = acme.another_secret(&client, body).await;
    let listed = gateway.get(&acme.clients()).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    let shown = &listed.body["clients"][0];
    assert_eq!(shown["client_id"], client.id);
    assert_eq!(shown["connection_id"], acme.connection_id);
    assert_eq!(shown["display_name"], "Entra");
    assert_eq!(shown["client_assertion"], Value::Null);
    let secrets = shown["secrets"].as_array().unwrap();
    for (secret, made) in secrets.iter().zip([&client, &second]) {
        assert_eq!(secret["secret_id"], made.secret_id);
        assert!(made.secret.ends_with(&text(&secret["last_four"])));
        assert!(made.secret.starts_with("scim-secret-test-"));
        assert!(!listed.text.contains(&made.secret));
    }
    assert_eq!(secrets[0]["expires_at"], Value::Null);
    assert_eq!(secrets[1]["expires_at"], "2099-12-31T10:00:00Z");
}

#[actix_web::test]
async fn what_cannot_be_used_is_refused_and_nothing_is_made() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let keys = json!({ "keys": [Signer::new("1").public()] });
    let url = "https://idp.example/keys";
    let long = "x".repeat(513);
    let assertion = "invalid_scim_client_assertion";
    let expiry = "invalid_scim_client_secret_expiry";
    let trust = |trust: Value| json!({ "client_assertion": trust });
    let table = [
        (json!({ "secret_expires_at": "soon" }), expiry),
        (
            json!({ "secret_expires_at": "2020-01-01T00:00:00Z" }),
            expiry,
        ),
        (trust(json!({})), assertion),
        (trust(json!({ "jwks_url": url, "jwks": keys })), assertion),
        (trust(json!({ "jwks_url": "keys" })), assertion),
        (
            trust(json!({ "jwks_url": "ftp://idp.example/keys" })),
            assertion,
        ),
        (trust(json!({ "jwks": { "keys": [] } })), assertion),
        (trust(json!({ "jwks_url": url, "issuer": "" })), assertion),
        (
            trust(json!({ "jwks_url": url, "audience": long })),
            assertion,
        ),
        (trust(json!("yes")), "bad_request"),
    ];
    for (body, expected) in table {
        let refused = gateway.post(&acme.clients(), body.clone()).await;
        assert_eq!(refused.status, 400, "{body}: {}", refused.text);
        if expected != "bad_request" {
            assert_eq!(refused.body["error_type"], expected, "{body}");
        }
    }
    let listed = gateway.get(&acme.clients()).await;
    assert_eq!(listed.body["clients"], json!([]));
    let missing = format!("{}/nobody", acme.clients());
    let gone = gateway.call("DELETE", &missing, None).await;
    assert_eq!(
        (gone.status, &gone.body["error_type"]),
        (404, &json!("scim_client_not_found"))
    );
}

#[actix_web::test]
async fn there_are_so_many_clients_and_secrets_and_no_more() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let client = acme.client(json!({})).await;
    for _ in 1..5 {
        acme.another_secret(&client, json!({})).await;
    }
    let path = format!("{}/{}/secrets", acme.clients(), client.id);
    let refused = gateway.post(&path, json!({})).await;
    assert_eq!(refused.body["error_type"], "too_many_scim_client_secrets");
    for _ in 1..20 {
        acme.client(json!({})).await;
    }
    let refused = gateway.post(&acme.clients(), json!({})).await;
    assert_eq!(refused.body["error_type"], "too_many_scim_clients");
}

#[actix_web::test]
async fn a_member_session_needs_the_right_to_update_the_connection() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let client = acme.client(json!({})).await;
    let organization = acme.organization_id.as_str();
    let admin = gateway
        .member_session(organization, &["stytch_admin"])
        .await;
    let nobody = gateway.member_session(organization, &[]).await;
    let one = format!("{}/{}", acme.clients(), client.id);
    let calls = [
        ("GET", acme.clients()),
        ("POST", acme.clients()),
        ("POST", format!("{one}/secrets")),
        ("DELETE", format!("{one}/secrets/{}", client.secret_id)),
        ("DELETE", one),
    ];
    for (session, status) in [(&nobody, 403), (&admin, 200)] {
        for (method, path) in &calls {
            let request = gateway
                .http
                .request(
                    method.parse().unwrap(),
                    format!("{}{path}", gateway.base_url),
                )
                .basic_auth(&gateway.project_id, Some(&gateway.secret))
                .header("x-stytch-member-session", session);
            let answer = gateway.send(request).await;
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        }
    }
}
