//! A connection that sends too much is told to wait, and no other one with it.

use std::num::NonZeroU32;

use serde_json::json;
use vestibule::http::rate_limit::Rate;
use vestibule::http::rate_limit::Rates;

use super::directory::Directory;
use crate::support::Answer;
use crate::support::TestGateway;

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// So many requests at once, and one more each second.
fn at_once(number: u32) -> Rate {
    Rate {
        per_second: NonZeroU32::MIN,
        at_once: NonZeroU32::new(number).unwrap(),
    }
}

fn told_to_wait(answer: &Answer) -> bool {
    if answer.status != 429 {
        assert!(answer.status < 400, "{}", answer.text);
        return false;
    }
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    assert_eq!(answer.body["schemas"], json!([ERROR]));
    assert_eq!(answer.body["status"], "429");
    let seconds: u64 = answer.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=10).contains(&seconds), "{seconds}");
    true
}

#[actix_web::test]
async fn a_connection_has_one_rate_whatever_token_it_shows() {
    let rates = Rates {
        connection: at_once(8),
        ..Rates::default()
    };
    let gateway = TestGateway::start_held_to(rates).await;
    let acme = Directory::start(&gateway).await;
    let globex = Directory::start(&gateway).await;
    let client = acme.client(json!({})).await;
    // Getting a token counts as well.
    let tokens = [acme.token.clone(), acme.access_token(&client).await];
    let users = format!("{}/Users", acme.base);
    let mut written = 0;
    let waits = loop {
        let user = json!({ "userName": format!("user-{written}@acme.test") });
        let token = &tokens[written % 2];
        let answer = gateway.scim(("POST", &users), token, Some(user)).await;
        if told_to_wait(&answer) || written == 200 {
            break answer.status;
        }
        written += 1;
    };
    assert_eq!(waits, 429);
    assert!(written >= 7, "{written}");
    let answer = globex.get("/Users").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    actix_web::rt::time::sleep(std::time::Duration::from_millis(1100)).await;
    let answer = acme.get("/Users").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let found = &answer.body["totalResults"];
    assert_eq!(found, written, "a refused request writes nothing");
}

#[actix_web::test]
async fn a_bulk_request_counts_for_each_of_its_operations() {
    let rates = Rates {
        connection: at_once(10),
        ..Rates::default()
    };
    let gateway = TestGateway::start_held_to(rates).await;
    let acme = Directory::start(&gateway).await;
    let users = |from: usize, count: usize| {
        let user = |number: usize| {
            let data = json!({ "userName": format!("user-{number}") });
            let bulk_id = number.to_string();
            json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
        };
        let operations: Vec<_> = (from..from + count).map(user).collect();
        json!({ "schemas": [BULK], "Operations": operations })
    };
    assert!(!told_to_wait(&acme.post("/Bulk", users(0, 6)).await));
    // One a second comes back, and a token is asked for as well.
    assert!(told_to_wait(&acme.post("/Bulk", users(6, 8)).await));
    assert!(!told_to_wait(&acme.post("/Bulk", users(6, 1)).await));
    let globex = Directory::start(&gateway).await;
    assert!(!told_to_wait(&globex.post("/Bulk", users(0, 30)).await));
    assert!(told_to_wait(&globex.get("/Users").await));
    actix_web::rt::time::sleep(std::time::Duration::from_millis(1100)).await;
    let found = acme.get("/Users?count=0").await;
    assert_eq!(found.body["totalResults"], 7, "{}", found.text);
}

#[actix_web::test]
async fn those_who_have_not_proven_themselves_spend_nothing_of_a_connections_rate() {
    let rates = Rates {
        connection: at_once(3),
        ..Rates::default()
    };
    let gateway = TestGateway::start_held_to(rates).await;
    let acme = Directory::start(&gateway).await;
    for number in 0..10 {
        let token = format!("wrong-{number}");
        assert_eq!(acme.status_with(&token).await, 401);
    }
    assert_eq!(acme.status_with(&acme.token).await, 200);
}

#[actix_web::test]
async fn failed_attempts_to_get_a_token_are_slowed_down() {
    let rates = Rates {
        failed_proofs: at_once(3),
        ..Rates::default()
    };
    let gateway = TestGateway::start_held_to(rates).await;
    let acme = Directory::start(&gateway).await;
    let globex = Directory::start(&gateway).await;
    let (client, other) = (acme.client(json!({})).await, globex.client(json!({})).await);
    let wrong = [
        super::oauth::GRANT,
        ("client_id", &client.id),
        ("client_secret", "wrong"),
    ];
    let mut refused = 0;
    let last = loop {
        let answer = acme.ask(&wrong).await;
        if answer.status != 401 || refused == 200 {
            break answer;
        }
        refused += 1;
    };
    assert_eq!(last.status, 429, "{}", last.text);
    assert_eq!(last.body["error"], "temporarily_unavailable");
    assert!(last.headers.contains_key("retry-after") && refused >= 3);
    // Whoever has the secret is not kept out by those who have not.
    assert_eq!(acme.ask_with_secret(&client).await.status, 200);
    assert_eq!(globex.ask_with_secret(&other).await.status, 200);
}

#[actix_web::test]
async fn a_gateway_without_rates_holds_nobody() {
    let gateway = TestGateway::start().await;
    let acme = Directory::start(&gateway).await;
    for _ in 0..30 {
        assert_eq!(acme.status_with(&acme.token).await, 200);
    }
}
