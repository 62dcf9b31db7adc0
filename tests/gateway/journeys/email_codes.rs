//! Codes that are mailed: who gets one, what it is good for, and how soon it is dead.

use chrono::TimeDelta;
use serde_json::Value;
use serde_json::json;

use crate::journeys::bag::text;
use crate::support::Answer;
use crate::support::TestGateway;

const SEND: &str = "/v1/b2b/otps/email/login_or_signup";
const AUTHENTICATE: &str = "/v1/b2b/otps/email/authenticate";
const DISCOVERY_SEND: &str = "/v1/b2b/otps/email/discovery/send";
const DISCOVERY_AUTHENTICATE: &str = "/v1/b2b/otps/email/discovery/authenticate";
const ANA: &str = "ana@acme.test";

async fn acme(gateway: &TestGateway, more: Value) -> String {
    let mut body = json!({
        "organization_name": "Acme", "organization_slug": "acme",
        "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.test"],
    });
    let fields = body.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    text(&gateway.organization(body).await, "/organization_id")
}

async fn member(gateway: &TestGateway, more: Value) -> String {
    let mut body = json!({ "email_address": ANA, "name": "Ana" });
    let fields = body.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    let answer = gateway
        .post("/v1/b2b/organizations/acme/members", body)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    text(&answer.body, "/member_id")
}

async fn send(gateway: &TestGateway, to: &str) -> Answer {
    let asked = json!({ "organization_id": "acme", "email_address": to });
    gateway.post(SEND, asked).await
}

/// The code of the last mail to an address.
async fn code(gateway: &TestGateway, to: &str) -> String {
    let letters = gateway.mails_to(to).await;
    let mut lines = letters[0].text.lines();
    let is_code = |line: &&str| line.len() == 6 && line.chars().all(|c| c.is_ascii_digit());
    lines.find(is_code).unwrap().to_owned()
}

/// A code that is not this one.
fn other(code: &str) -> String {
    let (first, rest) = code.split_at(1);
    let other = if first == "0" { "1" } else { "0" };
    format!("{other}{rest}")
}

async fn authenticate(gateway: &TestGateway, to: &str, code: &str) -> Answer {
    let body = json!({ "organization_id": "acme", "email_address": to, "code": code });
    gateway.post(AUTHENTICATE, body).await
}

fn outcome(answer: &Answer) -> (u16, String) {
    let error = answer.body["error_type"].as_str().unwrap_or_default();
    (answer.status, error.to_owned())
}

fn refusal(status: u16, error_type: &str) -> (u16, String) {
    (status, error_type.to_owned())
}

fn wrong() -> (u16, String) {
    refusal(401, "unable_to_auth_otp_code")
}

#[actix_web::test]
async fn a_code_signs_a_member_in_once_and_proves_the_address() {
    let gateway = TestGateway::start().await;
    acme(&gateway, json!({})).await;
    let id = member(&gateway, json!({})).await;
    let sent = send(&gateway, "ANA@acme.test").await;
    assert_eq!(outcome(&sent), refusal(200, ""), "{}", sent.text);
    assert_eq!(sent.body["member_created"], false);
    assert_eq!(sent.body["member"]["email_address_verified"], false);
    let letters = gateway.mails_to("ANA@acme.test").await;
    assert_eq!(letters[0].subject, "Your code for Acme");
    assert!(letters[0].text.contains("Hello Ana,") && letters[0].text.contains("10 minutes"));
    let code = code(&gateway, "ANA@acme.test").await;
    assert!(!sent.text.contains(&code), "{}", sent.text);

    let answer = authenticate(&gateway, ANA, &code).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["member_authenticated"], true);
    assert_eq!(answer.body["member_id"], *id);
    assert_eq!(answer.body["member"]["email_address_verified"], true);
    assert!(text(&answer.body, "/method_id").starts_with("email-test-"));
    let factor = &answer.body["member_session"]["authentication_factors"][0];
    assert_eq!(factor["type"], "email_otp", "{factor}");
    assert_eq!(factor["delivery_method"], "email");
    assert_eq!(factor["email_factor"]["email_address"], ANA);
    assert_eq!(factor["email_factor"]["email_id"], answer.body["method_id"]);
    assert_eq!(outcome(&authenticate(&gateway, ANA, &code).await), wrong());
}

