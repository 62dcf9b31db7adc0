//! OAuth clients of SCIM connections in the management API: what is shown, once or always, and what
//! is refused.

use serde_json::Value;
use serde_json::json;

use crate::scim::directory::Directory;
use crate::scim::directory::text;
use crate::scim::oauth::Signer;
use crate::scim::oauth::seconds_from_now;
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
async fn a_client_is_renamed_and_trusts_others_from_then_on() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let (old, new) = (Signer::new("old"), Signer::new("new"));
    let trust = |key: &Signer| {
        json!({
            "issuer": "https://idp.example", "subject": "directory", "audience": "vestibule",
            "jwks": { "keys": [key.public()] },
        })
    };
    let signed = |key: &Signer, id: &str| {
        key.sign(&json!({
            "iss": "https://idp.example", "sub": "directory", "aud": "vestibule",
            "exp": seconds_from_now(300), "jti": id,
        }))
    };
    let body = json!({ "display_name": "Entra", "client_assertion": trust(&old) });
    let client = acme.client(body).await;
    let with_secret = acme.another_secret(&client, json!({})).await;
    let by_secret = acme.access_token(&with_secret).await;
    let by_assertion = acme.ask_with_assertion(&signed(&old, "1")).await;
    let by_assertion = text(&by_assertion.body["access_token"]);
    let one = format!("{}/{}", acme.clients(), client.id);
    let known = acme.journal().await.len();

    let renamed = gateway.put(&one, json!({ "display_name": "Sync" })).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    let shown = &renamed.body["client"];
    assert_eq!(shown["display_name"], "Sync");
    assert_eq!(shown["client_assertion"]["subject"], "directory");
    assert_eq!(shown["secrets"].as_array().unwrap().len(), 1);
    assert_eq!(acme.status_with(&by_assertion).await, 200);

    let moved = gateway
        .put(&one, json!({ "client_assertion": trust(&new) }))
        .await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    assert_eq!(moved.body["client"]["display_name"], "Sync");
    let listed = gateway.get(&acme.clients()).await;
    assert_eq!(listed.body["clients"][0], moved.body["client"]);
    assert_eq!(
        acme.status_with(&by_assertion).await,
        401,
        "trusted no more"
    );
    assert_eq!(acme.status_with(&by_secret).await, 200);
    assert_eq!(
        acme.ask_with_assertion(&signed(&old, "2")).await.status,
        401
    );
    assert_eq!(
        acme.ask_with_assertion(&signed(&new, "3")).await.status,
        200
    );

    let same = json!({ "display_name": "Sync", "client_assertion": trust(&new) });
    for nothing in [json!({}), same] {
        let unchanged = gateway.put(&one, nothing).await;
        assert_eq!(unchanged.body["client"], moved.body["client"]);
    }
    let wrong = json!({ "display_name": "Other", "client_assertion": { "issuer": "x" } });
    let refused = gateway.put(&one, wrong).await;
    assert_eq!(refused.body["error_type"], "invalid_scim_client_assertion");
    let listed = gateway.get(&acme.clients()).await;
    assert_eq!(listed.body["clients"][0], moved.body["client"]);
    let events = acme.events_since(known).await;
    let updates = events.iter().filter(|kind| *kind == "scim_client.updated");
    assert_eq!(updates.count(), 2, "{events:?}");
    let missing = gateway
        .put(&format!("{}/nobody", acme.clients()), json!({}))
        .await;
    assert_eq!(missing.status, 404);
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
        ("PUT", one.clone()),
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
