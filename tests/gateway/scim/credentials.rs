//! Whatever is wrong with the credentials of a SCIM request, the answer is the same.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use super::directory::Directory;
use super::directory::text;
use crate::isolation::rows::Rows;
use crate::support::TestGateway;

#[actix_web::test]
async fn whatever_is_wrong_with_a_token_the_answer_is_the_same() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let globex = Directory::start(&gateway).await;
    let gone = Directory::start(&gateway).await;
    let path = gone.clients().replace("/clients", "");
    assert_eq!(gateway.call("DELETE", &path, None).await.status, 200);
    let ending = json!({ "secret_expires_at": "2999-01-01T00:00:00Z" });
    let (client, foreign) = (acme.client(ending).await, globex.client(json!({})).await);
    let revoked = acme.access_token(&client).await;
    let path = format!(
        "{}/{}/secrets/{}",
        acme.clients(),
        client.id,
        client.secret_id
    );
    assert_eq!(gateway.call("DELETE", &path, None).await.status, 200);
    let member = format!("/v1/b2b/organizations/{}/members", acme.organization_id);
    let ana = json!({ "email_address": "ana@acme.test" });
    let ana = gateway.post(&member, ana).await.body["member_id"].clone();
    let session = gateway.session_of(&acme.organization_id, &text(&ana)).await;
    let jwt = gateway
        .post(
            "/v1/b2b/sessions/authenticate",
            json!({ "session_token": session }),
        )
        .await;
    let basic = |name: &str, secret: &str| {
        let request = gateway.http.get("http://127.0.0.1:9");
        let request = request.basic_auth(name, Some(secret)).build().unwrap();
        let value = &request.headers()["authorization"];
        value.to_str().unwrap().to_owned()
    };
    let bearer = |token: &str| Some(format!("Bearer {token}"));
    let table = [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        bearer(""),
        bearer("  "),
        bearer("x"),
        bearer(&acme.token.chars().take(47).collect::<String>()),
        bearer(&format!("{}x", acme.token)),
        bearer(&acme.token.to_lowercase()),
        bearer(&globex.token),
        bearer(&globex.access_token(&foreign).await),
        bearer(&gone.token),
        bearer(&revoked),
        bearer(&client.secret),
        bearer(&gateway.secret),
        bearer(&gateway.public_token),
        bearer(&session),
        bearer(&text(&jwt.body["session_jwt"])),
        Some(format!("Token {}", acme.token)),
        Some(acme.token.clone()),
        Some(basic(&gateway.project_id, &gateway.secret)),
        Some(basic("", &acme.token)),
        Some(basic(&acme.token, "")),
    ];
    let known = acme.journal().await.len();
    let url = format!("{}{}/Users", gateway.base_url, acme.base);
    let mut told: Vec<(Value, String)> = Vec::new();
    for credential in table {
        let mut request = gateway.http.post(&url).body("{\"userName\":\"x\"}");
        if let Some(credential) = &credential {
            request = request.header("authorization", credential);
        }
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, 401, "{credential:?}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/scim+json");
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        told.push((answer.body, challenge.to_owned()));
    }
    assert!(told.iter().all(|it| *it == told[0]), "{told:#?}");
    assert_eq!(told[0].1, "Bearer realm=\"SCIM\"");
    assert_eq!(acme.journal().await.len(), known);
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR "] {
        let credential = format!("{scheme} {}", acme.token);
        let request = gateway.http.get(&url).header("authorization", credential);
        assert_eq!(gateway.send(request).await.status, 200, "{scheme}");
    }
}

/// A secret as a column may have it: as it is, without what it begins with, or as bytes.
fn forms(secret: &str) -> [String; 3] {
    let (_, random) = secret.rsplit_once("-test-").unwrap_or(("", secret));
    let bytes = random.bytes().map(|byte| format!("{byte:02X}"));
    [secret.to_owned(), random.to_owned(), bytes.collect()]
}

#[actix_web::test]
async fn the_database_holds_no_credential_of_a_directory() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let client = acme.client(json!({})).await;
    let another = acme.another_secret(&client, json!({})).await;
    let access_token = acme.access_token(&client).await;
    let rotation = format!(
        "/v1/b2b/scim/{}/connection/{}/rotate/start",
        acme.organization_id, acme.connection_id
    );
    let rotation = gateway.post(&rotation, json!({})).await;
    let next = text(&rotation.body["connection"]["next_bearer_token"]);
    // All are used, and what was used is written down.
    for token in [&acme.token, &next, &access_token] {
        assert_eq!(acme.status_with(token).await, 200);
    }
    assert_eq!(acme.ask_with_secret(&another).await.status, 200);
    gateway.wait(TimeDelta::seconds(1));
    gateway.write_request_log().await;
    let (_, last_four) = acme.token.split_at(acme.token.len() - 4);
    let rows = Rows::of(gateway.storage.database()).everything().join("\n");
    assert!(rows.contains("scim_requests: ") && rows.contains(last_four));
    let whole = rows.to_uppercase();
    for secret in [
        &acme.token,
        &next,
        &access_token,
        &client.secret,
        &another.secret,
    ] {
        assert!(secret.len() >= 43, "{secret}");
        for form in forms(secret) {
            let is_there = rows.contains(&form) || whole.contains(&form);
            assert!(!is_there, "{secret} as {form}");
        }
    }
}
