//! Access tokens by client secret (RFC 6749 §4.4): what a client gets, how long it works, and what
//! ends it.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;
use vestibule::domain::id::RequestId;
use vestibule::use_cases::cleanup;

use super::directory::Directory;
use super::directory::text;
use super::oauth::GRANT;
use crate::support::TestGateway;

#[actix_web::test]
async fn a_token_is_given_for_a_secret_in_the_header_or_in_the_form() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let client = acme.client(json!({ "display_name": "Entra" })).await;
    let (id, secret) = (client.id.as_str(), client.secret.as_str());
    let in_form = [GRANT, ("client_id", id), ("client_secret", secret)];
    let with_scope = [&in_form[..], &[("scope", "scim")]].concat();
    let answers = [
        acme.ask_with_secret(&client).await,
        acme.ask(&in_form).await,
        acme.ask(&with_scope).await,
    ];
    for answer in answers {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["pragma"], "no-cache");
        assert_eq!(answer.headers["content-type"], "application/json");
        assert_eq!(answer.body["token_type"], "Bearer");
        assert_eq!(answer.body["scope"], "scim");
        assert_eq!(answer.body["expires_in"], 3600);
        let token = text(&answer.body["access_token"]);
        assert!(token.starts_with("scim-access-test-"), "{token}");
        assert_eq!(acme.status_with(&token).await, 200);
        let user = json!({ "userName": format!("{}@acme.test", uuid::Uuid::new_v4()) });
        let path = format!("{}/Users", acme.base);
        let made = gateway.scim(("POST", &path), &token, Some(user)).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    assert_eq!(acme.status_with(&acme.token).await, 200);
}

#[actix_web::test]
async fn a_refusal_is_told_in_the_words_of_the_rfc() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let client = acme.client(json!({})).await;
    let (id, secret) = (client.id.as_str(), client.secret.as_str());
    let mine = [("client_id", id), ("client_secret", secret)];
    let table = [
        (vec![], 401, "invalid_client"),
        (
            vec![mine[0], mine[1], ("grant_type", "password")],
            400,
            "unsupported_grant_type",
        ),
        (
            vec![mine[0], mine[1], GRANT, ("scope", "all")],
            400,
            "invalid_scope",
        ),
        (vec![mine[0], mine[1], GRANT, GRANT], 400, "invalid_request"),
        (vec![GRANT], 401, "invalid_client"),
        (
            vec![GRANT, mine[0], ("client_secret", "wrong")],
            401,
            "invalid_client",
        ),
    ];
    for (form, status, word) in table {
        let answer = acme.ask(&form).await;
        assert_eq!(answer.status, status, "{form:?}: {}", answer.text);
        assert_eq!(answer.body["error"], word, "{form:?}");
        assert_eq!(answer.headers["cache-control"], "no-store", "{form:?}");
        let description = text(&answer.body["error_description"]);
        assert!(description.len() > 20 && !description.contains(secret));
        let challenge = answer.headers.get("www-authenticate");
        assert_eq!(challenge.is_some(), status == 401, "{form:?}");
    }
    let challenged = acme.token_request(&[GRANT]).basic_auth(id, Some("wrong"));
    let answer = gateway.send(challenged).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.headers["www-authenticate"], "Basic realm=\"SCIM\"");
    let url = format!("{}{}/oauth2/token", gateway.base_url, acme.base);
    let as_json = json!({ "grant_type": "client_credentials" }).to_string();
    for (content_type, body) in [
        ("application/json", as_json),
        ("text/plain", String::new()),
        (
            "application/x-www-form-urlencoded",
            "a".repeat(64 * 1024 + 1),
        ),
    ] {
        let request = gateway
            .http
            .post(&url)
            .header("content-type", content_type)
            .body(body);
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, 400, "{content_type}: {}", answer.text);
        assert_eq!(answer.body["error"], "invalid_request", "{content_type}");
    }
    let answer = gateway.send(gateway.http.get(&url)).await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.headers["allow"], "POST");
}