#[actix_web::test]
async fn five_wrong_tries_kill_a_code_and_a_new_one_lives() {
    let gateway = TestGateway::start().await;
    acme(&gateway, json!({})).await;
    member(&gateway, json!({})).await;
    for (tries, expected) in [(4, refusal(200, "")), (5, wrong())] {
        send(&gateway, ANA).await;
        let code = code(&gateway, ANA).await;
        for _ in 0..tries {
            let answer = authenticate(&gateway, ANA, &other(&code)).await;
            assert_eq!(outcome(&answer), wrong());
        }
        let answer = authenticate(&gateway, ANA, &code).await;
        assert_eq!(outcome(&answer), expected, "{}", answer.text);
        gateway.wait(TimeDelta::seconds(1));
    }
    send(&gateway, ANA).await;
    let answer = authenticate(&gateway, ANA, &code(&gateway, ANA).await).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn ten_wrong_codes_lock_a_member_who_is_refused_like_a_stranger() {
    let gateway = TestGateway::start().await;
    acme(&gateway, json!({})).await;
    member(&gateway, json!({})).await;
    for _ in 0..2 {
        gateway.wait(TimeDelta::seconds(1));
        send(&gateway, ANA).await;
        let wrong_code = other(&code(&gateway, ANA).await);
        for _ in 0..6 {
            let answer = authenticate(&gateway, ANA, &wrong_code).await;
            assert_eq!(outcome(&answer), wrong());
        }
    }
    let path = format!("/v1/b2b/organizations/acme/member?email_address={ANA}");
    let shown = gateway.get(&path).await;
    assert_eq!(shown.body["member"]["is_locked"], true, "{}", shown.text);
    gateway.wait(TimeDelta::seconds(1));
    send(&gateway, ANA).await;
    let right = code(&gateway, ANA).await;
    let shown = |answer: Answer| {
        let mut body = answer.body;
        body["request_id"] = Value::Null;
        (answer.status, body)
    };
    let locked = authenticate(&gateway, ANA, &right).await;
    assert_eq!(outcome(&locked), wrong());
    let stranger = authenticate(&gateway, "nobody@acme.test", &right).await;
    assert_eq!(shown(locked), shown(stranger));
    let unlock = json!({});
    let id = text(&gateway.get(&path).await.body, "/member/member_id");
    let path = format!("/v1/b2b/organizations/acme/members/{id}/unlock");
    assert_eq!(gateway.post(&path, unlock).await.status, 200);
    let answer = authenticate(&gateway, ANA, &right).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn a_code_is_good_for_its_minutes_its_address_its_organization_and_until_the_next() {
    let gateway = TestGateway::start().await;
    acme(&gateway, json!({})).await;
    let globex = json!({ "organization_name": "Globex", "organization_slug": "globex" });
    gateway.organization(globex).await;
    member(&gateway, json!({})).await;
    for organization in ["acme", "globex"] {
        let ben = json!({ "email_address": "ben@acme.test" });
        let path = format!("/v1/b2b/organizations/{organization}/members");
        assert_eq!(gateway.post(&path, ben).await.status, 200);
    }
    for (minutes, expected) in [
        (1, refusal(400, "invalid_request")),
        (16, refusal(400, "invalid_request")),
        (2, refusal(200, "")),
    ] {
        let asked = json!({ "organization_id": "acme", "email_address": ANA,
            "login_expiration_minutes": minutes });
        let answer = gateway.post(SEND, asked).await;
        let found = (
            outcome(&answer),
            answer.text.contains("login_expiration_minutes"),
        );
        assert_eq!(found.0.0, expected.0, "{}", answer.text);
        assert_eq!(found.1, answer.status == 400, "{}", answer.text);
    }
    let short = code(&gateway, ANA).await;
    gateway.wait(TimeDelta::seconds(121));
    assert_eq!(outcome(&authenticate(&gateway, ANA, &short).await), wrong());

    send(&gateway, ANA).await;
    let first = code(&gateway, ANA).await;
    gateway.wait(TimeDelta::seconds(1));
    send(&gateway, ANA).await;
    let second = code(&gateway, ANA).await;
    send(&gateway, "ben@acme.test").await;
    let bens = code(&gateway, "ben@acme.test").await;
    if first != second {
        assert_eq!(outcome(&authenticate(&gateway, ANA, &first).await), wrong());
    }
    if bens != second {
        assert_eq!(outcome(&authenticate(&gateway, ANA, &bens).await), wrong());
    }
    let elsewhere = json!({ "organization_id": "globex", "email_address": "ben@acme.test",
        "code": bens });
    assert_eq!(
        outcome(&gateway.post(AUTHENTICATE, elsewhere).await),
        wrong()
    );
    let nowhere = json!({ "email_address": "ben@acme.test", "code": bens });
    assert_eq!(
        outcome(&gateway.post(DISCOVERY_AUTHENTICATE, nowhere).await),
        wrong()
    );
    assert_eq!(authenticate(&gateway, ANA, &second).await.status, 200);
    gateway.wait(TimeDelta::seconds(599));
    let answer = authenticate(&gateway, "ben@acme.test", &bens).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn the_organization_says_who_may_come_with_an_address() {
    let gateway = TestGateway::start().await;
    let acme = acme(&gateway, json!({})).await;
    let globex =
        json!({ "organization_name": "Globex", "claimed_email_domains": ["sub.acme.test"] });
    gateway.organization(globex).await;
    let allowed = json!({ "email_allowed_domains": ["acme.test", "sub.acme.test"] });
    gateway.put("/v1/b2b/organizations/acme", allowed).await;
    let gone = member(&gateway, json!({ "email_address": "gone@acme.test" })).await;
    let path = format!("/v1/b2b/organizations/{acme}/members/{gone}");
    assert_eq!(gateway.call("DELETE", &path, None).await.status, 200);
    let renamed = member(&gateway, json!({ "email_address": "old@acme.test" })).await;
    let path = format!("/v1/b2b/organizations/{acme}/members/{renamed}");
    let change = json!({ "email_address": "new@acme.test" });
    assert_eq!(gateway.put(&path, change).await.status, 200);
    for (to, expected) in [
        (
            "eve@elsewhere.test",
            refusal(400, "invalid_email_for_jit_provisioning"),
        ),
        (
            "eve@sub.acme.test",
            refusal(400, "action_not_allowed_email_domain_is_claimed"),
        ),
        (
            "gone@acme.test",
            refusal(400, "action_available_only_for_active_members"),
        ),
        ("old@acme.test", refusal(400, "retired_member_email")),
        ("eve", refusal(400, "invalid_email")),
        ("eve@acme.test", refusal(200, "")),
    ] {
        let answer = send(&gateway, to).await;
        assert_eq!(outcome(&answer), expected, "{to}: {}", answer.text);
        let mails = gateway.mails_to(to).await.len();
        assert_eq!(mails, usize::from(answer.status == 200), "{to}");
    }
    let found = gateway
        .get("/v1/b2b/organizations/acme/member?email_address=eve@acme.test")
        .await;
    assert_eq!(found.body["member"]["status"], "pending", "{}", found.text);
    gateway.wait(TimeDelta::seconds(1));
    let again = send(&gateway, "eve@acme.test").await;
    assert_eq!(again.body["member_created"], false, "{}", again.text);
    let code = code(&gateway, "eve@acme.test").await;
    let entered = authenticate(&gateway, "eve@acme.test", &code).await;
    assert_eq!(
        entered.body["member"]["status"], "active",
        "{}",
        entered.text
    );

    let closed = json!({ "email_jit_provisioning": "NOT_ALLOWED" });
    let closed = gateway.put("/v1/b2b/organizations/acme", closed).await;
    assert_eq!(closed.status, 200, "{}", closed.text);
    let refused = send(&gateway, "fay@acme.test").await;
    assert_eq!(
        outcome(&refused),
        refusal(400, "email_jit_provisioning_not_allowed")
    );
    let nowhere = json!({ "organization_id": "nowhere", "email_address": ANA });
    let nowhere = gateway.post(SEND, nowhere).await;
    assert_eq!(outcome(&nowhere), refusal(404, "organization_not_found"));
}

#[actix_web::test]
async fn a_code_is_not_enough_where_another_method_or_a_second_factor_is_wanted() {
    let gateway = TestGateway::start().await;
    let sso = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"] });
    acme(&gateway, sso).await;
    member(&gateway, json!({})).await;
    let glass = json!({ "email_address": "glass@acme.test", "is_breakglass": true });
    member(&gateway, glass).await;
    let mut outcomes = Vec::new();
    for round in 0..2 {
        for to in [ANA, "glass@acme.test"] {
            send(&gateway, to).await;
            let answer = authenticate(&gateway, to, &code(&gateway, to).await).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            outcomes.push((
                answer.body["member_authenticated"] == true,
                answer.body["primary_required"]["allowed_auth_methods"].clone(),
                answer.body["mfa_required"].is_object(),
            ));
        }
        if round == 0 {
            let required = json!({ "mfa_policy": "REQUIRED_FOR_ALL" });
            gateway.put("/v1/b2b/organizations/acme", required).await;
            gateway.wait(TimeDelta::seconds(1));
        }
    }
    let sso_first = (false, json!(["sso"]), false);
    let second_factor = (false, Value::Null, true);
    let expected = [
        sso_first.clone(),
        (true, Value::Null, false),
        sso_first,
        second_factor,
    ];
    assert_eq!(outcomes, expected);
}

#[actix_web::test]
async fn every_address_gets_a_code_for_discovery_and_sees_only_its_own() {
    let gateway = TestGateway::start().await;
    acme(&gateway, json!({})).await;
    member(&gateway, json!({})).await;
    let mut answers = Vec::new();
    for to in [ANA, "stranger@nowhere.test"] {
        let sent = gateway
            .post(DISCOVERY_SEND, json!({ "email_address": to }))
            .await;
        let mut body = sent.body.clone();
        body["request_id"] = Value::Null;
        let again = gateway
            .post(DISCOVERY_SEND, json!({ "email_address": to }))
            .await;
        let retry_after = again.headers["retry-after"].to_str().unwrap().to_owned();
        answers.push((sent.status, body, outcome(&again), retry_after));
        let no = json!({ "email_address": to, "code": other(&code(&gateway, to).await) });
        assert_eq!(
            outcome(&gateway.post(DISCOVERY_AUTHENTICATE, no).await),
            wrong()
        );
        let yes = json!({ "email_address": to, "code": code(&gateway, to).await });
        let found = gateway.post(DISCOVERY_AUTHENTICATE, yes.clone()).await;
        assert_eq!(found.status, 200, "{}", found.text);
        assert_eq!(found.body["email_address"], to);
        let listed = found.body["discovered_organizations"].as_array().unwrap();
        assert_eq!(listed.len(), usize::from(to == ANA), "{}", found.text);
        assert!(!text(&found.body, "/intermediate_session_token").is_empty());
        assert_eq!(
            outcome(&gateway.post(DISCOVERY_AUTHENTICATE, yes).await),
            wrong()
        );
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].2, refusal(429, "too_many_requests"));
    assert_eq!(answers[0].3, "1");
}

#[actix_web::test]
async fn a_code_for_discovery_dies_of_five_wrong_tries_and_after_its_minutes() {
    let gateway = TestGateway::start().await;
    let sent = async |minutes: i64| {
        gateway.wait(TimeDelta::seconds(61));
        let body = json!({ "email_address": ANA, "discovery_expiration_minutes": minutes });
        let answer = gateway.post(DISCOVERY_SEND, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        code(&gateway, ANA).await
    };
    let enter = async |code: &str| {
        let body = json!({ "email_address": ANA, "code": code });
        outcome(&gateway.post(DISCOVERY_AUTHENTICATE, body).await)
    };
    for (tries, expected) in [(4, refusal(200, "")), (5, wrong())] {
        let code = sent(10).await;
        for _ in 0..tries {
            assert_eq!(enter(&other(&code)).await, wrong());
        }
        assert_eq!(enter(&code).await, expected, "{tries}");
    }
    for (seconds, expected) in [(119, refusal(200, "")), (121, wrong())] {
        let code = sent(2).await;
        gateway.wait(TimeDelta::seconds(seconds));
        assert_eq!(enter(&code).await, expected, "{seconds}");
    }
}

#[actix_web::test]
async fn a_code_that_nobody_was_sent_is_refused_like_a_wrong_one() {
    let gateway = TestGateway::start().await;
    acme(&gateway, json!({})).await;
    member(&gateway, json!({})).await;
    send(&gateway, ANA).await;
    let wrong_code = other(&code(&gateway, ANA).await);
    let shown = async |address: &str| {
        let answer = authenticate(&gateway, address, &wrong_code).await;
        let mut body = answer.body;
        body["request_id"] = Value::Null;
        (answer.status, body)
    };
    let known = shown(ANA).await;
    assert_eq!(known.0, 401);
    for stranger in ["nobody@acme.test", "nobody@elsewhere.test"] {
        assert_eq!(shown(stranger).await, known, "{stranger}");
    }
}

#[actix_web::test]
async fn discovery_by_code_ends_in_a_session_of_the_organization_that_was_chosen() {
    let gateway = TestGateway::start().await;
    acme(&gateway, json!({})).await;
    member(&gateway, json!({})).await;
    gateway
        .post(DISCOVERY_SEND, json!({ "email_address": ANA }))
        .await;
    let read = json!({ "email_address": ANA, "code": code(&gateway, ANA).await });
    let found = gateway.post(DISCOVERY_AUTHENTICATE, read).await;
    let chosen = json!({
        "intermediate_session_token": found.body["intermediate_session_token"],
        "organization_id": "acme",
    });
    let exchange = "/v1/b2b/discovery/intermediate_sessions/exchange";
    let entered = gateway.post(exchange, chosen).await;
    assert_eq!(
        entered.body["member_authenticated"], true,
        "{}",
        entered.text
    );
}

#[actix_web::test]
async fn one_code_gives_one_session_however_many_use_it_at_once() {
    const AT_ONCE: usize = 50;
    let gateway = TestGateway::start().await;
    let other = gateway.another_node();
    acme(&gateway, json!({})).await;
    member(&gateway, json!({})).await;
    send(&gateway, ANA).await;
    let body = json!({ "organization_id": "acme", "email_address": ANA,
        "code": code(&gateway, ANA).await })
    .to_string();
    let nodes = [&gateway.base_url, &other.base_url];
    let tries: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let request = gateway
                .http
                .post(format!("{}{AUTHENTICATE}", nodes[number % 2]))
                .basic_auth(&gateway.project_id, Some(&gateway.secret))
                .header("content-type", "application/json")
                .body(body.clone());
            actix_web::rt::spawn(async move { request.send().await.unwrap().status().as_u16() })
        })
        .collect();
    let mut statuses = Vec::new();
    for one in tries {
        statuses.push(one.await.unwrap());
    }
    let count = |status: u16| statuses.iter().filter(|it| **it == status).count();
    assert_eq!((count(200), count(401)), (1, AT_ONCE - 1), "{statuses:?}");
}

#[actix_web::test]
async fn codes_of_ever_new_addresses_are_not_guessed_for_long() {
    let gateway = TestGateway::start().await;
    acme(
        &gateway,
        json!({ "email_allowed_domains": ["acme.test", "other.test"] }),
    )
    .await;
    member(&gateway, json!({})).await;
    send(&gateway, ANA).await;
    let known = code(&gateway, ANA).await;
    assert_eq!(authenticate(&gateway, ANA, &known).await.status, 200);
    for number in 0..20 {
        let address = format!("new{number}@acme.test");
        send(&gateway, &address).await;
        let code = code(&gateway, &address).await;
        for _ in 0..5 {
            let answer = authenticate(&gateway, &address, &other(&code)).await;
            assert_eq!(outcome(&answer), wrong());
        }
    }
    let last = "new20@acme.test";
    send(&gateway, last).await;
    let right = code(&gateway, last).await;
    assert_eq!(
        outcome(&authenticate(&gateway, last, &right).await),
        wrong()
    );
    let body = json!({ "email_address": "new21@acme.test" });
    gateway.post(DISCOVERY_SEND, body).await;
    let right = code(&gateway, "new21@acme.test").await;
    let body = json!({ "email_address": "new21@acme.test", "code": right });
    let discovered = gateway.post(DISCOVERY_AUTHENTICATE, body).await;
    assert_eq!(outcome(&discovered), wrong());

    // Whoever is known, and whoever has another domain, is not held back.
    gateway.wait(TimeDelta::seconds(2));
    for address in [ANA, "ben@other.test"] {
        send(&gateway, address).await;
        let right = code(&gateway, address).await;
        let answer = authenticate(&gateway, address, &right).await;
        assert_eq!(answer.status, 200, "{address}: {}", answer.text);
    }
    gateway.wait(TimeDelta::minutes(61));
    send(&gateway, last).await;
    let right = code(&gateway, last).await;
    let answer = authenticate(&gateway, last, &right).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