#[actix_web::test]
async fn nobody_learns_which_part_of_the_credentials_was_wrong() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let globex = Directory::start(&gateway).await;
    let (own, other) = (acme.client(json!({})).await, globex.client(json!({})).await);
    let deleted = acme.client(json!({})).await;
    let path = format!("{}/{}", acme.clients(), deleted.id);
    assert_eq!(gateway.call("DELETE", &path, None).await.status, 200);
    let table = [
        (own.id.as_str(), "wrong"),
        (own.id.as_str(), ""),
        (own.id.as_str(), other.secret.as_str()),
        (other.id.as_str(), other.secret.as_str()),
        (deleted.id.as_str(), deleted.secret.as_str()),
        ("nobody", own.secret.as_str()),
        ("", own.secret.as_str()),
        (own.secret_id.as_str(), own.secret.as_str()),
        (gateway.project_id.as_str(), gateway.secret.as_str()),
    ];
    let mut bodies = Vec::new();
    for (id, secret) in table {
        let request = acme.token_request(&[GRANT]).basic_auth(id, Some(secret));
        let answer = gateway.send(request).await;
        assert_eq!(answer.status, 401, "{id}: {}", answer.text);
        bodies.push(answer.body);
    }
    let nowhere = acme.base.replace(
        &acme.connection_id,
        &format!("scim-connection-test-{}", uuid::Uuid::new_v4()),
    );
    let elsewhere = Directory {
        gateway: &gateway,
        organization_id: acme.organization_id.clone(),
        connection_id: acme.connection_id.clone(),
        token: String::new(),
        base: nowhere,
    };
    bodies.push(elsewhere.ask_with_secret(&own).await.body);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:#?}");
}

#[actix_web::test]
async fn a_token_works_for_an_hour_and_is_then_forgotten() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let client = acme.client(json!({})).await;
    let token = acme.access_token(&client).await;
    gateway.wait(TimeDelta::minutes(59));
    assert_eq!(acme.status_with(&token).await, 200);
    gateway.wait(TimeDelta::minutes(2));
    assert_eq!(acme.status_with(&token).await, 401);
    assert_eq!(acme.status_with(&acme.token).await, 200);
    let forgotten = gateway
        .storage
        .transaction(RequestId::fresh(), cleanup::forget_expired);
    assert_eq!(forgotten.await, Ok(1));
    assert_eq!(acme.status_with(&acme.token).await, 200);
    let fresh = acme.access_token(&client).await;
    assert_eq!(acme.status_with(&fresh).await, 200);
}

#[actix_web::test]
async fn two_secrets_work_at_once_and_a_deleted_one_takes_its_tokens_along() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let first = acme.client(json!({})).await;
    let second = acme.another_secret(&first, json!({})).await;
    let (old, new) = (
        acme.access_token(&first).await,
        acme.access_token(&second).await,
    );
    let path = format!(
        "{}/{}/secrets/{}",
        acme.clients(),
        first.id,
        first.secret_id
    );
    let deleted = gateway.call("DELETE", &path, None).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(acme.status_with(&old).await, 401);
    assert_eq!(acme.ask_with_secret(&first).await.status, 401);
    assert_eq!(acme.status_with(&new).await, 200);
    assert_eq!(acme.ask_with_secret(&second).await.status, 200);
    let again = gateway.call("DELETE", &path, None).await;
    assert_eq!(again.body["error_type"], "scim_client_secret_not_found");
}

#[actix_web::test]
async fn a_secret_with_an_end_stops_then_and_its_tokens_with_it() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let end = gateway.now() + TimeDelta::minutes(10);
    let body = json!({ "secret_expires_at": end.to_rfc3339() });
    let client = acme.client(body).await;
    let answer = acme.ask_with_secret(&client).await;
    let seconds = answer.body["expires_in"].as_i64().unwrap();
    assert!((590..=600).contains(&seconds), "{seconds}");
    let token = text(&answer.body["access_token"]);
    gateway.wait(TimeDelta::minutes(11));
    assert_eq!(acme.status_with(&token).await, 401);
    assert_eq!(acme.ask_with_secret(&client).await.status, 401);
}

#[actix_web::test]
async fn tokens_end_with_their_client_and_with_their_connection() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let (one, other) = (acme.client(json!({})).await, acme.client(json!({})).await);
    let (ending, lasting) = (
        acme.access_token(&one).await,
        acme.access_token(&other).await,
    );
    let path = format!("{}/{}", acme.clients(), one.id);
    let deleted = gateway.call("DELETE", &path, None).await;
    assert_eq!(deleted.body["client_id"], one.id, "{}", deleted.text);
    assert_eq!(acme.status_with(&ending).await, 401);
    assert_eq!(acme.status_with(&lasting).await, 200);
    let path = acme.clients().replace("/clients", "");
    let deleted = gateway.call("DELETE", &path, None).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text);
    assert_eq!(acme.status_with(&lasting).await, 401);
    assert_eq!(acme.ask_with_secret(&other).await.status, 401);
    let kinds = acme.events_since(0).await;
    let ended = kinds.iter().filter(|kind| *kind == "scim_client.deleted");
    assert_eq!(ended.count(), 2, "{kinds:?}");
}

#[actix_web::test]
async fn a_rotation_of_the_bearer_token_leaves_access_tokens_alone() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let client = acme.client(json!({})).await;
    let before = acme.access_token(&client).await;
    let path = acme.clients().replace("/clients", "/rotate");
    let started = gateway.post(&format!("{path}/start"), json!({})).await;
    let next = text(&started.body["connection"]["next_bearer_token"]);
    let between = acme.access_token(&client).await;
    let completed = gateway.post(&format!("{path}/complete"), json!({})).await;
    assert_eq!(completed.status, 200, "{}", completed.text);
    for (token, status) in [
        (&before, 200),
        (&between, 200),
        (&next, 200),
        (&acme.token, 401),
    ] {
        assert_eq!(acme.status_with(token).await, status);
    }
}

#[actix_web::test]
async fn the_journal_tells_of_clients_and_tokens_and_holds_no_secret() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let known = acme.journal().await.len();
    let first = acme.client(json!({ "display_name": "Entra" })).await;
    let second = acme.another_secret(&first, json!({})).await;
    let token = acme.access_token(&second).await;
    let path = format!(
        "{}/{}/secrets/{}",
        acme.clients(),
        first.id,
        first.secret_id
    );
    gateway.call("DELETE", &path, None).await;
    assert_eq!(acme.ask_with_secret(&first).await.status, 401);
    let path = format!("{}/{}", acme.clients(), first.id);
    gateway.call("DELETE", &path, None).await;
    let expected = [
        "scim_client.created",
        "scim_client.updated",
        "scim_token.issued",
        "scim_client.updated",
        "scim_client.deleted",
    ];
    assert_eq!(acme.events_since(known).await, expected);
    let journal = acme.journal().await;
    let text = serde_json::to_string(&journal).unwrap();
    assert!(text.contains("last_four") && text.contains("Entra"));
    for secret in [&first.secret, &second.secret, &token] {
        assert!(!text.contains(secret.as_str()));
        let hash = vestibule::domain::secret::SecretHash::of(secret);
        assert!(!text.contains(hash.as_str()));
    }
    let issued = journal
        .iter()
        .find(|event| event.kind == "scim_token.issued");
    let issued = issued.unwrap();
    assert_eq!(
        issued.actor_id.as_deref(),
        Some(acme.connection_id.as_str())
    );
    let after: &Value = issued.after.as_ref().unwrap();
    assert_eq!(after["secret_id"], second.secret_id);
}

#[actix_web::test]
async fn the_service_provider_tells_how_to_authenticate() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    let config = acme.get("/ServiceProviderConfig").await;
    let schemes = config.body["authenticationSchemes"].as_array().unwrap();
    let kinds: Vec<&str> = schemes
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["oauthbearertoken", "oauth2"]);
    let endpoint = format!("{}{}/oauth2/token", gateway.base_url, acme.base);
    let described = text(&schemes[1]["description"]);
    assert!(described.contains(&endpoint), "{described}");
    let client = gateway.post(&acme.clients(), json!({})).await;
    assert_eq!(client.body["client"]["token_url"], endpoint);
}
